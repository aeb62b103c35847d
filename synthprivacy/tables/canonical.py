"""Arrow tables of any kind → the canonical frame: few types, nulls where values are missing, no surprises.

Every column is one of int64, float64, bool, timestamp[us], duration[us], string or dictionary<int32, string>; the
last is only a hint that the source said "category". Instants are in UTC; field metadata remember that the source
named a zone. Whatever has no such form is refused, all columns at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import DataError
from synthprivacy.schemata.columns import ZONE, shown

INSTANT = pa.timestamp("us")
SPAN = pa.duration("us")
LABEL = pa.dictionary(pa.int32(), pa.string())
ZONED: Mapping[bytes, bytes] = {ZONE: b"UTC"}
"""Field metadata of instants whose source named a time zone."""
ARROW_ERRORS = (
    pa.ArrowInvalid,
    pa.ArrowTypeError,
    pa.ArrowNotImplementedError,
    pa.ArrowCapacityError,
    pa.ArrowIndexError,
    pa.ArrowKeyError,
)
"""What arrow raises about data; that memory is short is not about data and is left alone."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a column has no canonical form, and what to do about it."""

    rule: str


def canonical(frame: pa.Table, *, label: str, rejected: Sequence[str] = ()) -> pa.Table:
    """Return the frame in canonical types.

    Parameters
    ----------
    frame : pyarrow.Table
    label : str
        What the messages call the table.
    rejected : sequence of str
        Problems of columns that did not become arrow values at all, to be told together with those found here.

    Raises
    ------
    DataError
        If a name is empty or used twice, there are no columns, or a column holds infinite values, values beyond the
        range of its type, or values without a canonical form. All problems are told, one a line.
    """
    problems = [*rejected] or names_problems(frame.column_names)
    columns, fields = [], []
    for field, given in zip(frame.schema, frame.columns):
        values = _column(given)
        if isinstance(values, Rejected):
            problems.append(f"column {shown(field.name)!r} {values.rule}")
            continue
        zoned = _is_marked(field) or _has_zone(field.type)
        fields.append(pa.field(field.name, values.type, metadata=ZONED if zoned else None))
        columns.append(values)
    refuse(label, problems)
    return pa.table(columns, schema=pa.schema(fields))


def names_problems(names: Sequence[str]) -> list[str]:
    """Return what is wrong with column names."""
    if not names:
        return ["has no columns; pass a table with at least one"]
    problems = [
        f"column {position} has no name; name it, or drop it if it is an index"
        for position, name in enumerate(names, start=1)
        if not name
    ]
    return problems + [
        f"column name {shown(name)!r} is used {count} times; names must be unique"
        for name, count in Counter(names).items()
        if name and count > 1
    ]


def refuse(label: str, problems: Sequence[str]) -> None:
    """Raise one DataError that lists all problems of a table, if there are any."""
    if problems:
        raise DataError("\n".join(f"{label}: {problem}" for problem in problems))


def stack(frames: Sequence[pa.Table], *, label: str) -> pa.Table:
    """Return the rows of canonical frames, one after the other, columns in the order of the first.

    Raises
    ------
    DataError
        If the parts differ in their columns or hold different types of values.
    """
    first = frames[0]
    if any(set(frame.column_names) != set(first.column_names) for frame in frames):
        refuse(label, [f"the {len(frames)} parts do not have the same columns; pass parts of one table"])
    fields, problems = [], []
    for field in first.schema:
        parts = [frame.schema.field(field.name) for frame in frames if frame[field.name].null_count < len(frame)]
        zones = {_is_marked(part) for part in parts}
        target = _common_type([part.type for part in parts] or [field.type])
        if target is None or len(zones) > 1:
            problems.append(f"column {shown(field.name)!r} holds different types in different parts; store one type")
        fields.append(pa.field(field.name, target or field.type, metadata=ZONED if zones == {True} else None))
    refuse(label, problems)
    schema = pa.schema(fields)
    return pa.concat_tables([_retyped(frame, schema) for frame in frames])


