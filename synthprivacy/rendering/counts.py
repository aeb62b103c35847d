"""Counts of people that may be shown, and what is computed in place of one that may not.

A count under ten is shown as ``"<10"``, and a count that leaves fewer than ten of its trials over as ``">N"`` with N =
trials - 10, because the rest of the trials would tell on it. Everything that was computed from such a count is
computed again from the end of its range that means more risk, so that no byte depends on which of the ten values it
had.

References
----------
Australian Bureau of Statistics, DataLab: input and output clearance (rule of ten); ACRO, ``default.yaml``
(``safe_threshold: 10``, ``zeros_are_disclosive``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from synthprivacy.results import Count, Rate, TruePositives

THRESHOLD = 10
"""The smallest number of people that is shown."""
FEWEST_TRIALS = 2 * THRESHOLD
"""Trials below which a count and its rest cannot both be told from a withheld one: nothing is shown at all."""
WITHHELD = f"<{THRESHOLD}"

Side = Literal["original", "control"]
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it is shown, and the number that takes its place in what is computed from it."""

    count: Count
    number: float
    withheld: bool


def shown(count: Count, trials: Count, side: Side) -> Shown:
    """Return how a count out of `trials` is shown.

    Parameters
    ----------
    count, trials : int
        Of the inside rendering.
    side : {"original", "control"}
        More successes mean more risk on the original, fewer on the control.
    """
    if not isinstance(count, int) or not isinstance(trials, int):
        return Shown(WITHHELD, 0.0, withheld=True)
    largest = THRESHOLD - 1
    if count < THRESHOLD:
        return Shown(WITHHELD, float(largest if side == "original" else 0), withheld=True)
    if trials - count < THRESHOLD:
        return Shown(f">{trials - THRESHOLD}", float(trials if side == "original" else trials - largest), withheld=True)
    return Shown(count, float(count), withheld=False)


def too_small(rate: Rate) -> bool:
    """Return whether a rate is over too few trials or people to be shown at all."""
    return _under(rate.trials, FEWEST_TRIALS) or _under(rate.people, THRESHOLD)


def masked_rate(rate: Rate, side: Side) -> Rate:
    """Return the rate as it is shown; the design effect, which the answers behind a withheld count gave, goes too."""
    count = shown(rate.successes, rate.trials, side)
    if not count.withheld:
        return rate
    return replace(rate, successes=count.count, design_effect=largest_design_effect(rate))


def described(rate: Rate | None) -> Rate | None:
    """Return a rate that nothing is computed from as it is shown; None where it is too small."""
    return None if rate is None or too_small(rate) else masked_rate(rate, "original")


def effective(rate: Rate, side: Side) -> tuple[float, float]:
    """Return the successes and trials, over the design effect, that take the place of a rate in what is computed."""
    inflation = masked_rate(rate, side).design_effect
    return shown(rate.successes, rate.trials, side).number / inflation, float(rate.trials) / inflation


def largest_design_effect(rate: Rate) -> float:
    """Return the design effect if all of at most nine answers came from one person, which makes the interval widest.

    With ``sum((h - r t)²) / (r (1 - r) sum(t))`` and few successes, all h of them from one person, it is about h: at
    most nine, at most the answers one person can have given, and 1 where every person gave one.
    """
    if not isinstance(rate.trials, int) or not isinstance(rate.people, int):
        return float(THRESHOLD - 1)
    return float(max(1, min(THRESHOLD - 1, rate.trials - rate.people + 1)))


def masked_point(point: TruePositives) -> TruePositives | None:
    """Return a point of a ROC curve as it is shown; None where a side is too small."""
    if _under(point.trials, FEWEST_TRIALS) or _under(point.nonmembers, FEWEST_TRIALS):
        return None
    return replace(
        point,
        successes=shown(point.successes, point.trials, "original").count,
        false_positives=shown(point.false_positives, point.nonmembers, "control").count,
    )


def masked_people(people: Number | str) -> Number | str:
    """Return a number of people, ``"<10"`` where it is under ten."""
    return WITHHELD if not isinstance(people, str) and people < THRESHOLD else people


def _under(count: Count, least: int) -> bool:
    return isinstance(count, str) or count < least
