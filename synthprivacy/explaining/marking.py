"""Which rows of a release show a mechanism: they repeat people, training or control people alike.

Rows that repeat control people do so by chance. They are marked too: leaving out only those that repeat training people
would make even a release without a leak look farther from them than from the control.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks.memorization_near import nearest_hundredth
from synthprivacy.attacks.memorization_parts import rare_parts
from synthprivacy.attacks.memorization_strings import nearly_verbatim, verbatim
from synthprivacy.attacks.reconstruction_segments import placed, positions
from synthprivacy.explaining.between import lies_between
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.tables.space import points
from synthprivacy.tables.table import BoolArray, Feature, FloatArray, Table

Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Marks:
    """Rows of a release that show a mechanism."""

    rows: BoolArray
    """(rows,)"""
    columns: Columns | None = None
    """Columns in which they show it; None = the whole record."""

    def __repr__(self) -> str:
        return "<marked rows of a release>"


def exact(release: Table, people: Sequence[Table]) -> Marks:
    """Return the rows that are somebody's record."""
    keys = release.keys()
    held = [np.isin(keys, table.keys()) for table in people]
    return Marks(np.logical_or.reduce(held))


def near(release: Table, people: Sequence[Table], rng: np.random.Generator, jobs: int) -> Marks:
    """Return the rows that are nearer to somebody than independent records come to each other.

    Raises
    ------
    NotEnoughDataError
        If the release has too few different records to tell.
    """
    reach, asked = nearest_hundredth(release, rng, jobs=jobs), points(release)
    close = [neighbors.any_within(neighbors.build(points(table)), asked, reach, jobs=jobs) for table in people]
    return Marks(np.logical_or.reduce(close))


def between(release: Table, people: Sequence[Table]) -> Marks:
    """Return the rows that lie on the line between two people near them, in the columns that are not rounded.

    Raises
    ------
    NotEnoughDataError
        If there are too few such columns, or too few different rows.
    """
    names, _ = placed(release)
    spots, complete = positions(release, names)
    rows = np.zeros(len(release), dtype=np.bool_)
    for table in people:
        where, whole = positions(table, names)
        rows[complete] |= lies_between(spots[complete], np.unique(where[whole], axis=0))
    return Marks(rows)


def parts(release: Table, people: Sequence[Table], selections: Sequence[Columns], *, chance: float) -> Marks:
    """Return the rows with a rare part that somebody has as well, and the columns of these parts.

    Raises
    ------
    NotEnoughDataError
        If the release has no rare part.
    """
    rows = np.zeros(len(release), dtype=np.bool_)
    columns: set[str] = set()
    for one in rare_parts(release, selections, chance=chance):
        keys = _keys(release, one.columns)
        theirs = np.concatenate([_keys(table, one.columns) for table in people])
        shown = np.isin(keys, np.intersect1d(one.held, theirs))
        rows |= shown
        columns |= set(one.columns) if shown.any() else set()
    return Marks(rows, tuple(sorted(columns)))


def ends(release: Table, people: Sequence[Table]) -> Marks:
    """Return the rows that hold an end of a column, its smallest or largest value, which is that of one table of people.

    An end that several tables of people have, such as the age from which a register begins, tells nobody's value.
    """
    rows = np.zeros(len(release), dtype=np.bool_)
    columns = []
    for feature in release.features:
        if feature.ordered:
            own = extremes(feature)
            repeated = np.sum([own == extremes(table[feature.name]) for table in people], axis=0)
            shown = np.isin(feature.values, own[repeated == 1])
            rows |= shown
            columns += [feature.name] if shown.any() else []
    return Marks(rows, tuple(columns))


def quoting(release: Table, people: Sequence[Table], column: str, by: str, rng: np.random.Generator) -> Marks:
    """Return the rows whose text quotes somebody's, by long spans or by a few edits.

    Raises
    ------
    NotEnoughDataError
        If somebody has too few different texts to tell.
    """
    asked = _texts(release, column)
    rows = np.zeros(len(release), dtype=np.bool_)
    for table in people:
        texts = _texts(table, column)
        ask = verbatim(texts) if by == "spans" else nearly_verbatim(texts, rng)
        rows |= ask(asked)
    return Marks(rows, (column,))


def extremes(feature: Feature) -> FloatArray:
    """Return the smallest and the largest value (2,), NaN where there is none."""
    known = feature.values[~np.isnan(feature.values)]
    return np.array([known.min(), known.max()]) if len(known) else np.full(2, np.nan)


def _keys(table: Table, names: Columns) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return hash_columns([table[name].marks() for name in names], len(table))


def _texts(table: Table, column: str) -> list[str | None]:
    text = table.text(column)
    return [None] * len(table) if text is None else list(text.values.tolist())
