"""What a search keeps of the pairs it meets, and how far it still has to look."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.hashing import mix
from synthprivacy.kernels.index import Index

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]

NOTHING = 1 << 61
"""Distance of a neighbour that has not been found."""
_LAST = np.iinfo(np.uint64).max
_POINT = np.uint64(0xFFFFFFFF)


class Collector(Protocol):
    """Keeps something for each slot: a query, or a query in one view of the columns."""

    k: int
    """Neighbours a slot needs before it has a limit; 0 where the limit is given."""
    limit: IntArray
    """(slots,) pairs further apart than this are of no use to the slot; -1 where nothing is."""

    def add(self, slots: IntArray, points: IntArray, steps: IntArray) -> None:
        """Take pairs, those of a slot together; a pair may come twice where k > 0, or the slot is closed by one."""


class NearestOnes:
    """The k nearest points of each slot; of equally near ones those that rank first."""

    __slots__ = ("_index", "_keys", "k", "limit", "ranks", "steps")

    def __init__(self, index: Index, slots: int, k: int, keys: KeyArray | None) -> None:
        self._index, self._keys, self.k = index, keys, k
        self.limit = np.full(slots, NOTHING, dtype=np.int64)
        self.steps = np.full((slots, k), NOTHING, dtype=np.int64)
        self.ranks = np.full((slots, k), _LAST, dtype=np.uint64)

    def add(self, slots: IntArray, points: IntArray, steps: IntArray) -> None:
        """Keep the nearest of the old and the new."""
        starts = np.flatnonzero(np.concatenate([[True], slots[1:] != slots[:-1]]))
        touched, ranks = slots[starts], self._rank(slots, points)
        if self.k == 1:
            self._keep_one(touched, starts, steps, ranks)
        else:
            self._keep_several(touched, slots, steps, ranks)
        self.limit[touched] = self.steps[touched, -1]

    def points(self) -> IntArray:
        """Return the points (slots, k) found: the low half of a rank is the point."""
        return (self.ranks & _POINT).astype(np.int64)

    def _rank(self, slots: IntArray, points: IntArray) -> KeyArray:
        """Return how ties are ordered: by smallest row, or by a keyed race in which every row is as fast."""
        first = self._index.first
        if self._keys is None:
            high = self._index.members[first[points]].astype(np.uint64)
        else:
            high = _race(self._keys[slots], points, first)
        return (high << np.uint64(32)) | points.astype(np.uint64)

    def _keep_one(self, touched: IntArray, starts: IntArray, steps: IntArray, ranks: KeyArray) -> None:
        least = np.minimum.reduceat(steps, starts)
        tied = steps == np.repeat(least, np.diff(starts, append=len(steps)))
        first = np.minimum.reduceat(np.where(tied, ranks, _LAST), starts)
        best, rank = self.steps[touched, 0], self.ranks[touched, 0]
        better = (least < best) | ((least == best) & (first < rank))
        self.steps[touched[better], 0], self.ranks[touched[better], 0] = least[better], first[better]

    def _keep_several(self, touched: IntArray, slots: IntArray, steps: IntArray, ranks: KeyArray) -> None:
        slots = np.concatenate([slots, np.repeat(touched, self.k)])
        steps = np.concatenate([steps, self.steps[touched].ravel()])
        ranks = np.concatenate([ranks, self.ranks[touched].ravel()])
        order = np.lexsort((ranks, steps, slots))
        slots, steps, ranks = slots[order], steps[order], ranks[order]
        again = (slots[1:] == slots[:-1]) & (ranks[1:] == ranks[:-1]) & (ranks[1:] != _LAST)
        once = np.concatenate([[True], ~again])
        slots, steps, ranks = slots[once], steps[once], ranks[once]
        best = np.searchsorted(slots, touched)[:, None] + np.arange(self.k)
        self.steps[touched], self.ranks[touched] = steps[best], ranks[best]


class AnyWithin:
    """Whether a slot has a point within a reach; a slot that has one looks no further."""

    __slots__ = ("k", "limit")

    def __init__(self, reach: IntArray) -> None:
        self.k, self.limit = 0, reach.copy()

    def add(self, slots: IntArray, points: IntArray, steps: IntArray) -> None:  # noqa: ARG002 - the protocol's
        """Close the slots that were given a pair."""
        self.limit[slots] = -1


class AllWithin:
    """Every point within a slot's reach."""

    __slots__ = ("_found", "k", "limit")

    def __init__(self, reach: IntArray) -> None:
        self.k, self.limit = 0, reach
        self._found: list[tuple[IntArray, IntArray]] = []

    def add(self, slots: IntArray, points: IntArray, steps: IntArray) -> None:  # noqa: ARG002 - the protocol's
        """Keep the pairs."""
        self._found.append((slots, points))

    def pairs(self) -> tuple[IntArray, IntArray]:
        """Return slots (pairs,), ascending, and the points (pairs,) of each, ascending."""
        nothing = np.zeros(0, dtype=np.int64)
        slots, points = (np.concatenate(parts) for parts in zip(*(self._found or [(nothing, nothing)])))
        order = np.lexsort((points, slots))
        return slots[order], points[order]


class CountWithin:
    """How many candidate rows lie within a slot's reach."""

    __slots__ = ("_rows", "counts", "k", "limit")

    def __init__(self, index: Index, reach: IntArray) -> None:
        self.k, self.limit = 0, reach
        self._rows = np.diff(index.first)
        self.counts = np.zeros(len(reach), dtype=np.int64)

    def add(self, slots: IntArray, points: IntArray, steps: IntArray) -> None:  # noqa: ARG002 - the protocol's
        """Count the rows of each point."""
        starts = np.flatnonzero(np.concatenate([[True], slots[1:] != slots[:-1]]))
        self.counts[slots[starts]] += np.add.reduceat(self._rows[points], starts)


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
