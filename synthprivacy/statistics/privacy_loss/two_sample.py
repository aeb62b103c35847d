"""Epsilon from many runs: error rates of telling runs with a person from runs without.

The trials are *runs* of the generator, independent given the data (one fit and one guess a trial). People who share one
release are not: for those see `one_run`. The bound is on whatever the two kinds of run differ in: one person added, or
one replaced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics.privacy_loss.search import require_level
from synthprivacy.statistics.proportions import clopper_pearson

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TwoSample:
    """What error rates of independent runs prove. The public constructors are `two_sample` and `over_thresholds`."""

    epsilon: float
    """Lower confidence bound; 0 proves nothing."""
    ceiling: float
    """What an attack that is never wrong would prove with as many runs."""


def two_sample(
    true_positives: int,
    members: int,
    false_positives: int,
    nonmembers: int,
    *,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> TwoSample:
    """Return the lower confidence bound of epsilon at one threshold chosen beforehand.

    Both error rates are bounded from above at ``(1 - confidence) / 2``, and both faces of the trade-off are read off
    the same two bounds: ``log((1 - FNR - delta) / FPR)`` and ``log((1 - FPR - delta) / FNR)``.

    Parameters
    ----------
    true_positives, false_positives : int
        Runs called "with", of those with and of those without the person.
    members, nonmembers : int
        Runs with and without the person.
    delta : float
        Of the claim, within [0, 1).
    confidence : float
        One-sided, within (0, 1).

    Raises
    ------
    ConfigError
        If confidence or delta is out of range.
    DataError
        If the counts are impossible.

    References
    ----------
    Nasr et al. (2021), Adversary instantiation, section 4 (Clopper-Pearson limits); Kairouz, Oh and Viswanath (2015),
    The composition theorem for differential privacy, theorem 2.1 (both faces).
    """
    at = _Level(delta, confidence)
    bound = at.bounds(true_positives, members, false_positives, nonmembers)
    return TwoSample(float(bound), ceiling(members, nonmembers, delta=delta, confidence=confidence))


def ceiling(members: int, nonmembers: int, *, delta: float = 0.0, confidence: float = 0.95) -> float:
    """Return what an attack that is never wrong proves with so many runs. Parameters and errors as `two_sample`."""
    return float(_Level(delta, confidence).bounds(members, members, 0, nonmembers))


def over_thresholds(
    member_scores: FloatArray,
    nonmember_scores: FloatArray,
    rng: np.random.Generator,
    *,
    method: Literal["bonferroni", "split"] = "bonferroni",
    delta: float = 0.0,
    confidence: float = 0.95,
) -> TwoSample:
    """Return the lower confidence bound of epsilon where the threshold is chosen on the data, and paid for.

    - ``bonferroni``: the best of about ``2 log2(n)`` thresholds, each at its share of the error. They are the scores of
      the non-members at fixed ranks, doubling from either end, so that the false positives at each are known before
      the data are seen and its rate is bounded by the rank alone (a rate above an order statistic is Beta distributed);
      given the threshold, the members are fresh.
    - ``split``: the best threshold of a random half, judged on the other half.

    Parameters
    ----------
    member_scores, nonmember_scores : ndarray of float64, shape (runs,)
        Higher = more like a run with the person.
    rng : numpy.random.Generator
        Draws the halves of ``split``.
    method : {"bonferroni", "split"}
    delta, confidence : float
        As `two_sample`.

    Raises
    ------
    ConfigError
        If method, confidence or delta is out of range.
    DataError
        If there are fewer than two runs of a kind, or a score is NaN.

    References
    ----------
    David and Nagaraja (2003), Order statistics, section 2.3; Meinshausen, Meier and Buehlmann (2009), p-values for
    high-dimensional regression, section 2 (single split).
    """
    if min(member_scores.size, nonmember_scores.size) < 2 or np.isnan(member_scores).any():
        msg = "scores must be numbers, two a side at least; score every run"
        raise DataError(msg)
    if np.isnan(nonmember_scores).any():
        msg = "scores must be numbers, some of the runs without the person are NaN; score every run"
        raise DataError(msg)
    at = _Level(delta, confidence)
    if method == "bonferroni":
        return _bonferroni(member_scores, nonmember_scores, at)
    if method == "split":
        return _split(member_scores, nonmember_scores, rng, at)
    msg = f"method must be 'bonferroni' or 'split': {method!r}; use one of the two"
    raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class _Level:
    delta: float
    confidence: float

    def __post_init__(self) -> None:
        require_level(self.confidence, self.delta)

    def bounds(
        self, true_positives: npt.ArrayLike, members: int, false_positives: npt.ArrayLike, nonmembers: int
    ) -> FloatArray:
        """Return the bound at each threshold."""
        missed = clopper_pearson(members - np.asarray(true_positives), members, self.confidence)[1]
        called = clopper_pearson(false_positives, nonmembers, self.confidence)[1]
        faces = (1.0 - missed - self.delta) / called, (1.0 - called - self.delta) / missed
        return np.log(np.maximum(np.maximum(*faces), 1.0))

    def shared(self, ways: int) -> _Level:
        """Return the level of each of several bounds of which the best is taken."""
        return _Level(self.delta, 1.0 - (1.0 - self.confidence) / ways)


def _bonferroni(members: FloatArray, nonmembers: FloatArray, at: _Level) -> TwoSample:
    size = nonmembers.size
    doubling = 2 ** np.arange(math.ceil(math.log2(size)))
    false_positives = np.union1d(doubling, size - doubling)
    false_positives = np.union1d(false_positives[false_positives < size], 0)
    threshold = np.sort(nonmembers)[size - 1 - false_positives]
    each = at.shared(false_positives.size)
    bound = each.bounds(_above(members, threshold), members.size, false_positives, size).max()
    return TwoSample(float(bound), float(each.bounds(members.size, members.size, 0, size)))


def _split(members: FloatArray, nonmembers: FloatArray, rng: np.random.Generator, at: _Level) -> TwoSample:
    seen_in, fresh_in = _halves(members, rng)
    seen_out, fresh_out = _halves(nonmembers, rng)
    candidates = np.union1d(seen_in, seen_out)
    seen = at.bounds(_above(seen_in, candidates), seen_in.size, _above(seen_out, candidates), seen_out.size)
    best = candidates[np.argmax(seen)]
    bound = at.bounds(_above(fresh_in, best), fresh_in.size, _above(fresh_out, best), fresh_out.size)
    return TwoSample(float(bound), float(at.bounds(fresh_in.size, fresh_in.size, 0, fresh_out.size)))


def _halves(scores: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    drawn = rng.permutation(scores)
    return drawn[: scores.size // 2], drawn[scores.size // 2 :]


def _above(scores: FloatArray, threshold: npt.ArrayLike) -> IntArray:
    """Return how many scores are above each threshold."""
    return np.asarray(scores.size - np.searchsorted(np.sort(scores), threshold, side="right"), dtype=np.int64)
