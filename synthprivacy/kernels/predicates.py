"""Conjunctions of simple conditions, counted on arrays.

Every condition is a closed interval of one column, with missing values standing above all numbers: *equal* is
[v, v], *at most* is [-inf, v], *at least* is [v, largest number], *missing* is [inf, inf].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EQUAL, AT_MOST, AT_LEAST, MISSING = range(4)

_LARGEST = float(np.finfo(np.float64).max)
_CELLS = 1 << 22
_SCREENS = (64, 512, 4096)


@dataclass(frozen=True, slots=True)
class Terms:
    """Conjunctions of equally many conditions."""

    column: IntArray
    """(queries, width) positions of columns."""
    low: FloatArray
    """(queries, width)"""
    high: FloatArray
    """(queries, width)"""

    def __len__(self) -> int:
        return len(self.column)

    def take(self, queries: IntArray | BoolArray) -> Terms:
        """Return some of the conjunctions."""
        return Terms(self.column[queries], self.low[queries], self.high[queries])


def comparable(columns: FloatArray) -> FloatArray:
    """Return columns (d, rows) with missing values above all numbers."""
    return np.where(np.isnan(columns), np.inf, columns)


def terms(column: IntArray, operator: IntArray, operand: FloatArray) -> Terms:
    """Return conjunctions from columns, operators and operands, each of shape (queries, width)."""
    low = np.choose(operator, [operand, np.full_like(operand, -np.inf), operand, np.full_like(operand, np.inf)])
    high = np.choose(operator, [operand, operand, np.full_like(operand, _LARGEST), np.full_like(operand, np.inf)])
    return Terms(column, low, high)


def counts(conjunctions: Terms, columns: FloatArray) -> IntArray:
    """Return how many rows (queries,) satisfy each conjunction; memory is bounded by blocks of 4 Mi cells.

    Parameters
    ----------
    conjunctions : Terms
    columns : ndarray of shape (d, rows), float64
        As `comparable` returns them.
    """
    found = np.zeros(len(conjunctions), dtype=np.int64)
    block = max(1, _CELLS // max(1, columns.shape[1]))
    for start in range(0, len(conjunctions), block):
        part = slice(start, start + block)
        found[part] = _satisfied(conjunctions, columns, part).sum(axis=1)
    return found


def matches(conjunctions: Terms, columns: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the pairs (query, row) that match, in blocks of 4 Mi cells."""
    queries, rows = [], []
    block = max(1, _CELLS // max(1, columns.shape[1]))
    for start in range(0, len(conjunctions), block):
        query, row = np.nonzero(_satisfied(conjunctions, columns, slice(start, start + block)))
        queries.append(query + start)
        rows.append(row)
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *queries]), np.concatenate([empty, *rows])


def isolating(conjunctions: Terms, columns: FloatArray, record: IntArray) -> BoolArray:
    """Return which conjunctions (queries,) are satisfied by their own record and by no other row.

    Candidates are screened on growing parts of the table before they are counted in full: most of them already
    match a second row among the first 64.

    Parameters
    ----------
    conjunctions : Terms
    columns : ndarray of shape (d, rows), float64
        As `comparable` returns them, rows in an order unrelated to the columns.
    record : ndarray of shape (queries,), int64
        The row each conjunction was made from.
    """
    rows = columns.shape[1]
    left = np.arange(len(conjunctions))
    for size in (*(size for size in _SCREENS if size < rows), rows):
        own = record[left] < size
        left = left[counts(conjunctions.take(left), columns[:, :size]) == own]
    alone = np.zeros(len(conjunctions), dtype=np.bool_)
    alone[left] = True
    return alone


def _satisfied(conjunctions: Terms, columns: FloatArray, part: slice) -> BoolArray:
    """Return (queries of the part, rows): whether each row satisfies each conjunction."""
    low, high = conjunctions.low[part], conjunctions.high[part]
    held = np.ones((len(low), columns.shape[1]), dtype=np.bool_)
    for position, column in enumerate(conjunctions.column[part].T):
        values = columns[column]
        held &= values >= low[:, position, None]
        held &= values <= high[:, position, None]
    return held
