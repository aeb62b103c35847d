"""Who is at risk: the unusual people and the declared groups beside everybody, and risk by how unusual people are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synthprivacy.reporting import amounts, steps, svg
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.evidence import is_withheld
from synthprivacy.reporting.names import shown
from synthprivacy.results import Deciles, Risk, Skipped
from synthprivacy.results.strata import OUTLIERS, split_stratum

EVERYBODY = "Everybody"
UNUSUAL = "The most unusual people"
MOST = 40
"""Groups shown of a release; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Told:
    """The risk of one stratum at one endpoint."""

    value: str = ""
    interval: str = ""
    limit: str = ""
    note: str = ""
    """Why there is nothing, or that the numbers are the highest possible."""


@dataclass(frozen=True, slots=True)
class Group:
    """A row of the table: some of the people at every endpoint."""

    name: str
    cells: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Whether risk rises with being unusual at an endpoint."""

    endpoint: str
    sentence: str


@dataclass(frozen=True, slots=True)
class People:
    """Everything about who is at risk from one release."""

    entry: Entry
    key: str
    endpoints: tuple[str, ...]
    groups: tuple[Group, ...]
    more: int
    """Groups that are only in the JSON."""
    trends: tuple[Trend, ...]
    chart: svg.Drawing | None


def people(entries: Sequence[Entry]) -> tuple[People, ...]:
    """Return who is at risk from each release; nothing of those for which nobody was looked at apart."""
    found = (_people(entry) for entry in entries)
    return tuple(one for one in found if one.groups or one.trends)


def strata(endpoints: Iterable[str]) -> frozenset[str]:
    """Return the endpoints, of all there are, that are about some of the people."""
    known = frozenset(endpoints)
    return frozenset(endpoint for endpoint in known if split_stratum(endpoint, known))


def _people(entry: Entry) -> People:
    release = entry.release
    both: tuple[Risk | Skipped, ...] = (*release.skipped, *release.risks)
    items = {item.endpoint: item for item in both}
    found: dict[str, dict[str, Risk | Skipped]] = {}
    wholes: dict[str, None] = {}
    for endpoint, item in items.items():
        if parts := split_stratum(endpoint, items):
            wholes[parts[0]] = None
            found.setdefault(parts[1], {})[parts[0]] = item
    names = sorted(found, key=lambda name: (name != OUTLIERS, name))
    columns = tuple(wholes)
    rows = [Group(EVERYBODY, tuple(_told(entry, items.get(column)) for column in columns))] if names else []
    rows += [
        Group(
            UNUSUAL if name == OUTLIERS else shown(name), tuple(_told(entry, found[name].get(one)) for one in columns)
        )
        for name in names[:MOST]
    ]
    key = f"people-{entry.position + 1}"
    return People(
        entry=entry,
        key=key,
        endpoints=tuple(map(shown, columns)),
        groups=tuple(rows),
        more=max(len(names) - MOST, 0),
        trends=tuple(_trend(one) for one in release.deciles),
        chart=_chart(f"chart-{key}", release.deciles),
    )


def _told(entry: Entry, item: Risk | Skipped | None) -> Told:
    match item:
        case Risk():
            note = "highest possible" if is_withheld(item.evidence) else ""
            value = amounts.percent(item.value, amounts.digits(item.interval))
            return Told(value, amounts.between(item.interval), entry.standing.limit(item), note)
        case Skipped():
            return Told(note="withheld" if "withheld" in item.reason else "too few to tell")
        case _:
            return Told(note="not asked")


def _trend(found: Deciles) -> Trend:
    low, high = found.trend_interval
    rise = f"{amounts.percent(found.trend, amounts.digits(found.trend_interval))} ({amounts.between((low, high))})"
    if low > 0.0:
        said = f"risk rises with being unusual: by {rise} from the least to the most unusual people."
    elif high < 0.0:
        said = f"risk falls with being unusual, by {rise}: here the many who are alike are found out."
    else:
        said = f"no trend: {rise} from the least to the most unusual people is within chance."
    return Trend(shown(found.endpoint), said)


def _chart(key: str, found: Sequence[Deciles]) -> svg.Drawing | None:
    if not found:
        return None
    panels = [
        steps.Panel(shown(one.endpoint, 40), tuple((part.value, *part.interval) for part in one.parts)) for one in found
    ]
    with svg.defaults():
        return svg.inline(
            steps.steps(panels),
            key=key,
            title="Risk from the least to the most unusual people",
            description="; ".join(
                f"{panel.title}: {', '.join(amounts.percent(value) for value, _, _ in panel.parts)}" for panel in panels
            ),
        )
