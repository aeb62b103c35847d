"""Charts of a risk along an order of people: small panels, one for each endpoint, on a common scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from synthprivacy.reporting.amounts import percent
from synthprivacy.reporting.paper import WIDTH, sheet
from synthprivacy.reporting.svg import FAINT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 2
"""Panels in a row."""
LEAST, GREATEST = -0.5, 1.0
"""Ends of the scale: what lies beyond is cut."""
_HEIGHT, _GAP = 150.0, 56.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 8.0, 24.0, 34.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One endpoint."""

    title: str
    parts: tuple[tuple[float, float, float], ...]
    """Value and ends of the interval of each part of the people, in order."""


def steps(panels: Sequence[Panel], box: Axes | None = None) -> Figure:
    """Return the panels below and beside each other, all on one scale.

    Parameters
    ----------
    panels
        At least one, each with at least two parts.
    box
        See `sheet`.
    """
    ends = [end for panel in panels for part in panel.parts for end in part if math.isfinite(end)]
    low, high = max(LEAST, min([0.0, *ends])), min(GREATEST, max([0.02, *ends]))
    rows = math.ceil(len(panels) / ACROSS)
    height = rows * (_HEIGHT + _GAP)
    paper = sheet(height, box)
    wide = WIDTH / ACROSS - _LEFT - _RIGHT
    for number, panel in enumerate(panels):
        row, column = divmod(number, ACROSS)
        left = column * WIDTH / ACROSS + _LEFT
        bottom = height - (row + 1) * (_HEIGHT + _GAP) + _BOTTOM
        _panel(paper.part(left, bottom, wide, _HEIGHT + _GAP - _TOP - _BOTTOM), panel, low, high, wide)
    return paper.figure


def _panel(ax: Axes, panel: Panel, low: float, high: float, wide: float) -> None:
    count = len(panel.parts)
    margin = 0.04 * (high - low)
    ax.set_xlim(0.4, count + 0.6)
    ax.set_ylim(low - margin, high + margin)
    point = (high - low + 2.0 * margin) / (_HEIGHT + _GAP - _TOP - _BOTTOM)
    for tick in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high):
        if low <= tick <= high:
            ax.hlines(tick, 0.4, count + 0.6, colors=FAINT, linewidth=1.0, zorder=0)
            beside = 0.4 - 6.0 * (count + 0.2) / wide
            ax.text(beside, tick - 4.0 * point, percent(tick), color=MUTED, fontsize=11, ha="right")
    ax.hlines(0.0, 0.4, count + 0.6, colors=INK, linewidth=1.0, zorder=1)
    for place, (value, least, most) in enumerate(panel.parts, 1):
        ends = [min(max(end, low - margin), high + margin) if math.isfinite(end) else low for end in (least, most)]
        ax.plot([place, place], ends, color=INK, linewidth=2.0, zorder=2)
        if low - margin <= value <= high + margin:
            ax.plot([place], [value], marker="o", markersize=6, color=INK, linestyle="none", zorder=3)
    below = low - margin - 16.0 * point
    ax.text(0.6, below, "least unusual", color=MUTED, fontsize=11, ha="left")
    ax.text(count + 0.4, below, "most unusual", color=MUTED, fontsize=11, ha="right")
    ax.text(0.4, high + margin + 8.0 * point, panel.title, color=INK, fontsize=12, fontweight="bold")
