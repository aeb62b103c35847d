"""Counts behind a risk as cells of a table: one rate for each population, and the people attacked."""

from __future__ import annotations

from dataclasses import dataclass

from synthprivacy.reporting import amounts
from synthprivacy.results import Copies, Count, Evidence, HitsEvidence, MatchesEvidence, Rate, ScoresEvidence

POPULATIONS = ("Original", "Control", "Naive", "Population")


@dataclass(frozen=True, slots=True)
class Cell:
    """A success rate, with the counts it is made of."""

    main: str = amounts.NOTHING
    note: str = ""


NONE = Cell()
"""Where there is no such rate."""


def is_withheld(evidence: Evidence) -> bool:
    """Return whether a count that the risk is computed from is withheld, so that the risk is the highest it could be."""
    match evidence:
        case HitsEvidence(original=original, control=control):
            rates = [rate for rate in (original, control) if rate is not None]
            return any(isinstance(rate.successes, str) for rate in rates)
        case MatchesEvidence(isolated_original=original, isolated_control=control):
            return isinstance(original, str) or isinstance(control, str)
        case ScoresEvidence():
            return False


def as_people(copies: Copies | None) -> Cell:
    """Return a risk as a number of people, and the smallest leak the attack would have noticed."""
    if copies is None:
        return NONE
    floor = "not even all" if copies.floor is None else f"from {amounts.tally(copies.floor)}"
    if copies.floor is None and copies.interval == (0.0, copies.of):
        return Cell("cannot tell", floor)
    return Cell(copies.value if isinstance(copies.value, str) else amounts.whole(copies.value), floor)


def rates_and_people(evidence: Evidence) -> tuple[tuple[Cell, ...], Cell]:
    """Return the rates on the four populations, and how many people were attacked."""
    match evidence:
        case HitsEvidence() as hits:
            rates = tuple(_rate(rate) for rate in (hits.original, hits.control, hits.naive, hits.population))
            return rates, _people(hits.original.people, None if hits.control is None else hits.control.people)
        case ScoresEvidence() as scores:
            return _found(scores), _people(scores.members, scores.nonmembers)
        case MatchesEvidence() as matches:
            isolated = tuple(
                Cell(amounts.NOTHING if count is None else amounts.tally(count), f"of {matches.queries:,} descriptions")
                for count in (matches.isolated_original, matches.isolated_control)
            )
            return (*isolated, _by_chance(matches.trivial), NONE), Cell(
                f"{matches.size:,}", f"{amounts.tally(matches.people)} isolated"
            )


def _by_chance(trivial: float | None) -> Cell:
    """Return what descriptions that hold for as many people isolate without any leak: up to 37 % is no finding."""
    return NONE if trivial is None else Cell(amounts.percent(trivial, towards="up"), "at most, by chance")


def _rate(rate: Rate | None) -> Cell:
    return NONE if rate is None else Cell(amounts.share(rate), amounts.out_of(rate.successes, rate.trials))


def _found(scores: ScoresEvidence) -> tuple[Cell, ...]:
    """Return what a strict threshold finds; the area under the curve where no threshold was measured."""
    if not scores.tpr:
        return Cell(f"AUC {amounts.score(scores.auc)}"), NONE, NONE, NONE
    point = min(scores.tpr, key=lambda point: point.fpr)
    nominal = f"at {amounts.limit(point.fpr)} false alarms"
    original = Rate(point.successes, point.trials, point.trials)
    control = Rate(point.false_positives, point.nonmembers, point.nonmembers)
    return Cell(amounts.share(original), nominal), Cell(amounts.share(control), nominal), NONE, NONE


def _people(original: Count, control: Count | None) -> Cell:
    return Cell(amounts.tally(original), "" if control is None else f"and {amounts.tally(control)} control")
