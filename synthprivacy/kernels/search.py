"""The search: which leaves are read for which queries, and in what order.

A query that has no limit yet first reads the leaf it would have been in, which gives it one. Then all leaves that may hold something
nearer are read, leaf by leaf for all queries that still ask for it, so that few large blocks are computed instead of
many small ones: first the leaves within half of the limit, then what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.blocks import Asked
from synthprivacy.kernels.boxes import boxes
from synthprivacy.kernels.collectors import Collector
from synthprivacy.kernels.image import SmallArray
from synthprivacy.kernels.index import Index, Normal
from synthprivacy.kernels.reading import Reading, View, up_to

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]
"""Called with the queries answered so far, and their number."""
Asking = tuple[IntArray, IntArray, IntArray]
"""(pairs,) leaves, the queries that ask for them, and how near the leaf may be, in grains."""

WHOLE: tuple[View, ...] = (frozenset(),)
MEMORY = 512 * 2**20
"""Bytes of working memory, where nobody says otherwise."""
CHUNK = 1 << 17
"""Queries answered together."""
LEAST = 1 << 17
"""Queries (in one view each) that are worth a thread: with fewer, threads wait for each other more than they compute."""
PIECE = 256
"""Queries that share a box."""
_CROWDED = 0.5
"""Share of leaves still asked for from which on all points are read at once."""


def search(
    index: Index,
    queries: Normal,
    collector: Collector,
    *,
    views: Sequence[View] = WHOLE,
    jobs: int = 1,
    memory: int = MEMORY,
    progress: Progress | None = None,
) -> None:
    """Show a collector every pair that it has a use for, and some others.

    Parameters
    ----------
    index : Index
    queries : Normal
        In the index's own positions and codes.
    collector : Collector
        Its slots are the queries in the first view, then those in the second, and so on.
    views : sequence of frozenset of int
        Columns left out: ordered ones from 0, coded ones behind them.
    jobs : int
        Threads.
    memory : int
        Bytes of working memory, for all threads together.
    progress : callable, optional

    Notes
    -----
    `jobs` and `memory` change the time, and nothing else.
    """
    rows = queries.ordered.shape[1]
    if not rows:
        return
    home = index.partition.route([*queries.ordered, *queries.codes], rows)
    order = np.argsort(home, kind="stable")
    chunks = max(-(-rows // CHUNK), min(jobs, rows * len(views) // LEAST), 1)
    parts = np.array_split(order, chunks)
    worker = Worker(index, queries, Asked.of(index, queries), home, collector, tuple(views), memory // jobs)
    with ThreadPoolExecutor(jobs) as pool:
        done = 0
        for part, _ in zip(parts, map(worker.answer, parts) if jobs == 1 else pool.map(worker.answer, parts)):
            done += len(part)
            if progress is not None:
                progress(done, rows)


@dataclass(frozen=True, slots=True)
class Worker:
    """Answers queries chunk by chunk; several threads may share one."""

    index: Index
    queries: Normal
    asked: Asked
    home: IntArray
    """(rows,) the leaf each query would have been in."""
    collector: Collector
    views: tuple[View, ...]
    memory: int

    def answer(self, rows: IntArray) -> None:
        """Answer some queries, which are ordered by home."""
        reading = Reading(self.index, self.asked, self.collector, self.views, rows)
        home = self.home[rows]
        if self.collector.k:
            for begin, end in _runs(home):
                reading.leaf(int(home[begin]), rows[begin:end], first=True)
        waiting: list[Asking] = []
        held, most = 0, self.memory // 128
        for at in range(0, len(rows), PIECE):
            for asking in self._asking(reading, rows[at : at + PIECE]):
                waiting.append(asking)
                held += len(asking[0])
                if held > most:
                    self._read(reading, waiting)
                    waiting, held = [], 0
        self._read(reading, waiting)

    def _asking(self, reading: Reading, rows: IntArray) -> Iterator[Asking]:
        """Yield the leaves that some queries must still read; reads all of them at once where they are most."""
        leaves = self._near(reading, rows)
        slab = max(1, self.memory // (16 * PIECE))
        for begin in range(0, len(leaves), slab):
            some = leaves[begin : begin + slab]
            bound, asks = self._bounds(reading, some, rows)
            if self.collector.k:
                asks &= some != self.home[rows][:, None]
            if len(some) == len(leaves) and np.count_nonzero(asks) > _CROWDED * len(rows) * self.index.leaves:
                reading.everything(rows)
                return
            query, leaf = np.nonzero(asks)
            yield some[leaf], rows[query], bound[query, leaf].astype(np.int64)

    def _near(self, reading: Reading, rows: IntArray) -> IntArray:
        """Return the leaves whose box is near enough to the queries' own box."""
        ordered, codes = self.queries.ordered[:, rows], self.queries.codes[:, rows]
        around = boxes(ordered, codes, self.index.weights, self.index.levels + 2, np.array([0, len(rows)]))
        limits = reading.limit(rows).max(axis=1)
        near = [self.index.boxes.from_box(around, 0, view) <= limit for view, limit in zip(self.views, limits)]
        return np.flatnonzero(np.logical_or.reduce(near))

    def _bounds(self, reading: Reading, leaves: IntArray, rows: IntArray) -> tuple[SmallArray, BoolArray]:
        """Return the least distance (rows, leaves) of a query and a leaf over all views, and whether it asks for it."""
        columns = [*self.asked.ordered, *self.asked.codes]
        total = np.zeros((len(rows), len(leaves)), dtype=self.index.grain.total)
        left_out = {}
        for column, values in enumerate(columns):
            cost = self.index.coarse.cost(column, leaves, values[rows]).view(total.dtype)
            total += cost
            if any(column in view for view in self.views):
                left_out[column] = cost
        least: SmallArray = total
        asks: BoolArray = np.zeros(total.shape, dtype=np.bool_)
        for view, reach in zip(self.views, reading.reach(rows)):
            rest = total
            for column in view:
                rest = rest - left_out[column]
            asks |= up_to(rest, reach) & (reach >= 0)[:, None]
            least = np.minimum(least, rest)
        return least, asks

    def _read(self, reading: Reading, waiting: list[Asking]) -> None:
        """Read leaves that queries ask for, the nearest first; a query that has found nearer ones asks no more."""
        if not waiting:
            return
        leaves, rows, bound = (np.concatenate(parts) for parts in zip(*waiting))
        order = np.argsort(
            leaves.astype(np.min_scalar_type(self.index.leaves)), kind="stable"
        )  # small ones sort faster
        leaves, rows, bound = leaves[order], rows[order], bound[order]
        near = bound <= reading.widest(rows) // 2
        for some in (near, ~near):
            own, asking, least = leaves[some], rows[some], bound[some]
            for begin, end in _runs(own):
                still = least[begin:end] <= reading.widest(asking[begin:end])
                if still.any():
                    reading.leaf(int(own[begin]), asking[begin:end][still])


def _runs(values: IntArray) -> Iterator[tuple[int, int]]:
    """Yield where each run of equal values begins and ends."""
    edges = (
        np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]])) if len(values) else np.zeros(1, int)
    )
    yield from pairwise(edges.tolist())
