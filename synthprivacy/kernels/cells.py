"""Cells of a table of labels: how many rows of a release, and how many of each label of a secret, share some values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """The occupied cells of one set of columns."""

    columns: tuple[int, ...]
    """Positions among the known columns."""
    radix: IntArray
    """(columns,) place values of the cell numbers."""
    number: IntArray
    """(cells,) rising."""
    rows: FloatArray
    """(cells,) rows of the release."""
    labelled: FloatArray
    """(labels, cells) rows with each label of the secret."""

    def of(self, digits: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return rows (people,) and labelled rows (labels, people) of the cell each person is in; zeros outside of all.

        Parameters
        ----------
        digits : ndarray of shape (known columns, people), int64
        """
        wanted = self.radix @ digits[list(self.columns)]
        place = np.minimum(np.searchsorted(self.number, wanted), len(self.number) - 1)
        there = self.number[place] == wanted
        return np.where(there, self.rows[place], 0.0), np.where(there, self.labelled[:, place], 0.0)


def count(digits: IntArray, sizes: IntArray, labels: IntArray, levels: int, columns: Sequence[int]) -> Cells:
    """Return the occupied cells of some columns.

    Parameters
    ----------
    digits : ndarray of shape (known columns, rows), int64
        0 … size - 1.
    sizes : ndarray of shape (known columns,), int64
    labels : ndarray of shape (rows,), int64
        0 … levels - 1, or `levels` and more for rows that count for no label.
    levels : int
    columns : sequence of int
        At least one; the product of their sizes must stay below 2⁶³.
    """
    chosen = list(columns)
    radix = np.concatenate([[1], np.cumprod(sizes[chosen[:-1]])]).astype(np.int64)
    number, cell, rows = np.unique(radix @ digits[chosen], return_inverse=True, return_counts=True)
    known = labels < levels
    joint = labels[known] * len(number) + cell.reshape(-1)[known]
    labelled = np.bincount(joint, minlength=levels * len(number)).reshape(levels, len(number))
    return Cells(tuple(chosen), radix, number, rows.astype(np.float64), labelled.astype(np.float64))
