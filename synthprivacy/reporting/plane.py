"""Charts with two axes: risk against utility, and the matrix of differences of pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from synthprivacy.reporting.amounts import percent
from synthprivacy.reporting.charts import marker
from synthprivacy.reporting.paper import WIDTH, boxes, sheet
from synthprivacy.reporting.svg import ACCENT, FAINT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 320.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 40.0, 16.0, 50.0
_SQUARE = 26.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One release between risk and utility."""

    release: int
    """Position of the release on the page: fixes its marker."""
    letter: str
    risk: tuple[float, float, float]
    """Value, and the ends of its interval."""
    utility: tuple[float, float, float]
    best: bool


def plane(dots: Sequence[Dot], fresh: float | None, box: Axes | None = None) -> Figure:
    """Return risk (to the right) against utility (upwards), with both intervals; the perfect release is in the corner.

    Parameters
    ----------
    dots
        Releases; those on the frontier are joined by a line.
    fresh
        The utility of a fresh sample of real people; 1 is the corner where it is not known.
    box
        See `sheet`.
    """
    corner = 1.0 if fresh is None else fresh
    figure, ax = _axes(_HEIGHT, _LEFT, _BOTTOM, box)
    highest = max(0.05, *(min(max(dot.risk[0], dot.risk[2]), 1.0) for dot in dots))
    lowest = min(corner - 0.05, *(min(dot.utility[0], dot.utility[1]) for dot in dots))
    top = max(corner, *(max(dot.utility[0], dot.utility[2]) for dot in dots))
    left, low = -0.08 * highest, lowest - 0.06 * (top - lowest)
    right, up = 1.04 * highest, top + 0.08 * (top - lowest)
    ax.set_xlim(left, right)
    ax.set_ylim(low, up)
    _scales(ax, (left, right), (low, up))
    ax.plot([0.0], [corner], marker="P", markersize=11, color=ACCENT, linestyle="none", zorder=3, clip_on=False)
    best = sorted((dot for dot in dots if dot.best), key=lambda dot: (dot.risk[0], dot.utility[0]))
    if len(best) > 1:
        xs, ys = [_cut(dot.risk[0], left, right) for dot in best], [dot.utility[0] for dot in best]
        ax.plot(xs, ys, color=ACCENT, linewidth=1.0, zorder=2)
    for dot in dots:
        _dot(ax, dot, (left, right), (low, up))
    return figure


def _scales(ax: Axes, across: tuple[float, float], upwards: tuple[float, float]) -> None:
    """Write both scales beside the plane, with a line where there is no risk."""
    ax.plot([0.0, 0.0], upwards, color=INK, linewidth=1.0, zorder=0)
    below, beside = _points(ax, 18.0), -8.0 / (WIDTH - _LEFT - _RIGHT)
    for tick in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(*across):
        if across[0] <= tick <= across[1]:
            ax.text(tick, upwards[0] - below, percent(tick), color=MUTED, fontsize=11, ha="center")
    at = ax.get_yaxis_transform()
    for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(*upwards):
        if upwards[0] <= tick <= upwards[1]:
            ax.text(beside, tick - _points(ax, 4.0), f"{tick:.3g}", color=MUTED, fontsize=11, ha="right", transform=at)
    ax.text(across[1], upwards[0] - _points(ax, 40.0), "risk", color=MUTED, fontsize=11, ha="right")
    ax.text(across[0], upwards[1] + _points(ax, 4.0), "utility", color=MUTED, fontsize=11, ha="right")


def _dot(ax: Axes, dot: Dot, across: tuple[float, float], upwards: tuple[float, float]) -> None:
    x, y, width = _cut(dot.risk[0], *across), dot.utility[0], 2.0 if dot.best else 1.0
    left, right = (_cut(end, *across) for end in dot.risk[1:])
    low, high = (_cut(end, *upwards) for end in dot.utility[1:])
    ax.plot([left, right], [y, y], color=INK, linewidth=width, zorder=3)
    if low < high:
        ax.plot([x, x], [low, high], color=INK, linewidth=width, zorder=3)
    marker(ax, dot.release, x, y)
    away = 9.0 * (across[1] - across[0]) / (WIDTH - _LEFT - _RIGHT)
    weight = "bold" if dot.best else "normal"
    ax.text(x + away, y + _points(ax, 6.0), dot.letter, color=INK, fontsize=12, fontweight=weight)


def matrix(names: Sequence[str], differences: dict[tuple[int, int], float]) -> Figure:
    """Return how far off every two columns are: a square for each pair, the fuller the farther.

    Parameters
    ----------
    names
        Of the columns.
    differences
        By two positions among the names, the first one smaller; from 0 to 1.
    """
    height = _SQUARE * len(names) + 24.0
    figure, ax = _axes(height, 220.0, 12.0)
    wide = (WIDTH - 220.0 - _RIGHT) / _SQUARE
    ax.set_xlim(0.0, wide)
    ax.set_ylim(len(names), 0.0)
    most = max(differences.values(), default=0.0) or 1.0
    for place, name in enumerate(names):
        ax.text(-0.4, place + 0.65, name, color=INK, fontsize=11, ha="right")
        ax.text(place + 0.5, place + 0.65, str(place + 1), color=MUTED, fontsize=11, ha="center")
    places = [
        (first + 0.5, second + 0.5, 0.44 * math.sqrt(max(value, 0.0) / most))
        for (first, second), value in differences.items()
    ]
    boxes(ax, [(x - 0.44, y - 0.44, x + 0.44, y + 0.44) for x, y, _ in places], FAINT)
    boxes(ax, [(x - half, y - half, x + half, y + half) for x, y, half in places], INK)
    return figure


def _axes(height: float, left: float, bottom: float, box: Axes | None = None) -> tuple[Figure, Axes]:
    paper = sheet(height, box)
    return paper.figure, paper.part(left, bottom, WIDTH - left - _RIGHT, height - _TOP - bottom)


def _points(ax: Axes, points: float) -> float:
    """Return so many points upwards, in the units of the plane."""
    low, high = ax.get_ylim()
    return points * (high - low) / (_HEIGHT - _TOP - _BOTTOM)


def _cut(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
