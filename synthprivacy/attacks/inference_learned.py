"""Attribute inference by learning: a model trained on the release predicts what is hidden."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from synthprivacy.attacks.holding import AllButSecret
from synthprivacy.attacks.inference_classes import Classes, classes_of
from synthprivacy.attacks.inference_secrets import (
    TOLERANCE,
    first_secrets,
    guessing,
    require_secret,
    told,
)
from synthprivacy.attacks.learners import Learner, brief_boosting, logistic
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.schemata import Schema
from synthprivacy.tables.design import design_of
from synthprivacy.tables.table import FloatArray, IntArray, Table

FAMILIES: Mapping[str, Learner] = MappingProxyType({"boosting": brief_boosting, "logistic": logistic})
"""Learners that every plan has; any other is handed in."""
ROWS = 10_000
"""Rows of the release that a model is trained on: a sample of a longer one."""
_BLOCK = 8_192


class Trainable(Protocol):
    """Anything that learns from rows and answers about others, as scikit-learn has it; it may have `predict_proba` too."""

    def fit(self, rows: FloatArray, targets: IntArray, /) -> object:
        """Learn the class (rows,) of each row (rows, width)."""

    def predict(self, rows: FloatArray, /) -> npt.ArrayLike:
        """Return the class of each row."""


@dataclass(frozen=True, slots=True)
class Learned(AllButSecret):
    """The attacker trains a model of the secret on the release and asks it about each person.

    The model learns classes: the 20 most frequent labels, or 20 bins of a number, of which the attacker guesses the
    value most others are near to. So a model that is sure and one that is not can be told apart for every kind
    of secret, and of a number the likeliest value is guessed instead of a mean that nobody has. For this reason there
    are no models of means, such as ridge regression; the logistic one has the same penalty.
    """

    secret: str
    known: tuple[str, ...]
    family: str = "boosting"
    """Name of the learner, as the endpoint has it."""
    reason: str = ""
    learner: Trainable | None = field(default=None, compare=False)
    """A learner of one's own, copied before it is trained; None for the house's of this name."""

    name: ClassVar[str] = "inference"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive",)

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Learned, ...]:
        """Return an attack by every family for each of the first secrets."""
        return tuple(
            cls(secret.name, secret.known, family, secret.reason)
            for secret in first_secrets(schema, release, budget)
            for family in FAMILIES
        )

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"inference.{self.family}.{self.secret}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"secret": self.secret, "learner": self.family, "rows": ROWS, "tolerance": TOLERANCE}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Train the model.

        Raises
        ------
        NotEnoughDataError
            If the secret does not vary in the release, or nothing is known of people.
        """
        secret = require_secret(known.releases[0], self.secret, self.known)
        classes = classes_of(secret)
        release = _learnable(known.releases[0], classes, self.secret, rng)
        design = design_of(release.select(self.known))
        targets = classes.of(release[self.secret].values)
        trained = _trained(self.family, self.learner, design.of(release), targets, int(rng.integers(2**31)))

        def guess(people: Table) -> tuple[FloatArray, FloatArray]:
            rows = design.of(people)
            parts = [trained(rows[start : start + _BLOCK]) for start in range(0, max(len(rows), 1), _BLOCK)]
            found, sure = (np.concatenate(part) for part in zip(*parts))
            return classes.guesses[found], sure

        return guessing(secret, guess)


Trained = Callable[[FloatArray], tuple[IntArray, FloatArray]]
"""Rows to the likeliest class of each, and how sure."""


def _learnable(release: Table, classes: Classes, secret: str, rng: np.random.Generator) -> Table:
    """Return rows of the release that have a class, a sample if there are many.

    Raises
    ------
    NotEnoughDataError
        If they are all of one class.
    """
    release = told(release, secret)
    which = classes.of(release[secret].values)
    rows = np.flatnonzero(which >= 0)
    rows = rows if len(rows) <= ROWS else np.sort(rng.choice(rows, ROWS, replace=False))
    if len(rows) == 0 or which[rows].min() == which[rows].max():
        msg = "the secret is nearly always the same in the release; a secret that varies"
        raise NotEnoughDataError(msg)
    return release.take(rows)


def _trained(family: str, own: Trainable | None, rows: FloatArray, targets: IntArray, seed: int) -> Trained:
    if own is not None:
        return _own(copy.deepcopy(own), rows, targets)
    model, seen = FAMILIES[family](rows, targets, seed), np.unique(targets)

    def answer(asked: FloatArray) -> tuple[IntArray, FloatArray]:
        likely = model(asked) if len(asked) else np.zeros((0, len(seen)))
        return seen[np.argmax(likely, axis=1)], likely.max(axis=1, initial=0.0)

    return answer


def _own(learner: Trainable, rows: FloatArray, targets: IntArray) -> Trained:
    """Return a learner that was handed in, trained; without probabilities it is equally sure of all guesses."""
    learner.fit(rows, targets)
    most = int(targets.max())
    surer = getattr(learner, "predict_proba", None)

    def answer(asked: FloatArray) -> tuple[IntArray, FloatArray]:
        if not len(asked):
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        guessed = np.asarray(learner.predict(asked))
        if guessed.shape != (len(asked),) or not np.isin(guessed, np.arange(most + 1)).all():
            msg = (
                "a learner must predict one of the classes it was trained on for each row; check what `predict` returns"
            )
            raise DataError(msg)
        sure = np.zeros(len(asked)) if surer is None else np.asarray(surer(asked), dtype=np.float64).max(axis=1)
        return guessed.astype(np.int64), sure

    return answer
