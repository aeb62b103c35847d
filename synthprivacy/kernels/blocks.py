"""Dense blocks: every pair of some queries and some neighbouring points, in coarse whole numbers.

Columns in which all points of a leaf agree are not computed pair by pair: they cost a query the same against all of
them, which lowers its limit instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.image import SmallArray
from synthprivacy.kernels.index import Index, Normal, fitting, labels, narrow
from synthprivacy.kernels.points import UNIT

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)
Total = npt.NDArray[np.integer]
"""Coarse distances, in grains."""

PAIRS = 1 << 19
"""Pairs of a block: more of them cost numpy no less a pair, fewer do."""
_WIDE = 4096
"""Points from which on one row of numbers is read again and again faster than a block of them once."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """Queries as an index sees them: once exact, once coarse."""

    ordered: SmallArray
    """(p, rows) positions in grains."""
    codes: tuple[SmallArray, ...]
    """Per coded column: (rows,)."""
    positions: npt.NDArray[np.integer]
    """(rows, p) positions in grid steps."""
    labels: SmallArray
    """(rows, q) codes."""

    @classmethod
    def of(cls, index: Index, points: Normal) -> Asked:
        """Return the queries in the image of an index."""
        small = narrow(points.codes, index.levels)
        return cls(
            ordered=index.grain.coarse(points.ordered),
            codes=small,
            positions=np.ascontiguousarray(fitting(points.ordered.T, index.span)),
            labels=labels(small, points.codes),
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Points that lie behind one another in an index, and what is constant among them."""

    start: int
    stop: int
    varying: tuple[int, ...]
    """Columns in which the points differ: ordered ones from 0, coded ones behind them."""
    constant: tuple[int, ...]
    """The rest."""
    values: IntArray
    """(constant,) what all points have there, in grains or codes."""
    far: BoolArray
    """(p,) whether some query may lie more than a whole mismatch away in an ordered column."""


class Block:
    """Memory for one block after another; one for each thread."""

    __slots__ = ("_delta", "_rest", "_total", "_unequal", "_unit", "_whole", "asked", "index")

    def __init__(self, index: Index, asked: Asked) -> None:
        self.index, self.asked = index, asked
        size = max(min(PAIRS, len(asked.positions) * index.points), int(np.diff(index.starts).max(initial=1)))
        self._total = np.empty(size, dtype=index.grain.total)
        self._rest = np.empty(size, dtype=index.grain.total)
        self._delta = np.empty(size, dtype=index.grain.delta)
        self._unit = np.full(size, index.grain.unit, dtype=index.grain.delta)  # numpy is slow with a lone number here
        self._whole = np.empty(size, dtype=np.uint8)
        self._unequal = np.empty(size, dtype=np.bool_)

    def distances(self, rows: IntArray, span: Span) -> Total:
        """Return the coarse distances (rows, points) over the columns that vary; the block's own memory."""
        shape = (len(rows), span.stop - span.start)
        total = _shaped(self._total, shape)
        self._mismatches(rows, span, total)
        for column in span.varying:
            if column < len(self.asked.ordered):
                np.add(total, self.cost(column, rows, span), out=total)
        return total

    def without(self, columns: Iterable[int], total: Total, rows: IntArray, span: Span) -> Total:
        """Return coarse distances (rows, points) without some of the columns that vary; the block's own memory."""
        rest = _shaped(self._rest, total.shape)
        rest[...] = total
        for column in columns:
            np.subtract(rest, self.cost(column, rows, span), out=rest)
        return rest

    def cost(self, column: int, rows: IntArray, span: Span) -> Total:
        """Return what one column that varies costs each pair (rows, points), in grains; the block's own memory."""
        grain, coded = self.index.grain, column - len(self.asked.ordered)
        delta = _shaped(self._delta, (len(rows), span.stop - span.start))
        if coded < 0:
            theirs = self.index.ordered[column, span.start : span.stop]
            np.subtract(self.asked.ordered[column, rows][:, None], theirs, out=delta)
            np.abs(delta, out=delta)
            if span.far[column]:
                wide = delta.shape[1] >= _WIDE
                np.minimum(delta, self._unit[: delta.shape[1]] if wide else _shaped(self._unit, delta.shape), out=delta)
        else:
            weight = delta.dtype.type(int(self.index.weights[coded]) >> grain.shift)
            np.multiply(self._unlike(coded, rows, span), weight, out=delta)
        return delta.view(grain.total)

    def constant_costs(self, rows: IntArray, span: Span) -> FloatArray:
        """Return what each constant column costs each query (constant, rows), in grains: whole numbers."""
        costs = np.empty((len(span.constant), len(rows)))
        unit, ordered = self.index.grain.unit, len(self.asked.ordered)
        for at, (column, value) in enumerate(zip(span.constant, span.values)):
            if column < ordered:
                away = np.abs(self.asked.ordered[column, rows].astype(np.int64) - value)
                np.minimum(away, unit, out=costs[at])
            else:
                weight = int(self.index.weights[column - ordered]) >> self.index.grain.shift
                np.multiply(self.asked.codes[column - ordered][rows] != value, weight, out=costs[at])
        return costs

    def _mismatches(self, rows: IntArray, span: Span, total: Total) -> None:
        """Write what the coded columns cost: whole mismatches are counted in bytes, the others added one by one."""
        grain, ordered = self.index.grain, len(self.asked.ordered)
        whole = _shaped(self._whole, total.shape)
        whole[...] = 0
        partial = []
        for column in span.varying:
            if column < ordered:
                continue
            if self.index.weights[column - ordered] >> grain.shift == grain.unit and len(self.asked.codes) < 256:
                np.add(whole, self._unlike(column - ordered, rows, span).view(np.uint8), out=whole)
            else:
                partial.append(column)
        np.multiply(whole, total.dtype.type(grain.unit), out=total)
        for column in partial:
            np.add(total, self.cost(column, rows, span), out=total)

    def _unlike(self, coded: int, rows: IntArray, span: Span) -> BoolArray:
        unequal = _shaped(self._unequal, (len(rows), span.stop - span.start))
        theirs = self.index.codes[coded][span.start : span.stop]
        np.not_equal(self.asked.codes[coded][rows][:, None], theirs, out=unequal)
        return unequal


def exact_costs(index: Index, asked: Asked, rows: IntArray, points: IntArray) -> npt.NDArray[np.float64]:
    """Return what every column costs each pair (pairs, p + q), in grid steps: whole numbers below 2 ** 53."""
    ordered = asked.positions.shape[1]
    costs = np.empty((len(rows), ordered + asked.labels.shape[1]))
    away = np.abs(asked.positions[rows] - index.positions[points])
    np.minimum(away, UNIT, out=costs[:, :ordered])
    np.multiply(asked.labels[rows] != index.labels[points], index.weights, out=costs[:, ordered:])
    return costs


def _shaped(memory: npt.NDArray[Scalar], shape: tuple[int, ...]) -> npt.NDArray[Scalar]:
    return memory[: shape[0] * shape[1]].reshape(shape)
