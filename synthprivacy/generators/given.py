"""What is known of rows that a generator is to complete."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.errors import ConfigError
from synthprivacy.generators.columns import Column, FloatArray, IntArray, assembled, in_one_piece
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.schemata import shown
from synthprivacy.tables.canonical import ARROW_ERRORS

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING: Mapping[str, pa.Array] = MappingProxyType({})
"""What is known of rows that are drawn freely."""


def known_of(table: pa.Table, given: pa.Table) -> dict[str, pa.Array]:
    """Return what is known of each row wanted, by column, in the types of the table; labels as text.

    Raises
    ------
    ConfigError
        If a column is none of the table's, or holds values of another type.
    """
    strange = [name for name in given.column_names if name not in table.column_names]
    if strange:
        names = ", ".join(map(shown, strange))
        raise ConfigError(f"what is given of a row must be columns of the table: {names} is none; leave it out")
    try:
        return {name: in_one_piece(given[name].cast(table.schema.field(name).type)) for name in given.column_names}
    except ARROW_ERRORS:
        msg = "what is given of a row must be of the types of the table's columns; cast it"
        raise ConfigError(msg) from None


def saying(made: pa.Table, known: dict[str, pa.Array]) -> pa.Table:
    """Return made-up rows with what was known of them put in its place."""
    return assembled(made, {name: in_one_piece(made[name]) for name in made.column_names} | known)


def alike(places: list[FloatArray], rows: int) -> tuple[IntArray, IntArray]:
    """Return one of each kind of rows of which the same is known, and the kind of every row (rows,)."""
    first, kind = np.unique(hash_columns(places, rows), return_index=True, return_inverse=True)[1:]
    return np.asarray(first, dtype=np.int64), np.asarray(kind, dtype=np.int64)


def agreeing(columns: list[Column], known: dict[str, pa.Array], people: IntArray, rows: int) -> list[IntArray]:
    """Return which of `people` each row may be, those who agree with it in all that is known, (rows,) arrays."""
    asked = [column for column in columns if column.name in known]
    theirs = hash_columns([column.places[people].astype(np.float64) for column in asked], len(people))
    order = np.argsort(theirs, kind="stable")
    mine = hash_columns([column.sought(known[column.name]) for column in asked], rows)
    ends = [np.searchsorted(theirs[order], mine, side) for side in ("left", "right")]
    return [people[order[low:high]] for low, high in zip(*ends)]
