"""Membership by differencing: who lies near to what one release holds, and the one after it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import WholeRecord
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.index import Index
from synthprivacy.results import Scores
from synthprivacy.schemata import Schema
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table

YARDSTICK = 4_000
"""Synthetic records of each release whose distance to the nearest other one says what is near."""


@dataclass(frozen=True, slots=True)
class Differencing(WholeRecord):
    """The attacker holds a whole record and all releases in their order, and asks between which two of them it came or went.

    With d and d' the distances from a person to two consecutive releases, and r the mean distance from a synthetic
    record to the nearest other one of its release, the score is ``|log((d' + r) / (d + r))|``, the largest of all
    consecutive two. Who is exactly as near to either gets 0, be it copied in both or in neither: this attacker sees only
    what changed.

    Where the later release is the earlier one without one record, nobody scores above the person it was copied from: for
    anyone at distance d from it, ``d' <= d + D`` with D that person's own later distance, by the triangle inequality, and
    ``(d + D + r) / (d + r)`` falls with d.

    References
    ----------
    Jagielski, Wu, Oprea, Ullman and Geambasu (2022), How to combine membership-inference attacks on multiple updated models
    (arXiv 2205.06369), for the idea: attacks on the original and on the updated model, combined. There models are
    classifiers, here releases are tables.
    """

    jobs: int = 1

    name: ClassVar[str] = "membership"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Differencing, ...]:
        """Return the one attack on whole records."""
        return (cls(budget.jobs),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "membership.differencing"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"distance": "gower", "yardstick": YARDSTICK}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index every release, and measure how near their own records are.

        Raises
        ------
        NotEnoughDataError
            If there are fewer than two releases, or one has fewer than two rows.
        """
        if len(known.releases) < 2 or min(len(release) for release in known.releases) < 2:
            msg = "what changed is told from two releases of some rows each; another release"
            raise NotEnoughDataError(msg)
        columns = self.knows(known.schema)
        releases = [release.select(columns) for release in known.releases]
        indexes = [neighbors.build(points(release)) for release in releases]
        spacings = [_spacing(index, release, rng, self.jobs) for index, release in zip(indexes, releases)]
        radius = max(float(np.mean(spacings)), 1.0)

        def attacker(people: Table) -> Scores:
            asked = points(people)
            near = [np.log(neighbors.nearest_steps(index, asked, jobs=self.jobs) + radius) for index in indexes]
            return Scores(np.max([np.abs(later - earlier) for earlier, later in pairwise(near)], axis=0))

        return attacker


def _spacing(index: Index, release: Table, rng: np.random.Generator, jobs: int) -> float:
    """Return the mean distance of synthetic records to the nearest other one, in steps of the grid."""
    chosen = release.take(np.sort(rng.permutation(len(release))[:YARDSTICK]))
    return float(neighbors.nearest(index, points(chosen), 2, jobs=jobs).steps[:, 1].mean())
