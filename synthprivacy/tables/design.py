"""Table → numbers a learner can be trained on, by the release alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.tables.table import Feature, FloatArray, Table

LEVELS = 20
"""Labels of a column that are told apart, the most frequent ones of the release; all others are none of them."""
_FARTHEST = 1.0
"""Scales that a number may lie outside of the release before it counts as no farther."""


@dataclass(frozen=True, slots=True)
class Design:
    """How the columns of a release become numbers, for the release and for anybody else alike.

    An ordered column is its place on the distance scale, the release's median where missing, and whether it is missing;
    any other is 0 or 1 for each frequent label.
    """

    names: tuple[str, ...]
    middles: tuple[float, ...]
    """Median place of each column; 0 for labels."""
    labels: tuple[FloatArray, ...]
    """Codes of each column's frequent labels; empty for an ordered column."""

    def of(self, people: Table) -> FloatArray:
        """Return the numbers (people, width)."""
        columns = [
            part
            for name, middle, labels in zip(self.names, self.middles, self.labels)
            for part in _columns(people[name], middle, labels)
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(people), 0))


def design_of(release: Table) -> Design:
    """Return how the columns of a release become numbers."""
    middles, labels = [], []
    for feature in release.features:
        codes, rows = np.unique(feature.values[~np.isnan(feature.values)], return_counts=True)
        frequent = codes[np.argsort(-rows, kind="stable")[:LEVELS]]
        middles.append(_middle(feature) if feature.ordered else 0.0)
        labels.append(np.empty(0) if feature.ordered else np.sort(frequent))
    return Design(release.names, tuple(middles), tuple(labels))


def _columns(feature: Feature, middle: float, labels: FloatArray) -> list[FloatArray]:
    if not feature.ordered:
        return [(feature.values == label).astype(np.float64) for label in labels]
    place = _place(feature)
    missing = np.isnan(place)
    return [np.where(missing, middle, place), missing.astype(np.float64)]


def _middle(feature: Feature) -> float:
    place = _place(feature)
    known = place[~np.isnan(place)]
    return float(np.median(known)) if len(known) else 0.0


def _place(feature: Feature) -> FloatArray:
    with np.errstate(over="ignore"):
        place: FloatArray = np.clip((feature.values - feature.low) / feature.scale, -_FARTHEST, 1.0 + _FARTHEST)
    return place
