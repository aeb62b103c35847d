"""The report's charts for notebooks: `evaluation.plot.risks()` and others, drawn from the evaluation alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.text import Text

from synthprivacy.errors import ConfigError
from synthprivacy.reporting import charts, columns, curves, histograms, plane, responses, steps, svg, threats, tradeoff
from synthprivacy.reporting.entries import Entry, line_up
from synthprivacy.reporting.names import listed, shown
from synthprivacy.reporting.paper import WIDTH
from synthprivacy.reporting.verdicts import judge
from synthprivacy.results import Evaluation, ScoresEvidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    svg.INK: "#1d2329",
    svg.MUTED: "#59636e",
    svg.FAINT: "#e6e3dd",
    svg.ACCENT: "#0b5cad",
    svg.PAPER: "#ffffff",
}
"""What the roles of a drawing look like by day."""
_TITLE = 28.0
_PROPERTIES = ("color", "markerfacecolor", "markeredgecolor", "facecolor", "edgecolor")

Draw = Callable[["Axes | None"], "Figure"]


@dataclass(frozen=True, slots=True)
class Plots:
    """Charts of one evaluation.

    Each method takes `ax`, matplotlib axes whose box the whole chart is fitted into, and returns them. Without them it
    makes a figure in the chart's natural size, 10 inches wide. Counts under ten are in the charts only if they are in the
    evaluation: ``evaluation.public().plot`` draws what may leave the house.
    """

    evaluation: Evaluation
    managed: bool = True
    """Whether new figures are pyplot's, which notebooks show; others are forgotten with their last axes."""

    def risks(self, ax: Axes | None = None, *, attack: str | None = None) -> Axes:
        """Draw risks with their intervals and limits: of the primary endpoints, or the 20 worst of one attack.

        Raises
        ------
        ConfigError
            If nothing of the kind was judged.
        """
        rows = threats.rows(self._entries(), attack)
        known = {risk.attack for release in self.evaluation.releases for risk in release.risks}
        _require(rows, "no such endpoint was judged", f"attack may be {_among(known)}")
        return self._drawn(lambda box: charts.forest(rows, least=threats.LEAST, most=threats.GREATEST, box=box), ax)

    def ladder(self, ax: Axes | None = None) -> Axes:
        """Draw how the attack behind the headline responds to published people, and where each release stands on it.

        Raises
        ------
        ConfigError
            If no ladder was kept: without a control there is none, and a public rendering may withhold it.
        """
        climbs = responses.climbs(self._entries())
        _require(climbs, "no ladder is in the evaluation", "evaluate with a control, and draw the inside rendering")
        return self._drawn(lambda box: curves.ladder(climbs, box), ax)

    def deciles(self, endpoint: str, ax: Axes | None = None) -> Axes:
        """Draw the risk at an endpoint from the least to the most unusual people, a panel for each release.

        Raises
        ------
        ConfigError
            If the endpoint was not looked at in parts.
        """
        entries = self._entries()
        found = [(entry, one) for entry in entries for one in entry.release.deciles if one.endpoint == endpoint]
        known = {one.endpoint for entry in entries for one in entry.release.deciles}
        _require(found, "this endpoint was not looked at in parts", f"endpoint may be {_among(known)}")
        panels = [
            steps.Panel(shown(entry.name, 40), tuple((part.value, *part.interval) for part in one.parts))
            for entry, one in found
        ]
        return self._drawn(lambda box: steps.steps(panels, box), ax)

    def roc(self, endpoint: str = "membership.distance", ax: Axes | None = None) -> Axes:
        """Draw how many training people an attacker finds who raises few false alarms, on log axes.

        Points that rest on withheld counts, or on none, are left out.

        Raises
        ------
        ConfigError
            If nothing is left of the endpoint.
        """
        entries = self._entries()
        caught = responses.caught(entries, endpoint)
        risks = (risk for entry in entries for risk in entry.release.risks)
        known = {risk.endpoint for risk in risks if isinstance(risk.evidence, ScoresEvidence)}
        _require(caught, "this endpoint has no threshold that may be drawn", f"endpoint may be {_among(known)}")
        return self._drawn(lambda box: curves.roc(caught, box), ax)

    def frontier(self, ax: Axes | None = None) -> Axes:
        """Draw risk against utility.

        Raises
        ------
        ConfigError
            If no release has both.
        """
        dots, fresh = tradeoff.dots(self._entries())
        _require(dots, "no release has both a risk and a utility", "evaluate with measures of shapes and pairs")
        return self._drawn(lambda box: plane.plane(dots, fresh, box), ax)

    def shapes(self, ax: Axes | None = None) -> Axes:
        """Draw how each column looks in the original, among control people and in each release, the least alike first.

        Raises
        ------
        ConfigError
            If the evaluation kept no histograms.
        """
        entries = self._entries()
        panels = columns.panels(entries)[: columns.MOST]
        _require(panels, "no histogram of a column is in the evaluation", "evaluate with the measure of shapes")
        return self._drawn(lambda box: histograms.histograms(panels, box=box), ax)

    def _entries(self) -> tuple[Entry, ...]:
        return line_up([self.evaluation], [judge(self.evaluation)])

    def _drawn(self, draw: Draw, ax: Axes | None) -> Axes:
        box = _box(draw(None), managed=self.managed) if ax is None else ax
        draw(box)
        entries = [entry for entry in self._entries() if entry.letter]
        if entries:
            names = "    ".join(f"{entry.letter} {entry.glyph} {shown(entry.name, 24)}" for entry in entries)
            box.set_title(names, loc="left", fontsize=11, color=svg.INK)
        _colour(box)
        return box


def _box(natural: Figure, *, managed: bool) -> Axes:
    """Return axes in a new figure, as large as a chart is by nature and a line for the names."""
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    _, height = natural.get_size_inches()
    whole = height + _TITLE / 72.0
    figure: Figure = (plt.figure if managed else Figure)(figsize=(WIDTH / 72.0, whole), facecolor=COLOURS[svg.PAPER])
    return figure.add_axes((0, 0, 1, height / whole))


def _colour(box: Axes) -> None:
    """Give every artist the colour of its role, and have no name read as a formula."""
    for artist in box.findobj():
        if isinstance(artist, Text):
            artist.set_parse_math(False)
        for name in _PROPERTIES:
            if hasattr(artist, f"get_{name}"):
                colour = getattr(artist, f"get_{name}")()
                role = COLOURS.get(_hex(colour))
                if role is not None:
                    getattr(artist, f"set_{name}")(role)


def _hex(colour: str | Sequence[float] | np.ndarray) -> str:
    """Return a colour as text; of a collection of shapes, its only one."""
    if isinstance(colour, str):
        return colour if colour.startswith("#") else ""
    several = np.atleast_2d(np.asarray(colour, dtype=np.float64))
    return str(to_hex(tuple(several[0]))) if several.size else ""


def _among(known: Iterable[str]) -> str:
    return listed(sorted(known), 12) or "nothing here"


def _require(found: Sized, what: str, remedy: str) -> None:
    if not len(found):
        raise ConfigError(f"there is nothing to draw: {what}; {remedy}")
