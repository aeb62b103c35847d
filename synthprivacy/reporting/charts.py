"""Charts as matplotlib figures. They are given finished numbers and compute nothing but places on paper."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matplotlib.ticker import MaxNLocator

from synthprivacy.reporting.amounts import percent
from synthprivacy.reporting.paper import WIDTH, sheet
from synthprivacy.reporting.svg import ACCENT, FAINT, INK, MUTED, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = ("o", "s", "D", "^", "v", "P")
"""Shapes that tell releases apart without colour; every second one is hollow."""

_LINE = 20.0
_GAP = 9.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 200.0, 160.0, 4.0, 30.0
_SIZE = 12.0
_CHARACTERS = 29
"""Of a label on one line; a longer one takes two."""
_LEADING = 13.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One release in one row."""

    release: int
    """Position of the release on the page: fixes its marker."""
    letter: str
    """Its letter on the page, or nothing where there is only one release."""
    value: float
    low: float
    high: float
    text: str
    """The same numbers in words, at the right of the row."""
    limit: float | None = None
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint or score, with a mark for each release that has it."""

    label: str
    strong: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Ruler:
    """One release on the ruler of people."""

    release: int
    label: str
    value: float
    low: float
    high: float
    perfect: float
    """Where the interval of a perfect release ends."""
    floor: float | None
    """The smallest leak that would have been noticed."""
    text: str


def forest(rows: Sequence[Row], *, least: float, most: float, box: Axes | None = None) -> Figure:
    """Return intervals one below the other, with a line at zero and a tick at each limit.

    Parameters
    ----------
    rows
        Endpoints in the order they are drawn.
    least, most
        Ends beyond which an interval is cut and ends in an arrow.
    box
        See `sheet`.
    """
    marks = [mark for row in rows for mark in row.marks]
    low = max(least, min([0.0, *(_floor(mark.low, mark.value) for mark in marks)]))
    high = min(most, max([0.02, *(max(mark.high, mark.value, mark.limit or 0.0) for mark in marks)]))
    figure, ax, places = _paper(rows, box)
    margin = 0.03 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    ticks = [tick for tick in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= tick <= high]
    decimals = 0 if all(abs(100.0 * tick - round(100.0 * tick)) < 1e-6 for tick in ticks) else 1
    _ticks(ax, ticks, [percent(tick, decimals) for tick in ticks])
    ax.axvline(0.0, color=INK, linewidth=1.0, zorder=1)
    for mark, y in places:
        _interval(ax, mark, y, (low, high))
        if mark.limit is not None and mark.limit <= high:
            ax.plot([mark.limit] * 2, [y - _LINE / 2, y + _LINE / 2], color=ACCENT, linewidth=2.0, zorder=2)
    return figure


def levels(rows: Sequence[Row], *, better: Literal["higher", "lower"] = "higher") -> Figure:
    """Return scores between 0 and 1 as dots with their intervals, each with a bar where fresh real people stand.

    The chart starts at the best end, 1 or 0, and goes no farther than it must.
    """
    marks = [mark for row in rows for mark in row.marks]
    values = [mark.value for mark in marks] + [mark.reference for mark in marks if mark.reference is not None]
    if better == "higher":
        low, high = max(min(0.0, *values, 0.0), math.floor(min(0.9, *values) * 10.0) / 10.0), 1.0
    else:
        low, high = 0.0, min(math.ceil(max(0.1, *values) * 10.0) / 10.0, max(1.0, *values))
    figure, ax, places = _paper(rows)
    margin = 0.02 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    ticks = [tick for tick in MaxNLocator(5).tick_values(low, high) if low - 1e-9 <= tick <= high + 1e-9]
    _ticks(ax, ticks, [f"{tick:.2f}" for tick in ticks])
    for mark, y in places:
        if mark.reference is not None:
            ax.plot([mark.reference] * 2, [y - _LINE / 2, y + _LINE / 2], color=ACCENT, linewidth=2.0)
        _interval(ax, mark, y, (low, high))
    return figure


def ruler(rows: Sequence[Ruler], *, people: int) -> Figure:
    """Return the headline as a chart: people on a scale that is even up to ten and logarithmic beyond."""
    line = 40.0
    height = _TOP + line * len(rows) + _BOTTOM
    figure, ax = _axes(height)
    ax.set_ylim(_BOTTOM, height - _TOP)
    ax.set_xscale("symlog", linthresh=10.0, linscale=0.6)
    ax.set_xlim(-0.8, people * 1.15)
    ticks = [0, *(10**power for power in range(1, 9) if 10**power < 0.6 * people), people]
    _ticks(ax, ticks, [f"{tick:,}" for tick in ticks])
    for number, row in enumerate(rows):
        y = height - _TOP - line * (number + 0.5)
        ax.fill_between([0.0, max(row.perfect, 0.4)], y - 11, y + 11, color=FAINT, linewidth=0)
        ax.hlines(y, max(row.low, 0.0), max(row.high, row.low, 0.2), colors=INK, linewidth=2.0, zorder=3)
        marker(ax, row.release, max(row.value, 0.0), y)
        if row.floor is not None:
            ax.plot([row.floor] * 2, [y - 11, y + 11], color=ACCENT, linewidth=2.0, zorder=2)
        _beside(ax, y, row.label, strong=True, right=row.text)
    return figure


def _paper(rows: Sequence[Row], box: Axes | None = None) -> tuple[Figure, Axes, list[tuple[Mark, float]]]:
    """Return an empty chart with its rows labelled, and the height of each mark."""
    lines = sum(max(len(row.marks), 1) for row in rows)
    height = _TOP + _LINE * lines + _GAP * len(rows) + _BOTTOM
    figure, ax = _axes(height, box)
    ax.set_ylim(_BOTTOM, height - _TOP)
    return figure, ax, list(_places(ax, rows, height - _TOP))


def _axes(height: float, box: Axes | None = None) -> tuple[Figure, Axes]:
    paper = sheet(height, box)
    return paper.figure, paper.part(_LEFT, _BOTTOM, WIDTH - _LEFT - _RIGHT, height - _TOP - _BOTTOM)


def _places(ax: Axes, rows: Sequence[Row], top: float) -> Iterator[tuple[Mark, float]]:
    y = top
    for row in rows:
        y -= _GAP / 2
        for number, mark in enumerate(row.marks):
            center = y - _LINE * (number + 0.5)
            _beside(
                ax, center, row.label if number == 0 else "", strong=row.strong, right=mark.text, letter=mark.letter
            )
            yield mark, center
        y -= _LINE * len(row.marks) + _GAP / 2


def _beside(ax: Axes, y: float, label: str, *, strong: bool, right: str, letter: str = "") -> None:
    """Write the label left of a row and its numbers right of it, at fixed places in points."""
    width = WIDTH - _LEFT - _RIGHT
    at = ax.get_yaxis_transform()
    weight = "bold" if strong else "normal"
    lines = textwrap.wrap(label, _CHARACTERS, max_lines=2, placeholder="…") or [""]
    for number, line in enumerate(lines):
        height = y - 4 + _LEADING * ((len(lines) - 1) / 2 - number)
        size = _SIZE if len(lines) == 1 else _SIZE - 1
        ax.text(-_LEFT / width, height, line, transform=at, color=INK, fontsize=size, fontweight=weight)
    ax.text(-14 / width, y - 4, letter, transform=at, color=MUTED, fontsize=_SIZE, ha="center")
    ax.text(1 + _RIGHT / width, y - 4, right, transform=at, color=MUTED, fontsize=_SIZE, ha="right")


def _ticks(ax: Axes, ticks: Sequence[float], labels: Sequence[str]) -> None:
    bottom, top = ax.get_ylim()
    ax.vlines(ticks, bottom, top, colors=FAINT, linewidth=1.0, zorder=0)
    for tick, label in zip(ticks, labels):
        ax.text(tick, bottom - 18, label, color=MUTED, fontsize=11, ha="center")


def _interval(ax: Axes, mark: Mark, y: float, ends: tuple[float, float]) -> None:
    low, high = ends
    ax.hlines(y, max(_floor(mark.low, mark.value), low), min(mark.high, high), colors=INK, linewidth=2.0, zorder=3)
    if mark.low < low:
        ax.plot([low], [y], marker="<", color=INK, markersize=6, linestyle="none", zorder=3, clip_on=False)
    if mark.high > high:
        ax.plot([high], [y], marker=">", color=INK, markersize=6, linestyle="none", zorder=3, clip_on=False)
    if low <= mark.value <= high:
        marker(ax, mark.release, mark.value, y)


def marker(ax: Axes, release: int, x: float, y: float) -> None:
    """Draw the marker of a release."""
    markers(ax, release, [x], [y])


def markers(ax: Axes, release: int, xs: Sequence[float], ys: Sequence[float], size: float = 8.0) -> None:
    """Draw the marker of a release at several places; it is so many points wide."""
    ax.plot(
        xs,
        ys,
        marker=MARKERS[release % len(MARKERS)],
        markersize=size,
        markerfacecolor=PAPER if release % 2 else INK,
        markeredgecolor=INK,
        markeredgewidth=size / 4.0,
        linestyle="none",
        zorder=4,
        clip_on=False,
    )


def _floor(low: float, value: float) -> float:
    """Return the lower end of an interval, or its value where the end is no number."""
    return low if math.isfinite(low) else value if math.isfinite(value) else 0.0
