"""Survey weights: the one place where rows of a table come to stand for different numbers of people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.measures.comparing.influence import Compared
from synthprivacy.tables.table import FloatArray, IntArray, Table


def weights_of(table: Table) -> FloatArray:
    """Return how much each row (rows,) counts, 1 in the mean; all alike without weights, or where they are all 0."""
    if table.survey is None or not table.survey.any():
        return np.ones(len(table))
    scaled = table.survey / table.survey.max()  # first, or the sum of huge weights would be no number
    weights: FloatArray = scaled / scaled.mean()
    return weights


def worth(weights: FloatArray) -> float:
    """Return how many rows of equal weight the rows are worth: (Σw)² / Σw².

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7.
    """
    return float(weights.sum()) ** 2 / float(np.square(weights).sum())


def weighted_shares(cells: IntArray, weights: FloatArray, size: int) -> FloatArray:
    """Return the weighted share of each cell (size,), of the rows that are in one; all 0 where nobody who counts is.

    Parameters
    ----------
    cells : ndarray of int64, shape (rows,)
        -1 for a row that is in none, because its value is unknown.
    weights : ndarray of float64, shape (rows,)
    size : int
    """
    inside = cells >= 0
    counted = np.bincount(cells[inside], weights[inside], minlength=size).astype(np.float64)
    total = float(counted.sum())
    return counted / (total if total > 0.0 else 1.0)


def by_weighted_cells(
    value: float,
    slopes: tuple[FloatArray, FloatArray],
    cells: Sequence[IntArray],
    shares: Sequence[FloatArray],
    weights: Sequence[FloatArray],
) -> Compared:
    """Return a comparison of two tables by the weighted shares of their cells.

    A share is a ratio of weighted sums, so a row moves it by its weight times its distance from the share.

    Parameters
    ----------
    value, slopes, cells, shares
        As `influence.by_cells`, the shares being weighted ones.
    weights : sequence of two ndarrays of float64, shape (rows,)

    References
    ----------
    Woodruff (1971), A simple method for approximating the variance of a complicated estimate (linearisation).
    """
    owed = []
    for slope, cell, share, weight in zip(slopes, cells, shares, weights):
        inside = cell >= 0
        centred = np.append(slope - (slope * share).sum(), 0.0)
        owed.append(centred[cell] * weight * (len(cell) / weight[inside].sum()))
    return Compared(value, owed[0], owed[1])
