"""The public rendering of an evaluation: the only one that may leave the house."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from synthprivacy.rendering.counts import THRESHOLD
from synthprivacy.rendering.groups import telling, tells_of_parts
from synthprivacy.rendering.people import copies_of, masked_copies, masked_floor
from synthprivacy.rendering.proofs import masked_loss
from synthprivacy.rendering.risks import Masked, mask
from synthprivacy.rendering.unions import UNION, telling_union
from synthprivacy.results import (
    Copies,
    Evaluation,
    HitsEvidence,
    MatchesEvidence,
    Rate,
    Release,
    Risk,
    Score,
    ScoresEvidence,
    Series,
    Skipped,
)

__all__ = ["public"]

_REASON = "withheld from the public rendering: it would tell of fewer than ten people"
_SHARES_OF_PEOPLE = frozenset({"constraints", "disclosure", "distances", "manifold", "marginals", "memorization"})
"""Families of scores in which a share near 0 or 1 is a number of people under ten, or its rest."""
_STEEP = frozenset(
    {
        "association", "marginals.wasserstein", "marginals.jensen_shannon", "marginals.hellinger", "marginals.tails",
        "k_way.k_marginal", "k_way.subsample_equivalent", "memorization.bounds",
        "detection.pmse_ratio", "detection.pmse_standardised", "detection.pmse_permuted", "survey",
    }
)  # fmt: skip
"""Scores, or whole families, that fewer than ten people can move by more than a step: a root of a share, a ratio of small ones,
shares in which a few people may have most of the weight."""
_BESIDE = ("_control", "_ceiling", "_above")
"""What is said beside a score is steep where the score is."""
_NEEDS = "a group, and a rest without it, with at least ten people hit and ten not hit on each side"

_UNION_DETAIL = (
    "of all releases together the details are withheld: beside those of each they may tell of fewer than ten people"
)
_UNION_NEEDS = (
    "ten people at least whom all releases together give away and one alone does not, and ten whom several do"
)


def public(evaluation: Evaluation) -> Evaluation:
    """Return the rendering that may leave the house: nothing in it distinguishes none from nine people.

    Counts of people under ten, and counts that leave fewer than ten over, are withheld; what was computed from them is
    computed again as if there were nine on the original and none on the control, towards more risk. Endpoints about
    fewer than ten people become `Skipped`, and so do groups that differences would give away; curves and pairs of
    releases with such counts are left out. Scores are rounded to steps of ten people or more, so that no count follows,
    those that are shares of people to one step from either end; their intervals are a step wider on either side, so that no rule is
    kept here that is not kept inside, and scores that a few people move by more than a step are left out. The details of checks
    tell no small count in the first place. The public rendering of a public rendering is itself.
    """
    if evaluation.rendering == "public":
        return evaluation
    releases = tuple(_release(release, evaluation) for release in evaluation.releases)
    checks, together = evaluation.checks, evaluation.plan.get(UNION) is True
    if together:
        checks = tuple(replace(one, detail=_UNION_DETAIL) if one.release == UNION else one for one in checks)
    unseen = bool(evaluation.plan.get("earlier"))
    if hidden := telling_union(evaluation.releases, releases, unseen=unseen) if together else frozenset():
        releases = tuple(_without(release, hidden) if release.name == UNION else release for release in releases)
    shown = {risk.endpoint for release in releases for risk in release.risks}
    gone = {skipped.endpoint for release in releases for skipped in release.skipped}
    masked = {(release.name, risk.endpoint) for release in releases for risk in release.risks if _is_masked(risk)}
    pairs = tuple(
        _without_control(pair)
        for pair in evaluation.pairs
        if _may_show(pair)
        and pair.get("endpoint") in shown - gone
        and not masked & {(pair.get(side), pair.get("endpoint")) for side in ("a", "b")}
    )
    return replace(evaluation, rendering="public", checks=checks, releases=releases, pairs=pairs)


def _without(release: Release, hidden: frozenset[str]) -> Release:
    gone = [
        Skipped(one.attack, one.endpoint, _REASON, _UNION_NEEDS, one.primary)
        for one in release.risks
        if one.endpoint in hidden
    ]
    return replace(
        release,
        copies=None,  # it may be read off one of them
        risks=tuple(risk for risk in release.risks if risk.endpoint not in hidden),
        skipped=(*release.skipped, *gone),
        deciles=tuple(found for found in release.deciles if found.endpoint not in hidden),
        series=tuple(curve for curve in release.series if curve.of not in hidden),
    )


def score_step(people: int) -> float:
    """Return the smallest of .01, .02, .05, .1, .2, .5 and 1 that is at least ten of so many people."""
    return next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if step * people >= THRESHOLD), 1.0)


def _score(score: Score, step: float) -> Score:
    """Return a score in steps, with an interval that is a step wider on either side than the rounded one.

    So a rule that the score breaks inside is never kept in public; what a few people move by more than a step is withheld.
    """
    kind = score.metric.partition(".")[0]
    for suffix in _BESIDE:
        kind = kind.removesuffix(suffix)
    if score.family in _STEEP or f"{score.family}.{kind}" in _STEEP:
        return replace(score, value=None, reference=None, interval=None, reason=score.reason or _REASON)
    is_p_value = score.family == "distances" and score.metric.endswith("_p")
    of_people = score.family in _SHARES_OF_PEOPLE and not is_p_value
    low, high = (step, 1.0 - step) if of_people else (-math.inf, math.inf)

    def rounded(value: float) -> float:
        return value if not math.isfinite(value / step) else round(max(low, min(high, round(value / step) * step)), 2)

    if score.value is None:
        return replace(score, reference=None if score.reference is None else rounded(score.reference), interval=None)
    ends = score.interval or (score.value, score.value)
    within = min(ends) >= 0.0 and max(ends) <= 1.0
    wider = (round(rounded(ends[0]) - step, 2), round(rounded(ends[1]) + step, 2))
    return replace(
        score,
        value=rounded(score.value),
        reference=None if score.reference is None else rounded(score.reference),
        interval=(max(0.0, wider[0]), min(1.0, wider[1])) if within else wider,
    )


def _release(release: Release, evaluation: Evaluation) -> Release:
    tables = (evaluation.original, evaluation.control, evaluation.synthetic.get(release.name))
    step = score_step(min(min(table.rows, table.units) for table in tables if table is not None))
    people = evaluation.original.units
    masked = {risk.endpoint: mask(risk, people) for risk in release.risks}
    hidden = telling(release.risks, masked)
    gone = [risk for risk in release.risks if masked[risk.endpoint] is None or risk.endpoint in hidden]
    kept = {
        endpoint: as_shown for endpoint, as_shown in masked.items() if as_shown is not None and endpoint not in hidden
    }
    curves = (curve for curve in release.series if curve.of not in masked or curve.of in kept)
    inside = {risk.endpoint: risk for risk in release.risks}
    copies = None if release.copies is None else masked_copies(release.copies)
    loss = release.privacy_loss
    return replace(
        release,
        copies=copies,
        privacy_loss=None if loss is None else masked_loss(loss),
        risks=tuple(replace(seen.risk, copies=copies_of(inside[name], seen)) for name, seen in kept.items()),
        floor=None if release.floor is None else masked_floor(release.floor, inside, kept),
        deciles=tuple(
            found
            for found in release.deciles
            if found.endpoint in kept and not kept[found.endpoint].withheld and not tells_of_parts(found, inside)
        ),
        skipped=(*release.skipped, *(Skipped(r.attack, r.endpoint, _REASON, _NEEDS, r.primary) for r in gone)),
        scores=tuple(_score(score, step) for score in release.scores),
        series=tuple(curve for curve in curves if _is_coarse(curve, kept.get(curve.of)) and not _tells(curve, copies)),
    )


def _tells(curve: Series, copies: Copies | None) -> bool:
    """Return whether a withheld headline could be read off the ladder again."""
    if curve.name != "ladder" or copies is None:
        return False
    ends = (copies.value, *copies.interval, copies.perfect_value, *(copies.perfect_interval or ()), copies.floor)
    return any(isinstance(end, str) for end in ends)


def _is_coarse(curve: Series, of: Masked | None) -> bool:
    """Return whether a curve tells no count under ten.

    One that belongs to withheld counts may. Of rates over members and non-members (a ROC curve) every inner point must
    have ten people on either side of it. Other curves of scores, such as the ladder over planted people, tell none.
    """
    if of is None:
        return True
    evidence = of.risk.evidence
    if isinstance(evidence, HitsEvidence) and curve.name.startswith("precision"):
        side = evidence.original if curve.name.endswith("original") else evidence.control
        return not of.withheld and side is not None and _tells_no_few(curve, side)
    if not isinstance(evidence, ScoresEvidence):
        return not of.withheld
    axes = ((curve.x, evidence.nonmembers), (curve.y, evidence.members))
    known = [(value, people) for axis, people in axes for value in axis if value is not None]
    if any(not 0.0 <= value <= 1.0 for value, _ in known):
        return True
    inner = [(value * people, people) for value, people in known if 0.0 < value < 1.0]
    return all(min(count, people - count) >= THRESHOLD for count, people in inner)


def _tells_no_few(curve: Series, side: Rate) -> bool:
    """Return whether ten people at least, or none, are right and wrong at each point of a precision curve and between."""
    if not isinstance(side.people, int) or side.trials != side.people:
        return False
    asked = [0, *(round(share * side.people) for share in curve.x)]
    right = [0, *(round(share * people) for share, people in zip(curve.y, asked[1:]))]
    steps = [(r1 - r0, (a1 - r1) - (a0 - r0)) for (r0, r1), (a0, a1) in zip(pairwise(right), pairwise(asked))]
    counts = [count for step in steps for count in step] + [a - r for a, r in zip(asked, right)] + right
    return all(count == 0 or count >= THRESHOLD for count in counts)


def _is_masked(risk: Risk) -> bool:
    """Return whether counts of predicates are withheld: no comparison of theirs may tell them."""
    match risk.evidence:
        case MatchesEvidence() as found:
            return any(isinstance(n, str) for n in (found.isolated_original, found.isolated_control, found.people))
    return False


def _may_show(pair: Mapping[str, Any]) -> bool:
    """Return whether every count of a pair may be shown; one that may not would follow from the others."""
    return not any(isinstance(count, int) and count < THRESHOLD for count in pair.values())


def _without_control(pair: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a pair without what is computed from control counts of which one may not be shown: it would tell that count."""
    control = pair.get("control")
    if "both" not in pair or (isinstance(control, Mapping) and _may_show(control)):
        return pair
    return {
        key: value for key, value in pair.items() if key not in {"control", "difference", "safer", "against_accepted"}
    }
