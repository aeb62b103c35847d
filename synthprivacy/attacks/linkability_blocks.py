"""Linkability within blocks of columns: a leak in five of fifty columns is lost in halves of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.linkability_halves import prepare_halves
from synthprivacy.attacks.linkability_splits import Split, even_halves
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge, known_columns
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Links
from synthprivacy.schemata import Schema
from synthprivacy.tables.blocks import column_blocks
from synthprivacy.tables.table import IntArray, Table


@dataclass(frozen=True, slots=True)
class BlockHalves:
    """The same as whole halves, block by block: a person is linked where both halves of some block find one record.

    One endpoint for all blocks, so that the more of them there are the more often chance links somebody, on the
    control as on the original, and nothing has to be corrected afterwards.
    """

    blocks: tuple[Split, ...]
    """The two halves of each."""
    jobs: int = 1

    name: ClassVar[str] = "linkability"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive",)

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[BlockHalves, ...]:
        """Return the attack where the table has at least two blocks."""
        known = release.select(known_columns(schema))
        blocks = column_blocks(schema, known)
        if len(blocks) < 2:
            return ()
        return (cls(tuple(even_halves(block, known) for block in blocks), budget.jobs),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "linkability.blocks"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "two tables that share no column, each about one block of columns"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return the columns of all blocks."""
        return tuple(sorted(name for block in self.blocks for half in block for name in half))

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"blocks": [[list(half) for half in block] for block in self.blocks], "distance": "gower"}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release by each half of each block.

        Raises
        ------
        NotEnoughDataError
            If there are no blocks.
        """
        if not self.blocks:
            msg = "there are no blocks of columns; more columns, or themes in the schema"
            raise NotEnoughDataError(msg)
        release = known.releases[0]
        parts = [
            prepare_halves(release, block, 1, stream, jobs=self.jobs)
            for block, stream in zip(self.blocks, rng.spawn(len(self.blocks)))
        ]
        apart = len(release)

        def attacker(people: Table) -> Links:
            firsts: list[IntArray] = []
            seconds: list[IntArray] = []
            for place, ask in enumerate(parts):
                first, second = ask(people)
                firsts.append(first + place * apart)  # records of two blocks are never the same one
                seconds.append(second + place * apart)
            return Links(np.hstack(firsts), np.hstack(seconds))

        return attacker
