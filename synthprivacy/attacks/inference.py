"""Attribute inference: what is hidden about a person is read off the most similar synthetic record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge, known_columns, why_known
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.results import Values
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import predictability
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table

TOLERANCE = 0.05
"""A guessed number is right within this share of the interquartile range of the release: a fixed width, never
divided by the guess, which would make every negative guess right."""


@dataclass(frozen=True, slots=True)
class NearestGuess:
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
        declared = frozenset(schema.secrets)
        secrets = [name for name in release.names if name in declared]
        if not secrets:
            scores = predictability(release)
            ranked = sorted(release.names, key=lambda name: (-scores[name], release.names.index(name)))
            secrets = sorted(ranked[: budget.secrets])
        reason = why_known(schema)
        return tuple(cls(name, known_columns(schema, hidden=name), reason, budget.jobs) for name in secrets)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"inference.{self.secret}"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return self.reason

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every column but the secret, or the quasi-identifiers where some are declared."""
        return self.known

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
        if not _varies(release[self.secret].values):
            msg = "the secret has fewer than two values in the release; a secret that varies"
            raise NotEnoughDataError(msg)
        if not self.known:
            msg = "nothing else is known of people; a column the attacker may know"
            raise NotEnoughDataError(msg)
        index = neighbors.build(points(release.select(self.known)))
        secret = release[self.secret]
        tolerance = TOLERANCE * secret.spread if secret.ordered else 0.0
        seed = rng.integers(2**63, dtype=np.uint64)

        def attacker(people: Table) -> Values:
            found = neighbors.draw_nearest(index, points(people), people.keys() ^ seed, jobs=self.jobs)
            confidence = -found.steps[:, 0].astype(np.float64) / (UNIT * index.columns)
            return Values(self.secret, secret.values[found.rows[:, 0]], tolerance, confidence)

        return attacker


def _varies(values: FloatArray) -> bool:
    known = values[~np.isnan(values)]
    return bool(len(known) and known.min() < known.max())
