"""A deliberate leaker: some people are handed out as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthprivacy.generators.planting import Leaker, planted, recalled

if TYPE_CHECKING:
    import pyarrow as pa

    from synthprivacy.generators.columns import IntArray


@dataclass(frozen=True, slots=True)
class Copier(Leaker):
    """Replaces rows of another generator by a random share of the people, different ones in every fit."""

    called: ClassVar[str] = "copier"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        return planted(self.base, table, self._chosen(table, seed), rows, seed)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows: those of the people it copies where they are meant; see `Conditional`."""
        return recalled(self.base, table, self._chosen(table, seed), given, seed)

    def _chosen(self, table: pa.Table, seed: int) -> IntArray:
        return np.random.default_rng([seed, 0]).choice(len(table), round(self.share * len(table)), replace=False)
