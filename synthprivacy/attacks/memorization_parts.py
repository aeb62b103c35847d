"""Parts of records that a release holds rarely: a value, a pair of values, a whole block of them.

Who has a common part of a record is hardly somebody in particular. A rare one is met by chance too, how often depends on
the columns: two people seldom share an income to the cent, and often one in thousands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.tables.table import BoolArray, FloatArray, KeyArray, Table

RARE = 10
"""A part is rare if fewer synthetic records have it."""
LONG = 4_000
"""In a long release, if at most one in so many has it."""
CHANCE = 0.01
"""Share of independent people who may have some rare part by chance."""

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RareParts:
    """What a release holds rarely in some columns."""

    columns: Columns
    held: KeyArray
    """Hashes of the rare parts, rising."""
    chance: float
    """Share of independent people who have one of them."""

    def __repr__(self) -> str:
        return f"<{len(self.held)} rare parts>"  # never a value: tracebacks are logs


def rare_parts(
    release: Table, columns: Sequence[Columns], usual: Table | None = None, *, chance: float = CHANCE
) -> tuple[RareParts, ...]:
    """Return the rare parts of a release, in as many selections of the columns as keep chance matches few.

    Selections are taken in the order of how often chance meets their rare parts, as long as all together are met by a
    share `chance` of independent people at most; the first one always. Independent people are the usual ones where there
    are any. Else every synthetic record takes that place in turn, held against all records that are not equal to it: of a
    release that repeats parts of people too many are then taken for chance. That makes the attacker blinder and never
    wrong, since what chance gives is measured on the control.

    Parameters
    ----------
    release : Table
    columns : sequence of tuple of str
        The selections.
    usual : Table, optional
        Real people who were not trained on and are not attacked.
    chance : float

    Raises
    ------
    NotEnoughDataError
        If no selection has a rare part.
    """
    own, theirs = _marks(release), None if usual is None else _marks(usual)
    _, record, equal = np.unique(release.keys(), return_inverse=True, return_counts=True)
    alike = equal[record.reshape(-1)]
    most = max(RARE - 1, len(release) // LONG)
    found = []
    for names in columns:
        parts, place, count = np.unique(_keys(own, names), return_inverse=True, return_counts=True)
        held = parts[count <= most]
        if len(held):
            others = count[place.reshape(-1)] - alike
            met = (others > 0) & (others <= most) if theirs is None else np.isin(_keys(theirs, names), held)
            found.append(RareParts(names, held, float(met.mean())))
    if not found:
        msg = f"the release has no part that fewer than {most + 1} records share; columns with rare values"
        raise NotEnoughDataError(msg)
    found.sort(key=lambda one: (one.chance, one.columns))
    together = np.cumsum([one.chance for one in found])
    return tuple(found[: max(1, int((together <= chance).sum()))])


def have_some(people: Table, parts: Sequence[RareParts]) -> BoolArray:
    """Return whether each row of some people has a rare part, (rows,)."""
    marks = _marks(people)
    some = np.zeros(len(people), dtype=np.bool_)
    for one in parts:
        some |= np.isin(_keys(marks, one.columns), one.held)
    return some


def _marks(table: Table) -> Mapping[str, FloatArray]:
    return {feature.name: feature.marks() for feature in table.features}


def _keys(marks: Mapping[str, FloatArray], names: Columns) -> KeyArray:
    return hash_columns([marks[name] for name in names], len(marks[names[0]]))
