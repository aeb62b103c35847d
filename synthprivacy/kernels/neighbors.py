"""Exact nearest neighbours under the laws of distance, by pruned dense blocks in numpy.

numpy is fast on dense blocks and slow on ragged ones, so candidates and queries are pruned leaf by leaf: a query
leaf visits the candidate leaves from the nearest box on, and stops when the next box cannot hold anything nearer
than what its worst query already has. What is left is computed exactly, in whole numbers, so that the answer is
the same for every block size, number of threads and order of rows.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.hashing import mix
from synthprivacy.kernels.index import LEAF, Index, build, narrow, narrow_codes, normalise
from synthprivacy.kernels.partition import boxes, leaves
from synthprivacy.kernels.points import UNIT, Points

__all__ = ["Index", "Nearest", "build", "draw_nearest", "nearest", "nearest_steps"]

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]

_BLOCK = 128
_NOTHING = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Nearest:
    """The k nearest candidates of each query, nearest first."""

    steps: IntArray
    """(queries, k) distances in grid steps."""
    rows: IntArray
    """(queries, k) candidate rows."""


def nearest(index: Index, queries: Points, k: int = 1, *, jobs: int = 1) -> Nearest:
    """Return the k nearest candidates of each query; of equally near ones, those with the smallest rows.

    Parameters
    ----------
    index : Index
    queries : Points
        In the same columns as the candidates.
    k : int
        At least 1, at most the number of candidates.
    jobs : int
        Threads.
    """
    kept = min(k, len(index.first) - 1)
    steps, points = _search(index, queries, kept, None, jobs)
    return _expand(index, steps, points, k)


def draw_nearest(index: Index, queries: Points, keys: KeyArray, *, jobs: int = 1) -> Nearest:
    """Return the nearest candidate of each query, drawn uniformly from all equally near ones.

    The draw depends on the query's key and on the candidates only: never on the batch, the block or the thread.

    Parameters
    ----------
    keys : ndarray of shape (queries,), uint64
        The seed of each query's draw.
    """
    steps, points = _search(index, queries, 1, keys, jobs)
    first, last = index.first[points[:, 0]], index.first[points[:, 0] + 1]
    fraction = (mix(keys + np.uint64(1)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    rows = index.members[first + (fraction * (last - first)).astype(np.int64)]
    return Nearest(steps, rows[:, None])


def nearest_steps(index: Index, queries: Points, *, jobs: int = 1) -> IntArray:
    """Return the distance (queries,) of each query to its nearest candidate, in grid steps."""
    return _search(index, queries, 1, None, jobs)[0][:, 0]


def _search(index: Index, queries: Points, k: int, keys: KeyArray | None, jobs: int) -> tuple[IntArray, IntArray]:
    """Return distances (queries, k) and points (queries, k), ordered by distance, then by the rank of ties."""
    ordered, codes = normalise(queries, index.origin, index.span, index.levels)
    groups = leaves(ordered, codes, index.weights, LEAF)
    around = boxes(ordered, codes, index.weights, index.levels + 2, groups)
    small, few = narrow(ordered, index.span, index.columns), narrow_codes(codes, index.levels)
    steps = np.full((queries.rows, k), _NOTHING, dtype=np.int64)
    points = np.zeros((queries.rows, k), dtype=np.int64)

    def answer(leaf: int) -> None:
        rows = groups[leaf]
        seeds = None if keys is None else keys[rows]
        bound = index.boxes.bound_box(around, leaf)
        search = _LeafSearch(index, small[:, rows], few[:, rows], seeds, k)
        for candidate in np.argsort(bound, kind="stable"):
            if bound[candidate] > search.worst():
                break
            search.visit(int(candidate))
        steps[rows], points[rows] = search.steps, search.points()

    if jobs == 1 or len(groups) < 2:
        for leaf in range(len(groups)):
            answer(leaf)
    else:
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(answer, range(len(groups))))
    return steps, points


class _LeafSearch:
    """The queries of one leaf and the best candidates each has met so far."""

    __slots__ = ("codes", "index", "k", "keys", "ordered", "ranks", "steps")

    def __init__(
        self,
        index: Index,
        ordered: npt.NDArray[np.integer],
        codes: npt.NDArray[np.integer],
        keys: KeyArray | None,
        k: int,
    ) -> None:
        self.index, self.ordered, self.codes, self.keys, self.k = index, ordered, codes, keys, k
        rows = ordered.shape[1]
        self.steps = np.full((rows, k), _NOTHING, dtype=np.int64)
        self.ranks = np.full((rows, k), np.iinfo(np.uint64).max, dtype=np.uint64)

    def worst(self) -> int:
        """Return the largest k-th distance of the leaf."""
        return int(self.steps[:, -1].max())

    def points(self) -> IntArray:
        """Return the points found: the low half of a rank is the point."""
        return (self.ranks & np.uint64(0xFFFFFFFF)).astype(np.int64)

    def visit(self, leaf: int) -> None:
        """Compare the queries that may find something in a candidate leaf with all of it."""
        bound = self.index.boxes.bound_points(leaf, self.ordered, self.codes)
        rows = np.flatnonzero(bound <= self.steps[:, -1])
        start, stop = int(self.index.starts[leaf]), int(self.index.starts[leaf + 1])
        for at in range(0, len(rows), _BLOCK):
            for begin in range(start, stop, 2 * LEAF):
                self._block(rows[at : at + _BLOCK], begin, min(begin + 2 * LEAF, stop))

    def _block(self, rows: IntArray, begin: int, end: int) -> None:
        distances = _distances(self.index, self.ordered[:, rows], self.codes[:, rows], begin, end)
        limit = self.steps[rows, -1]
        if end - begin > self.k:
            kth = distances.min(axis=1) if self.k == 1 else np.partition(distances, self.k - 1, axis=1)[:, self.k - 1]
            limit = np.minimum(limit, kth)
        query, candidate = np.nonzero(distances <= limit[:, None])
        if len(query):
            found = distances[query, candidate].astype(np.int64)
            self._merge(rows, query, found, self._rank(rows[query], candidate + begin))

    def _rank(self, rows: IntArray, points: IntArray) -> KeyArray:
        """Return how ties are ordered: by smallest row, or by a keyed race in which every row is as fast."""
        if self.keys is None:
            high = self.index.members[self.index.first[points]].astype(np.uint64)
        else:
            high = _race(self.keys[rows], points, self.index.first)
        return (high << np.uint64(32)) | points.astype(np.uint64)

    def _merge(self, rows: IntArray, query: IntArray, steps: IntArray, ranks: KeyArray) -> None:
        touched = np.unique(query)
        at = rows[touched]
        query = np.concatenate([query, np.repeat(touched, self.k)])
        steps = np.concatenate([steps, self.steps[at].ravel()])
        ranks = np.concatenate([ranks, self.ranks[at].ravel()])
        order = np.lexsort((ranks, steps, query))
        starts = np.searchsorted(query[order], touched)
        best = order[starts[:, None] + np.arange(self.k)]
        self.steps[at], self.ranks[at] = steps[best], ranks[best]


def _distances(
    index: Index, ordered: npt.NDArray[np.integer], codes: npt.NDArray[np.integer], begin: int, end: int
) -> npt.NDArray[np.integer]:
    """Return the distances (queries, end - begin) in grid steps."""
    shape = (ordered.shape[1], end - begin)
    total = np.zeros(shape, dtype=index.ordered.dtype)
    delta = np.empty_like(total)
    for mine, theirs in zip(ordered, index.ordered[:, begin:end]):
        np.subtract(mine[:, None], theirs[None, :], out=delta)
        np.abs(delta, out=delta)
        np.minimum(delta, UNIT, out=delta)
        total += delta
    whole = np.zeros(shape, dtype=np.uint8 if len(codes) < 256 else np.uint16)
    unequal = np.empty(shape, dtype=np.bool_)
    for weight, mine, theirs in zip(index.weights, codes, index.codes[:, begin:end]):
        np.not_equal(mine[:, None], theirs[None, :], out=unequal)
        if weight == UNIT:
            whole += unequal
        else:
            total += unequal * total.dtype.type(weight)
    total += whole * total.dtype.type(UNIT)
    return total


def _race(keys: KeyArray, points: IntArray, first: IntArray) -> KeyArray:
    """Return 32-bit finishing times: the smallest of as many uniform draws as the point has rows."""
    draw = mix(keys ^ mix(points.astype(np.uint64))) >> np.uint64(32)
    rows = first[points + 1] - first[points]
    several = rows > 1
    if several.any():
        uniform = draw[several].astype(np.float64) * 2.0**-32
        fastest = -np.expm1(np.log1p(-uniform) / rows[several])
        draw[several] = (fastest * 2.0**32).astype(np.uint64)
    return draw


def _expand(index: Index, steps: IntArray, points: IntArray, k: int) -> Nearest:
    """Return rows for points: all members of the points found, nearest and smallest first, k of them."""
    queries, kept = points.shape
    counts = np.minimum(index.first[points + 1] - index.first[points], k).ravel()  # members ascend: k are enough
    owner = np.repeat(np.repeat(np.arange(queries), kept), counts)
    begin = np.repeat(index.first[points].ravel() - (np.cumsum(counts) - counts), counts)
    rows = index.members[begin + np.arange(counts.sum())]
    distance = np.repeat(steps.ravel(), counts)
    order = np.lexsort((rows, distance, owner))
    best = order[np.searchsorted(owner[order], np.arange(queries))[:, None] + np.arange(k)]
    return Nearest(distance[best], rows[best])
