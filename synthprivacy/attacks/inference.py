"""Attribute inference: what is hidden about a person is read off the most similar synthetic record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import AllButSecret
from synthprivacy.attacks.inference_secrets import TOLERANCE, guessing, require_secret, secrets_of
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.schemata import Schema
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table


@dataclass(frozen=True, slots=True)
class NearestGuess(AllButSecret):
    """The attacker knows the other columns and copies the secret of the nearest synthetic record.

    References
    ----------
    Giomi, Boenisch, Wehmeyer and Tasnádi (2023), A unified framework for quantifying privacy risk in synthetic
    data, section 5.3.
    """

    secret: str
    known: tuple[str, ...]
    reason: str = ""
    jobs: int = 1

    name: ClassVar[str] = "inference"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[NearestGuess, ...]:
        """Return one attack per secret: the declared ones, else the columns that the others predict best."""
        secrets = secrets_of(schema, release, budget.secrets)
        return tuple(cls(secret.name, secret.known, secret.reason, budget.jobs) for secret in secrets)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"inference.{self.secret}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"secret": self.secret, "neighbors": 1, "distance": "gower", "tolerance": TOLERANCE}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release without the secret.

        Raises
        ------
        NotEnoughDataError
            If the secret does not vary in the release, or nothing is known of people.
        """
        release = known.releases[0]
        secret = require_secret(release, self.secret, self.known)
        index = neighbors.build(points(release.select(self.known)))
        seed = rng.integers(2**63, dtype=np.uint64)

        def guess(people: Table) -> tuple[FloatArray, FloatArray]:
            found = neighbors.draw_nearest(index, points(people), people.keys() ^ seed, jobs=self.jobs)
            return secret.values[found.rows[:, 0]], -found.steps[:, 0].astype(np.float64) / (UNIT * index.columns)

        return guessing(secret, guess)
