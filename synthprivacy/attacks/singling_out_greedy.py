"""Predicates that isolate a record with few columns: the one that leaves fewest others, again and again."""

from __future__ import annotations

from math import comb

import numpy as np

from synthprivacy.attacks.singling_out_records import (
    LEAST_QUOTA,
    Drafts,
    Records,
    conjunctions,
    drafts,
    isolated_too,
    none,
    within_quotas,
)
from synthprivacy.kernels.predicates import NO_CONDITION
from synthprivacy.results import Conjunctions
from synthprivacy.tables.table import IntArray

RECORDS_PER_QUERY = 5
"""Records tried for each predicate wanted, at most."""
_BATCH = 256
_SAMPLE = 4_096
"""Of the rows that are left, so many tell which column leaves fewest."""


def greedy(releases: tuple[Records, ...], most: int, queries: int, rng: np.random.Generator) -> Conjunctions:
    """Return predicates on at most `most` columns, each from another record of one of the releases.

    Where predicates on random columns find whom they happen upon, these ask of each record what makes it unlike all
    others. The columns are chosen one by one, each so that fewest other records are left (of many, as 4,096 of them
    tell): not always the fewest columns there are, for which all sets would have to be tried.

    Parameters
    ----------
    releases : tuple of Records
        A predicate isolates one record of each of them.
    most : int
        Columns.
    queries : int
        Predicates at most.
    rng : numpy.random.Generator

    References
    ----------
    Johnson (1974), Approximation algorithms for combinatorial problems, section 4 (greedy covering: about
    ``ln n + 1`` times as many sets as needed at most).
    """
    orders = [rng.permutation(len(release)) for release in releases]
    wide = min(most, releases[0].columns)
    found, drawn, turn = none(wide), 0, 0
    quota = max(LEAST_QUOTA, -(-queries // comb(releases[0].columns, min(2, wide))))
    while len(found) < queries and drawn < RECORDS_PER_QUERY * queries:
        home, order = releases[turn % len(releases)], orders[turn % len(releases)]
        start = turn // len(releases) * _BATCH
        records = order[start : start + _BATCH]
        if start >= max(len(order) for order in orders):
            break
        more = isolated_too(_describe(home, records, wide), tuple(other for other in releases if other is not home))
        found = within_quotas(found.joined(more), quota, queries)
        drawn, turn = drawn + len(records), turn + 1
    return conjunctions(found.take(np.arange(min(queries, len(found)))), drawn)


def _describe(home: Records, records: IntArray, most: int) -> Drafts:
    """Return predicates that isolate records, without those that no `most` columns chosen in this way isolate."""
    every = np.broadcast_to(np.arange(home.columns), (len(records), home.columns))
    operator = home.operators(records[:, None], every)
    spans = home.spans(records[:, None], every, operator)
    sets = [_isolate(home, first, stop, most) for first, stop in zip(spans.first, spans.stop)]
    alone = np.array([place for place, chosen in enumerate(sets) if chosen is not None], dtype=np.int64)
    column = np.zeros((len(alone), most), dtype=np.int64)
    named = np.full((len(alone), most), NO_CONDITION)
    for row, place in enumerate(alone):
        chosen = sorted(sets[place] or ())
        column[row, : len(chosen)], named[row, : len(chosen)] = chosen, operator[place, chosen]
    return drafts(home, records[alone], column, named)


def _isolate(home: Records, first: IntArray, stop: IntArray, most: int) -> list[int] | None:
    """Return columns whose conditions hold for one row only; None if `most` of them do not suffice."""
    index = home.index
    sizes = [below[high] - below[low] for below, low, high in zip(index.below, first, stop)]
    column = int(np.argmin(sizes))
    rows = index.order[column, index.below[column][first[column]] : index.below[column][stop[column]]]
    chosen = [column]
    low, width = (each.astype(index.ranks.dtype)[:, None] for each in (first, stop - first))
    while len(rows) > 1 and len(chosen) < most:
        some = rows[:: -(-len(rows) // _SAMPLE)]
        left = (index.ranks[:, some] - low < width).sum(axis=1)  # one comparison for two: see `counting`
        left[chosen] = len(some) + 1
        column = int(left.argmin())
        fewer = rows[index.ranks[column].take(rows) - low[column] < width[column]]
        if len(fewer) == len(rows):
            return None
        rows = fewer
        chosen.append(column)
    return chosen if len(rows) == 1 else None
