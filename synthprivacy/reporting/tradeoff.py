"""Risk against utility: several releases on one plane, and likenesses too good to be a fresh sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthprivacy.reporting import amounts, plane, svg
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.names import listed, shown
from synthprivacy.reporting.words import readable
from synthprivacy.results.frontier import Place, places
from synthprivacy.results.overfitting import above_ceiling


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One release between risk and utility."""

    entry: Entry
    risk: str
    risk_interval: str
    utility: str
    utility_interval: str
    fresh: str
    """What a fresh sample of real people scores."""
    standing: str
    """On the frontier, or by whom it is beaten."""


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """Several releases between risk and utility."""

    lines: tuple[PlaceLine, ...]
    chart: svg.Drawing


@dataclass(frozen=True, slots=True)
class Copied:
    """A release that is closer to the training people than a fresh sample could be."""

    entry: Entry
    scores: str


def tradeoff(entries: Sequence[Entry]) -> Tradeoff | None:
    """Return the releases as a plane and a table; None of fewer than two that have both risk and utility."""
    by_name = {f"{entry.position}": entry for entry in entries}
    found = places([entry.release for entry in entries], list(by_name))
    if len(found) < 2:
        return None
    told = [(by_name[place.release], place) for place in found]
    lines = tuple(_line(entry, place, by_name) for entry, place in told)
    with svg.defaults():
        chart = svg.inline(
            plane.plane(*dots(entries)),
            key="frontier",
            title="Risk against utility",
            description="; ".join(
                f"release {line.entry.letter}: risk {line.risk}, utility {line.utility}, {line.standing}"
                for line in lines
            ),
        )
    return Tradeoff(lines, chart)


def dots(entries: Sequence[Entry]) -> tuple[list[plane.Dot], float | None]:
    """Return the releases that have both risk and utility, as dots, and the utility of a fresh sample."""
    found = places([entry.release for entry in entries], [f"{entry.position}" for entry in entries])
    fresh = [place.fresh for place in found if place.fresh is not None]
    made = [
        plane.Dot(
            int(place.release),
            entries[int(place.release)].letter,
            (place.risk, *place.risk_interval),
            (place.utility, *(place.utility_interval or (place.utility, place.utility))),
            place.best,
        )
        for place in found
    ]
    return made, max(fresh, default=None)


def copied(entries: Sequence[Entry]) -> tuple[Copied, ...]:
    """Return the releases that carry an overfitting flag, with the scores that raised it."""
    flagged = [(entry, above_ceiling(entry.release.scores)) for entry in entries]
    return tuple(
        Copied(entry, listed([shown(readable(score)) for score in scores])) for entry, scores in flagged if scores
    )


def _line(entry: Entry, place: Place, by_name: dict[str, Entry]) -> PlaceLine:
    ends = place.utility_interval
    return PlaceLine(
        entry=entry,
        risk=amounts.percent(place.risk, amounts.digits(place.risk_interval)),
        risk_interval=amounts.between(place.risk_interval),
        utility=amounts.score(place.utility),
        utility_interval="" if ends is None else amounts.span(ends),
        fresh=amounts.score(place.fresh),
        standing=_standing(place, by_name),
    )


def _standing(place: Place, by_name: dict[str, Entry]) -> str:
    beaten, safer = (
        listed([by_name[name].letter for name in names]) for names in (place.dominated_by, place.clearly_safer)
    )
    if beaten:
        return f"beaten by {beaten}"
    return (
        f"on the frontier, but clearly riskier than {safer} and not clearly worth more" if safer else "on the frontier"
    )
