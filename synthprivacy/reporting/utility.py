"""Utility beside risk: what the release is worth, next to what a fresh sample of real people would score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthprivacy.reporting import amounts, charts, svg
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.names import shown
from synthprivacy.reporting.words import FAMILIES, ITEMS, METRICS, readable
from synthprivacy.results import Score

LOWEST = 8
"""Single columns or pairs shown per family."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One score of one release."""

    entry: Entry
    value: str
    reference: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score, a line for each release that has it."""

    name: str
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """The scores of one family: its means, and the least alike of its items."""

    title: str
    rows: tuple[ScoreRow, ...]
    more: int
    chart: svg.Drawing | None


def families(entries: Sequence[Entry]) -> tuple[Family, ...]:
    """Return every family of scores."""
    names = dict.fromkeys(score.family for entry in entries for score in entry.release.scores)
    return tuple(_family(name, number, entries) for number, name in enumerate(names))


def _family(name: str, number: int, entries: Sequence[Entry]) -> Family:
    metrics: dict[str, dict[int, Score]] = {}
    for entry in entries:
        for score in entry.release.scores:
            if score.family == name:
                metrics.setdefault(score.metric, {})[entry.position] = score
    means = [metric for metric in metrics if "." not in metric]
    items = sorted(
        (metric for metric in metrics if "." in metric), key=lambda metric: _badness(metrics[metric], metric)
    )
    told = [*means, *items[:LOWEST]]
    title = FAMILIES.get(name, shown(readable(name)).capitalize())
    return Family(
        title=title,
        rows=tuple(_row(metric, metrics[metric], entries) for metric in told),
        more=max(len(items) - LOWEST, 0),
        chart=_chart(f"score-{number + 1}", title, told, metrics, entries),
    )


def _badness(scores: dict[int, Score], metric: str) -> tuple[float, str]:
    """Sort the least alike first; what is undefined comes last."""
    values = [
        score.value if score.better == "higher" else -score.value
        for score in scores.values()
        if score.value is not None
    ]
    return min(values, default=float("inf")), metric


def _row(metric: str, scores: dict[int, Score], entries: Sequence[Entry]) -> ScoreRow:
    lines = tuple(
        ScoreLine(entry, amounts.score(score.value), amounts.score(score.reference))
        for entry in entries
        if (score := scores.get(entry.position)) is not None
    )
    return ScoreRow(_label(metric), lines)


def _label(metric: str) -> str:
    kind, _, item = metric.partition(".")
    if kind == "pair":
        return shown(item.replace("|", " × ", 1))
    if item and kind in ITEMS:
        return f"{ITEMS[kind]}: {shown(item)}"
    return shown(item) if item else METRICS.get(metric, shown(readable(metric)))


def _chart(
    key: str, title: str, told: Sequence[str], metrics: dict[str, dict[int, Score]], entries: Sequence[Entry]
) -> svg.Drawing | None:
    rows = [
        charts.Row(
            label=shown(_label(metric), 27),
            strong="." not in metric,
            marks=tuple(_marks(metrics[metric], entries)),
        )
        for metric in told
    ]
    drawn = [row for row in rows if row.marks]
    if not drawn:
        return None
    with svg.defaults():
        return svg.inline(
            charts.levels(drawn),
            key=key,
            title=f"{title}: likeness to real people",
            description="; ".join(
                f"{row.label}{f', release {mark.letter}' if mark.letter else ''}: {mark.text}"
                for row in drawn
                for mark in row.marks
            ),
        )


def _marks(scores: dict[int, Score], entries: Sequence[Entry]) -> list[charts.Mark]:
    marks = []
    for entry in entries:
        score = scores.get(entry.position)
        if score is None or score.value is None:
            continue
        text = amounts.score(score.value)
        if score.reference is not None:
            text += f" (real {amounts.score(score.reference)})"
        low, high = score.interval or (score.value, score.value)
        marks.append(charts.Mark(entry.position, entry.letter, score.value, low, high, text, reference=score.reference))
    return marks
