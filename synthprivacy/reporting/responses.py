"""What is read off the evidence for curves: strict thresholds of membership attacks, and the ladder of the headline."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from synthprivacy.reporting import curves, svg
from synthprivacy.reporting.amounts import limit, percent
from synthprivacy.reporting.curves import Curve
from synthprivacy.reporting.entries import Entry
from synthprivacy.results import Release, ScoresEvidence, Series

LADDER = "ladder"
"""Name of the series that holds what an attack shows of planted people."""


def caught(entries: Sequence[Entry], endpoint: str) -> tuple[Curve, ...]:
    """Return how many training people each release gives away at few false alarms; nothing of withheld counts."""
    found = ((entry, _thresholds(entry.release, endpoint)) for entry in entries)
    return tuple(Curve(entry.position, entry.letter, points) for entry, points in found if points)


def climbs(entries: Sequence[Entry]) -> tuple[Curve, ...]:
    """Return the ladder of each release that has one, and where on it the release stands."""
    found = ((entry, _ladder(entry.release)) for entry in entries)
    return tuple(_climb(entry, rungs) for entry, rungs in found if rungs is not None)


def roc(key: str, entries: Sequence[Entry], endpoint: str) -> svg.Drawing | None:
    """Return the thresholds of an endpoint as a chart; None where every point is withheld or none was measured."""
    told = caught(entries, endpoint)
    if not told:
        return None
    with svg.defaults():
        return svg.inline(
            curves.roc(told),
            key=key,
            title="Training people found at few false alarms",
            description="; ".join(
                f"{f'release {curve.letter}, ' if curve.letter else ''}at {limit(round(alarms, 4))} false alarms "
                f"{percent(found)} of training people"
                for curve in told
                for alarms, found in curve.points
            ),
        )


def ladder(entries: Sequence[Entry]) -> svg.Drawing | None:
    """Return the ladders of the releases as a chart; None where there is none."""
    told = climbs(entries)
    if not told:
        return None
    with svg.defaults():
        return svg.inline(
            curves.ladder(told),
            key="ladder",
            title="Risk against real people published",
            description="; ".join(
                f"{f'release {curve.letter}, ' if curve.letter else ''}{people:,.0f} people published: {percent(risk)}"
                for curve in told
                for people, risk in curve.points
            ),
        )


def _thresholds(release: Release, endpoint: str) -> tuple[tuple[float, float], ...]:
    evidence = next((risk.evidence for risk in release.risks if risk.endpoint == endpoint), None)
    if not isinstance(evidence, ScoresEvidence):
        return ()
    points = [
        (point.false_positives / point.nonmembers, point.successes / point.trials)
        for point in evidence.tpr
        if isinstance(point.false_positives, int)
        and isinstance(point.nonmembers, int)
        and isinstance(point.successes, int)
        and isinstance(point.trials, int)
        and min(point.false_positives, point.successes) > 0
    ]
    return tuple(sorted(points))


def _ladder(release: Release) -> Series | None:
    return next((curve for curve in release.series if curve.name == LADDER and curve.x), None)


def _climb(entry: Entry, rungs: Series) -> Curve:
    risk = next((risk for risk in entry.release.risks if risk.endpoint == rungs.of), None)
    reading = None
    if risk is not None and risk.copies is not None and isinstance(risk.copies.value, int | float):
        reading = (float(max(risk.copies.value, 0.0)), risk.value)
    points = tuple((x, y) for x, y in zip(rungs.x, rungs.y) if y is not None and isfinite(y))
    return Curve(entry.position, entry.letter, points, reading)
