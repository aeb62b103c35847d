"""Memorisation of blocks of columns: a person's laboratory values as they are, in a record that is otherwise made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from synthprivacy.attacks.memorization_parts import CHANCE, LONG, RARE, have_some, rare_parts
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Claims
from synthprivacy.schemata import Schema
from synthprivacy.tables.blocks import column_blocks
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class BlockCopies:
    """The attacker looks up each block of a person's columns, exactly, among the rare ones of the release.

    Blocks are declared themes, else columns that go together in the release. Who is copied as a whole is found in
    every block; what exact copies of whole records find is an endpoint of its own.
    """

    blocks: tuple[tuple[str, ...], ...]
    chance: float = CHANCE
    """Share of independent people who may have some rare block by chance."""

    name: ClassVar[str] = "memorization"
    everyone: ClassVar[bool] = True
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[BlockCopies, ...]:
        """Return the one attack; of a narrow table it says that there are no blocks."""
        return (cls(column_blocks(schema, release.select(schema.attackable))),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "memorization.blocks"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "what comes from one source is known together, and copied together"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return the columns of all blocks."""
        return tuple(sorted(name for block in self.blocks for name in block))

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        blocks = [list(block) for block in self.blocks]
        return {"blocks": blocks, "rare": RARE, "of": LONG, "chance": self.chance}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """List the rare blocks of the release.

        Raises
        ------
        NotEnoughDataError
            If there are no blocks, or none is rare.
        """
        if not self.blocks:
            msg = "there are no blocks of columns to compare; more columns, or themes in the schema"
            raise NotEnoughDataError(msg)
        parts = rare_parts(known.releases[0], self.blocks, known.reference, chance=self.chance)
        return lambda people: Claims(have_some(people, parts))
