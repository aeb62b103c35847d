"""Leaves: points that lie near each other, found by cutting again and again where points differ most.

The cuts are kept, so that other points can be sent to the leaf they would have been in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.points import UNIT

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_SAMPLE = 256
"""Points that decide where a node is cut; the cut changes the time a search takes, never its answer."""


@dataclass(frozen=True, slots=True, repr=False)
class Cut:
    """Sends the points of a node to one of two children."""

    column: int
    """Row of the ordered columns, or of the coded ones behind them."""
    threshold: int
    """Positions from here on go to the second child."""
    second: BoolArray | None
    """(levels,) codes that go to the second child; None where the column is ordered."""
    children: tuple[int, int]
    """Nodes; leaf n is written as -1 - n."""

    def __repr__(self) -> str:
        return f"<cut of column {self.column}>"  # never a value: tracebacks are logs

    def upper(self, column: IntArray) -> BoolArray:
        """Return which values go to the second child."""
        return column >= self.threshold if self.second is None else self.second[column]


@dataclass(frozen=True, slots=True)
class Partition:
    """Points in leaves; neighbouring leaves lie near each other."""

    leaves: tuple[IntArray, ...]
    """The points of each leaf."""
    cuts: tuple[Cut, ...]
    """The first one is the root; none where there is one leaf."""

    def route(self, columns: list[IntArray], rows: int) -> IntArray:
        """Return the leaf (rows,) that each of some other points would have been in."""
        home = np.zeros(rows, dtype=np.int64)
        waiting = [(0, np.arange(rows))] if self.cuts else []
        while waiting:
            node, here = waiting.pop()
            cut = self.cuts[node]
            upper = cut.upper(columns[cut.column][here])
            for child, going in zip(cut.children, (here[~upper], here[upper])):
                if child < 0:
                    home[going] = -1 - child
                elif len(going):
                    waiting.append((child, going))
        return home


def partition(ordered: IntArray, codes: IntArray, weights: IntArray, levels: IntArray, size: int) -> Partition:
    """Return leaves of at most `size` points, or of any number of equal ones.

    A node is cut at the column in which two of its points differ most on average: an ordered column at its median, a
    coded one between two sets of levels of about equal weight.

    Parameters
    ----------
    ordered : ndarray of shape (p, rows), int64
    codes : ndarray of shape (q, rows), int64
    weights : ndarray of shape (q,), int64
        Grid steps of a mismatch.
    levels : ndarray of shape (q,), int64
        Number of codes of each coded column.
    size : int
    """
    table = _Columns.of(ordered, codes, weights, levels)
    leaves: list[IntArray] = []
    cuts: list[tuple[int, int, BoolArray | None]] = []
    child: dict[tuple[int, int], int] = {}
    waiting = [(np.arange(ordered.shape[1]), -1, 0)]
    while waiting:
        rows, parent, side = waiting.pop()
        found = None if len(rows) <= size else _cut(table, rows)
        if found is None:
            child[parent, side] = -1 - len(leaves)
            leaves.append(rows)
        else:
            cut, upper = found
            child[parent, side] = node = len(cuts)
            cuts.append(cut)
            waiting += [(rows[upper], node, 1), (rows[~upper], node, 0)]
    linked = tuple(Cut(*cut, (child[node, 0], child[node, 1])) for node, cut in enumerate(cuts))
    return Partition(tuple(leaves), linked)


@dataclass(frozen=True, slots=True, repr=False)
class _Columns:
    """All columns, as the search for a cut reads them."""

    ordered: IntArray
    """(p, rows)"""
    codes: IntArray
    """(q, rows)"""
    counts: IntArray
    """(p + q,) number of codes; 0 of an ordered column."""
    weights: IntArray
    """(q,)"""
    first: IntArray
    """(q,) place of each coded column's first level, all levels lying behind one another."""

    @classmethod
    def of(cls, ordered: IntArray, codes: IntArray, weights: IntArray, levels: IntArray) -> _Columns:
        """Return the columns of some points."""
        counts = np.concatenate([np.zeros(len(ordered), dtype=np.int64), levels])
        return cls(ordered, codes, counts, weights, np.cumsum(levels) - levels)

    def values(self, column: int, rows: IntArray) -> IntArray:
        """Return one column (rows,) of some points."""
        values: IntArray = (
            self.ordered[column, rows] if column < len(self.ordered) else self.codes[column - len(self.ordered), rows]
        )
        return values

    def spreads(self, rows: IntArray) -> FloatArray:
        """Return how far two of some points differ in each column (p + q,), about, in grid steps."""
        return np.concatenate([self._distances(self.ordered[:, rows]), self._diversities(self.codes[:, rows])])

    def _distances(self, positions: IntArray) -> FloatArray:
        middle = np.partition(positions, positions.shape[1] // 2, axis=1)[:, positions.shape[1] // 2]
        away = np.abs(positions - middle[:, None])
        mean: FloatArray = np.minimum(away, UNIT, out=away).mean(axis=1)
        return mean

    def _diversities(self, codes: IntArray) -> FloatArray:
        """Return the chance (q,) that two points differ in each coded column, times what that costs."""
        if not len(codes):
            return np.empty(0)
        counts = np.bincount((codes + self.first[:, None]).ravel(), minlength=int(self.first[-1]) + 1)
        alike = np.add.reduceat(np.square(counts / codes.shape[1]), self.first)
        spread: FloatArray = self.weights * (1.0 - alike)
        return spread


def _cut(table: _Columns, rows: IntArray) -> tuple[tuple[int, int, BoolArray | None], BoolArray] | None:
    """Return a cut and which rows it sends to the second child, or None where all points are equal."""
    spreads = table.spreads(rows[:: max(1, len(rows) // _SAMPLE)])
    for column in np.argsort(-spreads, kind="stable").tolist():
        values, levels = table.values(column, rows), int(table.counts[column])
        second = _second_half(values, levels) if levels else None
        threshold = _middle(values) if second is None else 0
        upper = values >= threshold if second is None else second[values]
        if 0 < np.count_nonzero(upper) < len(rows):
            return (column, threshold, second), upper
    return None


def _middle(column: IntArray) -> int:
    """Return the median, or the value above it where the median is the smallest."""
    median = np.partition(column, len(column) // 2)[len(column) // 2]
    if median > column.min():
        return int(median)
    above = column[column > median]
    return int(above.min()) if len(above) else int(median)


def _second_half(column: IntArray, levels: int) -> BoolArray:
    """Return the codes (levels,) that follow the most frequent ones, which make up about half of the points."""
    counts = np.bincount(column, minlength=levels)
    order = np.argsort(-counts, kind="stable")
    behind = np.cumsum(counts[order]) - counts[order] / 2 > len(column) / 2
    behind[0] = False
    second = np.zeros(levels, dtype=np.bool_)
    second[order[behind]] = True
    return second
