"""Predicates on random sets of columns, each made from a random record."""

from __future__ import annotations

from math import comb

import numpy as np

from synthprivacy.attacks.singling_out_records import (
    LEAST_QUOTA,
    Drafts,
    Records,
    conjunctions,
    drafts,
    isolated,
    isolated_too,
    none,
    within_quotas,
)
from synthprivacy.kernels.predicates import NO_CONDITION
from synthprivacy.results import Conjunctions
from synthprivacy.tables.table import IntArray

DRAWS_PER_QUERY = 10_000
"""Predicates tried for each one wanted, at most."""
IDLE_DRAWS = 100_000
"""Predicates tried in vain, in a row, after which no more are expected."""
_BATCH = 1 << 15


def multivariate(releases: tuple[Records, ...], widths: range, queries: int, rng: np.random.Generator) -> Conjunctions:
    """Return predicates on `widths` columns, equally many of each number of columns as far as they can be had.

    A predicate describes a random record of one of the releases in a random set of columns, and is kept if it isolates
    that record, and one record of each of the other releases. Several releases of one source agree on what is true of
    the people they came from, and not on what their generators made up. The search stops when there are enough
    predicates, when `DRAWS_PER_QUERY` were tried for each, or when `IDLE_DRAWS` in a row gave nothing new; what it found
    by then is the answer, beside the number it tried.

    Parameters
    ----------
    releases : tuple of Records
    widths : range
        Numbers of columns.
    queries : int
        Predicates at most.
    rng : numpy.random.Generator

    References
    ----------
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic data,
    section 5.1 (records, sides of the median).
    """
    each = -(-queries // len(widths))
    found, of_width = none(widths[-1]), {width: none(widths[-1]) for width in widths}
    drawn = idle = turn = 0
    size = min(_BATCH, max(1_024, 2 * queries))
    while drawn < DRAWS_PER_QUERY * queries and idle < IDLE_DRAWS:
        wanted = [width for width in widths if len(of_width[width]) < each]
        if not wanted:
            break
        width = wanted[turn % len(wanted)]
        home = releases[turn % len(releases)]
        more = _draw(home, width, widths[-1], size, rng)
        more = isolated_too(more, tuple(release for release in releases if release is not home))
        quota = max(LEAST_QUOTA, -(-each // comb(home.columns, width)))
        grown = within_quotas(of_width[width].joined(more), quota, each)
        idle = idle + size if len(grown) == len(of_width[width]) else 0
        of_width[width] = grown
        drawn, turn, size = drawn + size, turn + 1, min(_BATCH, 2 * size)
    for some in of_width.values():
        found = found.joined(some)
    kept = rng.permutation(len(found))[:queries]  # rounded up, the numbers of columns may add to more than wanted
    return conjunctions(found.take(np.sort(kept)), drawn)


def _draw(home: Records, width: int, widest: int, size: int, rng: np.random.Generator) -> Drafts:
    """Return the isolating ones of so many random predicates on `width` columns, in arrays `widest` wide."""
    record = rng.integers(len(home), size=size)
    column = _sets(home.columns, width, size, rng)
    operator = home.operators(record[:, None], column)
    alone = isolated(home, record, column, operator)
    column, operator = column[alone], operator[alone]
    room = ((0, 0), (0, widest - width))
    column, operator = np.pad(column, room), np.pad(operator, room, constant_values=NO_CONDITION)
    return drafts(home, record[alone], column, operator)


def _sets(columns: int, width: int, size: int, rng: np.random.Generator) -> IntArray:
    """Return random sets of columns, each set as likely, columns rising: (size, width).

    The next column is drawn from those left, by its place among them; counting past the columns taken, lowest first,
    turns the place into a column.
    """
    chosen = np.empty((size, 0), dtype=np.int64)
    for taken in range(width):
        following = rng.integers(columns - taken, size=size)
        for earlier in chosen.T:
            following += following >= earlier
        chosen = np.sort(np.column_stack([chosen, following]), axis=1)
    return chosen
