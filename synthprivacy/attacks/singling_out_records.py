"""Predicates made from records of a release: what they say, which isolate their record, and how many of a kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.errors import DataError
from synthprivacy.kernels.counting import Index, Spans, build, counts, spans
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING, NO_CONDITION, Terms
from synthprivacy.kernels.screening import Screen, isolating, screens
from synthprivacy.results import Conjunctions
from synthprivacy.tables.table import BoolArray, IntArray, KeyArray, Table

LEAST_QUOTA = 50
"""Predicates on the same columns that are always allowed: a narrow table has few sets of columns to share them out to."""


@dataclass(frozen=True, slots=True, repr=False)
class Records:
    """A release, prepared for making predicates from its records."""

    index: Index
    parts: tuple[Screen, ...]
    ordered: BoolArray
    """(columns,)"""
    middle: IntArray
    """(columns,) rank of the median."""

    def __len__(self) -> int:
        return self.index.rows

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.index.values)

    def operators(self, record: IntArray, column: IntArray) -> IntArray:
        """Return how records are described in columns, both of any one shape.

        A number is bounded on the side of the median it lies on, so that a predicate speaks of a tail; a label is named.
        """
        rank = self.index.ranks[column, record].astype(np.int64)
        side = np.where(rank > self.middle[column], AT_LEAST, AT_MOST)
        operator = np.where(self.ordered[column], side, EQUAL)
        return np.where(rank == self.index.distinct[column], MISSING, operator)

    def spans(self, record: IntArray, column: IntArray, operator: IntArray) -> Spans:
        """Return what records satisfy, arrays of shape (queries, width), in ranks."""
        rank = self.index.ranks[column, record].astype(np.int64)
        end = self.index.distinct[column]
        open_below = (operator == AT_MOST) | (operator == NO_CONDITION)
        stop = np.where(operator == AT_LEAST, end, rank + 1)
        return Spans(column, np.where(open_below, 0, rank), np.where(operator == NO_CONDITION, end + 1, stop))


@dataclass(frozen=True, slots=True, repr=False)
class Drafts:
    """Predicates in the order in which they were made, each with the record it was made from."""

    record: IntArray
    """(drafts,) row of the release."""
    terms: Terms
    """Columns rising."""

    def __len__(self) -> int:
        return len(self.record)

    def take(self, places: IntArray) -> Drafts:
        """Return some of the drafts."""
        return Drafts(self.record[places], self.terms.take(places))

    def joined(self, later: Drafts) -> Drafts:
        """Return these drafts and later ones of the same width."""
        mine, theirs = self.terms, later.terms
        column = np.concatenate([mine.column, theirs.column])
        operator = np.concatenate([mine.operator, theirs.operator])
        operand = np.concatenate([mine.operand, theirs.operand])
        return Drafts(np.concatenate([self.record, later.record]), Terms(column, operator, operand))


def study(release: Table) -> Records:
    """Return a release prepared for making predicates."""
    index = build([feature.values for feature in release.features])
    present = np.array([below[-2] for below in index.below], dtype=np.int64)
    columns = np.arange(len(present))
    median = index.order[columns, np.maximum(-(-present // 2) - 1, 0)]
    ordered = np.array([feature.ordered for feature in release.features])
    return Records(index, screens(index), ordered, index.ranks[columns, median].astype(np.int64))


def study_alike(releases: tuple[Table, ...]) -> tuple[Records, ...]:
    """Return several releases of the same source prepared for making predicates.

    Raises
    ------
    DataError
        If their codes do not mean the same labels.
    """
    meanings = {
        tuple((feature.name, feature.ordered, feature.levels) for feature in release.features) for release in releases
    }
    if len(meanings) > 1:
        msg = f"{len(releases)} releases can be combined only if their codes mean the same; encode them as one table"
        raise DataError(msg)
    return tuple(study(release) for release in releases)


def drafts(home: Records, record: IntArray, column: IntArray, operator: IntArray) -> Drafts:
    """Return predicates that describe records, columns and operators being of shape (drafts, width), columns rising."""
    operand = np.zeros(column.shape)
    for position in np.unique(column):
        here = (column == position) & (operator != NO_CONDITION) & (operator != MISSING)
        rows = np.broadcast_to(record[:, None], column.shape)[here]
        operand[here] = home.index.values[position][home.index.ranks[position, rows]]
    return Drafts(record, Terms(column, operator, operand))


def none(width: int) -> Drafts:
    """Return no drafts."""
    empty = np.zeros((0, width), dtype=np.int64)
    return Drafts(np.zeros(0, dtype=np.int64), Terms(empty, empty, np.zeros((0, width))))


def isolated(home: Records, record: IntArray, column: IntArray, operator: IntArray) -> IntArray:
    """Return which predicates, as for `drafts`, isolate their own record in the release they were made from."""
    return isolating(home.spans(record[:, None], column, operator), record, home.index, home.parts)


def isolated_too(found: Drafts, elsewhere: tuple[Records, ...]) -> Drafts:
    """Return the drafts that isolate one record of each of some other releases."""
    for other in elsewhere:
        found = found.take(np.flatnonzero(counts(spans(found.terms, other.index), other.index, enough=2) == 1))
    return found


def within_quotas(found: Drafts, of_columns: int, of_width: int) -> Drafts:
    """Return the drafts without repetitions, and without those past a quota.

    Parameters
    ----------
    found : Drafts
        Earlier ones are kept before later ones.
    of_columns : int
        Predicates on the same set of columns.
    of_width : int
        Predicates on as many columns.
    """
    found = found.take(np.sort(np.unique(_keys(found.terms), return_index=True)[1]))
    column = np.where(found.terms.operator == NO_CONDITION, -1.0, found.terms.column)
    found = found.take(np.flatnonzero(_place_within(hash_columns([*column.T], len(found))) < of_columns))
    return found.take(np.flatnonzero(_place_within(found.terms.width) < of_width))


def conjunctions(found: Drafts, drawn: int) -> Conjunctions:
    """Return drafts as guesses.

    Parameters
    ----------
    found : Drafts
    drawn : int
        Predicates that were tried.
    """
    terms = found.terms
    there = terms.operator != NO_CONDITION
    return Conjunctions(
        queries=len(found),
        query=np.nonzero(there)[0],
        column=terms.column[there],
        operator=terms.operator[there],
        operand=terms.operand[there],
        width=terms.width,
        drawn=drawn,
    )


def _keys(terms: Terms) -> KeyArray:
    column = np.where(terms.operator == NO_CONDITION, -1.0, terms.column)
    operator = terms.operator.astype(np.float64)
    return hash_columns([*column.T, *operator.T, *terms.operand.T], len(terms))


def _place_within(group: IntArray | KeyArray) -> IntArray:
    """Return how many earlier members each one's group has."""
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.concatenate([group[order][1:] != group[order][:-1], [True]])[: len(group)])
    sizes = np.diff(ends, prepend=-1)
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return place
