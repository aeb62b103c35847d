"""Membership by distance within blocks of columns: who lies conspicuously near to the release in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.index import Index
from synthprivacy.results import Scores
from synthprivacy.schemata import Schema
from synthprivacy.tables.blocks import column_blocks
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, IntArray, Table

YARDSTICK = 4_000
"""Synthetic records whose distance to the nearest other one says what is near in a block."""


@dataclass(frozen=True, slots=True)
class BlockDistance:
    """The attacker asks of each block how near the release comes to the person, and believes the most conspicuous one.

    Near is judged by the release itself: the score of a block is minus the logarithm of the share of synthetic records
    with another one as near. Distances of different blocks can be compared so, and the largest score of a person can be a
    member's only because of the release, as everybody has as many blocks.
    """

    blocks: tuple[tuple[str, ...], ...]
    jobs: int = 1

    name: ClassVar[str] = "membership"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[BlockDistance, ...]:
        """Return the attack where the table has at least two blocks."""
        blocks = column_blocks(schema, release.select(schema.attackable))
        return (cls(blocks, budget.jobs),) if len(blocks) > 1 else ()

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "membership.blocks"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "whoever asks whether a person was in the training table holds that person's whole record"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return the columns of all blocks."""
        return tuple(sorted(name for block in self.blocks for name in block))

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"blocks": [list(block) for block in self.blocks], "distance": "gower", "yardstick": YARDSTICK}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release by each block, and measure how near its own records are.

        Raises
        ------
        NotEnoughDataError
            If there are no blocks, or fewer than two synthetic records.
        """
        release = known.releases[0]
        if not self.blocks or len(release) < 2:
            msg = "there are no blocks of columns to compare; more columns, or themes in the schema"
            raise NotEnoughDataError(msg)
        chosen = np.sort(rng.permutation(len(release))[:YARDSTICK])
        indexes = [neighbors.build(points(release.select(block))) for block in self.blocks]
        yardsticks = [
            _to_another(index, release.select(block).take(chosen), self.jobs)
            for index, block in zip(indexes, self.blocks)
        ]

        def attacker(people: Table) -> Scores:
            score = np.full(len(people), -np.inf)
            for index, block, yardstick in zip(indexes, self.blocks, yardsticks):
                steps = neighbors.nearest_steps(index, points(people.select(block)), jobs=self.jobs)
                score = np.maximum(score, _conspicuous(steps, yardstick))
            return Scores(score)

        return attacker


def _to_another(index: Index, records: Table, jobs: int) -> IntArray:
    """Return the distances of synthetic records to the nearest other one, rising."""
    steps: IntArray = np.sort(neighbors.nearest(index, points(records), 2, jobs=jobs).steps[:, 1])
    return steps


def _conspicuous(steps: IntArray, yardstick: IntArray) -> FloatArray:
    nearer = np.searchsorted(yardstick, steps, side="right")
    score: FloatArray = -np.log((1.0 + nearer) / (1.0 + len(yardstick)))
    return score
