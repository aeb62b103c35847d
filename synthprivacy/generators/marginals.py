"""Independent marginals: every column on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from synthprivacy.generators.columns import assembled, learned
from synthprivacy.generators.given import known_of

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class IndependentMarginals:
    """Draws each column from its values in the table, with replacement and apart from all others.

    What depends on several columns is lost; single values of people are not: a rare one may well be handed out.
    Identifiers are counted anew. The simplest baseline there is: a tool that cannot tell its release from a better
    generator's measures nothing that matters.
    """

    completes: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """What reports call it."""
        return "marginals"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        rng = np.random.default_rng(seed)
        return assembled(table, {column.name: column.apart(rows, rng) for column in learned(table)})

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows, whose other values follow from nothing that is known; see `Conditional`."""
        rng = np.random.default_rng(seed)
        known = known_of(table, given)
        columns = [column for column in learned(table) if column.name not in known]
        return assembled(table, known | {column.name: column.apart(len(given), rng) for column in columns})
