"""What charts are drawn on: a figure of the report's own, or the box of an Axes that somebody passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 720.0
"""Of every chart, in points; one point is one CSS pixel at full width."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A place for one chart, laid out in points of its natural size."""

    figure: Figure
    height: float
    box: Axes | None
    width: float = WIDTH

    def part(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return empty axes somewhere on the sheet; the place is in points from its lower left corner."""
        place = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        ax = self.figure.add_axes(place) if self.box is None else self.box.inset_axes(place)
        ax.set_axis_off()
        return ax


def sheet(height: float, box: Axes | None = None, width: float = WIDTH) -> Sheet:
    """Return a sheet for one chart.

    Parameters
    ----------
    height, width
        In points.
    box
        Axes that the whole chart is fitted into; they show nothing of their own. Without them the sheet is a new figure.
    """
    if box is not None:
        box.set_axis_off()
        return Sheet(cast("Figure", box.figure), height, box, width)
    figure = Figure(figsize=(width / 72.0, height / 72.0), dpi=72)
    figure.patch.set_visible(False)
    return Sheet(figure, height, None, width)


def boxes(ax: Axes, places: Sequence[tuple[float, float, float, float]], colour: str) -> None:
    """Draw rectangles (left, bottom, right, top) as one path, which keeps a drawing of many small."""
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    corners = [
        corner
        for left, bottom, right, top in places
        for corner in ((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom))
    ]
    if corners:
        ax.add_patch(PathPatch(Path(corners, codes * len(places)), facecolor=colour, linewidth=0, zorder=1))
