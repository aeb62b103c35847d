"""Utility beside risk: what the release is worth, next to what a fresh sample of real people would score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthprivacy.reporting import amounts, charts, families, plane, svg, words
from synthprivacy.reporting.columns import Columns, columns
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.families import Words
from synthprivacy.reporting.names import prose, shown
from synthprivacy.reporting.tradeoff import Copied, Tradeoff, copied, tradeoff
from synthprivacy.results import Score
from synthprivacy.results.overfitting import CEILING, is_about_ceiling

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOWEST = 8
"""Single columns or pairs shown per family."""
SQUARES = 200
"""Pairs in a matrix, the farthest off."""

Metrics = dict[str, dict[int, Score]]
"""The scores of a family by metric and release."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One score of one release."""

    entry: Entry
    value: str
    interval: str
    """Empty where there is none, or where it is withheld; of an undefined score, why it is so."""
    reference: str
    ceiling: str
    """Where fresh samples end; empty where it was not looked at."""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score, a line for each release that has it."""

    name: str
    scale: str
    """Where it can lie and which way is better; empty for what almost all do: from 0 to 1, higher being better."""
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with what is under it."""

    drawing: svg.Drawing
    caption: str


@dataclass(frozen=True, slots=True)
class Family:
    """The scores of one family: its means, and the worst of its items."""

    title: str
    about: str
    intervals: str
    rows: tuple[ScoreRow, ...]
    more: int
    figures: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Utility:
    """The section of the page."""

    families: tuple[Family, ...]
    tradeoff: Tradeoff | None
    copied: tuple[Copied, ...]
    columns: Columns | None


def utility(entries: Sequence[Entry]) -> Utility:
    """Return every family of scores, the releases between risk and utility, and what is too good to be a fresh sample."""
    names = dict.fromkeys(score.family for entry in entries for score in entry.release.scores)
    told = tuple(_family(name, number, entries) for number, name in enumerate(names))
    return Utility(told, tradeoff(entries), copied(entries), columns(entries))


def _family(name: str, number: int, entries: Sequence[Entry]) -> Family:
    metrics: Metrics = {}
    for entry in entries:
        for score in entry.release.scores:
            if score.family == name:
                metrics.setdefault(score.metric, {})[entry.position] = score
    ceilings = {
        metric.removesuffix(CEILING): scores
        for metric, scores in metrics.items()
        if metric.endswith(CEILING) and any(map(is_about_ceiling, scores.values()))
    }
    metrics = {metric: scores for metric, scores in metrics.items() if not any(map(is_about_ceiling, scores.values()))}
    means = [metric for metric in metrics if "." not in metric]
    items = sorted(
        (metric for metric in metrics if "." in metric), key=lambda metric: _badness(metrics[metric], metric)
    )
    told = [*means, *items[:LOWEST]]
    about = families.FAMILIES.get(name, Words(shown(words.readable(name)).capitalize(), ""))
    ranged = any(score.interval is not None for scores in metrics.values() for score in scores.values())
    return Family(
        title=about.title,
        about=about.about,
        intervals=families.INTERVALS.get(name, families.MOST_INTERVALS) if ranged else "",
        rows=tuple(_row(metrics[metric], ceilings.get(metric, {}), entries) for metric in told),
        more=max(len(items) - LOWEST, 0),
        figures=tuple(_figures(f"score-{number + 1}", about.title, told, metrics, entries)),
    )


def _badness(scores: dict[int, Score], metric: str) -> tuple[float, str]:
    """Sort the worst first; what is undefined comes last."""
    values = [
        score.value if score.better == "higher" else -score.value
        for score in scores.values()
        if score.value is not None
    ]
    return min(values, default=float("inf")), metric


def _row(scores: dict[int, Score], ceilings: dict[int, Score], entries: Sequence[Entry]) -> ScoreRow:
    lines = []
    for entry in entries:
        score, ceiling = scores.get(entry.position), ceilings.get(entry.position)
        if score is not None:
            ends = "" if score.interval is None else amounts.span(score.interval)
            if score.reason is not None:
                ends = prose(score.reason if score.reason.startswith("withheld") else f"not defined: {score.reason}")
            reference = amounts.score(score.reference)
            lines.append(ScoreLine(entry, amounts.score(score.value), ends, reference, _end(ceiling)))
    first = next(iter(scores.values()))
    return ScoreRow(_label(first), _scale(first), tuple(lines))


