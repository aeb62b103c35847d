"""Linkability: do two halves of a person's record lead to the same synthetic record?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from synthprivacy.attacks.holding import TwoHalves
from synthprivacy.attacks.linkability_halves import prepare_halves
from synthprivacy.attacks.linkability_splits import splits
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.results import Links
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Halves(TwoHalves):
    """Two attackers' tables hold disjoint columns of the same people; the release is the bridge.

    The k nearest synthetic records of each half are sought, ties drawn at random; the person is linked where both find a
    common one. Equal rows of the release are one record: who was published twice is not lost between the copies.

    References
    ----------
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic
    data, section 5.2.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    jobs: int = 1
    neighbors: int = field(default=1, kw_only=True)
    """Nearest records of each half."""
    label: str = field(default="halves", kw_only=True)
    """Name of the split."""
    reason: str = field(default="dealt so that either half says about as much", kw_only=True)

    name: ClassVar[str] = "linkability"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Halves, ...]:
        """Return one attack for each informative split; the halves of about equal information first."""
        return tuple(
            cls(*split, budget.jobs, label=label, reason=reason)
            for label, (split, reason) in splits(schema, release).items()
        )

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"linkability.{self.label}"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return f"two tables that share no column, {self.reason}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {
            "first": list(self.first),
            "second": list(self.second),
            "neighbors": self.neighbors,
            "distance": "gower",
        }

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release once by each half.

        Raises
        ------
        NotEnoughDataError
            If fewer than two columns may be known.
        """
        ask = prepare_halves(known.releases[0], (self.first, self.second), self.neighbors, rng, jobs=self.jobs)

        def attacker(people: Table) -> Links:
            return Links(*ask(people))

        return attacker
