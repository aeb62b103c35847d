"""Exact nearest neighbours under the laws of distance, by pruned dense blocks in numpy.

numpy is fast on dense blocks and slow on ragged ones, so candidates lie in leaves, each leaf in a box, and a leaf is
read at once for all queries whose neighbours may be in it (`search`). Pairs are first compared in a coarse image
(`blocks`); the few that are left are computed exactly, in whole numbers, so that the answer is the same for every block
size, amount of memory, number of threads and order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.collectors import AllWithin, AnyWithin, CountWithin, KeyArray, NearestOnes
from synthprivacy.kernels.hashing import mix
from synthprivacy.kernels.index import Index, Normal, build, distinct, normalise
from synthprivacy.kernels.points import Points
from synthprivacy.kernels.reading import View
from synthprivacy.kernels.search import search

__all__ = [
    "Index",
    "Nearest",
    "View",
    "any_within",
    "build",
    "count_within",
    "draw_in_views",
    "draw_nearest",
    "nearest",
    "nearest_in_views",
    "nearest_steps",
    "within",
]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The k nearest candidates of each query, nearest first."""

    steps: IntArray
    """(queries, k) distances in grid steps."""
    rows: IntArray
    """(queries, k) candidate rows."""


def nearest(index: Index, queries: Points, k: int = 1, **how: Any) -> Nearest:
    """Return the k nearest candidates of each query; of equally near ones, those with the smallest rows.

    Parameters
    ----------
    index : Index
    queries : Points
        In the same columns as the candidates.
    k : int
        At least 1, at most the number of candidates.
    **how
        ``jobs``, ``memory``, ``progress``: see `search`.
    """
    normal = _normal(index, queries)
    of, one = distinct(normal)
    some = Normal(normal.ordered[:, one], normal.codes[:, one])
    found = NearestOnes(index, len(one), min(k, index.points), None)
    search(index, some, found, **how)
    rows = _expand(index, found.steps, found.points(), k)
    return Nearest(rows.steps[of], rows.rows[of])


def draw_nearest(index: Index, queries: Points, keys: KeyArray, **how: Any) -> Nearest:
    """Return the nearest candidate of each query, drawn uniformly from all equally near ones.

    The draw depends on the query's key and on the candidates only: never on the batch, the block or the thread.

    Parameters
    ----------
    keys : ndarray of shape (queries,), uint64
        The seed of each query's draw.
    """
    found = NearestOnes(index, queries.rows, 1, keys)
    search(index, _normal(index, queries), found, **how)
    points = found.points()[:, 0]
    return Nearest(found.steps, _drawn_member(index, points, keys)[:, None])


def nearest_in_views(index: Index, queries: Points, views: Sequence[View], k: int = 1, **how: Any) -> Nearest:
    """Return what `nearest` finds in several selections of the columns, which share one index and one pass.

    Parameters
    ----------
    views : sequence of frozenset of int
        See `draw_in_views`.

    Returns
    -------
    Nearest
        With arrays of shape (views, queries, k).
    """
    normal = _normal(index, queries)
    of, one = distinct(normal)
    found = NearestOnes(index, len(views) * len(one), min(k, index.points), None)
    search(index, Normal(normal.ordered[:, one], normal.codes[:, one]), found, views=views, **how)
    rows = _expand(index, found.steps, found.points(), k)
    shape = (len(views), len(one), k)
    return Nearest(rows.steps.reshape(shape)[:, of], rows.rows.reshape(shape)[:, of])


def draw_in_views(index: Index, queries: Points, views: Sequence[View], keys: KeyArray, **how: Any) -> Nearest:
    """Return what `draw_nearest` finds in several selections of the columns, which share one index and one pass.

    Parameters
    ----------
    index : Index
        Of the candidates in all columns.
    views : sequence of frozenset of int
        The columns each selection leaves out: ordered ones from 0, coded ones behind them. Few columns left out of many
        cost next to nothing; a view of half the columns prunes better with an index of its own.
    keys : ndarray of shape (views, queries), uint64
        The seed of each query's draw in each view: one key for all views would draw by what some of them leave out, if
        it was made from the whole row.

    Returns
    -------
    Nearest
        With arrays of shape (views, queries).
    """
    drawing = keys.ravel()
    found = NearestOnes(index, len(drawing), 1, drawing)
    search(index, _normal(index, queries), found, views=views, **how)
    rows = _drawn_member(index, found.points()[:, 0], drawing)
    return Nearest(found.steps.reshape(keys.shape), rows.reshape(keys.shape))


