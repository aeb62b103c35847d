"""A worksheet about limits: how many people one lets come to harm, and whether a control can decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from synthprivacy.config import PROFILES, Policy, profile
from synthprivacy.gating.bounds import control_rate, is_easy
from synthprivacy.results import Evaluation, HitsEvidence, MatchesEvidence, Risk
from synthprivacy.statistics.power import power_for_auc, power_for_isolation
from synthprivacy.statistics.sample_size import power_to_pass

USUAL = "0.05, the limit of examples: one training person in twenty; ours"
OTHERS: Mapping[str, str] = {
    "plan.primary: at most 5 endpoints": "with more that must all pass a perfect release hardly passes any more; ours, measured",
    "confidence 0.95": "decision bounds hold with 97.5 % confidence each: a release just over a limit passes once in forty",
    "easy secrets: half of the control guessed": "the excess a - c is bounded there, since (a - c) / (1 - c) cannot pass; ours",
    "control_drift: AUC 0.55": "original and control must not be told apart by more; ours",
    "control_overlap: 20 points, p < .001": "people or near duplicates on both sides beyond what chance explains; ours",
    "counts under 10": "withheld where a page leaves the house; rule of ten of the Australian Bureau of Statistics, and of ACRO",
}
"""Limits that no policy sets, and where they come from."""


@dataclass(frozen=True, slots=True)
class Question:
    """An attack as far as its power goes."""

    words: str
    kind: str
    """``scores``, ``matches``, ``hits`` or ``excess``."""
    rate: float = 0.0
    """Of guesses: how often they succeed on the control."""


COMMON = (
    Question("membership", "scores"),
    Question("singling out", "matches"),
    Question("guessed by 1 % of the control", "hits", 0.01),
    Question("guessed by 10 %", "hits", 0.1),
    Question("guessed by 30 %", "hits", 0.3),
    Question("guessed by half (as an excess)", "excess", 0.5),
)


def worksheet(
    *,
    original: int,
    control: int,
    limits: Mapping[str, float],
    harm: float | None = None,
    evaluation: Evaluation | None = None,
) -> str:
    """Return the worksheet as text.

    Parameters
    ----------
    original, control : int
        Training and control people.
    limits : mapping
        Name to limit.
    harm : float, optional
        What it costs one person to be found out, in whatever unit.
    evaluation : Evaluation, optional
        Its primary endpoints take the place of the common kinds of attack.
    """
    asked = COMMON if evaluation is None else tuple(_asked(evaluation))
    lines = [f"limit x people{'' if harm is None else ' x harm'}, with {original:,} training people:"]
    for name, limit in limits.items():
        people = limit * original
        cost = "" if harm is None else f", {people * harm:,.0f} in all at {harm:g} each"
        lines.append(f"  {name}: up to {people:,.0f} people whom the release gives away{cost}")
    lines += [
        "",
        f"how often a perfect release passes, with {control:,} control people (below 90 % it is a poor test):",
    ]
    for question in asked:
        powers = (
            f"{limit:.3g}: {_power(question, original, control, limit):.0%}" for limit in dict.fromkeys(limits.values())
        )
        lines.append(f"  {question.words}: {', '.join(powers)}")
    return "\n".join(lines)


def origins() -> str:
    """Return where every shipped limit comes from, as text."""
    lines = ["where the limits come from:", f"  {USUAL}"]
    for name in PROFILES:
        shipped = profile(name)
        lines += [
            f"  profile {name}: {'; '.join(str(rule) for rule in shipped.policy.rules)}",
            f"    for {shipped.policy.recipient}; primary endpoints about {', '.join(shipped.policy.threats)}",
            f"    {shipped.origin}",
            *(f"    source: {source}" for source in shipped.sources),
        ]
    return "\n".join([*lines, *(f"  {what}: {why}" for what, why in OTHERS.items())])


def limits_of(policy: Policy) -> dict[str, float]:
    """Return the limits that a policy sets on risks, by rule."""
    return {
        str(rule): rule.max
        for rule in policy.rules
        if rule.subject in {"primary", "risk", "copies"} and rule.max is not None and rule.max < 1.0
    }


def _asked(evaluation: Evaluation) -> Iterator[Question]:
    """Yield the primary endpoints, each once, with what its control says."""
    found: dict[str, Risk] = {}
    for release in evaluation.releases:
        for risk in release.risks:
            if risk.primary:
                found.setdefault(risk.endpoint, risk)
    for endpoint, risk in found.items():
        match risk.evidence:
            case HitsEvidence():
                rate = min(control_rate(risk) or 0.0, 0.999)
                kind = "excess" if is_easy(risk) else "hits"
                yield Question(f"{endpoint} (guessed by {rate:.0%} of the control)", kind, rate)
            case MatchesEvidence():
                yield Question(endpoint, "matches")
            case _:
                yield Question(endpoint, "scores")


def _power(question: Question, original: int, control: int, limit: float) -> float:
    match question.kind:
        case "scores":
            return power_for_auc(original, control, limit)
        case "matches":
            return power_for_isolation(original, control, limit)
        case "excess":
            return power_to_pass(original, control, question.rate, limit, scale="excess")
    return power_to_pass(original, control, question.rate, limit)
