"""Which conjunctions are satisfied by their own record alone: growing parts of the table first.

Few candidates are (three in a thousand of three random columns of a census), and most of the others match a second row
among the first 64. A part of the table is kept as bit sets: for each of its values those rows that lie below it, so
that the rows of a condition are one exclusive or, and those of a conjunction a few words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.counting import Index, Spans, counts
from synthprivacy.kernels.predicates import BoolArray, IntArray

WordArray = npt.NDArray[np.uint64]

SIZES = (64, 512, 4096)
"""Rows of each part."""
MEMORY = 1 << 26
"""Bytes for the bit sets of one part, and for the candidates looked at together."""
_WORD = 64


@dataclass(frozen=True, slots=True, repr=False)
class Screen:
    """Every so many-th row of a table, as bit sets."""

    rows: int
    """Rows of the part."""
    step: int
    """The part holds the rows 0, step, 2 step, …"""
    origin: IntArray
    """(columns,) where the ranks of a column begin in `place`."""
    place: npt.NDArray[np.int32]
    """(distinct values + 2 of all columns,) the bit set of each rank."""
    under: WordArray
    """(bit sets, words) the rows of a lower rank."""


def screens(index: Index, *, sizes: tuple[int, ...] = SIZES, memory: int = MEMORY) -> tuple[Screen, ...]:
    """Return the parts, smallest first, the last one the whole table if that is no larger than the largest size.

    None whose bit sets take more than `memory`.
    """
    whole = (index.rows,) if 0 < index.rows <= max(sizes, default=0) else ()
    wanted = (*(size for size in sizes if size < index.rows), *whole)
    return tuple(_screen(index, size) for size in wanted if _bytes(index, size) <= memory)


def isolating(
    conjunctions: Spans, record: IntArray, index: Index, parts: tuple[Screen, ...], *, memory: int = MEMORY
) -> IntArray:
    """Return the conjunctions, rising, that their own record satisfies and no other row.

    Parameters
    ----------
    conjunctions : Spans
        Each satisfied by its record.
    record : ndarray of shape (queries,), int64
        The row each conjunction was made from.
    index : Index
    parts : tuple of Screen
        Of this table; they change the time, and nothing else.
    memory : int
        Bytes for the candidates looked at together; changes nothing either.
    """
    left = np.arange(len(conjunctions))
    for part in parts:
        block = max(1, memory // (2 * part.under[0].nbytes))
        cuts = [left[start : start + block] for start in range(0, len(left), block)]
        kept = [cut[_alone(conjunctions.take(cut), record[cut], part)] for cut in cuts]
        left = np.concatenate([left[:0], *kept])
    if parts and parts[-1].rows == index.rows:
        return left
    alone: IntArray = left[counts(conjunctions.take(left), index, enough=2) == 1]
    return alone


def _alone(conjunctions: Spans, record: IntArray, part: Screen) -> BoolArray:
    """Return which conjunctions no row of a part satisfies but their own record."""
    origin = part.origin[conjunctions.column]
    low, high = part.place[origin + conjunctions.first], part.place[origin + conjunctions.stop]
    everybody = part.under[part.place[-1]]
    left = np.repeat(everybody[None], len(record), axis=0)
    for term in range(low.shape[1]):
        left &= part.under[high[:, term]] ^ part.under[low[:, term]]
    place, elsewhere = np.divmod(record, part.step)
    within = np.flatnonzero((elsewhere == 0) & (place < part.rows))
    word, bit = np.divmod(place[within], _WORD)
    left[within, word] &= ~(np.uint64(1) << bit.astype(np.uint64))
    return np.asarray(~left.any(axis=1))


def _screen(index: Index, size: int) -> Screen:
    step = index.rows // size
    sample = index.ranks[:, : size * step : step]
    lengths = index.distinct + 2
    origin = np.cumsum(lengths) - lengths
    place = np.empty(int(lengths.sum()), dtype=np.int32)
    sets: list[WordArray] = []
    used = 0
    for column, ranks in enumerate(sample):
        there = np.zeros(int(lengths[column]), dtype=np.int32)
        there[ranks.astype(np.int64) + 1] = 1
        place[origin[column] : origin[column] + lengths[column]] = used + np.cumsum(there)
        sets.append(_under(ranks))
        used += len(sets[-1])
    return Screen(size, step, origin, place, np.concatenate(sets))


def _under(ranks: npt.NDArray[np.unsignedinteger]) -> WordArray:
    """Return the rows below each distinct rank of a part, and all its rows: (distinct ranks + 1, words)."""
    distinct, rank = np.unique(ranks, return_inverse=True)
    row = np.arange(len(ranks))
    sets = np.zeros((len(distinct) + 1, _words(len(ranks))), dtype=np.uint64)
    np.bitwise_or.at(sets, (rank + 1, row // _WORD), np.uint64(1) << (row % _WORD).astype(np.uint64))
    whole: WordArray = np.bitwise_or.accumulate(sets, axis=0)
    return whole


def _bytes(index: Index, size: int) -> int:
    return int((np.minimum(index.distinct + 1, size) + 1).sum()) * _words(size) * _WORD // 8


def _words(rows: int) -> int:
    return -(-rows // _WORD)
