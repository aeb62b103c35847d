"""Model inversion: a model that was trained on the release gives away what it was told about the people it models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import AllButSecret
from synthprivacy.attacks.inference_secrets import TOLERANCE
from synthprivacy.attacks.learners import LEARNERS, Model
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge, known_columns, why_known
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Values
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import mutual_information, predictability
from synthprivacy.tables.design import Design, design_of
from synthprivacy.tables.digits import Digits, digits_of
from synthprivacy.tables.table import Feature, FloatArray, IntArray, Table, frozen

SECRETS = 3
"""Secrets that are attacked, each through every family of models."""
CANDIDATES = 8
"""Values of the secret that are tried: its most frequent labels, or the medians of as many bins of a number."""
ROWS = 20_000
"""Rows of the release that a model is trained on: a sample of a longer one."""
_CLASSES = 20
"""Classes of an output, at most: a model of more is none that anybody would train."""
_BLOCK = 4_096
_IMPOSSIBLE = 1e-6
"""A probability of 0 is what a model of few rows says; nothing is excluded by it."""


@dataclass(frozen=True, slots=True)
class ModelInversion(AllButSecret):
    """The attacker tries every value of the secret, and takes the one under which the person's known outcome was likeliest.

    Somebody trains a model on the release, of the known column that goes together with the secret best, from the secret and
    all other known columns. Of each person the attacker knows these others and the outcome, and guesses the value with the
    largest product of its share in the release and the probability the model gives the outcome with it. The model's own
    probabilities stand where the first paper has its confusion matrix; numbers are outcomes by eighths of the
    release. A model that only says how the population is helps against the control as much as against the original:
    success without risk is population inference, which is what models are for.

    References
    ----------
    Fredrikson et al. (2014), Privacy in pharmacogenetics: an end-to-end case study of personalized warfarin dosing,
    section 4 and figure 2. Fredrikson, Jha and Ristenpart (2015), Model inversion attacks that exploit confidence
    information and basic countermeasures, section 4.
    """

    secret: str
    known: tuple[str, ...]
    learner: str = "forest"
    reason: str = ""

    name: ClassVar[str] = "model_inversion"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("population",)

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[ModelInversion, ...]:
        """Return an attack through each family of models on the first secrets, else on what others predict best."""
        secrets = [name for name in schema.secrets if name in release.names][:SECRETS]
        if not secrets:
            scores = predictability(release)
            secrets = sorted(scores, key=lambda name: (-scores[name], name))[: min(1, budget.secrets)]
        reason = why_known(schema)
        return tuple(
            cls(name, known_columns(schema, hidden=name), learner, reason) for name in secrets for learner in LEARNERS
        )

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"model_inversion.{self.learner}.{self.secret}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {
            "secret": self.secret,
            "learner": self.learner,
            "candidates": CANDIDATES,
            "tolerance": TOLERANCE,
            "rows": ROWS,
        }

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Train the model.

        Raises
        ------
        NotEnoughDataError
            If the secret does not vary in the release, or no known column is an outcome.
        """
        release = known.releases[0]
        tried, prior = candidates(release[self.secret])
        outcome = _outcome(release, self.secret, self.known)
        names = tuple(name for name in self.known if name != outcome.names[0])
        designs = (design_of(release.select(names)), design_of(release.select((self.secret,))))
        model, classes = _trained(self.learner, release, outcome, designs, rng)
        secrets = designs[1].of(_column(release[self.secret], tried))
        secret = release[self.secret]
        tolerance = TOLERANCE * secret.spread if secret.ordered else 0.0

        def attacker(people: Table) -> Values:
            others, seen = designs[0].of(people), outcome.of(people)[0]
            likely = np.empty((len(tried), len(people)))
            for start in range(0, len(people), _BLOCK):
                block = slice(start, start + _BLOCK)
                for place, row in enumerate(secrets):
                    likely[place, block] = _likelihood(model, others[block], row, classes, seen[block])
            weight = prior[:, None] * likely
            total = sum(weight[1:], start=weight[0])  # in this order, however many people there are
            return Values(self.secret, tried[np.argmax(weight, axis=0)], tolerance, weight.max(axis=0) / total)

        return attacker


def candidates(secret: Feature) -> tuple[FloatArray, FloatArray]:
    """Return the values of a secret that are tried, and the share of each in the release.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than two.
    """
    known = np.sort(secret.values[~np.isnan(secret.values)])
    if secret.ordered:
        parts = [part for part in np.array_split(known, CANDIDATES) if len(part)]
        values = np.array([part[(len(part) - 1) // 2] for part in parts])
        rows = np.array([len(part) for part in parts])
        tried, place = np.unique(values, return_inverse=True)
        rows = np.bincount(place.reshape(-1), weights=rows, minlength=len(tried))
    else:
        codes, rows = np.unique(known, return_counts=True)
        frequent = np.argsort(-rows, kind="stable")[:CANDIDATES]
        tried, rows = codes[frequent], rows[frequent]
    if len(tried) < 2:
        msg = "the secret has fewer than two values in the release; a secret that varies"
        raise NotEnoughDataError(msg)
    return tried, rows / rows.sum()


def _outcome(release: Table, secret: str, known: tuple[str, ...]) -> Digits:
    """Return the digits of the known column that tells most about the secret.

    Raises
    ------
    NotEnoughDataError
        If no known column has between 2 and 20 classes in the release.
    """
    guessed = digits_of(release.select((secret,))).values[0]
    told: dict[str, float] = {}
    for name in sorted(known):
        digits = digits_of(release.select((name,)))
        if 2 <= len(np.unique(_classes(release, digits))) <= _CLASSES:
            told[name] = mutual_information(digits.values[0], guessed)
    if not told:
        msg = "no known column is an outcome that a model is trained for; one with 2 to 20 classes"
        raise NotEnoughDataError(msg)
    return digits_of(release.select((max(told, key=lambda name: (told[name], name)),)))


def _classes(release: Table, digits: Digits) -> IntArray:
    """Return the digits of the rows whose value is known."""
    known: IntArray = digits.values[0][~np.isnan(release[digits.names[0]].values)]
    return known


def _trained(
    learner: str, release: Table, outcome: Digits, designs: tuple[Design, Design], rng: np.random.Generator
) -> tuple[Model, IntArray]:
    """Return the model of the outcome, and its classes."""
    rows = np.flatnonzero(~np.isnan(release[outcome.names[0]].values))
    chosen = rows if len(rows) <= ROWS else np.sort(rng.choice(rows, ROWS, replace=False))
    table = release.take(chosen)
    classes = outcome.of(table)[0]
    inputs = np.hstack([design.of(table) for design in designs])
    return LEARNERS[learner](inputs, classes, int(rng.integers(2**31))), np.unique(classes)


def _column(secret: Feature, values: FloatArray) -> Table:
    """Return a table of some values of the secret, and nothing else."""
    feature = Feature(
        secret.name, secret.kind, frozen(values.copy()), ordered=secret.ordered, levels=secret.levels,
        low=secret.low, scale=secret.scale, spread=secret.spread,
    )  # fmt: skip
    return Table((feature,), frozen(np.arange(len(values))))


def _likelihood(model: Model, others: FloatArray, secret: FloatArray, classes: IntArray, seen: IntArray) -> FloatArray:
    """Return the probability (people,) of each person's outcome with some value of the secret; 1 where it is unknown."""
    inputs = np.hstack([others, np.tile(secret, (len(others), 1))])
    probabilities = model(inputs)
    place = np.minimum(np.searchsorted(classes, seen), len(classes) - 1)
    likely: FloatArray = np.maximum(probabilities[np.arange(len(others)), place], _IMPOSSIBLE)
    return np.where(classes[place] == seen, likely, 1.0)
