"""Curves: how many training people a strict attacker finds, and how an attack responds to published people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from synthprivacy.reporting.amounts import percent
from synthprivacy.reporting.charts import marker
from synthprivacy.reporting.paper import WIDTH, sheet
from synthprivacy.reporting.svg import ACCENT, FAINT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 70.0, 24.0, 50.0
_TALL = _HEIGHT - _TOP - _BOTTOM
_WIDE = WIDTH - _LEFT - _RIGHT
_STEPS = 16


@dataclass(frozen=True, slots=True)
class Curve:
    """One release."""

    release: int
    """Position of the release on the page: fixes its marker."""
    letter: str
    points: tuple[tuple[float, float], ...]
    reading: tuple[float, float] | None = None
    """Of a ladder: the people that the release reads as, and its risk."""


def roc(curves: Sequence[Curve], box: Axes | None = None) -> Figure:
    """Return the training people found against the false alarms raised, on log axes, above the line of pure chance.

    Parameters
    ----------
    curves
        Points are rates of false alarms and of training people found, both above zero.
    box
        See `sheet`.
    """
    paper = sheet(_HEIGHT, box)
    ax = paper.part(_LEFT, _BOTTOM, _WIDE, _TALL)
    least = min((rate for curve in curves for point in curve.points for rate in point), default=0.01)
    decades = list(range(math.floor(math.log10(least) + 1e-9), 1))
    low = 10.0 ** decades[0]
    _frame(ax, (low, 1.0), (low, 1.0), log=True)
    for rate in (10.0**decade for decade in decades):
        text = percent(rate, max(0, -2 - round(math.log10(rate))))
        _tick_below(ax, rate, text)
        _tick_beside(ax, rate, text)
    _captions(ax, "false alarms among people never used", "training people found")
    ax.plot([low, 1.0], [low, 1.0], color=ACCENT, linewidth=1.0, zorder=1)
    for curve in curves:
        _follow(ax, curve)
    return paper.figure


def ladder(curves: Sequence[Curve], box: Axes | None = None) -> Figure:
    """Return the gain of an attack against the real people published, with each release where its risk puts it.

    Parameters
    ----------
    curves
        Points are numbers of planted people, rising, and the risk the attack showed; the scale of people is even up to ten.
    box
        See `sheet`.
    """
    paper = sheet(_HEIGHT, box)
    ax = paper.part(_LEFT, _BOTTOM, _WIDE, _TALL)
    known = [(*curve.points, *((curve.reading,) if curve.reading else ())) for curve in curves]
    people = max(x for points in known for x, _ in points)
    ys = [y for points in known for _, y in points]
    low, high = min(0.0, *ys), max(0.05, math.ceil(20.0 * max(ys)) / 20.0)
    ax.set_xscale("symlog", linthresh=10.0, linscale=0.6)
    _frame(ax, (0.0, max(people, 10.0)), (low, high), log=False)
    for tick in (0, *(10**power for power in range(1, 9) if 10**power < 0.6 * people), round(people)):
        _tick_below(ax, tick, f"{tick:,}")
    for share in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high):
        if low <= share <= high:
            _tick_beside(ax, share, percent(share, 0 if high >= 0.1 else 1))
    _captions(ax, "real people published", "risk")
    for curve in curves:
        ax.plot(*zip(*_even(curve.points)), color=ACCENT, linewidth=1.5, zorder=2)
        if curve.reading:
            marker(ax, curve.release, *curve.reading)
            _say(ax, curve.reading, curve.letter, (8.0, -14.0), color=INK)
    return paper.figure


def _even(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points with others on the straight lines between them, which a scale of powers bends."""
    between = [
        (x0 + (x1 - x0) * step / _STEPS, y0 + (y1 - y0) * step / _STEPS)
        for (x0, y0), (x1, y1) in pairwise(points)
        for step in range(_STEPS)
    ]
    return [*between, *points[-1:]]


def _follow(ax: Axes, curve: Curve) -> None:
    """Draw the marks of a release, joined, with its letter beside the last."""
    if not curve.points:
        return
    ax.plot(*zip(*curve.points), color=INK, linewidth=1.5, zorder=3)
    for x, y in curve.points:
        marker(ax, curve.release, x, y)
    _say(ax, curve.points[0], curve.letter, (-8.0, 5.0), color=INK, ha="right")


def _frame(ax: Axes, across: tuple[float, float], upwards: tuple[float, float], *, log: bool) -> None:
    if log:
        ax.set_xscale("log")
        ax.set_yscale("log")
    ax.set_xlim(*across)
    ax.set_ylim(*upwards)
    ax.plot([across[0], across[0]], upwards, color=INK, linewidth=1.0, zorder=0, clip_on=False)


def _tick_below(ax: Axes, at: float, text: str) -> None:
    low, high = ax.get_ylim()
    ax.plot([at, at], [low, high], color=FAINT, linewidth=1.0, zorder=0)
    _say(ax, (at, low), text, (0.0, -16.0), ha="center")


def _tick_beside(ax: Axes, at: float, text: str) -> None:
    low, high = ax.get_xlim()
    ax.plot([low, high], [at, at], color=FAINT, linewidth=1.0, zorder=0)
    _say(ax, (low, at), text, (-8.0, -4.0), ha="right")


def _captions(ax: Axes, below: str, above: str) -> None:
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    _say(ax, (right, low), below, (0.0, -38.0), ha="right")
    _say(ax, (left, high), above, (0.0, 10.0), ha="left")


def _say(
    ax: Axes, at: tuple[float, float], text: str, aside: tuple[float, float], *, ha: str = "left", color: str = MUTED
) -> None:
    """Write a text some points away from a place of the chart."""
    size = 11 if color == MUTED else 12
    ax.annotate(
        text, at, xytext=aside, textcoords="offset points", color=color, fontsize=size, ha=ha, annotation_clip=False
    )
