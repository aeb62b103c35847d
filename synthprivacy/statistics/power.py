"""Power: how often a leak is noticed, and how often a perfect release passes where the result is not a difference of counts.

A leak is noticed where the *lower* decision bound lies above the limit. The smallest leak noticed in half of all runs is
a detection floor from counts alone: what a plan could see at best, before anything runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, ndtr, ndtri

from synthprivacy.errors import ConfigError
from synthprivacy.statistics import mover
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.sample_size import Scale, probability, support

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ISOLATION_ERROR = 0.067
"""Jackknife error of a size-matched singling-out rate at 1,000 people a side: 1.3 times the standard deviation .0515 found
by simulation without any leak (200 queries on 1,000 against 1,000 people, 150 runs)."""
LARGEST = 1_000_000


def power_to_alarm(
    n_original: int,
    n_control: int,
    c: float,
    risk: float,
    *,
    limit: float = 0.0,
    confidence: float = 0.95,
    scale: Scale = "residual",
) -> float:
    """Return the probability that a release with this risk shows a lower decision bound above `limit`.

    Exact but for the binomial tails of the control of about 1e-12.

    Parameters
    ----------
    n_original, n_control : int
        Independent guesses on either side.
    c : float
        Success rate on the control, within [0, 1).
    risk : float
        The truth, on the scale named: that of the original is ``c + risk (1 - c)`` or ``c + risk``, at most 1.
    limit : float
        What the bound must exceed.
    confidence : float
        Two-sided; the bound is the lower Clopper-Pearson MOVER end.
    scale : {"residual", "excess"}
        Whether risk and limit are ``(a - c) / (1 - c)`` or ``a - c``.

    Raises
    ------
    ConfigError
        If a size is below 1, or a rate is not within [0, 1].
    """
    a = _rate(n_original, n_control, c, risk, scale)
    control = support(n_control, c)
    least = _least_alarming(n_original, control, n_control, limit=limit, confidence=confidence, scale=scale)
    return float(probability(control, n_control, c) @ _at_least(least, n_original, a))


def smallest_alarm(
    n_original: int,
    n_control: int,
    c: float,
    *,
    limit: float = 0.0,
    power: float = 0.5,
    confidence: float = 0.95,
    scale: Scale = "residual",
) -> float | None:
    """Return the smallest risk that is noticed with the power wanted; None if not even the largest risk is.

    Parameters and errors as `power_to_alarm`, with

    Parameters
    ----------
    power : float
        Wanted probability to alarm, within (0, 1).
    """
    largest = 1.0 if scale == "residual" else 1.0 - c
    _rate(n_original, n_control, c, largest, scale)
    control = support(n_control, c)
    least = _least_alarming(n_original, control, n_control, limit=limit, confidence=confidence, scale=scale)
    weight = probability(control, n_control, c)

    def chance(risk: float) -> float:
        return float(weight @ _at_least(least, n_original, _rate(n_original, n_control, c, risk, scale)))

    return _first(chance, power, limit, largest)


def power_to_alarm_for_auc(
    n_original: int, n_control: int, risk: float, *, limit: float = 0.0, confidence: float = 0.95
) -> float:
    """Return the probability that a copied share `risk` shows a lower end of ``2 * AUC - 1`` above `limit`.

    By the normal approximation, for a hundred people a side or more. Copied people score above everybody, the others like the control, without ties: then
    ``2 AUC - 1`` is the copied share, and the share of the other side that a person is above has the variance
    ``s + (1 - s) / 3 - (1 + s)² / 4`` over people of the original and ``(1 - s)² / 12`` over people of the control.

    Parameters
    ----------
    n_original, n_control : int
        People.
    risk : float
        The copied share s, within [0, 1].
    limit, confidence : float
        As `power_to_alarm`.

    Raises
    ------
    ConfigError
        If a size is below 1 or the share is not within [0, 1].

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, section 2.
    """
    _rate(n_original, n_control, 0.0, risk, "residual")
    of_original = risk + (1.0 - risk) / 3.0 - (1.0 + risk) ** 2 / 4.0
    error = 2.0 * math.sqrt(of_original / n_original + (1.0 - risk) ** 2 / 12.0 / n_control)
    if error == 0.0:
        return float(risk > limit)
    return float(ndtr((risk - limit) / error - ndtri((1.0 + confidence) / 2.0)))


def smallest_alarm_for_auc(
    n_original: int, n_control: int, *, limit: float = 0.0, power: float = 0.5, confidence: float = 0.95
) -> float | None:
    """Return the smallest copied share that is noticed with the power wanted; None if not even a full copy is.

    Parameters and errors as `power_to_alarm_for_auc` and `smallest_alarm`.
    """

    def chance(risk: float) -> float:
        return power_to_alarm_for_auc(n_original, n_control, risk, limit=limit, confidence=confidence)

    return _first(chance, power, limit, 1.0)


def power_for_auc(n_original: int, n_control: int, limit: float, *, confidence: float = 0.95) -> float:
    """Return how often a perfect release shows an upper end of ``2 * AUC - 1`` at or below `limit`.

    References
    ----------
    Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger, section 4.
    """
    error = math.sqrt((n_original + n_control + 1) / (12 * n_original * n_control))
    return _power(2 * error, limit, confidence)


def power_for_isolation(n_original: int, n_control: int, limit: float, *, confidence: float = 0.95) -> float:
    """Return how often a perfect release shows an upper end of the singling-out value at or below `limit`.

    The standard error falls with the square root of the smaller table; the value is scaled up to the larger one.
    """
    smaller = min(n_original, n_control)
    error = ISOLATION_ERROR * math.sqrt(1000 / smaller) * n_original / smaller
    return _power(error, limit, confidence)


def needed_for_isolation(limit: float, *, power: float = 0.9, confidence: float = 0.95) -> int | None:
    """Return the people a side with which a perfect release passes that often; None beyond a million."""
    error = limit / float(ndtri((1 + confidence) / 2) + ndtri(power))
    size = math.ceil(1000 * (ISOLATION_ERROR / error) ** 2)
    return size if size <= LARGEST else None


def _power(error: float, limit: float, confidence: float) -> float:
    return float(ndtr(limit / error - ndtri((1 + confidence) / 2)))


def _rate(n_original: int, n_control: int, c: float, risk: float, scale: Scale) -> float:
    """Return the success rate on the original."""
    a = c + risk * (1.0 - c) if scale == "residual" else c + risk
    if min(n_original, n_control) < 1 or not (0.0 <= c < 1.0 and -1e-12 <= a <= 1.0 + 1e-12):
        msg = f"power needs people on both sides and rates within [0, 1]: {n_original}, {n_control}, {c}, {a}"
        raise ConfigError(msg + "; change them")
    return min(max(a, 0.0), 1.0)


def _least_alarming(
    n_original: int, control: IntArray, n_control: int, *, limit: float, confidence: float, scale: Scale
) -> IntArray:
    """Return for each count on the control the least count on the original that alarms, ``n_original + 1`` for none.

    By bisection, because the bound grows with the count on the original.
    """
    misses = 1.0 - control / n_control
    of_misses = clopper_pearson(n_control - control, n_control, confidence)

    def alarms(count: IntArray) -> npt.NDArray[np.bool_]:
        share, ends = 1.0 - count / n_original, clopper_pearson(n_original - count, n_original, confidence)
        if scale == "residual":
            return np.asarray(1.0 - mover.ratio(share, ends, misses, of_misses)[1] > limit)
        return np.asarray(-mover.difference(share, ends, misses, of_misses)[1] > limit)

    low, high = np.zeros(control.size, dtype=np.int64), np.full(control.size, n_original + 1)
    while np.any(low < high):
        middle = (low + high) // 2
        noticed = alarms(np.minimum(middle, n_original))
        low, high = np.where(noticed | (low == high), low, middle + 1), np.where(noticed, middle, high)
    return low


def _at_least(count: IntArray, n: int, p: float) -> FloatArray:
    """Return the probability of at least `count` successes, 0 above n."""
    inside = np.clip(count, 1, n)
    tail = np.where(count > n, 0.0, betainc(inside, n - inside + 1.0, p))
    return np.where(count <= 0, 1.0, tail)


def _first(chance: Callable[[float], float], power: float, low: float, high: float) -> float | None:
    """Return where a chance that grows with the risk reaches `power`, to nine digits; None if it never does."""
    if not 0.0 < power < 1.0:
        msg = f"power must lie strictly between 0 and 1: {power}; the usual choice is 0.5"
        raise ConfigError(msg)
    if chance(high) < power:
        return None
    low = max(low, 0.0)
    while high - low > 1e-9:
        middle = (low + high) / 2.0
        low, high = (low, middle) if chance(middle) >= power else (middle, high)
    return high
