"""Conjunctions of simple conditions on columns, as arrays: (column, operator, operand). Never text.

A condition holds for a stretch of the sorted distinct values of its column, missing values standing above all others. So
everything after `counting.spans` compares whole numbers, and a date, a label or a number below zero is like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

EQUAL, AT_MOST, AT_LEAST, MISSING = range(4)
NO_CONDITION = -1
"""Fills up the conjunctions that have fewer conditions than the widest one."""


@dataclass(frozen=True, slots=True, repr=False)
class Terms:
    """Conjunctions of up to as many conditions as the arrays are wide."""

    column: IntArray
    """(queries, width) positions of columns."""
    operator: IntArray
    """(queries, width) one of the operators, or `NO_CONDITION`."""
    operand: FloatArray
    """(queries, width) the value compared with; of no account for `MISSING` and `NO_CONDITION`."""

    def __len__(self) -> int:
        return len(self.column)

    def __repr__(self) -> str:
        return f"<{len(self):,} conjunctions, values withheld>"  # operands are values of records: tracebacks are logs

    @property
    def width(self) -> IntArray:
        """Conditions of each conjunction, (queries,)."""
        return np.asarray((self.operator != NO_CONDITION).sum(axis=1), dtype=np.int64)

    def take(self, queries: IntArray | BoolArray) -> Terms:
        """Return some of the conjunctions."""
        return Terms(self.column[queries], self.operator[queries], self.operand[queries])


def of_lists(queries: int, query: IntArray, column: IntArray, operator: IntArray, operand: FloatArray) -> Terms:
    """Return conjunctions from a list of conditions.

    Parameters
    ----------
    queries : int
    query : ndarray of shape (conditions,), int64
        The conjunction each condition belongs to, in any order; one without conditions holds for everybody.
    column, operator, operand : ndarray of shape (conditions,)
    """
    order = np.argsort(query, kind="stable")
    width = np.bincount(query, minlength=queries)
    place = np.arange(len(query)) - np.repeat(np.cumsum(width) - width, width)
    shape = (queries, int(width.max(initial=0)))
    made = Terms(np.zeros(shape, np.int64), np.full(shape, NO_CONDITION), np.zeros(shape))
    for whole, part in ((made.column, column), (made.operator, operator), (made.operand, operand)):
        whole[query[order], place] = part[order]
    return made
