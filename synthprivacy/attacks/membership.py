"""Membership by distance: who lies nearest to the release was probably trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import WholeRecord
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.results import Scores
from synthprivacy.schemata import Schema
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table


@dataclass(frozen=True, slots=True)
class Distance(WholeRecord):
    """The attacker holds a whole record and asks how near the release comes to it.

    References
    ----------
    Chen, Yu, Zhang and Fritz (2020), GAN-Leaks, section 4.1 (full black-box attack), with Gower's distance.
    """

    jobs: int = 1

    name: ClassVar[str] = "membership"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Distance, ...]:
        """Return the one attack on whole records."""
        return (cls(budget.jobs),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "membership.distance"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"distance": "gower"}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release."""
        release = known.releases[0].select(self.knows(known.schema))
        index = neighbors.build(points(release))

        def attacker(people: Table) -> Scores:
            steps = neighbors.nearest_steps(index, points(people), jobs=self.jobs)
            return Scores(-steps.astype(np.float64) / (UNIT * index.columns))

        return attacker
