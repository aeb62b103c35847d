"""Column shapes: how alike each single column is."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from synthprivacy.measures.family import compared_tables, family_scores
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray


def column_shapes(case: Case) -> tuple[Score, ...]:
    """Return the column shapes: 1 = the same distribution, 0 = nothing in common.

    Ordered columns: one minus the Kolmogorov–Smirnov statistic (*KSComplement*). All others: one minus the total
    variation distance (*TVComplement*). Missing values are left out of both, and a column without any known value in
    one of the tables is undefined. Free text and identifiers are not compared. A number that is constant in the
    release is compared as a label, as everywhere in this package.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``shapes``: ``mean``, ``mean_control`` where there is a control, and ``column.NAME`` for every column.

    References
    ----------
    SDMetrics (DataCebo), metrics *KSComplement* and *TVComplement*, property *Column Shapes*.
    """
    tables = compared_tables(case)
    columns = tables["original"].features
    profiles = {label: [_profile(feature) for feature in table.features] for label, table in tables.items()}
    similarities = {
        (first, second): np.array(
            [
                _similarity(one, other, ordered=feature.ordered)
                for feature, one, other in zip(columns, profiles[first], profiles[second])
            ]
        )
        for first, second in combinations(tables, 2)
    }
    labels = [f"column.{feature.name}" for feature in columns]
    return family_scores("shapes", similarities, labels=labels, shown=range(len(labels)))


def _profile(feature: Feature) -> FloatArray:
    """Return the sorted known values of an ordered column, else the share of each code; empty if nothing is known."""
    known = feature.values[~np.isnan(feature.values)]
    if feature.ordered:
        return np.sort(known)
    return np.bincount(known.astype(np.int64)) / max(len(known), 1)


def _similarity(one: FloatArray, other: FloatArray, *, ordered: bool) -> float:
    if not len(one) or not len(other):
        return float("nan")
    return 1.0 - (_largest_gap(one, other) if ordered else _total_variation(one, other))


def _largest_gap(one: FloatArray, other: FloatArray) -> float:
    """Return the Kolmogorov–Smirnov statistic of two sorted samples.

    Both distribution functions are constant between sample points, so their right limits at the points of either
    sample are all the values there are.
    """
    gaps = (
        np.searchsorted(one, points, side="right") / len(one)
        - np.searchsorted(other, points, side="right") / len(other)
        for points in (one, other)
    )
    return max(float(np.abs(gap).max()) for gap in gaps)


def _total_variation(one: FloatArray, other: FloatArray) -> float:
    levels = max(len(one), len(other))
    first, second = (np.pad(shares, (0, levels - len(shares))) for shares in (one, other))
    return float(np.abs(first - second).sum() / 2)
