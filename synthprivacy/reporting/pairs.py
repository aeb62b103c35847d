"""Releases two by two: which one is safer, on the same people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthprivacy.gating.counts import plural
from synthprivacy.reporting import amounts
from synthprivacy.reporting.accepted import against_accepted
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.names import shown

MOST = 30
"""Comparisons in the table; the JSON has all."""
TELLS_NOTHING = "nobody can tell"
WITHHELD = "withheld"
"""Stands in a public rendering where the difference would tell a count of control people under ten."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two releases at one endpoint."""

    first: Entry
    second: Entry
    endpoint: str
    both: str
    only_first: str
    only_second: str
    neither: str
    difference: str
    interval: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """All comparisons of a page."""

    sentences: tuple[str, ...]
    """One for every two releases."""
    accepted: tuple[str, ...]
    """How each release compares with the accepted one, where one was declared."""
    lines: tuple[Compared, ...]
    more: int
    """Comparisons left out."""


def pairs(entries: Sequence[Entry]) -> Pairs | None:
    """Return the comparisons of every evaluation on the page, those that say most first; None where there are none."""
    found = [
        (pair, entry) for entry in entries for pair in entry.evaluation.pairs if pair.get("a") == entry.release.name
    ]
    told = [(pair, entry, _other(entries, entry, str(pair.get("b")))) for pair, entry in found]
    whole = [(pair, first, second) for pair, first, second in told if second is not None]
    if not whole:
        return None
    whole.sort(key=lambda item: _order(item[0]))
    lines = tuple(_line(pair, first, second) for pair, first, second in whole[:MOST])
    couples = dict.fromkeys((first.position, second.position) for _, first, second in whole)
    sentences = tuple(
        _sentence([item for item in whole if (item[1].position, item[2].position) == couple])
        for couple in sorted(couples)
    )
    held = [(entry, against_accepted(entry)) for entry in entries]
    accepted = tuple(f"{_name(entry)}: {sentence}" for entry, sentence in held if sentence)
    return Pairs(sentences, accepted, lines, max(len(whole) - MOST, 0))


def _other(entries: Sequence[Entry], entry: Entry, name: str) -> Entry | None:
    same = (other for other in entries if other.evaluation is entry.evaluation and other.release.name == name)
    return next(same, None)


def _order(pair: Mapping[str, Any]) -> tuple[bool, float]:
    difference = pair.get("difference")
    return difference is None, 1.0 if difference is None else float(difference["p_value"])


def _line(pair: Mapping[str, Any], first: Entry, second: Entry) -> Compared:
    difference = pair.get("difference")
    value, interval = amounts.NOTHING, ""
    if difference is not None:
        ends = _ends(difference["interval"])
        value, interval = amounts.percent(difference["value"], amounts.digits(ends)), amounts.between(ends)
    return Compared(
        first=first,
        second=second,
        endpoint=shown(str(pair.get("endpoint"))),
        both=_count(pair, "both"),
        only_first=_count(pair, "only_a"),
        only_second=_count(pair, "only_b"),
        neither=_count(pair, "neither"),
        difference=value,
        interval=interval,
        verdict=_verdict(pair, first, second),
    )


def _count(pair: Mapping[str, Any], name: str) -> str:
    """Return a number of people; nothing where people are not found one by one."""
    return amounts.tally(pair[name]) if name in pair else amounts.NOTHING


def _ends(interval: Sequence[float | None]) -> tuple[float, float]:
    low, high = interval
    return (float("-inf") if low is None else low, float("inf") if high is None else high)


def _verdict(pair: Mapping[str, Any], first: Entry, second: Entry) -> str:
    if "difference" not in pair:
        return WITHHELD
    match pair.get("safer"):
        case "a":
            return f"{_name(first)} is safer than {_name(second)}"
        case "b":
            return f"{_name(second)} is safer than {_name(first)}"
    return TELLS_NOTHING


def _sentence(items: Sequence[tuple[Mapping[str, Any], Entry, Entry]]) -> str:
    """Return what the comparisons of two releases come to."""
    _, first, second = items[0]
    tested = [pair for pair, _, _ in items if pair.get("difference") is not None]
    if not tested:
        return f"{_name(first)} and {_name(second)}: no difference can be told."
    wins = {side: sum(pair.get("safer") == side for pair in tested) for side in ("a", "b")}
    said = [
        f"{_name(better)} is safer than {_name(worse)} at {wins[side]:,} of {plural(len(tested), 'endpoint')} compared"
        f"{_primary(tested, side, first)}"
        for side, better, worse in (("a", first, second), ("b", second, first))
        if wins[side]
    ]
    if not said:
        return (
            f"{_name(first)} and {_name(second)}: {TELLS_NOTHING} at any of {plural(len(tested), 'endpoint')} compared."
        )
    rest = [f"at the others {TELLS_NOTHING}"] if sum(wins.values()) < len(tested) else []
    return f"{'; '.join([*said, *rest])}."


def _primary(tested: Sequence[Mapping[str, Any]], side: str, entry: Entry) -> str:
    """Return at how many primary endpoints one of two is safer; nothing where none was compared."""
    primary = {risk.endpoint for risk in entry.release.risks if risk.primary}
    among = [pair for pair in tested if pair.get("endpoint") in primary]
    return f" ({sum(pair.get('safer') == side for pair in among):,} of {len(among):,} primary ones)" if among else ""


def _name(entry: Entry) -> str:
    return entry.letter or entry.name
