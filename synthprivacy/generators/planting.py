"""Rows of people among made-up ones: what every deliberate leaker does with those it gives away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa

from synthprivacy.generators.columns import IntArray, assembled, in_one_piece, learned, require
from synthprivacy.generators.copula import GaussianCopula
from synthprivacy.generators.given import agreeing, known_of
from synthprivacy.generators.protocol import Generator, completing, conditional


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

    @property
    def completes(self) -> bool:
        """Whether the generator of the other rows can be asked how rows go on."""
        return conditional(self.base) is not None


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
            name: pa.concat_arrays([in_one_piece(made[name]), in_one_piece(table[name]).take(given)]).take(order)
            for name in table.column_names
        },
    )


def recalled(base: Generator, table: pa.Table, people: IntArray, given: pa.Table, seed: int) -> pa.Table:
    """Return whole rows: that of one of some people where what is known is theirs, what `base` makes of it elsewhere.

    Raises
    ------
    ConfigError
        If the base cannot be asked how rows go on.
    """
    able = completing(base)
    rng = np.random.default_rng([seed, 1])
    known = known_of(table, given)
    columns = [column for column in learned(table) if column.name in known]
    found = agreeing(columns, known, people, len(given))
    meant = np.array([rng.choice(who) if len(who) else -1 for who in found], dtype=np.int64)
    made = able.fit_complete(table, given, seed)
    row = np.where(meant < 0, len(table) + np.arange(len(given)), meant)
    both = {
        name: pa.concat_arrays([in_one_piece(table[name]), in_one_piece(made[name])]) for name in table.column_names
    }
    return assembled(table, {name: values.take(pa.array(row)) for name, values in both.items()} | known)
