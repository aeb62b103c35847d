"""One section per threat: the attack in plain words, its endpoints as a chart and as a table, what was skipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from synthprivacy.reporting import amounts, charts, responses, svg
from synthprivacy.reporting.attackers import ATTACKERS
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.evidence import NONE, POPULATIONS, Cell, as_people, is_withheld, rates_and_people
from synthprivacy.reporting.hooks import Hook, of_attack
from synthprivacy.reporting.names import listed, prose, shown
from synthprivacy.reporting.people import strata
from synthprivacy.reporting.words import THREATS, UNKNOWN, Threat, readable
from synthprivacy.results import Risk, Skipped

MOST = 20
"""Endpoints shown per threat; the JSON has all."""
REASONS = 40
"""Different reasons for skipping spelt out per threat; the names behind all others are still listed."""
LEAST, GREATEST = -0.25, 1.0
"""Ends of the charts: what lies beyond is drawn as an arrow and printed as a number."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one release shows at one endpoint."""

    entry: Entry
    value: str = ""
    interval: str = ""
    bound: str = ""
    limit: str = ""
    copies: Cell = NONE
    rates: tuple[Cell, ...] = ()
    people: Cell = NONE
    withheld: bool = False
    """Whether the numbers are the highest that withheld counts allow."""
    missing: str = ""
    """Why there is nothing, where there is nothing."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of the table for each release."""

    name: str
    primary: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Endpoints that were skipped for one reason."""

    endpoints: str
    releases: str
    reason: str
    needs: str


@dataclass(frozen=True, slots=True)
class Section:
    """Everything about one threat."""

    key: str
    threat: Threat
    attackers: tuple[tuple[str, str], ...]
    """Endpoints that have words of their own, where there are several, and what each attacker does."""
    populations: tuple[str, ...]
    """Headings of the rates that at least one endpoint has."""
    endpoints: tuple[Endpoint, ...]
    more: int
    """Endpoints that are only in the JSON."""
    unjudged: tuple[Unjudged, ...]
    readings: tuple[tuple[str, str], ...]
    """Endpoints whose guesses are known from the population anyway, with what that means."""
    chart: svg.Drawing | None
    caption: str
    """Of the chart."""
    hooks: tuple[Hook, ...]
    """What rules and standards ask about it."""
    caught: svg.Drawing | None
    """Training people found at few false alarms, of the first endpoint that has it."""


def sections(entries: Sequence[Entry], *, drawn: bool = True) -> tuple[Section, ...]:
    """Return the five threats in their order, then attacks the page has no words for."""
    found = [risk.attack for entry in entries for risk in entry.release.risks]
    found += [skipped.attack for entry in entries for skipped in entry.release.skipped]
    order = [*THREATS, *sorted(set(found) - set(THREATS))]
    return tuple(_section(attack, number, entries, drawn=drawn) for number, attack in enumerate(order))


def _section(attack: str, number: int, entries: Sequence[Entry], *, drawn: bool) -> Section:
    by_endpoint: dict[str, dict[int, Risk | Skipped]] = {}
    for entry in entries:
        items: tuple[Risk | Skipped, ...] = (*entry.release.risks, *entry.release.skipped)
        apart = strata(item.endpoint for item in items)  # what is known of them has a section of its own
        for item in items:
            if item.attack == attack and (isinstance(item, Skipped) or item.endpoint not in apart):
                by_endpoint.setdefault(item.endpoint, {})[entry.position] = item
    judged = [name for name, items in by_endpoint.items() if any(isinstance(item, Risk) for item in items.values())]
    worst = sorted(judged, key=lambda name: _rank(name, by_endpoint[name].values()))[:MOST]
    endpoints = tuple(_endpoint(name, by_endpoint[name], entries) for name in worst)
    kept = [place for place in range(len(POPULATIONS)) if any(_has(endpoint, place) for endpoint in endpoints)]
    threat = THREATS.get(attack) or replace(UNKNOWN, title=shown(readable(attack)))
    return Section(
        key=f"threat-{number + 1}",
        threat=threat,
        attackers=_attackers(by_endpoint),
        populations=tuple(POPULATIONS[place] for place in kept),
        endpoints=tuple(_narrowed(endpoint, kept) for endpoint in endpoints),
        more=len(judged) - len(worst),
        unjudged=_unjudged(by_endpoint, entries),
        readings=tuple(_readings(worst, by_endpoint)),
        chart=_chart(f"chart-{number + 1}", threat, worst, by_endpoint, entries) if worst and drawn else None,
        caption=_caption(worst, by_endpoint, entries),
        hooks=of_attack(attack),
        caught=next(_caught(number, worst, entries), None) if drawn else None,
    )


def _caught(number: int, names: Sequence[str], entries: Sequence[Entry]) -> Iterator[svg.Drawing]:
    drawings = (responses.roc(f"caught-{number + 1}", entries, name) for name in names)
    return (drawing for drawing in drawings if drawing is not None)


def _readings(
    names: Iterable[str], by_endpoint: Mapping[str, Mapping[int, Risk | Skipped]]
) -> Iterator[tuple[str, str]]:
    for name in names:
        risks = (item for item in by_endpoint[name].values() if isinstance(item, Risk) and item.adjusted is not None)
        told = {risk.adjusted.reading for risk in risks if risk.adjusted is not None and risk.adjusted.reading}
        yield from ((shown(_short(name)), sentence) for sentence in sorted(told))


def _attackers(endpoints: Iterable[str]) -> tuple[tuple[str, str], ...]:
    there = frozenset(endpoints)
    told = [endpoint for endpoint in ATTACKERS if endpoint in there]
    return tuple((shown(_short(name)), ATTACKERS[name]) for name in told) if len(told) > 1 else ()


def _rank(name: str, items: Iterable[Risk | Skipped]) -> tuple[bool, float, str]:
    """Sort primary endpoints first, then the largest decision bound."""
    risks = [item for item in items if isinstance(item, Risk)]
    return not any(risk.primary for risk in risks), -max(risk.upper for risk in risks), name


def _endpoint(name: str, items: dict[int, Risk | Skipped], entries: Sequence[Entry]) -> Endpoint:
    lines = tuple(_line(entry, items.get(entry.position)) for entry in entries)
    return Endpoint(shown(name), any(item.primary for item in items.values()), lines)


def _line(entry: Entry, item: Risk | Skipped | None) -> Line:
    match item:
        case None:
            return Line(entry, missing="Not part of this evaluation.")
        case Skipped():
            return Line(entry, missing=f"Not judged: {prose(item.reason)} Needs: {prose(item.needs)}")
        case Risk():
            decimals = amounts.digits(item.interval)
            rates, people = rates_and_people(item.evidence)
            return Line(
                entry,
                value=amounts.percent(item.value, decimals),
                interval=amounts.between(item.interval),
                bound=amounts.percent(item.upper, decimals, "up"),
                limit=entry.standing.limit(item),
                copies=as_people(item.copies),
                rates=rates,
                withheld=is_withheld(item.evidence),
                people=people,
            )


def _has(endpoint: Endpoint, place: int) -> bool:
    return any(line.rates and line.rates[place] != NONE for line in endpoint.lines)


def _narrowed(endpoint: Endpoint, kept: Sequence[int]) -> Endpoint:
    """Return the endpoint without the rates that no endpoint of the threat has."""
    lines = (replace(line, rates=tuple(line.rates[place] for place in kept if line.rates)) for line in endpoint.lines)
    return replace(endpoint, lines=tuple(lines))


def _unjudged(by_endpoint: dict[str, dict[int, Risk | Skipped]], entries: Sequence[Entry]) -> tuple[Unjudged, ...]:
    """Return every skipped endpoint, the ones with the same reason together."""
    groups: dict[tuple[str, str, tuple[int, ...]], list[str]] = {}
    for name, items in by_endpoint.items():
        reasons: dict[tuple[str, str], list[int]] = {}
        for position, item in items.items():
            if isinstance(item, Skipped):
                reasons.setdefault((item.reason, item.needs), []).append(position)
        for (reason, needs), positions in reasons.items():
            groups.setdefault((reason, needs, tuple(positions)), []).append(name)
    told = list(groups.items())
    listing = [
        Unjudged(listed(names), _releases(positions, entries), prose(reason), prose(needs))
        for (reason, needs, positions), names in told[:REASONS]
    ]
    rest = sorted({name for _, names in told[REASONS:] for name in names})
    if rest:
        listing.append(Unjudged(listed(rest), "", "Other reasons, each in the JSON.", "See the JSON."))
    return tuple(listing)


def _releases(positions: tuple[int, ...], entries: Sequence[Entry]) -> str:
    """Return the releases a reason holds for; nothing where it holds for all."""
    return "" if len(positions) == len(entries) else ", ".join(entries[position].name for position in positions)


def _chart(
    key: str,
    threat: Threat,
    names: Sequence[str],
    by_endpoint: dict[str, dict[int, Risk | Skipped]],
    entries: Sequence[Entry],
) -> svg.Drawing:
    drawn = [_row(_short(name), by_endpoint[name], entries) for name in names]
    with svg.defaults():
        return svg.inline(
            charts.forest(drawn, least=LEAST, most=GREATEST),
            key=key,
            title=f"{threat.title}: risk by endpoint",
            description="; ".join(
                f"{row.label}{f', release {mark.letter}' if mark.letter else ''}: {mark.text}"
                for row in drawn
                for mark in row.marks
            ),
        )


def _row(label: str, items: Mapping[int, Risk | Skipped], entries: Sequence[Entry]) -> charts.Row:
    return charts.Row(
        label=shown(label, 26),
        strong=any(item.primary for item in items.values()),
        marks=tuple(_mark(entry, item) for entry in entries if isinstance(item := items.get(entry.position), Risk)),
    )


def rows(entries: Sequence[Entry], attack: str | None = None) -> list[charts.Row]:
    """Return the endpoints of an attack as rows of a chart, the worst first; the primary ones of all where none is named."""
    found: dict[str, dict[int, Risk | Skipped]] = {}
    for entry in entries:
        apart = strata(risk.endpoint for risk in entry.release.risks)
        for risk in entry.release.risks:
            if risk.endpoint not in apart and (risk.primary if attack is None else risk.attack == attack):
                found.setdefault(risk.endpoint, {})[entry.position] = risk
    worst = sorted(found, key=lambda name: _rank(name, found[name].values()))[:MOST]
    return [_row(_short(name) if attack else name, found[name], entries) for name in worst]


def _caption(names: Sequence[str], by_endpoint: dict[str, dict[int, Risk | Skipped]], entries: Sequence[Entry]) -> str:
    risks = [
        (entry, item)
        for entry in entries
        for name in names
        if isinstance(item := by_endpoint[name].get(entry.position), Risk)
    ]
    said = "Risk and interval by endpoint; primary endpoints in bold. 0% is no gain from being in the original."
    if any(entry.standing.drawn_limit(risk) is not None for entry, risk in risks):
        said += " The thick tick is the limit."
    return said


def _short(endpoint: str) -> str:
    """Return an endpoint without its threat, which is the title of the chart."""
    return endpoint.partition(".")[2] or endpoint


def _mark(entry: Entry, risk: Risk) -> charts.Mark:
    decimals = amounts.digits(risk.interval)
    text = f"{amounts.percent(risk.value, decimals)} ({amounts.between(risk.interval)})"
    return charts.Mark(
        release=entry.position,
        letter=entry.letter,
        value=risk.value,
        low=risk.interval[0],
        high=risk.interval[1],
        text=text,
        limit=entry.standing.drawn_limit(risk),
    )
