"""Before training: rows that look as if a contributor had crafted them for somebody.

Crafted rows are near copies of one person, or copies whose secret is another one. Both make groups of rows that agree in
all columns but one. In tables of few and common values such groups are natural, so a group is suspicious only in a
table where they are rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthprivacy.auditing.coding import BoolArray, FloatArray, IntArray, coded, coding_of
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.kernels.points import UNIT
from synthprivacy.results.serialize import number
from synthprivacy.schemata import Schema, infer
from synthprivacy.tables.encode import encode_pair
from synthprivacy.tables.space import points

if TYPE_CHECKING:
    import pyarrow as pa

GROUP = 3
"""Rows that make a group: two people may well be alike."""
RARE = 0.05
"""Largest share of a table's rows in groups by one column for which a group is suspicious."""
NEAR = 0.1
"""Of the table's median distance to the second nearest other row: nearer ones are near copies."""
_WITHHELD = 10


@dataclass(frozen=True, slots=True, repr=False)
class TrainingCheck:
    """What is suspicious in a table before anything is trained on it."""

    rows: int
    conflicts: dict[str, int]
    """By column, rows in groups that agree in all other columns and contradict each other in this one."""
    near_copies: int
    """Rows with two others far nearer than is usual in the table."""
    suspicious: IntArray
    """Rows of the table, from 0: for whoever may see it."""

    def __repr__(self) -> str:
        return f"<{len(self.suspicious)} of {self.rows} rows suspicious>"

    @property
    def clean(self) -> bool:
        """Whether nothing is suspicious."""
        return not len(self.suspicious)

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON without rows; counts of people under ten are withheld."""
        return {
            "rows": self.rows,
            "conflicts": {name: _shown(count) for name, count in self.conflicts.items()},
            "near_copies": _shown(self.near_copies),
            "clean": self.clean,
            "rare": number(RARE),
        }


def check_training(table: pa.Table, schema: Schema | None = None) -> TrainingCheck:
    """Return what is suspicious in a table: groups of near copies, and groups that contradict each other.

    Parameters
    ----------
    table : pyarrow.Table
        Canonical, one row a person.
    schema : Schema, optional
        Inferred where absent.

    Raises
    ------
    DataError
        If no column can be compared.
    """
    known = infer(table) if schema is None else schema
    coding = coding_of(table, known)
    numbers = coded(table, coding)
    suspicious = np.zeros(table.num_rows, dtype=np.bool_)
    conflicts = {}
    for place, name in enumerate(coding.names):
        found = _conflicting(numbers, place)
        if 0 < found.sum() <= RARE * table.num_rows:
            conflicts[name] = int(found.sum())
            suspicious |= found
    near = _near_copies(table, known)
    return TrainingCheck(table.num_rows, conflicts, int(near.sum()), np.flatnonzero(suspicious | near))


def _conflicting(numbers: FloatArray, column: int) -> BoolArray:
    """Return which rows agree with others in all columns but one, of which the group holds several values."""
    rows = numbers.shape[1]
    others = hash_columns([values for place, values in enumerate(numbers) if place != column], rows)
    group, size = np.unique(others, return_inverse=True, return_counts=True)[1:]
    whole = hash_columns([group.astype(np.float64), numbers[column]], rows)
    of, first = group[np.unique(whole, return_index=True)[1]], np.zeros(len(size), dtype=np.int64)
    np.add.at(first, of, 1)
    return np.asarray((size[group] >= GROUP) & (first[group] > 1))


def _near_copies(table: pa.Table, schema: Schema) -> BoolArray:
    """Return which rows have two other rows far nearer than is usual; none where many have."""
    if table.num_rows <= GROUP:
        return np.zeros(table.num_rows, dtype=np.bool_)
    rows, _ = encode_pair(table, table, schema)
    index = neighbors.build(points(rows))
    far = neighbors.nearest(index, points(rows), GROUP).steps[:, -1] / (UNIT * index.columns)
    near: BoolArray = far < NEAR * float(np.median(far))
    return near if near.sum() <= RARE * table.num_rows else np.zeros_like(near)


def _shown(count: int) -> int | str:
    return count if count >= _WITHHELD else f"<{_WITHHELD}"
