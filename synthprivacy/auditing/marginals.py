"""What every attacker can read off a release, whoever the target is: moments, histograms, correlations.

References
----------
Stadler, Oprisanu and Troncoso (2022), Synthetic data: anonymisation groundhog day (the feature sets Naive, Histogram and
Correlations).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.auditing.coding import BoolArray, FloatArray

BINS = 10
"""Of an ordered column; of any other as many labels, the most frequent ones, and the rest."""
_DUMMIES = 3
"""Labels of a column that take part in correlations."""
_WIDEST = 40
"""Columns and dummies that are correlated, at most."""


@dataclass(frozen=True, slots=True, repr=False)
class Grid:
    """Bins of every column, from the real people at hand."""

    edges: tuple[FloatArray, ...]
    """Inner edges of an ordered column; most frequent codes of any other, the most frequent first."""
    ordered: BoolArray
    """(columns,)"""


def grid_of(people: FloatArray, ordered: BoolArray) -> Grid:
    """Return the bins of coded people, (columns, rows): deciles, and the most frequent labels."""
    edges = []
    for values, is_ordered in zip(people, ordered):
        present = values[~np.isnan(values)]
        if is_ordered:
            edges.append(np.unique(np.quantile(present, np.arange(1, BINS) / BINS)))
        else:
            labels, counts = np.unique(present, return_counts=True)
            edges.append(labels[np.argsort(-counts, kind="stable")][:BINS])
    return Grid(tuple(edges), ordered)


def naive(release: FloatArray, ordered: BoolArray) -> FloatArray:
    """Return four numbers of each column, (features,).

    The share of missing values; then mean, median and variance, or the number of labels and the shares of the commonest
    and the rarest one.
    """
    found = []
    for values, is_ordered in zip(release, ordered):
        present = values[~np.isnan(values)]
        found.append(1.0 - len(present) / max(len(values), 1))
        if not len(present):
            found += [0.0, 0.0, 0.0]
        elif is_ordered:
            found += [present.mean(), float(np.median(present)), present.var()]
        else:
            shares = np.unique(present, return_counts=True)[1] / len(present)
            found += [float(len(shares)), shares.max(), shares.min()]
    return np.array(found)


def histogram(release: FloatArray, grid: Grid) -> FloatArray:
    """Return the share of rows in each bin of each column, (features,)."""
    rows = max(release.shape[1], 1)
    found = []
    for values, edges, is_ordered in zip(release, grid.edges, grid.ordered):
        present = values[~np.isnan(values)]
        if is_ordered:
            places = np.searchsorted(edges, present, side="right")
            found.append(np.bincount(places, minlength=len(edges) + 1) / rows)
        else:
            found.append((present[:, None] == edges).sum(axis=0) / rows)
    return np.concatenate(found)


def correlation(release: FloatArray, grid: Grid) -> FloatArray:
    """Return the correlations of all pairs of columns, labels as dummies; 0 where one of them is constant, (pairs,)."""
    columns: list[FloatArray] = []
    for values, edges, is_ordered in zip(release, grid.edges, grid.ordered):
        if is_ordered:
            missing = np.isnan(values)
            middle = 0.0 if missing.all() else float(values[~missing].mean())
            columns.append(np.where(missing, middle, values))
        else:
            columns += [(values == label).astype(np.float64) for label in edges[:_DUMMIES]]
    whole = np.stack(columns[:_WIDEST])
    whole = whole - whole.mean(axis=1, keepdims=True)
    length = np.sqrt((whole**2).sum(axis=1))
    whole = whole / np.where(length > 1e-9 * np.maximum(np.abs(whole).max(axis=1), 1e-300), length, np.inf)[:, None]
    upper = np.triu_indices(len(whole), 1)
    return np.asarray((whole @ whole.T)[upper])
