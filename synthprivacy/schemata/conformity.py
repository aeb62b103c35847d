"""Every table against the schema: the same columns, and one representation for what means the same."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from synthprivacy.errors import SchemaError
from synthprivacy.schemata.columns import ZONE, Schema, shown
from synthprivacy.schemata.harmonise import harmonise


def conform(frames: Mapping[str, pa.Table], schema: Schema) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    """Return the tables in the schema's terms, and notes on what had to be read differently.

    Columns come in the order of the schema. Their types follow from their kind: float64 for numbers and integers,
    bool for booleans, timestamp[us] and duration[us], string for all others. A release (a table whose label begins
    with ``release``) may lack the columns that no attack uses, such as the unit.

    Parameters
    ----------
    frames : mapping of labels to pyarrow.Table
        Tables as `load` returns them; the labels begin the messages.

    Raises
    ------
    SchemaError
        With every problem of every table, one a line: table, column, rule, remedy.
    """
    excluded = schema.excluded
    problems = [problem for label, frame in frames.items() for problem in _names(label, frame, schema, excluded)]
    notes = [note for label, frame in frames.items() for note in _absent(label, frame, excluded)]
    names = {label: frozenset(frame.column_names) for label, frame in frames.items()}
    kept: dict[str, dict[str, Any]] = {label: {} for label in frames}
    for column in schema.columns:
        given = {label: frame for label, frame in frames.items() if column.name in names[label]}
        alike = harmonise(
            column,
            {label: frame[column.name] for label, frame in given.items()},
            zoned=frozenset(label for label, frame in given.items() if _is_zoned(frame, column.name)),
        )
        problems += alike.problems
        notes += alike.notes
        for label, values in alike.values.items():
            kept[label][column.name] = values
    if problems:
        raise SchemaError("\n".join(problems))
    return {label: pa.table(columns) for label, columns in kept.items()}, tuple(notes)


def _names(label: str, frame: pa.Table, schema: Schema, excluded: Mapping[str, str]) -> list[str]:
    known, names = frozenset(schema.names), frozenset(frame.column_names)
    extra = [name for name in frame.column_names if name not in known]
    optional = excluded if _is_release(label) else {}
    missing = [name for name in schema.names if name not in names and name not in optional]
    problems = [f"{label}: column {shown(name)!r} is missing{_nearest(name, extra)}" for name in missing]
    problems += [
        f"{label}: column {shown(name)!r} is not in the schema; drop it, or add it to every table" for name in extra
    ]
    return problems


def _absent(label: str, frame: pa.Table, excluded: Mapping[str, str]) -> list[str]:
    names = frozenset(frame.column_names)
    absent = [name for name in excluded if name not in names] if _is_release(label) else []
    return [f"{label}: column {shown(name)!r} is absent; no attack uses it" for name in absent]


def _nearest(name: str, extra: list[str]) -> str:
    near = get_close_matches(name[:200], [other[:200] for other in extra], n=1)
    return f"; rename {shown(near[0])!r}?" if near else "; write the table with all columns of the original"


def _is_release(label: str) -> bool:
    return label.partition(" ")[0] == "release"


def _is_zoned(frame: pa.Table, name: str) -> bool:
    return ZONE in (frame.schema.field(name).metadata or {})
