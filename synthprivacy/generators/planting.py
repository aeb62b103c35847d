"""Rows of people among made-up ones: what every deliberate leaker does with those it gives away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa

from synthprivacy.generators.columns import IntArray, assembled, require
from synthprivacy.generators.copula import GaussianCopula
from synthprivacy.generators.protocol import Generator


@dataclass(frozen=True, slots=True)
class Leaker:
    """Replaces rows of another generator by a share of the people."""

    called: ClassVar[str]
    """The first word of its name."""
    share: float
    base: Generator = field(default_factory=GaussianCopula)

    def __post_init__(self) -> None:
        require(0 <= self.share <= 1, f"share must be between 0 and 1, not {self.share:g}; it is the share of people")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{self.called}-{self.share:g}-{self.base.name}"


def planted(base: Generator, table: pa.Table, people: IntArray, rows: int, seed: int) -> pa.Table:
    """Return rows of which some are people as they are, the others made by `base`, in an order that tells nothing.

    Where more people are to be given away than there are rows, a random part of them is.
    """
    rng = np.random.default_rng([seed, 1])
    given = rng.permutation(people)[:rows]
    made = base.fit_sample(table, rows - len(given), seed)
    order = pa.array(rng.permutation(rows))
    return assembled(
        table,
        {
            name: pa.concat_arrays([_plain(made[name]), _plain(table[name]).take(given)]).take(order)
            for name in table.column_names
        },
    )


def _plain(values: pa.ChunkedArray) -> pa.Array:
    plain = values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
    return plain.combine_chunks()
