"""Membership by marginals: combinations of a person's values that the release holds more often than the population."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from synthprivacy.attacks.membership_space import Scorer, sampled
from synthprivacy.tables.digits import BINS, Digits, digits_of
from synthprivacy.tables.table import FloatArray, IntArray, Table

WIDTH = 3
"""Columns of a combination at most."""
MOST = 300
"""Combinations of each width; of more, a random draw."""
ROWS = 50_000
"""Rows of either table that are counted: every combination keeps its cells, of which there may be as many as rows."""
_SMOOTHING = 0.5
"""Rows added to every cell."""
PARAMETERS = {"columns": f"1 to {WIDTH}", "combinations": f"{MOST} of each width at most", "bins": BINS, "rows": ROWS}


def marginals(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *mean log ratio of frequencies, release over reference, of the cells that hold a person*.

    Numbers are cut into bins at quantiles of the release. Generators that fit marginals leak through just these cells;
    this is the ratio of MAMA-MIA with every marginal for a focal point, since a release alone does not tell which ones
    its generator measured.

    References
    ----------
    Golob, Pentyala, Maratkhan and De Cock (2024), Privacy vulnerabilities in marginals-based synthetic data.
    """
    digits = digits_of(release)
    held, usual = (digits.of(sampled(table, ROWS, rng)) for table in (release, reference))
    chosen = _chosen(len(digits.names), rng)
    tables = [_ratios(columns, digits, held, usual) for columns in chosen]

    def score(people: Table) -> FloatArray:
        shown = digits.of(people)
        total = np.zeros(len(people))
        for columns, (cells, ratios, elsewhere) in zip(chosen, tables):
            key = _keys(columns, digits.sizes, shown)
            place = np.minimum(np.searchsorted(cells, key), len(cells) - 1)
            total += np.where(cells[place] == key, ratios[place], elsewhere)
        return total / max(len(chosen), 1)

    return score


def _chosen(columns: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Return the combinations of columns, rising."""
    chosen: list[tuple[int, ...]] = []
    for width in range(1, min(WIDTH, columns) + 1):
        if comb(columns, width) <= MOST:
            chosen += combinations(range(columns), width)
        else:
            drawn = {tuple(sorted(rng.choice(columns, width, replace=False).tolist())) for _ in range(MOST)}
            chosen += sorted(drawn)
    return chosen


def _ratios(
    columns: tuple[int, ...], digits: Digits, held: IntArray, usual: IntArray
) -> tuple[IntArray, npt.NDArray[np.float32], float]:
    """Return the cells that either table fills, their log ratios, and that of all other cells."""
    keys = [_keys(columns, digits.sizes, values) for values in (held, usual)]
    cells, place = np.unique(np.concatenate(keys), return_inverse=True)
    parts = (place[: len(keys[0])], place[len(keys[0]) :])
    shares = [
        (np.bincount(part, minlength=len(cells)) + _SMOOTHING) / (len(part) + _SMOOTHING * (len(cells) + 1))
        for part in parts
    ]
    empty = [_SMOOTHING / (len(part) + _SMOOTHING * (len(cells) + 1)) for part in parts]
    return cells, np.log(shares[0] / shares[1]).astype(np.float32), float(np.log(empty[0] / empty[1]))


def _keys(columns: tuple[int, ...], sizes: IntArray, values: IntArray) -> IntArray:
    """Return the number of each row's cell."""
    key = np.zeros(values.shape[1], dtype=np.int64)
    for column in columns:
        key = key * sizes[column] + values[column]
    return key