def nearest_steps(index: Index, queries: Points, **how: Any) -> IntArray:
    """Return the distance (queries,) of each query to its nearest candidate, in grid steps."""
    normal = _normal(index, queries)
    of, one = distinct(normal)
    found = NearestOnes(index, len(one), 1, None)
    search(index, Normal(normal.ordered[:, one], normal.codes[:, one]), found, **how)
    steps: IntArray = found.steps[of, 0]
    return steps


def within(index: Index, queries: Points, steps: IntArray | int, **how: Any) -> tuple[IntArray, IntArray]:
    """Return all candidates within some distance of each query: with the distance of the nearest, its tie set.

    Returns
    -------
    starts : ndarray of shape (queries + 1,), int64
        Where the candidates of each query start.
    rows : ndarray, int64
        Candidate rows, ascending for each query.
    """
    found = AllWithin(np.broadcast_to(np.asarray(steps, dtype=np.int64), queries.rows))
    search(index, _normal(index, queries), found, **how)
    slots, points = found.pairs()
    counts = index.first[points + 1] - index.first[points]
    begin = np.repeat(index.first[points] - (np.cumsum(counts) - counts), counts)
    rows = index.members[begin + np.arange(counts.sum())]
    owner = np.repeat(slots, counts)
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=queries.rows))])
    return starts, rows[np.lexsort((rows, owner))]


def count_within(index: Index, queries: Points, steps: IntArray | int, **how: Any) -> IntArray:
    """Return how many candidates (queries,) lie within some distance of each query; with 0, how many are equal to it.

    Parameters
    ----------
    steps : int or ndarray of shape (queries,), int64
        Grid steps, at least 0.
    """
    found = CountWithin(index, np.broadcast_to(np.asarray(steps, dtype=np.int64), queries.rows))
    search(index, _normal(index, queries), found, **how)
    return found.counts


def any_within(index: Index, queries: Points, steps: IntArray | int, **how: Any) -> BoolArray:
    """Return whether each query has a candidate within some distance; stops looking at the first one.

    Parameters
    ----------
    steps : int or ndarray of shape (queries,), int64
        Grid steps, at least 0.
    """
    found = AnyWithin(np.broadcast_to(np.asarray(steps, dtype=np.int64), queries.rows))
    search(index, _normal(index, queries), found, **how)
    closed: BoolArray = found.limit < 0
    return closed


def _normal(index: Index, queries: Points) -> Normal:
    return normalise(queries, index.origin, index.span, index.levels)


def _drawn_member(index: Index, points: IntArray, keys: KeyArray) -> IntArray:
    """Return one of the rows of each point, as likely as any other."""
    first, last = index.first[points], index.first[points + 1]
    fraction = (mix(keys + np.uint64(1)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    rows: IntArray = index.members[first + (fraction * (last - first)).astype(np.int64)]
    return rows


def _expand(index: Index, steps: IntArray, points: IntArray, k: int) -> Nearest:
    """Return rows for points: all members of the points found, nearest and smallest first, k of them."""
    queries, kept = points.shape
    counts = np.minimum(index.first[points + 1] - index.first[points], k).ravel()  # members ascend: k are enough
    if k == 1 or (kept == k and (counts == 1).all()):
        return Nearest(steps, index.members[index.first[points]])
    owner = np.repeat(np.repeat(np.arange(queries), kept), counts)
    begin = np.repeat(index.first[points].ravel() - (np.cumsum(counts) - counts), counts)
    rows = index.members[begin + np.arange(counts.sum())]
    distance = np.repeat(steps.ravel(), counts)
    order = np.lexsort((rows, distance, owner))
    best = order[np.searchsorted(owner[order], np.arange(queries))[:, None] + np.arange(k)]
    return Nearest(distance[best], rows[best])
