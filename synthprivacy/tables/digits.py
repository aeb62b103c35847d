"""Table → digits: every column as a few whole numbers, by the release alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.tables.table import Feature, FloatArray, IntArray, Table, frozen

BINS = 8
"""Bins of an ordered column, about equally many synthetic rows in each."""


@dataclass(frozen=True, slots=True)
class Digits:
    """The digits of a release, and how those of other people are found."""

    names: tuple[str, ...]
    values: IntArray
    """(columns, rows)"""
    sizes: IntArray
    """(columns,) digits of a column: its bins or labels, one for missing, one for labels that the release lacks."""
    edges: tuple[FloatArray | None, ...]
    """Inner edges of the bins of each column; None where it has labels."""

    def of(self, people: Table) -> IntArray:
        """Return the digits (columns, people) of some people."""
        return _stacked([_digits(people[name], edges) for name, edges in zip(self.names, self.edges)], len(people))

    def table(self) -> Table:
        """Return the release with its digits in place of its values."""
        features = tuple(
            Feature(name, "category", frozen(values.astype(np.float64)), ordered=False, levels=int(size))
            for name, values, size in zip(self.names, self.values, self.sizes)
        )
        return Table(features, frozen(np.arange(self.values.shape[1])))


def digits_of(release: Table) -> Digits:
    """Return the digits of a release.

    An ordered column is cut into up to 8 bins at quantiles of the release; any other has a digit for each label of the
    release. Missing is a digit, and so are all labels that the release lacks, together.
    """
    edges = tuple(_edges(feature) for feature in release.features)
    values = _stacked([_digits(feature, inner) for feature, inner in zip(release.features, edges)], len(release))
    sizes = [feature.levels + 2 if inner is None else len(inner) + 2 for feature, inner in zip(release.features, edges)]
    return Digits(release.names, values, np.array(sizes, dtype=np.int64), edges)


def _edges(feature: Feature) -> FloatArray | None:
    if not feature.ordered:
        return None
    known = feature.values[~np.isnan(feature.values)]
    if not len(known):
        return np.empty(0)
    return np.unique(np.quantile(known, np.linspace(0.0, 1.0, BINS + 1)[1:-1], method="inverted_cdf"))


def _digits(feature: Feature, edges: FloatArray | None) -> IntArray:
    missing = np.isnan(feature.values)
    if edges is None:
        labels = np.where(feature.values < feature.levels, feature.values, feature.levels + 1)
        return np.where(missing, feature.levels, labels).astype(np.int64)
    bins = np.searchsorted(edges, feature.values, side="right")
    return np.where(missing, len(edges) + 1, bins).astype(np.int64)


def _stacked(columns: list[IntArray], rows: int) -> IntArray:
    return np.stack(columns) if columns else np.zeros((0, rows), dtype=np.int64)
