"""Correct attribution: what the synthetic records with a person's own known values say about the secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks.holding import AllButSecret
from synthprivacy.attacks.inference_classes import classes_of
from synthprivacy.attacks.inference_secrets import TOLERANCE, first_secrets, guessing, require_secret, told
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.schemata import Schema
from synthprivacy.tables.association import explained
from synthprivacy.tables.digits import digits_of
from synthprivacy.tables.table import FloatArray, IntArray, KeyArray, Table

KEYS = 8
"""Known columns that a person is looked up by, the ones that say most about the secret."""


@dataclass(frozen=True, slots=True)
class Attribution(AllButSecret):
    """The attacker looks up who in the release has the person's known values, and takes their commonest secret.

    The *correct attribution probability* (CAP) is the share of these records that have it: the confidence of the guess.
    Where the release has nobody like that, the known column that says least about the secret is left out, then the next
    (instead of no guess, which would hide the attacker's other answers, and instead of the fewest mismatches, which
    is what the nearest record is). Numbers that are known count by eighths of the release.

    References
    ----------
    Elliot (2014), Final report on the disclosure risk associated with the synthetic data produced by the SYLLS team
    (CAP); Taub, Elliot, Pampaka and Smith (2018), Differential correct attribution probability for synthetic data:
    an exploration, section 3 (TCAP: of people whose records agree).
    """

    secret: str
    known: tuple[str, ...]
    reason: str = ""

    name: ClassVar[str] = "inference"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ("naive", "population")

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Attribution, ...]:
        """Return one attack for each of the first secrets."""
        secrets = first_secrets(schema, release, budget)
        return tuple(cls(secret.name, secret.known, secret.reason) for secret in secrets)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"inference.attribution.{self.secret}"

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return {"secret": self.secret, "keys": min(KEYS, len(self.known)), "tolerance": TOLERANCE}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Group the release by what is known, once for each number of columns.

        Raises
        ------
        NotEnoughDataError
            If the secret does not vary in the release, or nothing is known of people.
        """
        secret = require_secret(known.releases[0], self.secret, self.known)
        release, classes = told(known.releases[0], self.secret), classes_of(secret)
        keys = digits_of(release.select(_keys(release, self.secret, self.known)))
        order = _order(release, self.secret, keys.names)
        which = classes.of(release[self.secret].values)
        groups = [_group(key, which, len(classes.guesses)) for key in _prefixes(keys.values[order])]

        def guess(people: Table) -> tuple[FloatArray, FloatArray]:
            found = np.zeros(len(people), dtype=np.int64)
            share = np.zeros(len(people))
            for group, key in zip(groups, _prefixes(keys.of(people)[order])):  # a longer prefix that is found wins
                there, place = group.find(key)
                found[there], share[there] = group.commonest[place], group.share[place]
            return classes.guesses[found], share

        return guessing(secret, guess)


@dataclass(frozen=True, slots=True)
class _Group:
    keys: KeyArray
    """(groups,) rising."""
    commonest: IntArray
    share: FloatArray

    def find(self, keys: KeyArray) -> tuple[IntArray, IntArray]:
        """Return which people have a group, and which one."""
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        there = np.flatnonzero(self.keys[place] == keys)
        return there, place[there]


def _group(keys: KeyArray, classes: IntArray, count: int) -> _Group:
    distinct, place = np.unique(keys, return_inverse=True)
    rows = np.bincount(place)
    usual = classes >= 0
    tally = np.bincount(place[usual] * count + classes[usual], minlength=len(distinct) * count).reshape(-1, count)
    return _Group(distinct, tally.argmax(axis=1), tally.max(axis=1) / rows)


def _prefixes(digits: IntArray) -> list[KeyArray]:
    """Return a key (rows,) for the first 0, 1, 2, … columns of digits."""
    columns = [column.astype(np.float64) for column in digits]
    return [hash_columns(columns[:count], digits.shape[1]) for count in range(len(columns) + 1)]


def _keys(release: Table, secret: str, known: tuple[str, ...]) -> tuple[str, ...]:
    says = explained(release, secret)
    return tuple(sorted(known, key=lambda name: (-says[name], name))[:KEYS])


def _order(release: Table, secret: str, names: tuple[str, ...]) -> IntArray:
    says = explained(release, secret)
    return np.array(sorted(range(len(names)), key=lambda place: (-says[names[place]], names[place])), dtype=np.int64)
