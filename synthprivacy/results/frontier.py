"""The frontier: several releases by what they give away and what they are worth, and which of them are worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synthprivacy.results.evaluation import Evaluation, Release
from synthprivacy.results.risk import Interval, Score

AXES = (("shapes.mean_control", "pairs.mean_control"), ("shapes.mean", "pairs.mean"))
"""Scores whose mean is the utility: against people the release cannot have copied, else against the original."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one release stands between risk and utility."""

    release: str
    risk: float
    """Of the worst primary endpoint."""
    risk_interval: Interval
    utility: float
    """1 = as the population."""
    utility_interval: Interval | None
    """The means of lower and of upper ends of its scores; None in the public rendering."""
    fresh: float | None
    """The utility of a fresh sample of real people; with a risk of 0 the corner where the perfect release is."""
    dominated_by: tuple[str, ...] = ()
    """Releases with no more risk and no less utility, and better in one; empty on the frontier."""
    clearly_safer: tuple[str, ...] = ()
    """Releases with clearly less risk and not clearly less utility, by the intervals: on the frontier too, a warning."""

    @property
    def best(self) -> bool:
        """Whether no other release is at least as good in both."""
        return not self.dominated_by


def frontier(*evaluations: Evaluation) -> tuple[Place, ...]:
    """Return the place of every release of which both risk and utility are known, in their order.

    Who dominates whom is decided by the values. A release may be on the frontier by a hair of utility that another draw of
    people would take back: releases that are clearly safer and not clearly worth less are named beside.
    """
    names = [release.name for evaluation in evaluations for release in evaluation.releases]
    return places([release for evaluation in evaluations for release in evaluation.releases], names)


def places(releases: Sequence[Release], names: Sequence[str]) -> tuple[Place, ...]:
    """Return the places of some releases under names of their own. See `frontier`."""
    axis = _axis(releases)
    found = [place for release, name in zip(releases, names) if (place := _place(release, name, axis)) is not None]
    return tuple(_against(place, found) for place in found)


def _axis(releases: Sequence[Release]) -> tuple[str, ...]:
    """Return the scores that every release has, those against the control first."""
    known = [
        {f"{score.family}.{score.metric}" for score in release.scores if score.value is not None}
        for release in releases
    ]
    there = set.intersection(*known) if known else set()
    return next((axis for names in AXES if (axis := tuple(name for name in names if name in there))), ())


def _place(release: Release, name: str, axis: tuple[str, ...]) -> Place | None:
    worst = release.worst
    scores = {f"{score.family}.{score.metric}": score for score in release.scores}
    judged = [scores[metric] for metric in axis]
    values = [score.value for score in judged if score.value is not None]
    if worst is None or not values:
        return None
    fresh = [score.reference for score in judged if score.reference is not None]
    return Place(
        release=name,
        risk=worst.value,
        risk_interval=worst.interval,
        utility=_mean(values),
        utility_interval=_interval(judged),
        fresh=_mean(fresh) if len(fresh) == len(judged) else None,
    )


def _interval(scores: Sequence[Score]) -> Interval | None:
    """Return the means of the ends: wide enough whatever the scores have to do with each other."""
    ends = [score.interval for score in scores if score.interval is not None]
    if len(ends) < len(scores):
        return None
    return _mean([low for low, _ in ends]), _mean([high for _, high in ends])


def _against(place: Place, others: Sequence[Place]) -> Place:
    return replace(
        place,
        dominated_by=tuple(other.release for other in others if _dominates(other, place)),
        clearly_safer=tuple(other.release for other in others if _clearly_safer(other, place)),
    )


def _dominates(one: Place, other: Place) -> bool:
    no_worse = one.risk <= other.risk and one.utility >= other.utility
    return no_worse and (one.risk < other.risk or one.utility > other.utility)


def _clearly_safer(one: Place, other: Place) -> bool:
    """Return whether one release has clearly less risk than another, and not clearly less utility."""
    most = one.utility if one.utility_interval is None else one.utility_interval[1]
    least = other.utility if other.utility_interval is None else other.utility_interval[0]
    return one.risk_interval[1] < other.risk_interval[0] and most >= least


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
