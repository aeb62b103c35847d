"""How many people a plan needs before a perfect release could pass it.

A limit that a release without any leak would miss most of the time protects nobody: such a plan is refused before it
runs, with the size it would need.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtri, xlog1py, xlogy

from synthprivacy.errors import ConfigError
from synthprivacy.statistics import mover
from synthprivacy.statistics.proportions import clopper_pearson

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Scale = Literal["residual", "excess"]

PEOPLE_NEEDED = 100
"""People per side below which nothing is judged."""
LARGEST = 1_000_000
"""People per side beyond which a plan counts as hopeless."""


def power_to_pass(
    n_original: int, n_control: int, c: float, limit: float, *, confidence: float = 0.95, scale: Scale = "residual"
) -> float:
    """Return the probability that a perfect release shows an upper decision bound at or below `limit`.

    Both rates are c. Exact but for binomial tails of about 1e-12: for every count on the control the largest count on
    the original that still passes is found by bisection, because the bound grows with that count.

    Parameters
    ----------
    n_original, n_control : int
        Independent guesses on either side.
    c : float
        Success rate on the control, within [0, 1).
    limit : float
        Largest bound that passes.
    confidence : float
        Two-sided; the bound is the upper Clopper-Pearson MOVER end.
    scale : {"residual", "excess"}
        Whether the limit is on ``(a - c) / (1 - c)`` or on ``a - c``.

    Raises
    ------
    ConfigError
        If a size is below 1 or the rate is not within [0, 1).
    """
    if min(n_original, n_control) < 1 or not 0.0 <= c < 1.0:
        msg = f"power needs people on both sides and a rate within [0, 1): {n_original}, {n_control}, {c}; change them"
        raise ConfigError(msg)
    original, control = support(n_original, c), support(n_control, c)
    of_original = clopper_pearson(n_original - original, n_original, confidence)
    failures = 1.0 - control / n_control
    of_failures = clopper_pearson(n_control - control, n_control, confidence)

    def passes(place: npt.NDArray[np.int64]) -> BoolArray:
        shares, ends = 1.0 - original[place] / n_original, (of_original[0][place], of_original[1][place])
        if scale == "residual":
            upper = 1.0 - mover.ratio(shares, ends, failures, of_failures)[0]
        else:
            upper = -mover.difference(shares, ends, failures, of_failures)[0]
        return upper <= limit

    low = np.full(control.size, -1)
    high = np.full(control.size, original.size - 1)
    while np.any(low < high):
        middle = (low + high + 1) // 2
        fine = passes(middle)
        low, high = np.where(fine, middle, low), np.where(fine, high, middle - 1)
    at_most = np.append(np.cumsum(probability(original, n_original, c)), 0.0)  # place -1: no count passes
    return min(1.0, float(probability(control, n_control, c) @ at_most[low]))


def needed_control(
    c: float, *, limit: float = 0.05, power: float = 0.9, confidence: float = 0.95, scale: Scale = "residual"
) -> int | None:
    """Return the people per side with which a perfect release passes `limit` with the power wanted.

    Two significant digits (the power of discrete counts is a saw-tooth in the size, so more would mean nothing), at
    least `PEOPLE_NEEDED`; None beyond `LARGEST`. Parameters and errors as `power_to_pass`, with

    Parameters
    ----------
    power : float
        Wanted probability to pass, within (0, 1).
    """
    sizes = [digits * 10**zeros for zeros in range(1, 5) for digits in range(10, 100)] + [LARGEST]
    low, high = 0, len(sizes)
    while low < high:
        middle = (low + high) // 2
        if power_to_pass(sizes[middle], sizes[middle], c, limit, confidence=confidence, scale=scale) >= power:
            high = middle
        else:
            low = middle + 1
    return sizes[low] if low < len(sizes) else None


def needed_for_auc(*, limit: float = 0.05, power: float = 0.9, confidence: float = 0.95) -> int | None:
    """Return the people per side with which a perfect release shows an upper end of ``2 * AUC - 1`` within `limit`.

    By the normal approximation with the variance ``(n + m + 1) / (12 n m)`` of the AUC of equal populations, at n = m.
    Returns at least `PEOPLE_NEEDED`; None beyond `LARGEST`.

    References
    ----------
    Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger (variance of U).
    """
    if not (limit > 0.0 and 0.0 < power < 1.0 and 0.0 < confidence < 1.0):
        msg = f"power and confidence must lie within (0, 1) and the limit above 0: {power}, {confidence}, {limit}"
        raise ConfigError(msg + "; change them")
    error = limit / 2.0 / float(ndtri((1.0 + confidence) / 2.0) + ndtri(power))
    # (2 n + 1) / (12 n²) = error², solved for n
    size = math.ceil((1.0 + math.sqrt(1.0 + 12.0 * error**2)) / (12.0 * error**2))
    return max(size, PEOPLE_NEEDED) if size <= LARGEST else None


def support(n: int, p: float) -> npt.NDArray[np.int64]:
    """Return the counts of a binomial variable outside which about 1e-12 of its mass lies.

    Seven standard deviations and a bit for large means; 30 more for the long tail of small ones.
    """
    reach = 7.2 * math.sqrt(n * p * (1.0 - p)) + 30.0
    return np.arange(max(0, math.floor(n * p - reach)), min(n, math.ceil(n * p + reach)) + 1)


def probability(k: npt.NDArray[np.int64], n: int, p: float) -> FloatArray:
    """Return the binomial probability of each of the counts."""
    ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return np.asarray(np.exp(ways + xlogy(k, p) + xlog1py(n - k, -p)), dtype=np.float64)
