"""A few numbers in place of a table's columns, for scores that are made of densities."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from threadpoolctl import threadpool_limits

from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.kernels.density import Density, fit, products
from synthprivacy.tables.design import Design, design_of
from synthprivacy.tables.table import FloatArray, Table

Scorer = Callable[[Table], FloatArray]
"""Scores people (rows,), higher = more like someone trained on; each row's the same in whatever company."""

DIMENSIONS = 10
"""Axes at most: kernel densities say little in more."""
KERNELS = 40_000
"""Rows a density is made of at most; more are sampled, because its cost is rows times people."""
_ROWS = 5_000
"""Rows of either table that the axes are found from."""
_FLAT = 1e-6
"""Variance of an axis, as a part of the largest, that is taken for none."""


@dataclass(frozen=True, slots=True, repr=False)
class Space:
    """Principal axes of a release and a reference, numbers and labels counting alike."""

    design: Design
    centre: FloatArray
    """(width,) mean of the design's columns."""
    axes: FloatArray
    """(dimensions, width)"""

    def __repr__(self) -> str:
        return f"<space: {len(self.axes)} axes>"  # never a value: tracebacks are logs

    def of(self, people: Table) -> FloatArray:
        """Return the coordinates (people, dimensions); a person's do not depend on who else is asked about."""
        return products(self.design.of(people) - self.centre, self.axes)


def space_of(release: Table, reference: Table, rng: np.random.Generator) -> Space:
    """Return the axes along which release and reference vary most.

    Numbers are in standard deviations; the indicator of a label with share p is divided by the root of p, so that a
    label column weighs as much as it has labels, and no column rules by its unit.

    Raises
    ------
    NotEnoughDataError
        If nothing varies.

    References
    ----------
    Pagès (2004), Analyse factorielle de données mixtes.
    """
    design = design_of(release)
    rows = np.vstack([design.of(sampled(table, _ROWS, rng)) for table in (release, reference)])
    centre = rows.mean(axis=0)
    weight = _weights(design, rows)
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        centred = (rows - centre) * weight
        width = len(centre)
        most = min(DIMENSIONS, width)
        variance, axes = eigh(centred.T @ centred / len(rows), subset_by_index=(width - most, width - 1))
    kept = variance > _FLAT * max(float(variance.max(initial=0.0)), _FLAT)
    if not kept.any():
        msg = "the release and the reference hold nothing that varies; a column that does"
        raise NotEnoughDataError(msg)
    return Space(design, centre, (axes[:, kept] * weight[:, None]).T)


def density_of(space: Space, table: Table, rng: np.random.Generator, most: int = KERNELS) -> Density:
    """Return the density of a table's rows in a space, made of at most `most` of them.

    Raises
    ------
    NotEnoughDataError
        If there are too few rows, or they do not vary along every axis.
    """
    try:
        return fit(space.of(sampled(table, most, rng)))
    except DataError as error:
        msg = "the release or the reference lies in fewer dimensions than both together; more people"
        raise NotEnoughDataError(msg) from error


def sampled(table: Table, most: int, rng: np.random.Generator) -> Table:
    """Return at most `most` rows of a table, drawn without replacement."""
    if len(table) <= most:
        return table
    return table.take(np.sort(rng.choice(len(table), most, replace=False)))


def in_parts(score: Callable[[FloatArray], FloatArray], people: FloatArray, jobs: int) -> FloatArray:
    """Return scores (people,) that threads work out part by part; each person's must not depend on the others."""
    if jobs == 1 or len(people) < 2 * jobs:
        return score(people)
    with ThreadPoolExecutor(jobs) as pool:
        return np.concatenate(list(pool.map(score, np.array_split(people, 4 * jobs))))


def _weights(design: Design, rows: FloatArray) -> FloatArray:
    """Return what each column of a design is multiplied by; 0 where it is constant."""
    widths = [len(labels) or 2 for labels in design.labels]
    first = (np.cumsum(widths) - widths).tolist()
    numbers = np.zeros(rows.shape[1], dtype=np.bool_)
    numbers[[start for start, labels in zip(first, design.labels) if not len(labels)]] = True
    spread = np.where(numbers, rows.std(axis=0), np.sqrt(rows.mean(axis=0).clip(0.0)))
    varying = rows.std(axis=0) > 0.0
    weight: FloatArray = np.where(varying, 1.0 / np.where(varying, spread, 1.0), 0.0)
    return weight
