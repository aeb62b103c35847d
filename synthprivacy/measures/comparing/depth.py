"""Depth: how far from the middle of a table a row lies, which orders rows from the typical to the odd."""

from __future__ import annotations

import numpy as np

from synthprivacy.tables.table import Feature, FloatArray, Table


def remoteness(rows: Table, among: Table) -> FloatArray:
    """Return the mean Gower distance (rows,) of every row to the rows of another table.

    The middle of mixed columns is no row. The mean distance to all rows needs none: of an unordered column it is the share of
    the others with another label, of an ordered one the mean difference on the scale of the column, cut at 1.

    References
    ----------
    Gower (1971), A general coefficient of similarity and some of its properties, section 2 (the distance).
    """
    total = np.zeros(len(rows))
    for feature, others in zip(rows.features, among.features):
        total += _differences(feature, others) if feature.ordered else _mismatches(feature, others)
    return total / max(len(rows.features), 1)


def _mismatches(feature: Feature, others: Feature) -> FloatArray:
    codes, theirs = (np.nan_to_num(column.values, nan=-1.0).astype(np.int64) + 1 for column in (feature, others))
    counts = np.bincount(theirs, minlength=int(codes.max(initial=0)) + 1)
    apart: FloatArray = 1.0 - counts[codes] / max(len(theirs), 1)
    return apart


def _differences(feature: Feature, others: Feature) -> FloatArray:
    """Return the mean of |x - y| over the others, both cut to the scale; one missing counts 1, both 0."""
    mine, theirs = (np.clip((column.values - column.low) / column.scale, 0.0, 1.0) for column in (feature, others))
    known = np.sort(theirs[~np.isnan(theirs)])
    missing = len(theirs) - len(known)
    gone = np.isnan(mine)
    place = np.searchsorted(known, mine)
    below = np.append(0.0, np.cumsum(known))
    rank = np.where(gone, 0, place)
    apart = (2 * rank - len(known)) * np.where(gone, 0.0, mine) + below[-1] - 2.0 * below[rank] + missing
    mean: FloatArray = np.where(gone, len(known), apart) / max(len(theirs), 1)
    return mean
