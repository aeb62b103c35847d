"""Pair linkage: which row of one shuffled table belongs to which row of another?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from synthprivacy.attacks.holding import TwoHalves
from synthprivacy.attacks.linkability_halves import prepare_halves
from synthprivacy.attacks.linkability_splits import even_halves
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge, known_columns
from synthprivacy.results import Links
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np

CROWD = 100
"""People in either of the two shuffled tables."""


@dataclass(frozen=True, slots=True)
class Pairs(TwoHalves):
    """Two tables of the same people share no column and no order; the attacker has to name the pairs.

    Whose first half leads to the same synthetic record as somebody's second half is a candidate for that person, and
    one of all candidates is named. A person counts with the chance that it is the right one: that both halves find the
    same record is not enough where they do of many. The tables hold 100 people each, drawn from those shown, so that
    original and control of any size are alike.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    jobs: int = 1

    name: ClassVar[str] = "linkability"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Pairs, ...]:
        """Return the attack with halves of about equal information."""
        return (cls(*even_halves(known_columns(schema), release), budget.jobs),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "linkability.pairs"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "two shuffled tables that share no column, dealt so that either says about as much"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"first": list(self.first), "second": list(self.second), "crowd": CROWD, "distance": "gower"}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release once by each half.

        Raises
        ------
        NotEnoughDataError
            If fewer than two columns may be known.
        """
        ask = prepare_halves(known.releases[0], (self.first, self.second), 1, rng, jobs=self.jobs)

        def attacker(people: Table) -> Links:
            return Links(*ask(people), crowd=CROWD)

        return attacker
