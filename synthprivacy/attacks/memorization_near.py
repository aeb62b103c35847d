"""Memorisation with retouching: does the release come nearer to people than independent people come to each other?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import WholeRecord
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.index import Index
from synthprivacy.results import Claims
from synthprivacy.schemata import Schema
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table

NEAR = 0.01
"""Share of independent people who come nearer to another one: the nearest hundredth sets what near means."""
YARDSTICK = 4_000
"""People whose nearest other one is sought."""
FEWEST = 100
"""Different people without whom there is no nearest hundredth."""


@dataclass(frozen=True, slots=True)
class NearCopies(WholeRecord):
    """The attacker holds a whole record and claims it where a synthetic record is nearer than independent ones come.

    How near independent records come is read off people who were not trained on, where the attacker has any, else off the
    release: its different records are what it has of the population. A release that repeats people with small changes
    makes the threshold too small then, and hides those who are changed more than that; it never raises an alarm.

    References
    ----------
    Platzer and Reutterer (2021), Holdout-based empirical assessment of mixed-type synthetic data (distances to the
    closest record, held against those of people held out).
    """

    jobs: int = 1

    name: ClassVar[str] = "memorization"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[NearCopies, ...]:
        """Return the one attack on whole records."""
        return (cls(budget.jobs),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "memorization.near"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"distance": "gower", "near": NEAR, "yardstick": YARDSTICK}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release, and measure how near independent records come.

        Raises
        ------
        NotEnoughDataError
            If there are too few different records to tell.
        """
        release = known.releases[0].select(self.knows(known.schema))
        index = neighbors.build(points(release))
        if known.reference is None:
            reach = nearest_hundredth(release, rng, jobs=self.jobs)
        else:
            usual = known.reference.select(self.knows(known.schema))
            first = np.unique(usual.unit, return_index=True)[1].astype(np.int64)  # a person's rows are not independent
            reach = nearest_hundredth(usual.take(first), rng, jobs=self.jobs)
        return lambda people: Claims(neighbors.any_within(index, points(people), reach, jobs=self.jobs))


def nearest_hundredth(usual: Table, rng: np.random.Generator, *, jobs: int = 1) -> int:
    """Return the distance, in grid steps, within which a hundredth of some different records has another one.

    Parameters
    ----------
    usual : Table
        Equal records count once.
    rng : numpy.random.Generator
        Draws whose nearest other one is sought.
    jobs : int
        Threads.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than a hundred different records.
    """
    records = usual.take(np.unique(usual.keys(), return_index=True)[1].astype(np.int64))
    if len(records) < FEWEST:
        msg = f"fewer than {FEWEST} different records say how near two of them come; more records"
        raise NotEnoughDataError(msg)
    index: Index = neighbors.build(points(records))
    asked = np.sort(rng.permutation(len(records))[:YARDSTICK])
    away = np.sort(neighbors.nearest(index, points(records.take(asked)), 2, jobs=jobs).steps[:, 1])
    return int(away[math.ceil(NEAR * len(away)) - 1])
