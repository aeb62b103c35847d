"""Cluster bootstrap: intervals from people drawn again with replacement, each with all their rows.

Asks for no formula of the dependence within a person and none for the shape of the interval. What it cannot do is see
what was not seen: where (nearly) nobody or everybody is hit, or a score separates the sides, replicates hardly vary
and the interval is too narrow. It is therefore for display and comparison; decisions use limits that hold there too.

References
----------
Efron (1987), Better bootstrap confidence intervals, sections 2 and 3; Davison and Hinkley (1997), Bootstrap methods and
their application, sections 3.8 (resampling of clusters) and 5.3.2 (several samples).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.results import Interval
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import auc

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RESAMPLES = 2000
_CELLS = 4_000_000
"""Numbers drawn at once: bounds the memory at some 200 MB, however many people and resamples."""


def bootstrap_risk(
    original_hits: IntArray,
    original_trials: IntArray,
    control_hits: IntArray,
    control_trials: IntArray,
    rng: np.random.Generator,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the two-sided BCa interval of the residual risk ``(a - c) / (1 - c)``, people drawn again on either side.

    People with the same hits and trials are drawn together, as multinomial counts: the same law at a fraction of the
    work. A replicate whose control is all hits counts half a failure, as the estimate does.

    Parameters
    ----------
    original_hits, original_trials, control_hits, control_trials : ndarray of int64, shape (people,)
        Right guesses and guesses of each person of a side; people without a guess count for nothing.
    rng : numpy.random.Generator
        Draws the people.
    confidence : float
        Two-sided, within (0, 1).
    resamples : int
        At least 1,000 for an interval of 95 %.

    Raises
    ------
    DataError
        If nobody has a guess, or somebody has more hits than guesses.
    NotEnoughDataError
        If all replicates are the same, so that they say nothing.
    ConfigError
        If the confidence or the number of resamples is out of range.
    """
    sides = [_attacked(original_hits, original_trials), _attacked(control_hits, control_trials)]
    (hits, trials), (others, tried) = sums = [(float(hits.sum()), float(trials.sum())) for hits, trials in sides]
    value = residual_risk(hits, trials, others, tried).value
    drawn, drawn_others = (_drawn_rates(*side, resamples, rng) for side in sides)
    missed = np.maximum(1.0 - drawn_others[:, 0], 0.5 / drawn_others[:, 1])
    replicates = 1.0 - (1.0 - drawn[:, 0]) / missed
    return bca(replicates, value, acceleration(_risk_influence(sides, sums)), confidence=confidence)


