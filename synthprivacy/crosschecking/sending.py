"""Tables as the peers are given them: plain numbers and labels, under names that say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from synthprivacy.schemata import ORDERED, Schema

Sent = dict[str, dict[str, Any]]
"""By the name it goes under, a column's ``kind`` ("whole", "number" or "label") and its values, None where missing."""


@dataclass(frozen=True, slots=True)
class Names:
    """What columns are called on either side."""

    columns: tuple[str, ...]

    def sent(self, names: Sequence[str]) -> list[str]:
        """Return the names that columns go under."""
        return [f"c{self.columns.index(name)}" for name in names]


def names_of(schema: Schema) -> Names:
    """Return the columns that an attack may use: the only ones that are sent."""
    return Names(schema.attackable)


def sent(frames: Mapping[str, pa.Table], schema: Schema, *, numbered: bool) -> dict[str, Sent]:
    """Return tables as they are sent.

    Dates and lengths of time are numbers, as they are to the attacks of this package. All that is compared by equality is
    a label, also where it is written in digits.

    Parameters
    ----------
    frames : mapping of str to pyarrow.Table
        Conforming to the schema.
    schema : Schema
    numbered : bool
        Whether labels are replaced by numbers of their own, the same in all tables. SDMetrics builds a line of code for every
        row out of its cells (0.32, *NewRowSynthesis*), and looks at nothing but their equality.
    """
    made: dict[str, Sent] = {label: {} for label in frames}
    names = names_of(schema)
    for name, short in zip(names.columns, names.sent(names.columns)):
        ordered = schema[name].kind in ORDERED
        columns = {label: (_numbers if ordered else _labels)(frame[name]) for label, frame in frames.items()}
        if numbered and not ordered:
            columns = _numbered(columns)
        kind = _kind(columns) if ordered else "label"
        for label, values in columns.items():
            made[label][short] = {"kind": kind, "values": values}
    return made


def _kind(columns: Mapping[str, Sequence[Any]]) -> str:
    """Return whether a column holds whole numbers and no gap in any table: the kinds must be alike in all."""
    return "whole" if all(isinstance(value, int) for values in columns.values() for value in values) else "number"


def _numbers(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    values: list[Any] = column.to_pylist()
    return values


def _labels(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.cast(pa.string()).to_pylist()
    return values


def _numbered(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    labels = sorted({value for values in columns.values() for value in values if value is not None})
    places = {label: f"v{place}" for place, label in enumerate(labels)}
    return {label: [places.get(value) for value in values] for label, values in columns.items()}
