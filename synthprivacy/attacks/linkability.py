"""Linkability: do two halves of a person's record lead to the same synthetic record?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge, known_columns
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import neighbors
from synthprivacy.results import Links
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import entropies
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table


@dataclass(frozen=True, slots=True)
class Halves:
    """Two attackers' tables hold disjoint columns of the same people; the release is the bridge.

    Each half's nearest synthetic record is sought, a tie drawn at random; the person is linked where both find
    the same one.

    References
    ----------
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic
    data, section 5.2.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    jobs: int = 1

    name: ClassVar[str] = "linkability"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Halves, ...]:
        """Return one split into halves of about equal information, dealt by the entropy of the release's columns."""
        known = known_columns(schema)
        information = entropies(release.select(known))
        ranked = sorted(information, key=lambda name: (-information[name], name))
        first = [name for place, name in enumerate(ranked) if place % 4 in (0, 3)]
        second = [name for place, name in enumerate(ranked) if place % 4 in (1, 2)]
        return (cls(tuple(sorted(first)), tuple(sorted(second)), budget.jobs),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "linkability.halves"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "two tables that share no column, dealt so that either half says about as much"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return both halves."""
        return tuple(sorted((*self.first, *self.second)))

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"first": list(self.first), "second": list(self.second), "neighbors": 1, "distance": "gower"}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release once by each half.

        Raises
        ------
        NotEnoughDataError
            If fewer than two columns may be known.
        """
        if not self.second:
            msg = "one known column has no two halves; a second column the attacker may know"
            raise NotEnoughDataError(msg)
        halves = (self.first, self.second)
        indexes = [neighbors.build(points(known.releases[0].select(half))) for half in halves]
        seeds = rng.integers(2**63, size=2, dtype=np.uint64)

        def attacker(people: Table) -> Links:
            first, second = (
                neighbors.draw_nearest(index, points(shown), shown.keys() ^ seed, jobs=self.jobs).rows
                for index, seed, shown in zip(indexes, seeds, (people.select(half) for half in halves))
            )
            return Links(first, second)

        return attacker
