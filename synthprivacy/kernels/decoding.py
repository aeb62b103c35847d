"""Linear decoding: people's secret bits from counts that overlap.

A count says how many of some people have the bit. Decoding finds bits between 0 and 1 whose counts come nearest to the
given ones, in the sum of absolute differences, which a few wildly wrong counts cannot pull far.

References
----------
Dinur and Nissim (2003), Revealing information while preserving privacy, section 3. Dwork, McSherry and Talwar (2007), The
price of privacy and the limits of LP decoding, section 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from synthprivacy.errors import DataError

FloatArray = npt.NDArray[np.float64]


def decode(members: csr_array, counts: FloatArray) -> FloatArray:
    """Return bits (people,) within [0, 1] that minimise ``sum |members @ bits - counts|``.

    Parameters
    ----------
    members : sparse array of shape (counts, people)
        How much of each person a count holds: 1 for those it is over, 0 for all others; more where one unknown stands for
        several people who are alike in all that is counted by.
    counts : ndarray of shape (counts,), float64
        People with the bit; need not be whole, nor possible.

    Raises
    ------
    DataError
        If the solver finds no minimum, which there always is.
    """
    rows, people = members.shape
    over_and_under = eye_array(rows, format="csr")
    found = linprog(
        np.concatenate([np.zeros(people), np.ones(2 * rows)]),
        A_eq=hstack([members, over_and_under, -over_and_under], format="csr"),
        b_eq=counts,
        bounds=[(0.0, 1.0)] * people + [(0.0, None)] * (2 * rows),
        method="highs",
    )
    if found.x is None:
        msg = f"a linear program must have a minimum, the solver stopped with status {found.status}; use fewer counts"
        raise DataError(msg)
    return np.asarray(found.x[:people], dtype=np.float64)


def decode_alone(votes: FloatArray, weights: FloatArray) -> FloatArray:
    """Return for each person the bit b within [0, 1] that minimises ``sum weights * |b - votes|``.

    The linear program with one unknown: its solution is the weighted median, cut to [0, 1]; one half without any vote.
    The lower median where two are as good.

    Parameters
    ----------
    votes, weights : ndarray of shape (people, votes), float64
        Weights at least 0.
    """
    if not votes.shape[1]:
        return np.full(len(votes), 0.5)
    order = np.argsort(votes, axis=1, kind="stable")
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    middle = np.argmax(reached >= reached[:, -1:] / 2, axis=1)
    median = np.take_along_axis(votes, np.take_along_axis(order, middle[:, None], axis=1), axis=1)[:, 0]
    bits: FloatArray = np.where(reached[:, -1] > 0, np.clip(median, 0.0, 1.0), 0.5)
    return bits
