"""A differentially private histogram over all cells of a declared domain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from synthprivacy.generators.cells import coded, require_few, table_of
from synthprivacy.generators.columns import FloatArray, IntArray
from synthprivacy.generators.domain import Domain
from synthprivacy.generators.given import alike, known_of, saying
from synthprivacy.generators.noise import noisy, require_epsilon, shares

SENSITIVITY = 2
"""Replacing one person takes one from a cell and adds one to another."""


@dataclass(frozen=True, slots=True)
class DPHistogram:
    """Counts the people of every cell, adds noise, and draws rows by the noisy counts.

    It is epsilon-differentially private when one person is *replaced* by another; that the table has so many rows is
    taken as known. All of epsilon is spent on the one set of counts; drawing rows from them, as many as wanted, spends
    nothing; nor does drawing them among the cells that agree with what is known of a row, where a whole number that two
    bins share belongs to the lower one. Nothing else is learned from the table: labels and bounds are declared, types of
    columns are public. The promise is that of the mechanism with random bits nobody knows: whoever knows the seed can
    take the noise away.

    Parameters
    ----------
    epsilon : float
    domain : Domain

    References
    ----------
    Dwork, McSherry, Nissim and Smith (2006), Calibrating noise to sensitivity in private data analysis, for histograms.
    """

    completes: ClassVar[bool] = True
    epsilon: float
    domain: Domain

    def __post_init__(self) -> None:
        require_epsilon(self.epsilon)
        require_few(math.prod(self.shape))

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"dp-histogram-{self.epsilon:g}"

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells of each column."""
        return tuple(possible.cells for _, possible in self.domain.columns)

    @property
    def budget(self) -> tuple[tuple[str, float], ...]:
        """What is spent on what: the parts sum to epsilon."""
        return (("counts of all cells", self.epsilon),)

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`. A table with another domain is a `ConfigError`."""
        rng = np.random.default_rng(seed)
        share = self._shares(table, rng)
        drawn = rng.choice(share.size, rows, p=share.ravel())
        return table_of(self.domain, table, np.stack(np.unravel_index(drawn, share.shape)), rng)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows, drawn among the cells that agree with what is known; see `Conditional`."""
        rng = np.random.default_rng(seed)
        share, known = self._shares(table, rng), known_of(table, given)
        names = [name for name in table.column_names if name in known]
        fixed = (
            coded(self.domain.only(names), pa.table(known).select(names)) if names else np.zeros((0, len(given)), int)
        )
        cells = np.empty((share.ndim, len(given)), dtype=np.int64)
        first, kind = alike([of.astype(np.float64) for of in fixed], len(given))
        for place, row in enumerate(first):
            at = tuple(fixed[names.index(name), row] if name in known else slice(None) for name in table.column_names)
            cells[:, kind == place] = _drawn(share, at, int((kind == place).sum()), rng)
        return saying(table_of(self.domain, table, cells, rng), known)

    def _shares(self, table: pa.Table, rng: np.random.Generator) -> FloatArray:
        """Return the probability of every cell, (cells of each column, …): the release of the mechanism."""
        shape = tuple(self.domain[name].cells for name in table.column_names if name in self.domain.names)
        cells = np.ravel_multi_index(tuple(coded(self.domain, table)), shape)
        counts = np.bincount(cells, minlength=math.prod(shape))
        return shares(noisy(counts, SENSITIVITY, self.epsilon, rng)).reshape(shape)


def _drawn(share: FloatArray, at: tuple[int | slice, ...], rows: int, rng: np.random.Generator) -> IntArray:
    """Return cells (columns, rows) drawn among those that agree with `at`; evenly where none is likely."""
    part = share[at]
    likely = part.ravel() if part.sum() > 0.0 else np.ones(part.size)
    drawn = rng.choice(likely.size, rows, p=likely / likely.sum())
    places = iter(np.unravel_index(drawn, part.shape) if part.ndim else ())
    return np.stack([next(places) if isinstance(one, slice) else np.full(rows, one) for one in at])
