"""Which rows, and how many, satisfy conjunctions: full counts in bounded memory.

Every column is replaced by the ranks of its values, and its rows are listed in the order of these ranks, once. Each
condition is then a slice of that list, whose length is known before it is read. A conjunction reads the shortest of
its slices and checks its other conditions on the rows that are left: comparisons of small whole numbers. Where even the
shortest slice holds much of the table, all conditions are checked on all rows in their order, which no cache misses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.predicates import (
    AT_LEAST,
    AT_MOST,
    EQUAL,
    MISSING,
    NO_CONDITION,
    BoolArray,
    FloatArray,
    IntArray,
    Terms,
)

RankArray = npt.NDArray[np.unsignedinteger]
RowArray = npt.NDArray[np.int32]

MEMORY = 1 << 21
"""Bytes for the rows of one conjunction that are looked at together; so few that they stay in the cache of a core."""
_BYTES = 32
"""A row that is looked at: its number, twice, its rank, and whether it is left."""
_FIRST = 1 << 10
"""Rows looked at first where few may be enough."""
_CROWD = 4
"""A condition that one in so many rows satisfies is checked on all rows: reading them in order is that much faster."""
_PARTS = 8
"""Parts of the work for each thread, so that none waits long for the others."""


@dataclass(frozen=True, slots=True, repr=False)
class Index:
    """A table prepared for conjunctions: (4 + 2) bytes a cell, (4 + 4) where a column has over 65,534 values."""

    values: tuple[FloatArray, ...]
    """For each column its distinct values, rising, without missing ones."""
    below: tuple[IntArray, ...]
    """For each column (distinct values + 2,): rows of a lower rank; missing values have the highest."""
    ranks: RankArray
    """(columns, rows)"""
    order: RowArray
    """(columns, rows) the rows by rising rank."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.ranks.shape[1])

    @property
    def distinct(self) -> IntArray:
        """Number of distinct values of each column, which is also the rank of its missing values."""
        return np.array([len(values) for values in self.values], dtype=np.int64)


@dataclass(frozen=True, slots=True, repr=False)
class Spans:
    """Conjunctions in the ranks of one table: each condition holds for the ranks first … stop - 1."""

    column: IntArray
    """(queries, width)"""
    first: IntArray
    """(queries, width)"""
    stop: IntArray
    """(queries, width)"""

    def __len__(self) -> int:
        return len(self.column)

    def take(self, queries: IntArray | BoolArray | slice) -> Spans:
        """Return some of the conjunctions."""
        return Spans(self.column[queries], self.first[queries], self.stop[queries])


def build(columns: Sequence[FloatArray]) -> Index:
    """Return the index of a table.

    Parameters
    ----------
    columns : sequence of ndarray of shape (rows,), float64
        NaN = missing. Any row order gives the same counts.
    """
    rows = len(columns[0]) if len(columns) else 0
    order = np.empty((len(columns), rows), dtype=np.int32)
    ranks = np.empty((len(columns), rows), dtype=np.uint32)
    values, below = [], []
    for position, column in enumerate(columns):
        order[position] = np.argsort(column, kind="stable")  # missing values last
        present = rows - int(np.isnan(column).sum())
        rising = column[order[position, :present]]
        starts = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]])[:present])
        values.append(rising[starts])
        below.append(np.concatenate([starts, [present, rows]]).astype(np.int64))
        ranks[position, order[position]] = np.repeat(np.arange(len(starts) + 1), np.diff(below[-1]))
    largest = max((len(each) for each in values), default=0)
    return Index(tuple(values), tuple(below), ranks.astype(np.min_scalar_type(largest + 1), copy=False), order)


def spans(terms: Terms, index: Index) -> Spans:
    """Return conjunctions in the ranks of a table; a value the table lacks is equal to nothing."""
    first, stop = np.zeros_like(terms.column), np.zeros_like(terms.column)
    for column in np.unique(terms.column):
        here = terms.column == column
        values, operator, operand = index.values[column], terms.operator[here], terms.operand[here]
        left, right = (np.searchsorted(values, operand, side=side) for side in ("left", "right"))
        end = np.full_like(left, len(values))
        rules = (
            (EQUAL, left, right),
            (AT_MOST, 0 * end, np.where(np.isnan(operand), 0, right)),
            (AT_LEAST, left, end),
            (MISSING, end, end + 1),
            (NO_CONDITION, 0 * end, end + 1),
        )
        which = [operator == rule for rule, _, _ in rules]
        first[here] = np.select(which, [low for _, low, _ in rules])
        stop[here] = np.select(which, [high for _, _, high in rules])
    return Spans(terms.column, first, stop)


