"""Memorisation of what is rare: does the release hold people's rare values, or rare pairs of values?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np

from synthprivacy.attacks.memorization_parts import CHANCE, LONG, RARE, have_some, rare_parts
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.results import Claims
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

SELECTIONS = 500
"""Selections of columns at most: of more, so many are drawn."""


@dataclass(frozen=True, slots=True)
class RareCopies:
    """The attacker takes for real what hardly any synthetic record holds, and claims everybody who has it.

    A generator that makes up its records from what people have holds a rare value because somebody in the training
    table has it, be the rest of the record invented. Of people never used fewer have one of the release's rare values;
    how many is what chance gives.
    """

    width: Literal[1, 2] = 1
    """Columns of a part: values or pairs."""
    chance: float = CHANCE
    """Share of independent people who may have some rare part by chance."""

    name: ClassVar[str] = "memorization"
    everyone: ClassVar[bool] = True
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[RareCopies, ...]:
        """Return the attacks on values and on pairs."""
        return (cls(1), cls(2))

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"memorization.rare_{'values' if self.width == 1 else 'pairs'}"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "nothing is known of a person: what is rare is recognised, in whichever column it stands"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every usable column."""
        return schema.attackable

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"width": self.width, "rare": RARE, "of": LONG, "chance": self.chance, "selections": SELECTIONS}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """List what the release holds rarely.

        Raises
        ------
        NotEnoughDataError
            If it holds nothing rarely.
        """
        release = known.releases[0].select(self.knows(known.schema))
        every = list(combinations(release.names, self.width))
        if len(every) > SELECTIONS:
            every = [every[place] for place in np.sort(rng.choice(len(every), SELECTIONS, replace=False))]
        parts = rare_parts(release, every, known.reference, chance=self.chance)
        return lambda people: Claims(have_some(people, parts))
