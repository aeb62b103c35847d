"""Reading a leaf: which of its points are of use to which queries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.blocks import PAIRS, Asked, Block, Span, Total, exact_costs
from synthprivacy.kernels.collectors import Collector
from synthprivacy.kernels.index import Index

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
View = frozenset[int]
"""Columns that do not count: ordered ones from 0, coded ones behind them."""

_FEW = 32
"""Where fewer than one pair in so many can matter in any view, they are not sorted out view by view."""
_WIDE = 8192
"""Points of a block where no leaf can be left out."""


class Reading:
    """One thread's way of reading leaves for some queries."""

    __slots__ = ("_block", "_far", "_limit", "_most", "_widest", "asked", "collector", "counting", "index", "views")

    def __init__(self, index: Index, asked: Asked, collector: Collector, views: Sequence[View], rows: IntArray) -> None:
        self.index, self.asked, self.collector, self.views = index, asked, collector, views
        self._block = Block(index, asked)
        self._limit = collector.limit.reshape(len(views), -1)
        own = asked.ordered[:, rows].astype(np.int64)
        low, high = own.min(axis=1)[:, None], own.max(axis=1)[:, None]
        boxes = index.coarse
        self._far = np.maximum(high - boxes.low, boxes.high - low) > index.grain.unit
        self._most = np.concatenate([np.full(len(own), index.grain.unit), index.weights >> index.grain.shift])
        columns = len(self._most)
        counting = [[column not in view for view in views] for column in range(columns)]
        self.counting = np.array(counting, dtype=float).reshape(columns, len(views))
        self._widest = self._limit[0] if len(views) == 1 else self._limit.max(axis=0)

    def leaf(self, leaf: int, rows: IntArray, *, first: bool = False) -> None:
        """Read a leaf for some queries; `first` = they may know no limit yet."""
        start, stop = int(self.index.starts[leaf]), int(self.index.starts[leaf + 1])
        constant = self.index.constant[:, leaf]
        span = Span(
            start,
            stop,
            tuple(np.flatnonzero(~constant).tolist()),
            tuple(np.flatnonzero(constant).tolist()),
            self.index.values[constant, leaf],
            self._far[:, leaf],
        )
        self._read(span, rows, first=first)

    def everything(self, rows: IntArray) -> None:
        """Read all points for some queries, in blocks as wide as pay."""
        columns = tuple(range(len(self.counting)))
        far = self._far.any(axis=1)
        for start in range(0, self.index.points, _WIDE):
            stop = min(start + _WIDE, self.index.points)
            self._read(Span(start, stop, columns, (), np.empty(0, dtype=np.int64), far), rows, first=True)

    def limit(self, rows: IntArray) -> IntArray:
        """Return the distance (views, rows) up to which pairs are of use, in grid steps."""
        return self._limit[:, rows]

    def reach(self, rows: IntArray) -> IntArray:
        """Return the coarse distance (views, rows) up to which pairs are of use."""
        limit = self._limit[:, rows]
        return np.where(limit < 0, -1, self.index.grain.reach(limit))

    def widest(self, rows: IntArray) -> IntArray:
        """Return the coarse distance (rows,) up to which pairs are of use in some view."""
        limit = self._widest[rows]
        return np.where(limit < 0, -1, self.index.grain.reach(limit))

    def _read(self, span: Span, rows: IntArray, *, first: bool) -> None:
        height = max(1, PAIRS // (span.stop - span.start))
        for at in range(0, len(rows), height):
            some = rows[at : at + height]
            hit = self._useful(span, some, first=first)
            found = np.flatnonzero(hit)
            if len(found):
                query, point = np.divmod(found, span.stop - span.start)
                self._hand_over(some[query], point + span.start)

    def _useful(self, span: Span, rows: IntArray, *, first: bool) -> BoolArray:
        """Return which pairs (rows, points) may be of use in some view."""
        costs = self._block.constant_costs(rows, span)
        limits = self.reach(rows) - (self.counting[list(span.constant)].T @ costs).astype(np.int64)
        total = self._block.distances(rows, span)
        if not first:
            maybe = up_to(total, (limits + self._spared(span)).max(axis=0))
            if len(self.views) == 1 or np.count_nonzero(maybe) * _FEW <= maybe.size:
                return maybe
        hit: BoolArray = np.zeros(total.shape, dtype=np.bool_)
        for columns, members in self._alike(span).items():
            rest = self._block.without(columns, total, rows, span) if columns else total
            hit |= up_to(rest, self._tightened(rest, limits[members], first=first).max(axis=0))
        return hit

    def _spared(self, span: Span) -> IntArray:
        """Return how much less than the whole distance one in each view (views, 1) can be, in grains, where few are."""
        most = [int(sum(self._most[column] for column in span.varying if column in view)) for view in self.views]
        return np.array(most, dtype=np.int64)[:, None]

    def _alike(self, span: Span) -> dict[tuple[int, ...], list[int]]:
        """Return the views by the columns they leave out of those that vary."""
        alike: dict[tuple[int, ...], list[int]] = {}
        for number, view in enumerate(self.views):
            alike.setdefault(tuple(column for column in span.varying if column in view), []).append(number)
        return alike

    def _tightened(self, rest: Total, limits: IntArray, *, first: bool) -> IntArray:
        """Return limits no further than the k-th point of the block can be."""
        k, grain = self.collector.k, self.index.grain
        if not first or not 0 < k <= rest.shape[1]:
            return limits
        kth = rest.min(axis=1) if k == 1 else np.partition(rest, k - 1, axis=1)[:, k - 1]
        return np.minimum(limits, kth.astype(np.int64) + grain.above + grain.below)

    def _hand_over(self, rows: IntArray, points: IntArray) -> None:
        """Give the collector the pairs it has a use for, with their exact distances."""
        steps = (exact_costs(self.index, self.asked, rows, points) @ self.counting).T.astype(np.int64)
        view, pair = np.nonzero(steps <= self._limit[:, rows])
        if len(view):
            slots = view * self._limit.shape[1] + rows[pair]
            self.collector.add(slots, points[pair], steps[view, pair])
            if len(self.views) > 1:
                touched = rows[np.diff(rows, prepend=-1) != 0]
                self._widest[touched] = self._limit[:, touched].max(axis=0)


def up_to(distances: Total, limit: IntArray) -> BoolArray:
    """Return which distances (rows, points) are at most each row's limit; a negative one counts as 0."""
    top = np.iinfo(distances.dtype).max
    close: BoolArray = distances <= np.clip(limit, 0, top).astype(distances.dtype)[:, None]
    return close
