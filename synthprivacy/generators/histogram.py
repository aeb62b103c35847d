"""A differentially private histogram over all cells of a declared domain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.generators.cells import coded, require_few, table_of
from synthprivacy.generators.domain import Domain
from synthprivacy.generators.noise import noisy, require_epsilon, shares

if TYPE_CHECKING:
    import pyarrow as pa

SENSITIVITY = 2
"""Replacing one person takes one from a cell and adds one to another."""


@dataclass(frozen=True, slots=True)
class DPHistogram:
    """Counts the people of every cell, adds noise, and draws rows by the noisy counts.

    It is epsilon-differentially private when one person is *replaced* by another; that the table has so many rows is
    taken as known. All of epsilon is spent on the one set of counts; drawing rows from them, as many as wanted, spends
    nothing. Nothing else is learned from the table: labels and bounds are declared, types of columns are public. The
    promise is that of the mechanism with random bits nobody knows: whoever knows the seed can take the noise away.

    Parameters
    ----------
    epsilon : float
    domain : Domain

    References
    ----------
    Dwork, McSherry, Nissim and Smith (2006), Calibrating noise to sensitivity in private data analysis, for histograms.
    """

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
        shape = tuple(self.domain[name].cells for name in table.column_names if name in self.domain.names)
        cells = np.ravel_multi_index(tuple(coded(self.domain, table)), shape)
        counts = np.bincount(cells, minlength=math.prod(shape))
        drawn = rng.choice(counts.size, rows, p=shares(noisy(counts, SENSITIVITY, self.epsilon, rng)))
        return table_of(self.domain, table, np.stack(np.unravel_index(drawn, shape)), rng)