def counts(
    conjunctions: Spans, index: Index, *, enough: int | None = None, memory: int = MEMORY, jobs: int = 1
) -> IntArray:
    """Return how many rows satisfy each conjunction, (queries,).

    Parameters
    ----------
    conjunctions : Spans
    index : Index
    enough : int, optional
        Return this number in place of larger ones, which need not be counted to their end.
    memory : int
        Bytes for the rows looked at together, all threads in all.
    jobs : int
        Threads. Neither changes anything but the time.
    """

    def count(queries: IntArray) -> IntArray:
        found = _holding(conjunctions.take(queries), index, memory // jobs)
        return np.array([_count(blocks, enough) for blocks in found], dtype=np.int64)

    parts = np.array_split(np.arange(len(conjunctions)), max(1, min(len(conjunctions), _PARTS * jobs)))
    if jobs == 1:
        return np.concatenate([count(part) for part in parts])
    with ThreadPoolExecutor(jobs) as pool:
        return np.concatenate(list(pool.map(count, parts)))


def matches(conjunctions: Spans, index: Index, *, memory: int = MEMORY) -> tuple[IntArray, IntArray]:
    """Return the pairs (query, row) that match, by query and then by row.

    The pairs themselves, 16 bytes each, come on top of `memory`.
    """
    found = [np.sort(np.concatenate([*blocks, _NOBODY])) for blocks in _holding(conjunctions, index, memory)]
    query = np.repeat(np.arange(len(found)), [len(rows) for rows in found])
    return query, np.concatenate([_NOBODY, *found]).astype(np.int64)


def people(conjunctions: Spans, index: Index, unit: IntArray, *, memory: int = MEMORY) -> tuple[IntArray, IntArray]:
    """Return the pairs (query, person) where any row of the person matches, each once, by query and then by person.

    Parameters as `matches`, and

    unit : ndarray of shape (rows,), int64
        The person each row belongs to.
    """
    found = [np.unique(unit[np.concatenate([*blocks, _NOBODY])]) for blocks in _holding(conjunctions, index, memory)]
    query = np.repeat(np.arange(len(found)), [len(each) for each in found])
    return query, np.concatenate([np.zeros(0, np.int64), *found])


_NOBODY = np.zeros(0, dtype=np.int32)


def _count(blocks: Iterator[RowArray], enough: int | None) -> int:
    found = 0
    for block in blocks:
        found += len(block)
        if enough is not None and found >= enough:
            return enough
    return found


def _holding(conjunctions: Spans, index: Index, memory: int) -> Iterator[Iterator[RowArray]]:
    """Yield for each conjunction the rows that satisfy it, block by block."""
    block = max(1, memory // _BYTES)
    sizes = _sizes(conjunctions, index)
    shortest = np.argsort(sizes, axis=1, kind="stable")
    parts = (conjunctions.column, conjunctions.first, conjunctions.stop, sizes)
    queries = zip(*(np.take_along_axis(part, shortest, axis=1).tolist() for part in parts))
    everybody = [(0, 0, len(index.values[0]) + 1)] if index.rows and len(index.values) else []
    for columns, first, stop, size in queries:
        terms = [term[:3] for term in zip(columns, first, stop, size) if term[3] < index.rows]
        yield _rows(terms or everybody, index, block)


def _sizes(conjunctions: Spans, index: Index) -> IntArray:
    """Return how many rows satisfy each condition alone, (queries, width)."""
    starts = np.concatenate([[0], np.cumsum(index.distinct + 2)])[conjunctions.column]
    below = np.concatenate([np.zeros(0, np.int64), *index.below])
    return np.asarray(below[starts + conjunctions.stop] - below[starts + conjunctions.first])


def _rows(terms: list[tuple[int, int, int]], index: Index, block: int) -> Iterator[RowArray]:
    """Yield the rows that satisfy all conditions, the first of which the fewest rows satisfy."""
    if not terms:
        return
    (column, first, stop), *others = terms
    start, end = index.below[column][first], index.below[column][stop]
    crowd = _CROWD * (end - start) > index.rows
    place, last = (0, index.rows) if crowd else (start, end)
    size = min(_FIRST, block)
    while place < last:
        part = slice(place, min(place + size, last))
        yield _in_order(terms, index, part) if crowd else _listed(index.order[column, part], others, index)
        place, size = place + size, min(2 * size, block)


def _listed(rows: RowArray, terms: list[tuple[int, int, int]], index: Index) -> RowArray:
    """Return those of some rows that satisfy all conditions."""
    for column, first, stop in terms:
        rows = rows[_within(index.ranks[column].take(rows), first, stop)]
    return rows


def _in_order(terms: list[tuple[int, int, int]], index: Index, part: slice) -> RowArray:
    """Return the rows of a stretch of the table that satisfy all conditions."""
    held = np.ones(part.stop - part.start, dtype=np.bool_)
    for column, first, stop in terms:
        held &= _within(index.ranks[column, part], first, stop)
    rows: RowArray = (np.flatnonzero(held) + part.start).astype(np.int32)
    return rows


def _within(ranks: RankArray, first: int, stop: int) -> BoolArray:
    """Return which ranks lie in first … stop - 1: one under `first` wraps around to a large number."""
    number = ranks.dtype.type
    inside: BoolArray = ranks - number(first) < number(stop - first)
    return inside
