"""The synthetic records that either half of a person leads to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import neighbors
from synthprivacy.tables.space import points
from synthprivacy.tables.table import IntArray, Table

Both = Callable[[Table], tuple[IntArray, IntArray]]
"""People to the records (people, k) of their first and of their second half."""


def prepare_halves(
    release: Table, halves: tuple[tuple[str, ...], tuple[str, ...]], k: int, rng: np.random.Generator, *, jobs: int
) -> Both:
    """Index a release by each half of the columns.

    Of equally near records a half finds random ones. With one neighbour each person draws anew; with several the rows
    are shuffled once, for all people alike, because tie sets may be as large as the release.

    Parameters
    ----------
    release : Table
    halves : pair of tuple of str
        Disjoint.
    k : int
        Nearest records sought.
    rng : numpy.random.Generator
    jobs : int
        Threads.

    Raises
    ------
    NotEnoughDataError
        If one half has no columns.
    """
    if not all(halves):
        msg = "one known column has no two halves; a second column the attacker may know"
        raise NotEnoughDataError(msg)
    seeds = rng.integers(2**63, size=2, dtype=np.uint64)
    if k > 1:
        release = release.take(rng.permutation(len(release)))
    every = release.select((*halves[0], *halves[1])).keys()
    records = np.unique(every, return_inverse=True)[1].reshape(-1).astype(np.int64)
    indexes = [neighbors.build(points(release.select(half))) for half in halves]

    def half(people: Table, place: int) -> IntArray:
        shown = people.select(halves[place])
        if k == 1:
            rows = neighbors.draw_nearest(indexes[place], points(shown), shown.keys() ^ seeds[place], jobs=jobs).rows
        else:
            rows = neighbors.nearest(indexes[place], points(shown), min(k, len(release)), jobs=jobs).rows
        found: IntArray = records[rows]
        return found

    return lambda people: (half(people, 0), half(people, 1))
