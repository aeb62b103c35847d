"""Rates of isolation compared at a common table size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def isolation_probability(counts: IntArray, size: int, sample: int) -> FloatArray:
    """Return the probability that a predicate isolates exactly one person of a random part of a table.

    A predicate isolates more easily in a small table than in a large one, so the same predicates succeed differently on
    tables of different sizes although nobody leaks. Thinning both tables to the same size repairs that; this is
    the expectation of it: a predicate that holds for k of N people holds for exactly one of m people drawn from them
    with probability ``k C(N - k, m - 1) / C(N, m)``.

    Parameters
    ----------
    counts : ndarray of int64, any shape
        People for whom each predicate holds, within [0, size].
    size : int
        People in the table, N.
    sample : int
        People drawn, m, within [1, size].

    Returns
    -------
    ndarray of float64, the shape of `counts`

    Notes
    -----
    Evaluated as ``k (m / N) prod((N - m - j) / (N - 1 - j) for j < k - 1)``: exact at k = 1 and at m = N, and free of
    the cancellation of large log-factorials.

    References
    ----------
    Johnson, Kemp and Kotz (2005), Univariate discrete distributions, section 6.1 (hypergeometric distribution at 1).
    """
    largest = int(counts.max(initial=1))
    step = np.arange(max(largest - 1, 0), dtype=np.float64)
    others_missed = np.cumprod(np.maximum(size - sample - step, 0.0) / (size - 1.0 - step))
    by_count = np.zeros(largest + 1)
    by_count[1:] = np.concatenate(([1.0], others_missed))
    by_count *= np.arange(largest + 1) * (sample / size)
    probability: FloatArray = by_count[counts]
    return probability
