"""How learners see a table: one view for smooth ones, one for trees, both by the release alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from synthprivacy.tables.design import design_of
from synthprivacy.tables.table import Feature, FloatArray, IntArray, Table

View = Callable[[Table], FloatArray]
"""People to numbers (people, width)."""

_FARTHEST = 1.0
"""Scales that a number may lie outside of the release before it counts as no farther."""


def smooth(release: Table) -> View:
    """Return the view with a column for each frequent label, and whether a label is missing or not the release's."""
    design = design_of(release)

    def seen(people: Table) -> FloatArray:
        labels = [people[name] for name in design.names if not people[name].ordered]
        flags = [flag for feature in labels for flag in (np.isnan(feature.values), feature.values >= feature.levels)]
        columns = [design.of(people), *(flag.astype(np.float64)[:, None] for flag in flags)]
        return np.concatenate(columns, axis=1)

    return seen


def rugged(release: Table) -> View:
    """Return the view with one column each: the place of a number, how rare a label is in the release, NaN if missing."""
    ranks = {feature.name: _ranks(feature) for feature in release.features if not feature.ordered}

    def seen(people: Table) -> FloatArray:
        columns = [_rank(people[name], ranks[name]) if name in ranks else place(people[name]) for name in release.names]
        return np.stack(columns, axis=1) if columns else np.zeros((len(people), 0))

    return seen


def known_somewhere(rows: FloatArray) -> FloatArray:
    """Return the rows with 0 in columns of which nothing is known: trees make no bins of nothing."""
    blank = np.isnan(rows).all(axis=0)
    return np.where(blank, 0.0, rows) if blank.any() else rows


VIEWS: Mapping[str, Callable[[Table], View]] = MappingProxyType({"boosting": rugged, "linear": smooth})
"""By learner."""


def place(feature: Feature) -> FloatArray:
    """Return where the numbers of an ordered column lie: 0 to 1 in most of the release, at most one scale farther."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = (feature.values - feature.low) / feature.scale
    clipped: FloatArray = np.clip(found, -_FARTHEST, 1.0 + _FARTHEST)
    return clipped


def _ranks(feature: Feature) -> IntArray:
    """Return the rank of each label of the release by frequency, and one more for all others."""
    known = feature.values[~np.isnan(feature.values)].astype(np.int64)
    rows = np.bincount(known[known < feature.levels], minlength=feature.levels)
    ranks = np.empty(feature.levels + 1, dtype=np.int64)
    ranks[np.argsort(-rows, kind="stable")] = np.arange(feature.levels)
    ranks[feature.levels] = feature.levels
    return ranks


def _rank(feature: Feature, ranks: IntArray) -> FloatArray:
    found = np.full(len(feature.values), np.nan)
    known = ~np.isnan(feature.values)
    found[known] = ranks[np.minimum(feature.values[known].astype(np.int64), len(ranks) - 1)]
    return found
