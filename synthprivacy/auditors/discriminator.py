"""A classifier that tells the release from real people who were not trained on: what it takes for synthetic, it knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthprivacy.attacks.learners import LEARNERS
from synthprivacy.attacks.membership_battery import FEWEST
from synthprivacy.attacks.membership_space import sampled
from synthprivacy.auditors.protocol import Labelled
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.tables.design import design_of
from synthprivacy.tables.table import FloatArray, Table

ROWS = 20_000
"""Rows of either kind that are learned from."""


@dataclass(frozen=True, slots=True)
class Discriminator:
    """Boosted trees that tell synthetic rows from labelled non-members.

    It needs as many people who were not trained on as it can get, and must never score those it has seen: it remembers
    them. That takes labels, which is why it is no attack.

    References
    ----------
    Hayes, Melis, Danezis and De Cristofaro (2019), LOGAN: membership inference attacks against generative models
    (black box: a discriminator trained without access to the generator).
    """

    learner: str = "boosting"

    name: ClassVar[str] = "discriminator"
    threat: ClassVar[str] = (
        "an auditor who holds the release, and is told of half of all people that they were not trained on"
    )

    def fit(self, release: Table, half: Labelled, rng: np.random.Generator) -> Callable[[Table], FloatArray]:
        """Learn from the release and the labelled non-members.

        Raises
        ------
        NotEnoughDataError
            If there are too few labelled people.
        """
        if half.nonmembers.people < FEWEST:
            msg = "needs labelled people to learn from; a control of some hundred people"
            raise NotEnoughDataError(msg)
        size = min(len(release), len(half.nonmembers), ROWS)
        synthetic, real = (sampled(table, size, rng) for table in (release, half.nonmembers))
        design = design_of(release)
        rows = np.vstack([design.of(synthetic), design.of(real)])
        model = LEARNERS[self.learner](rows, (np.arange(len(rows)) < size).astype(np.int64), int(rng.integers(2**31)))
        return lambda people: model(design.of(people))[:, 1]
