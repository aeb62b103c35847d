"""The training table of a release that went out before, beside the present one, in the columns that both have."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa

from synthprivacy.errors import SchemaError
from synthprivacy.schemata import Schema, conform
from synthprivacy.tables.encode import encode
from synthprivacy.tables.table import Table


@dataclass(frozen=True, slots=True, repr=False)
class Former:
    """A training table of before."""

    frame: pa.Table
    """As `load` returns it."""
    name: str
    """Of the release that was made of it."""

    def __repr__(self) -> str:
        return f"<the training table of {self.name}>"  # arrow's own shows cells


@dataclass(frozen=True, slots=True, repr=False)
class Beside:
    """Both training tables in one encoding, and in how many columns they cannot be compared."""

    tables: tuple[Table, Table] | None
    """The present one and the former; None where they share no column that an attacker could use."""
    added: int
    removed: int
    other: int
    """Columns of the same name whose values are of another kind than before."""

    def __repr__(self) -> str:
        return f"<two training tables, {self.added + self.removed + self.other} columns not compared>"


def beside(former: Former, *, original: pa.Table, release: pa.Table, schema: Schema) -> Beside:
    """Return the former training table beside the present one.

    Parameters
    ----------
    former : Former
    original, release : pyarrow.Table
        Frames that conform to `schema`; the release gives both tables their encoding.
    schema : Schema
        Of the present tables.
    """
    known = frozenset(former.frame.column_names)
    both = [column for column in schema.columns if column.name in known]
    kept: dict[str, pa.ChunkedArray] = {}
    for column in both:
        try:
            read, _ = conform({"original": former.frame.select([column.name])}, Schema((column,)))
        except SchemaError:
            continue
        kept[column.name] = read["original"][column.name]
    shared = replace(schema, columns=tuple(column for column in both if column.name in kept), constraints=())
    added, removed = len(schema.columns) - len(both), len(known) - len(both)
    tables = None
    if shared.attackable:
        case = encode(original=original, control=pa.table(kept), release=release, schema=shared)
        tables = None if case.control is None else (case.original, case.control)
    return Beside(tables, added, removed, len(both) - len(kept))
