"""Attribute inference by vote: the few most similar synthetic records say together what is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import AllButSecret
from synthprivacy.attacks.inference_secrets import (
    TOLERANCE,
    first_secrets,
    guessing,
    require_secret,
    told,
    tolerance_of,
)
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.kernels import neighbors
from synthprivacy.schemata import Schema
from synthprivacy.tables.space import points
from synthprivacy.tables.table import BoolArray, FloatArray, Table

VOTERS = 5


@dataclass(frozen=True, slots=True)
class Vote(AllButSecret):
    """The attacker takes the secret that most of the k nearest synthetic records have, the nearer the heavier.

    Of a number, the median by weight. One record that was published is outvoted: this attacker is the weaker one
    against copies, and the stronger one against a release that says a little about everybody.

    References
    ----------
    Dudani (1976), The distance-weighted k-nearest-neighbor rule, section II (weights).
    """

    secret: str
    known: tuple[str, ...]
    reason: str = ""
    voters: int = VOTERS
    jobs: int = 1

    name: ClassVar[str] = "inference"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Vote, ...]:
        """Return one attack for each of the first secrets."""
        return tuple(
            cls(secret.name, secret.known, secret.reason, jobs=budget.jobs)
            for secret in first_secrets(schema, release, budget)
        )

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"inference.vote.{self.secret}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"secret": self.secret, "neighbors": self.voters, "distance": "gower", "tolerance": TOLERANCE}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Index the release without the secret.

        The rows are shuffled first, so that of equally near ones a random few vote and not those that sort first.

        Raises
        ------
        NotEnoughDataError
            If the secret does not vary in the release, or nothing is known of people.
        """
        require_secret(known.releases[0], self.secret, self.known)
        voting = told(known.releases[0], self.secret)
        voting = voting.take(rng.permutation(len(voting)))
        secret = voting[self.secret]
        index = neighbors.build(points(voting.select(self.known)))
        voters, tolerance = min(self.voters, len(voting)), tolerance_of(secret)

        def guess(people: Table) -> tuple[FloatArray, FloatArray]:
            found = neighbors.nearest(index, points(people), voters, jobs=self.jobs)
            values, weights = secret.values[found.rows], _weights(found.steps.astype(np.float64))
            value = _median(values, weights) if secret.ordered else _most(values, weights)
            agreeing = np.where(_near(values, value[:, None], tolerance), weights, 0.0)
            return value, agreeing.sum(axis=1) / weights.sum(axis=1)

        return guessing(secret, guess)


def _weights(steps: FloatArray) -> FloatArray:
    """Return the weights (people, k): from 1 for the nearest towards 0 for one as far again as the farthest."""
    first, last = steps[:, :1], steps[:, -1:]
    span = np.maximum(last - first, 1.0)
    weights: FloatArray = 1.0 - (steps - first) / (span * (1.0 + 1.0 / steps.shape[1]))
    return weights


def _most(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the heaviest value of each row, of equally heavy ones the nearer."""
    votes = np.where(values[:, :, None] == values[:, None, :], weights[:, None, :], 0.0).sum(axis=2)
    heaviest: FloatArray = values[np.arange(len(values)), np.argmax(np.round(votes, 9), axis=1)]
    return heaviest


def _median(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the smallest value of each row up to which half of the weight lies."""
    order = np.argsort(values, axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    below = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    half = np.argmax(below >= below[:, -1:] / 2.0, axis=1)
    middle: FloatArray = ranked[np.arange(len(values)), half]
    return middle


def _near(values: FloatArray, guess: FloatArray, tolerance: float) -> BoolArray:
    near: BoolArray = np.abs(values / 2 - guess / 2) <= tolerance / 2
    return near
