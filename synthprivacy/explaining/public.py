"""The public rendering of an explanation: nothing in it tells of fewer than ten people."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from synthprivacy.errors import ConfigError
from synthprivacy.explaining.by_group import deciles_of, groups_of
from synthprivacy.explaining.by_mechanism import ALARM, by_share
from synthprivacy.explaining.mechanisms import WORDS
from synthprivacy.explaining.values import ByColumn, Ends, Explanation, Mechanism
from synthprivacy.results import HitsEvidence, Interval, MatchesEvidence, Release, Risk, ScoresEvidence
from synthprivacy.statistics.fisher import one_sided_p

WITHHELD = "withheld from the public rendering: it may tell of fewer than ten people"

FEW = 10
"""Counts of people under it are not shown."""
SURELY, NEVER = 0.005, 0.1
"""p-values up to which a decision bound is over 0, and from which on it is not, whatever its own rounding."""
FEW_BEHIND = "what goes with this risk is withheld from the public rendering: it may tell of fewer than ten people"


class Seen(Protocol):
    """A risk as it is shown."""

    @property
    def risk(self) -> Risk:
        """Computed without small counts."""

    @property
    def withheld(self) -> bool:
        """Whether there were any."""


Shown = Callable[[Risk], Seen | None]
"""A risk to how it is shown; None where it may not be."""


def public(explanation: Explanation, shown: Shown, release: Release, step_of: Callable[[int], float]) -> Explanation:
    """Return the explanation that may leave the house.

    Risks are those that the public rendering of risks shows, rounded to steps of ten people or more, their intervals a step
    wider on either side: differences of two of them then tell of no single people. A mechanism by which fewer than ten
    training people are found is withheld, as it is where there are none, and so is what goes with a risk of which a
    withheld count would tell whether it is there. Ends of columns are always withheld: beside the release they are the
    value of a person.

    Parameters
    ----------
    explanation : Explanation
        Of the inside rendering.
    shown : callable
        How the public rendering shows a risk.
    release : Release
        The public rendering of the release explained, from which groups are taken.
    step_of : callable
        A number of people to the share that is ten of them or more.

    Raises
    ------
    ConfigError
        If the endpoint explained is withheld.
    """
    if explanation.rendering == "public":
        return explanation
    seen = shown(explanation.risk)
    if seen is None or explanation.endpoint not in {risk.endpoint for risk in release.risks}:
        msg = f"{explanation.endpoint} is withheld from the public rendering; explain it with --inside"
        raise ConfigError(msg)
    step = step_of(min((people_behind(explanation.risk), *(explanation.people or ()))))

    def told(risk: Risk | None) -> Risk | None:
        found = None if risk is None else shown(risk)
        return None if found is None else _rounded(found.risk, step)

    clear = not seen.withheld or _certain(explanation.risk, surely=SURELY, never=NEVER)
    looked = len(explanation.mechanisms)
    listed = sorted(explanation.mechanisms, key=lambda one: (list(WORDS).index(one.name), one.column or ""))
    mechanisms = [_mechanism(one, looked, shown, told, step) for one in listed]
    if not clear:
        mechanisms = [replace(one, how=None, left=None, gone=False) for one in mechanisms]
    read = told(explanation.read)
    return replace(
        explanation,
        risk=_rounded(seen.risk, step),
        read=read,
        columns=tuple(_column(one, told) for one in explanation.columns) if clear else (),
        passed_over=explanation.passed_over if clear else 0,
        mechanisms=by_share(mechanisms, read),
        groups=groups_of(release, explanation.endpoint),
        deciles=deciles_of(release, explanation.endpoint),
        notes=explanation.notes if clear else (*explanation.notes, FEW_BEHIND),
        rendering="public",
    )


def people_behind(risk: Risk) -> int:
    """Return the people of the smaller side that a risk is about."""
    match risk.evidence:
        case HitsEvidence(original=original, control=control):
            sides = [original.people, *(() if control is None else (control.people,))]
            return min(count if isinstance(count, int) else FEW for count in sides)
        case ScoresEvidence(members=members, nonmembers=nonmembers):
            return min(members, nonmembers)
        case MatchesEvidence(size=size):
            return size


def _column(one: ByColumn, told: Callable[[Risk | None], Risk | None]) -> ByColumn:
    return replace(one, without=told(one.without), coarser=told(one.coarser))


def _mechanism(
    one: Mechanism, looked: int, shown: Shown, told: Callable[[Risk | None], Risk | None], step: float
) -> Mechanism:
    """Return a mechanism as it is shown: only where every number that a withheld count may be says the same of it."""
    if one.evidence is None:
        return one
    seen = None if isinstance(one.evidence, Ends) else shown(one.evidence)
    if (
        seen is None
        or isinstance(one.evidence, Ends)
        or (seen.withheld and not _certain(one.evidence, surely=ALARM / looked, never=ALARM))
    ):
        return Mechanism(one.name, one.title, one.column, reason=WITHHELD)
    rows = None if one.rows is None else max(step, round(round(one.rows / step) * step, 2))
    return replace(one, evidence=_rounded(seen.risk, step), rows=rows, left=told(one.left))


def _certain(risk: Risk, *, surely: float, never: float) -> bool:
    """Return whether a risk is there, or is not, whatever the counts are that may not be shown.

    It is if the p-value is at most `surely` for all of them, and is not if it is over `never` for all. Fewer than ten
    training people found are never shown; beside more, the control's count may be anything under ten.
    """
    evidence = risk.evidence
    if not isinstance(evidence, HitsEvidence) or evidence.control is None:
        return False
    original, control = evidence.original, evidence.control
    counts = (original.successes, original.trials, control.successes, control.trials)
    found, of, others, of_others = (count if isinstance(count, int) else -1 for count in counts)
    if min(found, of, others, of_others) < 0 or found < FEW or max(original.design_effect, control.design_effect) > 1:
        return False
    least, most = (of - FEW, of) if of - found < FEW else (found, found)
    fewest, largest = (0, FEW - 1) if others < FEW else (others, others)
    fewest, largest = (of_others - FEW, of_others) if of_others - others < FEW else (fewest, largest)
    highest = one_sided_p(least, of, largest, of_others)
    lowest = one_sided_p(most, of, fewest, of_others)
    return highest <= surely or lowest > never


def _rounded(risk: Risk, step: float) -> Risk:
    def near(value: float) -> float:
        return round(round(value / step) * step, 2) if math.isfinite(value) else value

    def wider(ends: Interval) -> Interval:
        return near(ends[0] - step), near(ends[1] + step)

    lower, upper = wider((risk.lower, risk.upper))
    p_value = None if risk.p_value is None else (0.001 if risk.p_value <= 0.001 else round(risk.p_value, 2))
    return replace(
        risk, value=near(risk.value), interval=wider(risk.interval), lower=lower, upper=upper, p_value=p_value
    )
