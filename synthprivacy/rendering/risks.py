"""One risk without the counts that may not be shown, its numbers computed again without them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.special import ndtri

from synthprivacy.rendering.counts import (
    THRESHOLD,
    described,
    effective,
    largest_design_effect,
    masked_people,
    masked_point,
    masked_rate,
    shown,
    too_small,
)
from synthprivacy.results import Adjusted, ByColumns, HitsEvidence, MatchesEvidence, Rate, Risk, ScoresEvidence
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.fisher import one_sided_p
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED, needed_control

Effective = tuple[float, float]
"""Successes and trials over their design effect."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A risk as it is shown."""

    risk: Risk
    withheld: bool
    """Whether a count was withheld, so that everything else that tells of it must go too."""


def mask(risk: Risk, people: int) -> Masked | None:
    """Return a risk as it is shown; None where a side is too small to show anything.

    Parameters
    ----------
    risk : Risk
        Of the inside rendering.
    people : int
        People of the original: what a singling-out rate is carried to.
    """
    match risk.evidence:
        case HitsEvidence():
            return _hits(risk, risk.evidence)
        case MatchesEvidence():
            return _matches(risk, risk.evidence, people)
        case ScoresEvidence():
            return _scores(risk, risk.evidence)


def _hits(risk: Risk, evidence: HitsEvidence) -> Masked | None:
    original, control = evidence.original, evidence.control
    if too_small(original) or (control is not None and too_small(control)):
        return None
    as_shown = HitsEvidence(
        masked_rate(original, "original"),
        None if control is None else masked_rate(control, "control"),
        described(evidence.naive),
        described(evidence.population),
    )
    risk = replace(risk, evidence=as_shown, adjusted=_adjusted(risk.adjusted))
    if (as_shown.original, as_shown.control) == (original, control):
        return Masked(risk, withheld=as_shown != evidence)
    of_control = None if control is None else effective(control, "control")
    risk = _recomputed(risk, effective(original, "original"), of_control)
    if control is not None and as_shown.control != control:
        risk = replace(risk, needed_rows=_needed_people(effective(control, "control"), control, risk.confidence))
    return Masked(risk, withheld=True)


def _adjusted(made: Adjusted | None) -> Adjusted | None:
    """Return an adjusted risk as it is shown; nothing of it where its own count may not be."""
    return None if made is None or described(made.anyway) != made.anyway else made


def _recomputed(risk: Risk, original: Effective, control: Effective | None, scale: float = 1.0) -> Risk:
    """Return the risk with value, intervals, bounds, excess and p-value from the counts given, times `scale`."""
    found = residual_risk(*original) if control is None else residual_risk(*original, *control)
    lower, upper = found.interval(risk.confidence, "clopper-pearson")
    low, high = found.interval(risk.confidence, "jeffreys")
    difference = None
    if risk.excess is not None and control is not None:
        difference = excess(*original, *control, confidence=risk.confidence)
    return replace(
        risk,
        adjusted=None,
        value=found.value * scale,
        interval=(low * scale, high * scale),
        lower=lower * scale,
        upper=upper * scale,
        excess=difference,
        p_value=None if control is None else one_sided_p(*original, *control),
    )


def _needed_people(control: Effective, rate: Rate, confidence: float) -> int | None:
    """Return the control people needed by the success rate shown, who bring as many guesses each as those at hand."""
    guesses = needed_control(control[0] / control[1], confidence=confidence)
    if guesses is None:
        return None
    each = float(rate.trials) / float(rate.people)
    return max(PEOPLE_NEEDED, math.ceil(guesses * largest_design_effect(rate) / each))


def _matches(risk: Risk, evidence: MatchesEvidence, people: int) -> Masked | None:
    """Return a singling-out risk as if its predicates were guesses, carried to the size of the original.

    The counts of isolating predicates take the place of hits, 9 of the predicates against 0 where both are withheld.
    Predicates hang together, because one person may be isolated by several: those of a withheld count are taken to
    isolate one person, others as many each as the counts say. The jackknife error goes with the counts it came from;
    the standard error is the one that the recomputed decision bounds imply. Where the tables differ in size the value
    does not follow from these counts, and nothing is shown.
    """
    original = shown(evidence.isolated_original, evidence.queries, "original")
    isolated_control = evidence.isolated_control
    control = None if isolated_control is None else shown(isolated_control, evidence.queries, "control")
    isolated = masked_people(evidence.people)
    if not (original.withheld or isinstance(isolated, str) or (control is not None and control.withheld)):
        return Masked(replace(risk, evidence=replace(evidence, by_columns=_by_columns(evidence))), withheld=False)
    if evidence.size != people:
        return None
    least = 1 if isinstance(isolated, str) else isolated
    cluster = THRESHOLD - 1 if original.withheld else max(1.0, original.number / least)
    elsewhere = max(cluster, THRESHOLD - 1)
    of_control = None if control is None else (control.number / elsewhere, evidence.queries / elsewhere)
    scale = people / evidence.size
    risk = _recomputed(risk, (original.number / cluster, evidence.queries / cluster), of_control, scale)
    reach = 2.0 * float(ndtri((1.0 + risk.confidence) / 2.0))
    as_shown = replace(
        evidence,
        isolated_original=original.count,
        isolated_control=None if control is None else control.count,
        people=isolated,
        standard_error=(risk.upper - risk.lower) / reach,
        weight=None,
        trivial=None,
        by_columns=(),
    )
    return Masked(replace(risk, evidence=as_shown), withheld=True)


def _by_columns(evidence: MatchesEvidence) -> tuple[ByColumns, ...]:
    """Return the numbers of columns each alone; none where one has a count that may not be shown.

    Their sum is shown, so that one alone cannot be left out.
    """
    for part in evidence.by_columns:
        original = shown(part.isolated_original, part.queries, "original")
        control = None if part.isolated_control is None else shown(part.isolated_control, part.queries, "control")
        few = isinstance(masked_people(part.people), str)
        if few or original.withheld or (control is not None and control.withheld):
            return ()
    return evidence.by_columns


def _scores(risk: Risk, evidence: ScoresEvidence) -> Masked | None:
    """Return a membership risk as it is shown: an area under a curve tells no count, its points may."""
    if min(evidence.members, evidence.nonmembers) < THRESHOLD:
        return None
    points = tuple(point for point in map(masked_point, evidence.tpr) if point is not None)
    return Masked(replace(risk, evidence=replace(evidence, tpr=points)), withheld=False)
