"""Memorisation: does the release hold people's records verbatim?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.results import Claims
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table


@dataclass(frozen=True, slots=True)
class ExactCopies:
    """The attacker holds a whole record and looks it up in the release.

    Common records are found without any memorisation, so the share of the control that is found says how many
    copies chance makes. Identifiers and free text are left out: a copied record with a new number is a copy.
    """

    name: ClassVar[str] = "memorization"
    everyone: ClassVar[bool] = True
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[ExactCopies, ...]:
        """Return the one attack on whole records."""
        return (cls(),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "memorization.copies"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "a copy is a copy of the whole record"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every usable column."""
        return schema.attackable

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Hash the records of the release."""
        held = np.unique(known.releases[0].select(self.knows(known.schema)).keys())

        def attacker(people: Table) -> Claims:
            return Claims(np.isin(people.keys(), held))

        return attacker
