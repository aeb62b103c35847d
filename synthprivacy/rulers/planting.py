"""Releases with real people planted in them, and what an attack answers on a release that is not the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.asking import ask
from synthprivacy.attacks import Attack
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.hashing import mix
from synthprivacy.results import Answers
from synthprivacy.scoring import judge
from synthprivacy.tables.table import Case, IntArray, KeyArray, Table

PART = 10
"""No more than this part of the rows is replaced, so that the release stays what it is."""
LEAST = 3
"""People planted at least."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A release with people of the original in it, and these people."""

    release: Table
    people: Table


@dataclass(frozen=True, slots=True)
class Beds:
    """Who is planted first, and which rows of the release go first: a larger planting holds every smaller one."""

    case: Case
    people: IntArray
    """(people,) person codes of the original in random order."""
    rows: IntArray
    """(rows,) rows of the release in random order."""
    keys: KeyArray
    """(rows,) what each row of the release holds."""
    texts: tuple[str, ...] = ()
    """Texts that belong to what a row holds."""

    @property
    def most(self) -> int:
        """The largest number of people to plant."""
        return max(LEAST, min(self.case.original.people - 1, len(self.case.release) // PART))

    def plant(self, count: int) -> Planted:
        """Return the release with `count` people in it, in place of as many rows as are new.

        A record that the release holds already, published or by chance, stays as it is: a second copy would make it a
        tie with itself. Without this rule the people of a release that had published .3 of 1,000 read, to an attack
        that links halves, as 352 instead of 300.
        """
        chosen = self.case.original.of_people(self.people[:count])
        records = _keys(chosen, self.case, self.texts)
        fresh = chosen.take(np.flatnonzero(~np.isin(records, self.keys)))
        free = self.rows[~np.isin(self.keys[self.rows], records)]
        kept = np.setdiff1d(self.rows, free[: len(fresh)])
        return Planted(self.case.release.take(kept).joined(fresh), chosen)


def beds(case: Case, rng: np.random.Generator, attack: Attack | None = None) -> Beds:
    """Return where people may be planted; to an attack on texts, who has the record but not the text is another person."""
    rows = rng.permutation(len(case.release))
    known = () if attack is None else attack.knows(case.schema)
    texts = tuple(text.name for text in case.release.texts if text.name in known)
    return Beds(case, rng.permutation(case.original.people), rows, _keys(case.release, case, texts), texts)


def _keys(table: Table, case: Case, texts: tuple[str, ...]) -> KeyArray:
    keys = table.select(case.schema.attackable).keys()
    for text in table.texts:
        if text.name in texts:
            keys = mix(keys ^ text.keys())
    return keys


def answers(attack: Attack, release: Table, people: Mapping[str, Table], case: Case, seed: int) -> dict[str, Answers]:
    """Return what an attack that studied `release` answers about each of some tables of people.

    Raises
    ------
    NotEnoughDataError
        If the release has nothing to attack with.
    """
    (found,) = answers_together([attack], release, people, case, seed)
    if isinstance(found, NotEnoughDataError):
        raise found
    return found


def answers_together(
    attacks: Sequence[Attack], release: Table, people: Mapping[str, Table], case: Case, seed: int
) -> list[dict[str, Answers] | NotEnoughDataError]:
    """Return the same for several attacks, which share their searches; an error where there is nothing to attack with."""
    asked = ask(attacks, release, case.schema, people, seed, usual=case.usual)
    return [
        found
        if isinstance(found, NotEnoughDataError)
        else {name: judge(guesses, people[name]) for name, guesses in found.items()}
        for found in asked
    ]
