"""The search: which leaves are read for which queries, and in what order.

A query that has no limit yet first reads the leaf it would have been in, which gives it one. Then all leaves that may hold something
nearer are read, leaf by leaf for all queries that still ask for it, so that few large blocks are computed instead of
many small ones: first the leaves within half of the limit, then what is left. Queries that ask for most leaves are kept
for the end, when they read everything in blocks as large as pay.
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
PIECE = 256
"""Queries that share a box."""
SHARE = 1 << 12
"""Queries that read all points together: dense blocks keep threads busy."""
SKIPPED = 15
"""Pieces at most that are taken for crowded because those before them were."""
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
        Threads, for queries that read all points. For others they would not pay: an operation on a leaf takes a few
        microseconds, as long as handing over the interpreter's lock.
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
    parts = np.array_split(order, -(-rows // CHUNK))
    worker = Worker(index, queries, Asked.of(index, queries), home, collector, tuple(views), memory // jobs)
    done, crowded = 0, [order[:0]]
    for part in parts:
        crowded.append(worker.answer(part))
        done += len(part) - len(crowded[-1])
        _tell(progress, done, rows)
    rest = np.concatenate(crowded)
    count = min(jobs * -(-len(rest) // (jobs * SHARE)), len(rest))
    shares = np.array_split(rest, count) if count else []
    with ThreadPoolExecutor(jobs) as pool:
        for share, _ in zip(shares, pool.map(worker.read_all, shares)):
            done += len(share)
            _tell(progress, done, rows)


def _tell(progress: Progress | None, done: int, of: int) -> None:
    if progress is not None:
        progress(done, of)


@dataclass(frozen=True, slots=True)
class Worker:
    """Answers queries chunk by chunk; threads may share one."""

    index: Index
    queries: Normal
    asked: Asked
    home: IntArray
    """(rows,) the leaf each query would have been in."""
    collector: Collector
    views: tuple[View, ...]
    memory: int

    def answer(self, rows: IntArray) -> IntArray:
        """Answer some queries, which are ordered by home; return those for which hardly a leaf can be left out."""
        reading = Reading(self.index, self.asked, self.collector, self.views, rows)
        home = self.home[rows]
        if self.collector.k:
            for begin, end in _runs(home):
                reading.leaf(int(home[begin]), rows[begin:end], first=True)
        waiting: list[Asking] = []
        crowded: list[IntArray] = [rows[:0]]
        held, most, skipping, skipped = 0, self.memory // 128, 0, 0
        for at in range(0, len(rows), PIECE):
            piece = rows[at : at + PIECE]
            if skipping:
                skipping -= 1
                crowded.append(piece)
                continue
            asking = self._asking(reading, piece)
            if asking is None:  # the next ones are near: fewer and fewer of them are asked
                skipped = skipping = min(2 * skipped + 1, SKIPPED)
                crowded.append(piece)
                continue
            skipped = 0
            for leaves in asking:
                waiting.append(leaves)
                held += len(leaves[0])
                if held > most:
                    self._read(reading, waiting)
                    waiting, held = [], 0
        self._read(reading, waiting)
        return np.concatenate(crowded)

    def read_all(self, rows: IntArray) -> None:
        """Read all points for some queries."""
        Reading(self.index, self.asked, self.collector, self.views, rows).everything(rows)

    def _asking(self, reading: Reading, rows: IntArray) -> Iterator[Asking] | None:
        """Return the leaves that some queries must still read, slab by slab; None where they are most of all leaves."""
        leaves = self._near(reading, rows)
        slab = max(1, self.memory // (16 * PIECE))
        if len(leaves) > slab:
            return (self._asked_of(reading, leaves[at : at + slab], rows) for at in range(0, len(leaves), slab))
        asking = self._asked_of(reading, leaves, rows)
        return None if len(asking[0]) > _CROWDED * len(rows) * self.index.leaves else iter([asking])

    def _asked_of(self, reading: Reading, leaves: IntArray, rows: IntArray) -> Asking:
        """Return which of some leaves the queries must still read."""
        bound, asks = self._bounds(reading, leaves, rows)
        if self.collector.k:
            asks &= leaves != self.home[rows][:, None]
        query, leaf = np.nonzero(asks)
        return leaves[leaf], rows[query], bound[query, leaf].astype(np.int64)

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