def _retyped(frame: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        pa.nulls(len(frame), field.type)
        if frame[field.name].null_count == len(frame)
        else frame[field.name].cast(field.type, safe=False)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _common_type(types: Sequence[pa.DataType]) -> pa.DataType | None:
    distinct = set(types)
    if len(distinct) == 1:
        return types[0]
    if distinct == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string() if distinct == {pa.string(), LABEL} else None


def _column(values: pa.ChunkedArray) -> pa.ChunkedArray | Rejected:
    """Return canonical values, or why there are none."""
    try:
        converted = _converter(values.type)(values)
        if isinstance(converted, Rejected):
            return converted
        converted.validate(full=pa.types.is_string(converted.type))
    except pa.ArrowNotImplementedError:
        return _no_form(values)
    except ARROW_ERRORS:
        if _is_text(values.type):
            return Rejected("holds text that is not valid UTF-8; repair its encoding")
        return Rejected(f"of type {_type_name(values.type)} holds values out of range; clean it, or drop the column")
    return converted


def _converter(kind: pa.DataType) -> Callable[[pa.ChunkedArray], pa.ChunkedArray | Rejected]:
    if pa.types.is_dictionary(kind):
        return _from_dictionary
    if pa.types.is_timestamp(kind):
        return _from_timestamp
    for is_type, convert in _CONVERTERS:
        if is_type(kind):
            return convert
    return _no_form


def _no_form(values: pa.ChunkedArray) -> Rejected:
    return Rejected(
        f"holds values of type {_type_name(values.type)}; store numbers, text, booleans, dates or durations, or drop it"
    )


def _from_dictionary(values: pa.ChunkedArray) -> pa.ChunkedArray | Rejected:
    plain = _column(values.cast(values.type.value_type))
    if isinstance(plain, Rejected) or not pa.types.is_string(plain.type):
        return plain
    return plain.dictionary_encode().unify_dictionaries()


def _from_float(values: pa.ChunkedArray) -> pa.ChunkedArray | Rejected:
    """Return float64 values.

    A float32 stands for the shortest decimal that reads back as it, so that 0.1 stored in 32 bits equals 0.1 stored
    in 64: a table that went through 32 bits still shows its copies.
    """
    if pa.types.is_float32(values.type):
        values = values.cast(pa.string())
    values = values.cast(pa.float64())
    if pc.any(pc.is_inf(values), min_count=0).as_py():
        return Rejected("holds infinite values; replace them with missing values or a finite limit")
    return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)


def _from_timestamp(values: pa.ChunkedArray) -> pa.ChunkedArray:
    moments = values.cast(pa.timestamp("us", values.type.tz), safe=values.type.unit != "ns")
    return moments.cast(pa.int64()).cast(INSTANT)


def _from_time(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return times of day as the time since midnight."""
    unit = values.type.unit
    ticks = values.cast(pa.int32() if pa.types.is_time32(values.type) else pa.int64()).cast(pa.int64())
    return ticks.cast(pa.duration(unit)).cast(SPAN, safe=False)


def _from_decimal(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.float64(), safe=False)


def _cast_to(target: pa.DataType, *, safe: bool = True) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    return lambda values: values.cast(target, safe=safe)


def _is_text(kind: pa.DataType) -> bool:
    return str(kind) in {"string", "large_string", "string_view", "null"}


_CONVERTERS: tuple[tuple[Callable[[Any], bool], Callable[[pa.ChunkedArray], pa.ChunkedArray | Rejected]], ...] = (
    (pa.types.is_boolean, _cast_to(pa.bool_())),
    (pa.types.is_integer, _cast_to(pa.int64())),
    (pa.types.is_floating, _from_float),
    (pa.types.is_decimal, _from_decimal),
    (pa.types.is_date, _cast_to(INSTANT)),
    (pa.types.is_time, _from_time),
    (pa.types.is_duration, _cast_to(SPAN, safe=False)),
    (_is_text, _cast_to(pa.string())),
)


def _has_zone(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) and kind.tz is not None)


def _is_marked(field: pa.Field) -> bool:
    return pa.types.is_timestamp(field.type) and ZONE in (field.metadata or {})


def _type_name(kind: pa.DataType) -> str:
    """Return the name of a type without the names inside it."""
    if pa.types.is_dictionary(kind):
        return _type_name(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return shown(kind.extension_name)
    return str(kind).partition("<")[0].partition("[")[0]
