"""How each column looks: its histogram in the original, among people never used, and in each release."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthprivacy.reporting import svg
from synthprivacy.reporting.amounts import percent
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.histograms import Bar, Panel, histograms
from synthprivacy.reporting.names import listed, shown
from synthprivacy.results import Release, Series

MOST = 60
"""Columns drawn, those that are least alike; the JSON has all."""
OF, SHAPE = "shapes.column.", "shape, "
"""What the curves behind the panels are of, and are called."""
OTHERS = "all others"
TITLE, LABEL = 34, 19
"""Characters of the name of a column, and of a bin, that fit in a panel."""
_WITHHELD = "fewer than 10 people"

Curves = tuple[Series, Series | None, Series]
"""Of one column in one release: of the original, the control and the release."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The small multiples of a page."""

    drawings: tuple[svg.Drawing, ...]
    more: int
    """Columns that are only in the JSON."""
    without: str
    """Columns of which nothing can be told, by name."""


def columns(entries: Sequence[Entry]) -> Columns | None:
    """Return a panel for each column, the least alike first; None where no evaluation kept histograms."""
    found = panels(entries)
    if not found:
        return None
    drawn = {name for entry in entries for name in _curves(entry.release)}
    scored = (score for entry in entries for score in entry.release.scores if score.family == "shapes")
    names = dict.fromkeys(score.metric.removeprefix("column.") for score in scored if "." in score.metric)
    drawings = []
    for number, panel in enumerate(found[:MOST], 1):
        with svg.defaults():
            drawing = svg.inline(
                histograms([panel], 1),
                key=f"column-{number}",
                title=f"Column {panel.title}",
                description=_description(panel, entries),
                kind="panel",
            )
        drawings.append(drawing)
    return Columns(
        tuple(drawings), max(len(found) - MOST, 0), listed([name for name in names if name not in drawn], 40)
    )


def panels(entries: Sequence[Entry]) -> tuple[Panel, ...]:
    """Return the columns as panels; a column whose bins are not the same in all releases has several."""
    curves = {entry.position: _curves(entry.release) for entry in entries}
    names = sorted(
        {name for found in curves.values() for name in found}, key=lambda name: (_likeness(name, entries), name)
    )
    return tuple(panel for name in names for panel in _panels(name, entries, curves))


def _panels(name: str, entries: Sequence[Entry], curves: dict[int, dict[str, Curves]]) -> Iterator[Panel]:
    alike: dict[tuple[object, ...], list[int]] = {}
    for position, found in curves.items():
        if name in found:
            original, control, _ = found[name]
            key = (original.labels, original.x, _shares(original), _shares(control))
            alike.setdefault(key, []).append(position)
    several = sum(name in found for found in curves.values())
    for positions in alike.values():
        letters = ", ".join(entries[position].letter for position in positions)
        apart = f" ({letters})" if len(positions) < several else ""
        bars = _bars(curves[positions[0]][name], [curves[position][name][2] for position in positions])
        yield Panel(shown(name, TITLE - len(apart)) + apart, tuple(bars), tuple(positions))


def _bars(curves: Curves, releases: Sequence[Series]) -> Iterator[Bar]:
    """Yield a bar for each bin, but for a last one that is withheld and that no release has."""
    original, control, _ = curves
    labels = [*(shown(label, LABEL) for label in original.labels), OTHERS]
    sides = _shares(original), _shares(control) or (None,) * len(original.y)
    for label, share, never_used, *told in zip(labels, *sides, *(release.y for release in releases)):
        shares = tuple(one for one in told if one is not None)
        if share is not None or never_used is not None or any(shares):
            yield Bar(label, share, never_used, shares)


def _shares(curve: Series | None) -> tuple[float | None, ...]:
    return () if curve is None else tuple(share if _is_share(share) else None for share in curve.y)


def _curves(release: Release) -> dict[str, Curves]:
    """Return the histograms of a release that can be drawn, by column."""
    found: dict[str, dict[str, Series]] = {}
    for curve in release.series:
        if curve.of.startswith(OF) and curve.name.startswith(SHAPE):
            found.setdefault(curve.of.removeprefix(OF), {})[curve.name.removeprefix(SHAPE)] = curve
    whole = {
        name: (sides["original"], sides.get("control"), sides["release"])
        for name, sides in found.items()
        if sides.keys() >= {"original", "release"}
    }
    return {name: curves for name, curves in whole.items() if _fits(curves)}


def _fits(curves: Curves) -> bool:
    """Return whether the sides have the same bins, and the release a share of each."""
    original, _, release = curves
    same = all(len(side.y) == len(original.y) for side in curves if side is not None)
    return same and bool(original.y) and all(_is_share(share) for share in release.y)


def _is_share(share: float | None) -> bool:
    return share is not None and math.isfinite(share)


def _likeness(name: str, entries: Sequence[Entry]) -> float:
    scores = (score for entry in entries for score in entry.release.scores if score.family == "shapes")
    return min((s.value for s in scores if s.metric == f"column.{name}" and s.value is not None), default=1.0)


def _description(panel: Panel, entries: Sequence[Entry]) -> str:
    control = any(bar.control is not None for bar in panel.bars)
    told = []
    for bar in panel.bars:
        sides = [f"original {_share(bar.original)}", *([f"control {_share(bar.control)}"] if control else [])]
        for position, share in zip(panel.releases, bar.releases):
            sides.append(f"release {entries[position].letter} {_share(share)}".replace("  ", " "))
        told.append(f"{bar.label}: {', '.join(sides)}")
    return "; ".join(told)


def _share(share: float | None) -> str:
    return _WITHHELD if share is None else percent(share)
