"""What other people's generators return → a table with the columns, order and types of the one they learned from."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import DataError
from synthprivacy.generators.columns import assembled
from synthprivacy.schemata import shown
from synthprivacy.tables.canonical import ARROW_ERRORS

FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What code of other people raises when it does not like a table; its messages may quote cells and are not told."""


def matched(made: pa.Table, like: pa.Table, rows: int, generator: str) -> pa.Table:
    """Return a canonical table as `like` would have it.

    Columns are put in order; numbers where whole ones belong are rounded; what looks like a number where text belongs
    is text again.

    Parameters
    ----------
    made : pyarrow.Table
        Canonical.
    like : pyarrow.Table
        What was learned from.
    rows : int
        Rows that were asked for.
    generator : str
        What the messages call the generator.

    Raises
    ------
    DataError
        If columns are missing or strange, there are more or fewer rows than asked for, or a column holds values of
        another kind.
    """
    strange = sorted(set(made.column_names) ^ set(like.column_names))
    if strange:
        names = ", ".join(shown(name) for name in strange)
        msg = f"generator {generator} must return the columns of its table: {names} is in one of them only; correct it"
        raise DataError(msg)
    if len(made) != rows:
        msg = f"generator {generator} must return as many rows as are asked for: {len(made)} of {rows}; correct it"
        raise DataError(msg)
    return assembled(like, {field.name: _cast(made[field.name], field, generator) for field in like.schema})


def _cast(values: pa.ChunkedArray, field: pa.Field, generator: str) -> pa.Array:
    plain = values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
    target = pa.string() if pa.types.is_dictionary(field.type) else field.type
    try:
        return _converted(plain.combine_chunks(), target)
    except ARROW_ERRORS:
        msg = f"generator {generator} returns {plain.type} for column {shown(field.name)!r}, which holds {target}"
        raise DataError(f"{msg}; let it return what it was given") from None


def _converted(values: pa.Array, target: pa.DataType) -> pa.Array:
    if values.null_count == len(values):
        return pa.nulls(len(values), target)
    if pa.types.is_floating(values.type) and not pa.types.is_floating(target):
        if pa.types.is_string(target):
            return (
                _whole(values).cast(target)
                if pc.all(pc.equal(pc.round(values), values)).as_py()
                else values.cast(target)
            )
        values = _whole(values)
    if pa.types.is_integer(values.type) and pa.types.is_boolean(target):
        return pc.equal(values, 1)
    return values.cast(target)


def _whole(values: pa.Array) -> pa.Array:
    return pc.round(values).cast(pa.int64())
