"""Predicates on one column: its extremes, the values that occur once, and missingness where it occurs once."""

from __future__ import annotations

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
from synthprivacy.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING
from synthprivacy.results import Conjunctions
from synthprivacy.tables.table import IntArray


def univariate(releases: tuple[Records, ...], queries: int, rng: np.random.Generator) -> Conjunctions:
    """Return predicates on one column each, a random choice of equally many per column.

    Parameters
    ----------
    releases : tuple of Records
        A predicate isolates one record of each of them.
    queries : int
        Predicates at most.
    rng : numpy.random.Generator

    References
    ----------
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic data,
    section 5.1.
    """
    home, *elsewhere = releases
    found = none(1)
    for column in range(home.columns):
        record, operator = _unique(home, column)
        made = drafts(home, record, np.full((len(record), 1), column), operator[:, None])
        found = found.joined(isolated_too(made, tuple(elsewhere)))
    quota = max(LEAST_QUOTA, -(-queries // home.columns))
    shuffled = found.take(rng.permutation(len(found)))
    return conjunctions(_first(within_quotas(shuffled, quota, len(found)), queries), drawn=len(found))


def _unique(home: Records, column: int) -> tuple[IntArray, IntArray]:
    """Return the records that one condition on a column isolates, and the operators that do."""
    below = home.index.below[column]
    distinct = len(below) - 2
    alone = np.diff(below) == 1
    values = np.flatnonzero(alone[:distinct])
    ends = ((0, AT_MOST), (distinct - 1, AT_LEAST)) if home.ordered[column] and distinct else ()
    extremes = [(rank, operator) for rank, operator in ends if alone[rank]]
    extremes += [(distinct, MISSING)] if alone[distinct] else []
    rank = np.concatenate([values, np.array([rank for rank, _ in extremes], dtype=np.int64)])
    operator = np.concatenate([np.full(len(values), EQUAL), np.array([named for _, named in extremes], dtype=np.int64)])
    return home.index.order[column, below[rank]].astype(np.int64), operator


def _first(found: Drafts, queries: int) -> Drafts:
    return found.take(np.arange(min(queries, len(found))))
