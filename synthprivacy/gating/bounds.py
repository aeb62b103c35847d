"""Which number of a risk is held against a limit, whether it can be read at all, and what follows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from synthprivacy.config import EASY, GUESSED
from synthprivacy.gating.verdict import Decision
from synthprivacy.results import Copies, Count, HitsEvidence, MatchesEvidence, Rate, Risk, ScoresEvidence
from synthprivacy.statistics.power import needed_for_isolation
from synthprivacy.statistics.sample_size import Scale, needed_control, needed_for_auc

PLANNED = 0.05
"""The limit that `Risk.needed_rows` is about."""

MORE = "more people on both sides"
"""What settles a bound where no number of people can be named."""
LARGEST = 1e300
"""Numbers beyond this are as good as infinite."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What is held against a limit."""

    bound: float
    """At or below the limit: passes."""
    lower: float
    """Decision bound from below: above the limit, it fails."""
    form: str
    """Which number it is, in words."""


def bound_of(risk: Risk, form: str) -> Bound | str:
    """Return the number of a risk that a rule bounds, or in words why it cannot be read.

    Parameters
    ----------
    risk : Risk
    form : str
        ``.upper``, ``.value`` or ``.excess.upper``; empty for ``primary.upper``, which means the excess for an easy
        secret and the risk for everything else.
    """
    if not risk.interval or not all(map(finite, (risk.value, *risk.interval, risk.lower, risk.upper, risk.confidence))):
        return "has no finite value, interval or bound"
    if not risk.lower <= risk.upper or not 0.5 < risk.confidence < 1.0:
        return "has bounds that contradict each other"
    if not is_controlled(risk):
        return "has no readable control: it is a raw rate"
    if form == ".excess.upper" or (form == "" and is_easy(risk)):
        excess = risk.excess
        if excess is None or not all(map(finite, (excess.value, excess.lower, excess.upper))):
            return "has no excess over the control, which a secret as easy as this is judged by"
        return Bound(excess.upper, excess.lower, "excess over the control")
    return Bound(risk.value if form == ".value" else risk.upper, risk.lower, "risk")


def bound_of_copies(copies: Copies | None, *, share: bool) -> Bound | str:
    """Return the headline as people, or as a share of the training people, or in words why it cannot be read."""
    if copies is None:
        return "was not read: there is no control or no ruler"
    low, high = number(copies.interval[0], at_least=True), number(copies.interval[1], at_least=False)
    if not (finite(low) and finite(high) and finite(copies.of)) or not low <= high or copies.of < 1:
        return "has no finite interval"
    unit = copies.of if share else 1
    return Bound(high / unit, low / unit, "share of the people" if share else "number of people")


def decided(bound: Bound, limit: float) -> Decision:
    """Return the decision: bound ≤ limit passes, lower end > limit fails, else nothing is decided."""
    if bound.bound <= limit:
        return "pass"
    return "fail" if bound.lower > limit else "inconclusive"


def settling(risk: Risk, limit: float | None) -> str:
    """Return what would settle a bound that lies on both sides of a limit."""
    if limit is None or not finite(limit) or not 0.0 < limit < 1.0:
        return MORE
    planned = limit == PLANNED and finite(risk.needed_rows) and not is_easy(risk)
    needed = risk.needed_rows if planned else _needed(risk, limit)
    if needed is None or needed <= _at_hand(risk):
        return MORE
    needed *= 2 if "studied" in risk.parameters else 1  # half of any control is studied, and not met
    above = finite(risk.value) and risk.value > limit
    return f"about {needed:,} control people{' (who may well show a failure, for the value is above the limit)' if above else ''}"


def _at_hand(risk: Risk) -> float:
    """Return the control people of a risk, 0 where that cannot be read."""
    match risk.evidence:
        case HitsEvidence(control=Rate(people=int() as people)) | ScoresEvidence(nonmembers=int() as people):
            return people
    return 0


def _needed(risk: Risk, limit: float) -> int | None:
    """Return the control people, and as many of the original, with which a perfect release passes nine times in ten."""
    confidence = risk.confidence
    if not finite(confidence) or not 0.5 < confidence < 1.0:
        return None
    match risk.evidence:
        case HitsEvidence(control=Rate(people=int() as people, trials=int() as trials) as control):
            rate = control_rate(risk)
            if rate is None or not 0.0 <= rate < 1.0 or min(people, trials) < 1 or not finite(control.design_effect):
                return None
            scale: Scale = "excess" if is_easy(risk) else "residual"
            guesses = needed_control(rate, limit=limit, confidence=confidence, scale=scale)
            return None if guesses is None else math.ceil(guesses * control.design_effect * people / trials)
        case ScoresEvidence():
            return needed_for_auc(limit=limit, confidence=confidence)
        case MatchesEvidence():
            return needed_for_isolation(limit, confidence=confidence)
    return None


def is_easy(risk: Risk) -> bool:
    """Return whether this is a secret that at least half of the control people give away."""
    rate = control_rate(risk)
    guessed = risk.attack == "inference" or (
        risk.attack in GUESSED and "secret" in risk.parameters
    )  # not whole records
    return guessed and rate is not None and rate >= EASY


def is_controlled(risk: Risk) -> bool:
    """Return whether the risk was measured against control people."""
    match risk.evidence:
        case HitsEvidence():
            return control_rate(risk) is not None
        case MatchesEvidence(isolated_control=isolated):
            return finite(number(isolated, at_least=True))
        case ScoresEvidence(nonmembers=nonmembers):
            return finite(nonmembers) and nonmembers > 0


def control_rate(risk: Risk) -> float | None:
    """Return the success rate on the control, a withheld count at its least; None where there is none."""
    if not isinstance(risk.evidence, HitsEvidence) or risk.evidence.control is None:
        return None
    successes = number(risk.evidence.control.successes, at_least=True)
    trials = number(risk.evidence.control.trials, at_least=True)
    return successes / trials if trials > 0 and finite(successes) else None


def number(count: Count | float | None, *, at_least: bool) -> float:
    """Return a count; of a withheld one (``"<10"``, ``">N"``) the end named. NaN for anything else."""
    match count:
        case int() | float() if finite(count):
            return float(count)
        case "<10":
            return 0.0 if at_least else 10.0
        case str() if count[:1] == ">" and count[1:16].isdecimal():
            return int(count[1:16]) + (1.0 if at_least else 10.0)
        case _:
            return math.nan


def finite(value: Any) -> bool:
    """Return whether this is a number to decide on: an evaluation read from a file may hold anything."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST
