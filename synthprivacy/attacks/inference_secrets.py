"""What every attribute inference shares: which columns are secrets, what is known beside them, what counts as right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks.protocol import Budget, known_columns, why_known
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Values
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import mode_share, predictability
from synthprivacy.tables.table import Feature, FloatArray, Table

TOLERANCE = 0.05
"""A guessed number is right within this share of the interquartile range of the release: a fixed width, never
divided by the guess, which would make every negative guess right."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A hidden column, and what is known of people beside it."""

    name: str
    known: tuple[str, ...]
    reason: str
    """Why these columns are known."""


def secrets_of(schema: Schema, release: Table, count: int) -> list[Secret]:
    """Return the declared secrets, else the columns that the others predict best, at most `count` of them."""
    declared = frozenset(schema.secrets)
    names = [name for name in release.names if name in declared]
    if not names:
        scores = predictability(release)
        ranked = sorted(release.names, key=lambda name: (-scores[name], release.names.index(name)))
        names = sorted(ranked[:count])
    reason = why_known(schema)
    return [Secret(name, known_columns(schema, hidden=name), reason) for name in names]


def first_secrets(schema: Schema, release: Table, budget: Budget) -> list[Secret]:
    """Return the secrets that every attacker goes for: the first declared ones, else those hardest to guess blindly."""
    there = {secret.name: secret for secret in secrets_of(schema, release, budget.secrets)}
    declared = [name for name in schema.secrets if name in there]
    ranked = declared or sorted(there, key=lambda name: (blind_guess(release[name]), name))
    return [there[name] for name in ranked[: budget.strong]]


def tolerance_of(secret: Feature) -> float:
    """Return the half-width within which a guess of a secret is right, in its own unit; 0 for labels."""
    return TOLERANCE * secret.spread if secret.ordered else 0.0


def blind_guess(secret: Feature) -> float:
    """Return how often the best constant guess of a secret is right in the release."""
    return mode_share(secret, tolerance_of(secret))


def require_secret(release: Table, secret: str, known: tuple[str, ...]) -> Feature:
    """Return the secret as the release has it.

    Raises
    ------
    NotEnoughDataError
        If it does not vary in the release, or nothing is known of people.
    """
    values = release[secret].values
    present = values[~np.isnan(values)]
    if not (len(present) and present.min() < present.max()):
        msg = "the secret has fewer than two values in the release; a secret that varies"
        raise NotEnoughDataError(msg)
    if not known:
        msg = "nothing else is known of people; a column the attacker may know"
        raise NotEnoughDataError(msg)
    return release[secret]


def told(release: Table, secret: str) -> Table:
    """Return the rows of the release that say what the secret is."""
    return release.take(np.flatnonzero(~np.isnan(release[secret].values)))


Guess = Callable[[Table], tuple[FloatArray, FloatArray]]
"""People to a guessed value of each, and how sure it is."""


def guessing(secret: Feature, guess: Guess) -> Callable[[Table], Values]:
    """Return an attacker out of a way to guess."""
    tolerance = tolerance_of(secret)

    def attacker(people: Table) -> Values:
        value, confidence = guess(people)
        return Values(secret.name, value, tolerance, confidence)

    return attacker
