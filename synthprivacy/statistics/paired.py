"""The same people guessed twice: how alike the two rates are, and whether one is higher."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc

IntArray = npt.NDArray[np.int64]


def correlation(hits: IntArray, others: IntArray, trials: IntArray) -> float:
    """Return the correlation of the two rates ``sum(hits) / sum(trials)`` and ``sum(others) / sum(trials)``.

    The correlation over people of the linearised contributions ``h - r t``, which for one trial a person is the phi
    coefficient of the paired outcomes. 0 where a rate is 0 or 1 and nothing hangs together.

    Parameters
    ----------
    hits, others, trials : ndarray of int, shape (people,)
        Right guesses of either kind, and guesses of each kind, about each person.

    References
    ----------
    Newcombe (1998), Improved confidence intervals for the difference between binomial proportions based on paired
    data, method 10 without its continuity correction.
    """
    one, other = (kind - kind.sum() / trials.sum() * trials for kind in (hits, others))
    spread = math.sqrt(float(one @ one) * float(other @ other))
    return max(-1.0, min(1.0, float(one @ other) / spread)) if spread > 0.0 else 0.0


def sign_p(hits: IntArray, others: IntArray, *, design_effect: float = 1.0) -> float:
    """Return the one-sided exact p-value of people having no more `hits` than `others`.

    Of the people on whom the two differ, half should have more hits; with one trial a person this is McNemar's test.

    Parameters
    ----------
    hits, others : ndarray of int, shape (people,)
        Right guesses of either kind about each person, out of equally many.
    design_effect : float
        How many people's outcomes are worth one; counts over it are rounded to the side that raises the p-value.

    References
    ----------
    Dixon and Mood (1946), The statistical sign test; McNemar (1947), Note on the sampling error of the difference
    between correlated proportions or percentages (exact form).
    """
    more = math.floor((hits > others).sum() / design_effect)
    fewer = math.ceil((hits < others).sum() / design_effect)
    return float(bdtrc(more - 1, more + fewer, 0.5)) if more else 1.0
