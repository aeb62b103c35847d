"""Several candidates judged with one control: each is held to its share of the error.

Whoever generates until something passes would otherwise pass by chance in the end. Candidate k of one control is judged
at the one-sided level ``alpha_k = alpha * 6 / (pi² k²)``; these sum to alpha over all k, so that the chance that any of
them passes wrongly is at most alpha, however many there are and whatever was learnt from those before (a union bound).
Only a fresh control begins again at k = 1.

References
----------
Dunn (1961), Multiple comparisons among means (the union bound).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from scipy.special import ndtri, stdtrit

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.gating.bounds import finite, number
from synthprivacy.results import (
    Copies,
    Evaluation,
    Excess,
    HitsEvidence,
    Interval,
    MatchesEvidence,
    Rate,
    Release,
    Risk,
    ScoresEvidence,
)
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import Auc
from synthprivacy.statistics.singling_out import GROUPS

USUAL = 0.95
"""Confidence of a headline where no risk beside it tells."""
_HALVINGS = 60
_STEEPEST = 1.0
"""Third moments of an AUC lie within this: an AUC is at most 1."""


def share(candidate: int) -> float:
    """Return the share of alpha that a candidate is judged at: ``6 / (pi² k²)`` for the k-th.

    Raises
    ------
    ConfigError
        If `candidate` is below 1.
    """
    if candidate < 1:
        raise ConfigError(f"candidates are counted from 1: {candidate}; count again")
    return 6.0 / (math.pi * candidate) ** 2


def as_candidates(evaluation: Evaluation, numbers: Mapping[str, int]) -> Evaluation:
    """Return the evaluation as it is judged where its releases are the k-th candidates of their control.

    Parameters
    ----------
    evaluation : Evaluation
    numbers : mapping
        Name of a release to k; a release that is not named stays as it is.
    """
    releases = tuple(
        held_to(release, share(numbers[release.name])) if release.name in numbers else release
        for release in evaluation.releases
    )
    return replace(evaluation, releases=releases)


def held_to(release: Release, part: float) -> Release:
    """Return a release whose decision bounds are at `part` of the error they were computed at."""
    told = [risk.confidence for risk in release.risks if finite(risk.confidence) and 0.5 < risk.confidence < 1.0]
    copies = _copies(release.copies, min(told, default=USUAL), part)
    return replace(release, risks=tuple(_risk(risk, part) for risk in release.risks), copies=copies)


def _risk(risk: Risk, part: float) -> Risk:
    """Return the risk with decision bounds at a stricter confidence, without bounds where its evidence cannot be read.

    The bounds only ever widen, by as much as those that are computed again from what was kept do: what was kept is
    rounded where people have weights.
    """
    ends = (risk.value, risk.lower, risk.upper, risk.confidence)
    if not all(map(finite, ends)) or not 0.5 < risk.confidence < 1.0:
        return risk
    stricter = 1.0 - (1.0 - risk.confidence) * part
    try:
        now, then = (_bounds(risk, confidence) for confidence in (risk.confidence, stricter))
        difference = _excess(risk, stricter)
    except DataError:
        return replace(risk, lower=-math.inf, upper=math.inf, excess=None, confidence=stricter)
    return replace(
        risk,
        lower=risk.lower - max(0.0, now[0] - then[0]),
        upper=risk.upper + max(0.0, then[1] - now[1]),
        excess=difference,
        confidence=stricter,
        needed_rows=None,  # counted at the confidence before
    )


def _bounds(risk: Risk, confidence: float) -> Interval:
    """Return decision bounds at a confidence, as far as the evidence tells."""
    match risk.evidence:
        case HitsEvidence(original=original, control=Rate() as control):
            found = residual_risk(*_effective(original, at_least=False), *_effective(control, at_least=True))
            return found.interval(confidence, "clopper-pearson")
        case ScoresEvidence() as scores:
            return _auc(risk, scores).interval(confidence)
        case MatchesEvidence() as matches:
            return _isolation(risk, matches, confidence)
    return _scaled(risk.value, (risk.lower, risk.upper), risk.confidence, confidence)


def _excess(risk: Risk, confidence: float) -> Excess | None:
    match risk:
        case Risk(excess=Excess() as kept, evidence=HitsEvidence(original=original, control=Rate() as control)):
            counts = (*_effective(original, at_least=False), *_effective(control, at_least=True))
            now, then = (excess(*counts, confidence=level) for level in (risk.confidence, confidence))
            lower = kept.lower - max(0.0, now.lower - then.lower)
            return replace(kept, lower=lower, upper=kept.upper + max(0.0, then.upper - now.upper))
    return risk.excess


def _effective(rate: Rate, *, at_least: bool) -> tuple[float, float]:
    """Return effective successes and trials, a withheld count at the end named."""
    successes, trials = number(rate.successes, at_least=at_least), number(rate.trials, at_least=True)
    if not finite(rate.design_effect) or rate.design_effect < 1.0:
        raise _unreadable()
    return successes / rate.design_effect, trials / rate.design_effect


def _auc(risk: Risk, scores: ScoresEvidence) -> Auc:
    """Return the area under the curve with the third moment that its bounds imply: it is not kept.

    Skewness moves only one of the ends, and moves it outwards; how far tells the moment.
    """
    numbers = (scores.auc, scores.standard_error, scores.members, scores.nonmembers)
    if not all(map(finite, numbers)) or not 0.0 <= scores.auc <= 1.0 or min(numbers) < 0 or min(numbers[2:]) < 2:
        raise _unreadable()

    def at(moment: float) -> Auc:
        return Auc(scores.auc, scores.standard_error, moment, scores.members, scores.nonmembers)

    plain = at(0.0).interval(risk.confidence)
    side = 1.0 if risk.upper - plain[1] >= plain[0] - risk.lower else -1.0
    low, high = 0.0, _STEEPEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        ends = at(side * middle).interval(risk.confidence)
        short = ends[1] < risk.upper if side > 0.0 else ends[0] > risk.lower
        low, high = (middle, high) if short else (low, middle)
    return at(side * low)


def _isolation(risk: Risk, matches: MatchesEvidence, confidence: float) -> Interval:
    """Return the wider of what the jackknife and what independent predicates allow."""
    if not all(map(finite, (matches.queries, matches.size))) or matches.size < 1:
        raise _unreadable()
    queries = float(matches.queries)
    original = number(matches.isolated_original, at_least=False)
    control = number(matches.isolated_control, at_least=True)
    ends = residual_risk(original, queries, control, queries).interval(confidence, "clopper-pearson")
    scale = max(1.0, (matches.of if finite(matches.of) and matches.of else matches.size) / matches.size)
    degrees = GROUPS - 1
    stretch = stdtrit(degrees, (1.0 + confidence) / 2.0) / stdtrit(degrees, (1.0 + risk.confidence) / 2.0)
    low, high = _stretched(risk.value, (risk.lower, risk.upper), float(stretch))
    return min(low, ends[0] * scale), max(high, ends[1] * scale)


def _copies(copies: Copies | None, confidence: float, part: float) -> Copies | None:
    """Return the headline with an interval widened as its normal quantile is; None where it cannot be read."""
    if copies is None:
        return None
    value = number(copies.value, at_least=False)
    ends = number(copies.interval[0], at_least=True), number(copies.interval[1], at_least=False)
    if not all(map(finite, (value, *ends))):
        return None
    low, high = _scaled(value, ends, confidence, 1.0 - (1.0 - confidence) * part)
    return replace(copies, interval=(max(0.0, low), high))


def _scaled(value: float, ends: Interval, confidence: float, stricter: float) -> Interval:
    """Return the ends, their distances from the value stretched as normal quantiles are."""
    return _stretched(value, ends, float(ndtri((1.0 + stricter) / 2.0) / ndtri((1.0 + confidence) / 2.0)))


def _stretched(value: float, ends: Interval, stretch: float) -> Interval:
    return value - max(0.0, value - ends[0]) * stretch, value + max(0.0, ends[1] - value) * stretch


def _unreadable() -> DataError:
    return DataError("the evidence of a risk cannot be read; evaluate again")