def bootstrap_auc(
    members: FloatArray,
    nonmembers: FloatArray,
    member_unit: IntArray,
    nonmember_unit: IntArray,
    rng: np.random.Generator,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the two-sided BCa interval of ``2 * AUC - 1``, people drawn again on either side.

    Parameters
    ----------
    members, nonmembers : ndarray of float64, shape (rows,)
        Scores, higher = more member-like; ties count one half.
    member_unit, nonmember_unit : ndarray of int64, shape (rows,)
        The person of each row, any integers.
    rng, confidence, resamples
        As `bootstrap_risk`.

    Raises
    ------
    DataError
        If a side has fewer than two people, or a score is NaN.
    NotEnoughDataError, ConfigError
        As `bootstrap_risk`.
    """
    found = auc(members, nonmembers, member_unit, nonmember_unit)
    order, others = np.argsort(members, kind="stable"), np.argsort(nonmembers, kind="stable")
    people, person = np.unique(member_unit, return_inverse=True)
    strangers, stranger = np.unique(nonmember_unit, return_inverse=True)
    low = np.searchsorted(nonmembers[others], members[order], "left")
    high = np.searchsorted(nonmembers[others], members[order], "right")
    replicates = np.empty(resamples)
    for part in _batches(resamples, members.size + nonmembers.size):
        size = part.stop - part.start
        weight = _times_drawn(people.size, size, rng)[:, person[order]]
        below = np.zeros((size, nonmembers.size + 1))
        np.cumsum(_times_drawn(strangers.size, size, rng)[:, stranger[others]], axis=1, out=below[:, 1:])
        above = (weight * (below[:, low] + below[:, high])).sum(axis=1)
        replicates[part] = above / (weight.sum(axis=1) * below[:, -1]) - 1.0
    skewness = found.third_moment / found.standard_error**3 if found.standard_error > 0.0 else 0.0
    return bca(replicates, 2.0 * found.value - 1.0, skewness / 6.0, confidence=confidence)


def bca(replicates: FloatArray, value: float, acceleration: float, *, confidence: float = 0.95) -> Interval:
    """Return the bias-corrected accelerated percentile interval, two-sided.

    Parameters
    ----------
    replicates : ndarray of float64, shape (resamples,)
        The estimate on people drawn again.
    value : float
        The estimate on the people themselves.
    acceleration : float
        A sixth of the skewness of the estimate.
    confidence : float
        Two-sided, within (0, 1).

    Raises
    ------
    NotEnoughDataError
        If all replicates are the same, or all lie on one side of the value, so that they say nothing.
    ConfigError
        If the confidence is not within (0, 1), or there are fewer replicates than it needs.

    References
    ----------
    Efron (1987), section 2, with ties of a replicate and the value counting one half.
    """
    if not 0.0 < confidence < 1.0 or replicates.size * (1.0 - confidence) < 50.0:
        msg = (
            f"an interval needs a confidence within (0, 1) and 50 resamples outside it: {confidence}, {replicates.size}"
        )
        raise ConfigError(msg + "; draw more resamples")
    slack = 1e-12 * max(1.0, abs(value))  # replicates that tie with the value differ by rounding
    below = float(np.mean(replicates < value - slack) + np.mean(replicates <= value + slack)) / 2.0
    if not 0.0 < below < 1.0 or np.all(replicates == replicates[0]):
        msg = "people drawn again always give the same side of the same answer, which bounds nothing"
        raise NotEnoughDataError(msg + "; use the interval of effective counts, or attack more people")
    bias = float(ndtri(below))
    reach = float(ndtri((1.0 + confidence) / 2.0))
    places = [bias + (bias + z) / (1.0 - acceleration * (bias + z)) for z in (-reach, reach)]
    low, high = np.quantile(replicates, ndtr(places))
    return float(low), float(high)


def acceleration(influence: list[FloatArray]) -> float:
    """Return a sixth of the skewness of an estimate from the influence of each person of each independent sample.

    Parameters
    ----------
    influence : list of ndarray of float64, shape (people,) each
        Empirical influence values, zero in the mean of each sample.

    References
    ----------
    Davison and Hinkley (1997), section 5.3.2; Efron (1987) for one sample.
    """
    variance = sum(float(side @ side) / side.size**2 for side in influence)
    third = sum(float((side**3).sum()) / side.size**3 for side in influence)
    return third / (6.0 * variance**1.5) if variance > 0.0 else 0.0


def _risk_influence(sides: list[tuple[IntArray, IntArray]], sums: list[tuple[float, float]]) -> list[FloatArray]:
    """Return by how much each person moves ``1 - (1 - a) / (1 - c)``, per share of its side."""
    missing = [1.0 - hits / trials for hits, trials in sums]
    control_missing = max(missing[1], 0.5 / sums[1][1])
    slopes = (1.0 / control_missing, -missing[0] / control_missing**2)
    return [
        slope * (hits - total_hits / total * trials) * (trials.size / total)
        for slope, (hits, trials), (total_hits, total) in zip(slopes, sides, sums)
    ]


def _attacked(hits: IntArray, trials: IntArray) -> tuple[IntArray, IntArray]:
    """Return the people with a guess."""
    if np.any(hits < 0) or np.any(hits > trials) or not trials.sum():
        msg = "a rate over people needs at least one trial and between 0 and `trials` hits each; check the counts"
        raise DataError(msg)
    return hits[trials > 0], trials[trials > 0]


def _drawn_rates(hits: IntArray, trials: IntArray, resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return the rate and the trials of as many people drawn again, shape (resamples, 2)."""
    kinds, people = np.unique(np.column_stack([hits, trials]), axis=0, return_counts=True)
    drawn = np.empty((resamples, 2))
    for part in _batches(resamples, people.size):
        drawn[part] = rng.multinomial(hits.size, people / hits.size, size=part.stop - part.start) @ kinds
    drawn[:, 0] /= drawn[:, 1]
    return drawn


def _times_drawn(people: int, size: int, rng: np.random.Generator) -> FloatArray:
    """Return how often each of the people is drawn when as many are drawn with replacement, shape (size, people)."""
    drawn = rng.integers(0, people, (size, people)) + np.arange(size)[:, None] * people
    return np.bincount(drawn.ravel(), minlength=size * people).reshape(size, people).astype(np.float64)


def _batches(resamples: int, cells: int) -> list[slice]:
    step = max(1, _CELLS // cells)
    return [slice(start, min(start + step, resamples)) for start in range(0, resamples, step)]