def _end(ceiling: Score | None) -> str:
    """Return where the scores of fresh samples end, in words."""
    if ceiling is None or ceiling.value is None:
        return ""
    return f"hardly {'over' if ceiling.better == 'higher' else 'under'} {amounts.score(ceiling.value)}"


def _scale(score: Score) -> str:
    """Return the range of a score and which way is better, in words."""
    if (score.better, score.range) == ("higher", (0.0, 1.0)):
        return ""
    low, high = ("" if end is None else f"{end:,g}".replace("-", "−") for end in score.range)
    ends = f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less" if high else ""
    return ", ".join([*([ends] if ends else ["without ends"]), f"{score.better} is better"])


def _label(score: Score) -> str:
    kind, _, item = score.metric.partition(".")
    if kind == "pair":
        return shown(item.replace("|", " × ", 1))
    if item and kind in families.ITEMS:
        return f"{families.ITEMS[kind]}: {shown(item)}"
    return shown(item) if item else families.name_of(score.family, score.metric) or shown(words.readable(score.metric))


def _figures(key: str, title: str, told: Sequence[str], metrics: Metrics, entries: Sequence[Entry]) -> list[Chart]:
    """Return a chart for what should be high, one for what should be low, and the matrix of differences of pairs."""
    figures = []
    for better in ("higher", "lower"):
        rows = [
            charts.Row(_label(next(iter(scores.values()))), "." not in metric, tuple(_marks(scores, entries)))
            for metric, scores in ((metric, metrics[metric]) for metric in told)
            if all(score.better == better for score in scores.values())
        ]
        drawn = [row for row in rows if row.marks and all(-1.0 <= mark.value <= 1.0 for mark in row.marks)]
        if drawn:
            chart = charts.levels(drawn, better="higher" if better == "higher" else "lower")
            caption = f"The {better} the better. The thick tick is what people never used score."
            figures.append(Chart(_inline(chart, f"{key}-{better}", f"{title}: {better} is better", drawn), caption))
    if all(metric.startswith("pair.") for metric in metrics if "." in metric):
        figures += [chart for entry in entries for chart in _matrix(key, title, metrics, entry)]
    return figures


def _inline(chart: Figure, key: str, title: str, rows: Sequence[charts.Row]) -> svg.Drawing:
    description = "; ".join(
        f"{row.label}{f', release {mark.letter}' if mark.letter else ''}: {mark.text}"
        for row in rows
        for mark in row.marks
    )
    with svg.defaults():
        return svg.inline(chart, key=key, title=title, description=description)


def _matrix(key: str, title: str, metrics: Metrics, entry: Entry) -> list[Chart]:
    """Return the differences of every two columns of one release as a matrix, where they are scores of which lower is better."""
    scores = {
        tuple(metric.removeprefix("pair.").split("|")): by[entry.position]
        for metric, by in metrics.items()
        if metric.count("|") == 1 and entry.position in by
    }
    far = {pair: one.value for pair, one in scores.items() if one.value is not None and one.better == "lower"}
    pairs = dict(sorted(far.items(), key=lambda item: (-item[1], item[0]))[:SQUARES])
    names = list(dict.fromkeys(name for pair in sorted(pairs) for name in pair))
    if len(names) < 3:
        return []
    place = {name: number for number, name in enumerate(names)}
    ends = {pair: sorted(place[name] for name in pair) for pair in pairs}
    whose = f", release {entry.letter}" if entry.letter else ""
    with svg.defaults():
        drawing = svg.inline(
            plane.matrix([shown(name, 34) for name in names], {(a, b): pairs[pair] for pair, (a, b) in ends.items()}),
            key=f"{key}-matrix{entry.letter and f'-{entry.position + 1}'}",
            title=f"{title}: every two columns{whose}",
            description="; ".join(f"{shown(a)} and {shown(b)}: {value:.3f}" for (a, b), value in sorted(pairs.items())),
        )
    caption = f"Differences of every two columns{whose}, row by column number: the fuller the square, the farther off."
    return [Chart(drawing, caption)]


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
