"""A deliberate leaker: each person is remembered, or not, by the toss of a coin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.generators.columns import require
from synthprivacy.generators.copula import GaussianCopula
from synthprivacy.generators.planting import planted, recalled
from synthprivacy.generators.protocol import Generator, conditional

if TYPE_CHECKING:
    import pyarrow as pa

    from synthprivacy.generators.columns import IntArray


@dataclass(frozen=True, slots=True)
class Memoriser:
    """Hands out each person with probability `rho`, apart from all others; another generator makes the other rows.

    The best test of membership by exact match has a true positive rate of `rho` at no false positives, for everybody.
    """

    rho: float
    base: Generator = field(default_factory=GaussianCopula)

    def __post_init__(self) -> None:
        require(0 <= self.rho <= 1, f"rho must be between 0 and 1, not {self.rho:g}; it is a probability")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"memoriser-{self.rho:g}-{self.base.name}"

    @property
    def completes(self) -> bool:
        """Whether the generator of the other rows can be asked how rows go on."""
        return conditional(self.base) is not None

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        return planted(self.base, table, self._remembered(table, seed), rows, seed)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows: those of people it remembers where they are meant; see `Conditional`."""
        return recalled(self.base, table, self._remembered(table, seed), given, seed)

    def _remembered(self, table: pa.Table, seed: int) -> IntArray:
        return np.flatnonzero(np.random.default_rng([seed, 0]).random(len(table)) < self.rho)
