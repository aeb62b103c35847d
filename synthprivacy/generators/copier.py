"""A deliberate leaker: some people are handed out as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.generators.columns import require
from synthprivacy.generators.copula import GaussianCopula
from synthprivacy.generators.planting import planted
from synthprivacy.generators.protocol import Generator

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Copier:
    """Replaces rows of another generator by a random share of the people, different ones in every fit."""

    share: float
    base: Generator = field(default_factory=GaussianCopula)

    def __post_init__(self) -> None:
        require(0 <= self.share <= 1, f"share must be between 0 and 1, not {self.share:g}; it is the share of people")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"copier-{self.share:g}-{self.base.name}"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        chosen = np.random.default_rng([seed, 0]).choice(len(table), round(self.share * len(table)), replace=False)
        return planted(self.base, table, chosen, rows, seed)
