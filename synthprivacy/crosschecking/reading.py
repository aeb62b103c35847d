"""Our side of a row: the risk that an attack of ours found, as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthprivacy.attacks import Attack
from synthprivacy.crosschecking.counting import Counts, Sides
from synthprivacy.crosschecking.measuring import Said
from synthprivacy.crosschecking.values import Reading
from synthprivacy.driver import stream
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.rendering.risks import mask
from synthprivacy.results import HitsEvidence, MatchesEvidence, Outcome, Risk, Skipped
from synthprivacy.scoring import judge
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case

CONFIDENCE = 0.95
_NOTHING = Sides(Counts(0, 1), None)


@dataclass(frozen=True, slots=True)
class Found:
    """What an attack of ours found."""

    reading: Reading
    counts: Sides
    risk: Risk | None
    """None where it found nothing to go by."""
    why_not: tuple[str, ...] = ()
    """Reasons in place of all others, where there is no risk."""


def found_by(attack: Attack, guesses: Said | NotEnoughDataError, case: Case, seed: int) -> Found:
    """Return the risk of some guesses, or why there is none."""
    if isinstance(guesses, NotEnoughDataError):
        reason, _, needs = str(guesses).partition("; ")
        return _nothing(Skipped(attack.name, attack.endpoint, reason, needs))
    sides = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    answers = {name: judge(guesses[name], people) for name, people in sides.items()}
    outcome = Outcome(attack.name, attack.endpoint, answers, attack.parameters())
    rng = stream(seed, attack.endpoint)
    risk = estimate(outcome, primary=False, confidence=CONFIDENCE, rng=rng, sizing=False)
    if isinstance(risk, Skipped):
        return _nothing(risk)
    return Found(Reading(risk.value, risk.interval), _sides(risk), risk)


def shown_risk(found: Found, people: int, *, inside: bool) -> Reading:
    """Return our reading as it may be shown."""
    if found.risk is None or inside:
        return found.reading
    masked = mask(found.risk, people)
    if masked is None:
        return Reading(None, note="withheld: it would tell of fewer than ten people")
    note = "counts under ten taken for nine" if masked.withheld else ""
    return Reading(masked.risk.value, masked.risk.interval, note)


def failed(answer: Mapping[str, Any]) -> tuple[Reading, tuple[str, ...]]:
    """Return their side and the reasons where a peer gave no number; never its message, which may hold cells."""
    if "error" in answer:
        kind = answer["error"] if str(answer["error"]).isidentifier() else "error"
        return Reading(None, note=f"ended with {kind}"), (f"theirs ended with {kind}; ask it by itself to see why",)
    return Reading(None, note="undefined"), ("theirs is not defined on these tables",)


def _nothing(skipped: Skipped) -> Found:
    why = f"ours says nothing: {skipped.reason}" + (f"; it needs {skipped.needs}" if skipped.needs else "")
    return Found(Reading(None, note="skipped"), _NOTHING, None, (why,))


def _sides(risk: Risk) -> Sides:
    match risk.evidence:
        case HitsEvidence(original, control):
            others = None if control is None else Counts(float(control.successes), int(control.trials))
            return Sides(Counts(float(original.successes), int(original.trials)), others)
        case MatchesEvidence(queries, isolated, others):
            control = None if others is None else Counts(float(others), queries)
            return Sides(Counts(float(isolated), queries), control)
        case _:
            return _NOTHING
