"""Charts of columns: small panels, one for each column, a bar for each of its bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from synthprivacy.reporting.amounts import percent
from synthprivacy.reporting.charts import markers
from synthprivacy.reporting.paper import boxes, sheet
from synthprivacy.reporting.svg import ACCENT, FAINT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 3
"""Panels in a row."""
WIDE = 240.0
"""Of a panel, in points."""
_LINE, _TOP, _BOTTOM = 16.0, 26.0, 24.0
_LEFT, _RIGHT = 112.0, 16.0
"""What is left and right of the bars."""
_BAR, _MARK = 11.0, 5.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin."""

    label: str
    original: float | None
    """Share of the known values; None where it is withheld."""
    control: float | None
    """None where it is withheld, or there is no control."""
    releases: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One column."""

    title: str
    bars: tuple[Bar, ...]
    releases: tuple[int, ...]
    """Positions of the releases on the page: they fix the markers."""


def histograms(panels: Sequence[Panel], across: int = ACROSS, box: Axes | None = None) -> Figure:
    """Return panels below and beside each other, each on a scale of its own that begins at none.

    Parameters
    ----------
    panels
        At least one.
    across
        Panels in a row.
    box
        See `sheet`.
    """
    rows = [panels[first : first + across] for first in range(0, len(panels), across)]
    heights = [max(_height(panel) for panel in row) for row in rows]
    paper = sheet(sum(heights), box, across * WIDE)
    top = paper.height
    for row, height in zip(rows, heights):
        for place, panel in enumerate(row):
            own = _height(panel)
            _panel(paper.part(place * WIDE, top - own, WIDE, own), panel, own)
        top -= height
    return paper.figure


def _height(panel: Panel) -> float:
    return _TOP + _LINE * len(panel.bars) + _BOTTOM


def _panel(ax: Axes, panel: Panel, height: float) -> None:
    """Draw a panel in points from its lower left corner."""
    ax.set_xlim(0.0, WIDE)
    ax.set_ylim(0.0, height)
    known = [share for bar in panel.bars for share in (bar.original, bar.control, *bar.releases) if share is not None]
    most = max(0.01, *known)
    scale = (WIDE - _LEFT - _RIGHT) / most
    ys = [height - _TOP - _LINE * (place + 0.5) for place in range(len(panel.bars))]
    ax.text(0.0, height - 14.0, panel.title, color=INK, fontsize=12, fontweight="bold")
    _scale(ax, most, scale, height)
    wide = [(bar.original * scale, y) for bar, y in zip(panel.bars, ys) if bar.original]
    boxes(ax, [(_LEFT, y - _BAR / 2, _LEFT + width, y + _BAR / 2) for width, y in wide], FAINT)
    ticks = [(bar.control * scale, y) for bar, y in zip(panel.bars, ys) if bar.control is not None]
    for bar, y in zip(panel.bars, ys):
        ax.text(_LEFT - 8.0, y - 3.5, bar.label, color=INK, fontsize=10, ha="right")
    if ticks:
        ends = [(_LEFT + x, end) for x, y in ticks for end in (y - 6.5, y + 6.5)]
        line = Path(ends, [Path.MOVETO, Path.LINETO] * len(ticks))
        ax.add_patch(PathPatch(line, fill=False, edgecolor=ACCENT, linewidth=2.0, zorder=2))
    for number, release in enumerate(panel.releases):
        markers(ax, release, [_LEFT + bar.releases[number] * scale for bar in panel.bars], ys, _MARK)


def _scale(ax: Axes, most: float, scale: float, height: float) -> None:
    """Draw where no share is, and one round share."""
    power = 10.0 ** math.floor(math.log10(most))
    tick = max(share for share in (power, 2.0 * power, 5.0 * power) if share <= most + 1e-9)
    for share in (0.0, tick):
        x = _LEFT + share * scale
        ax.plot([x, x], [_BOTTOM - 3.0, height - _TOP], color=FAINT if share else INK, linewidth=1.0, zorder=0)
        ax.text(x, 8.0, percent(share, 0), color=MUTED, fontsize=10, ha="center")
