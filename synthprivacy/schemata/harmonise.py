"""One column as several tables hold it → the same values in one representation.

Only what certainly means the same is made the same, and it is noted. Whatever would have to be guessed is a problem
with a remedy: a wrong guess makes tables look different that are copies of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.schemata.columns import Column, Kind, shown
from synthprivacy.schemata.text import has_decimal_commas, has_leading_zeros, instants, numbers, truths

ARROW_TYPES: Mapping[Kind, Any] = {
    "number": pa.float64(),
    "integer": pa.float64(),
    "boolean": pa.bool_(),
    "datetime": pa.timestamp("us"),
    "duration": pa.duration("us"),
    "category": pa.string(),
    "code": pa.string(),
    "text": pa.string(),
    "identifier": pa.string(),
}


@dataclass(slots=True)
class Harmony:
    """A column of every table in one representation, with what was read differently and what could not be."""

    values: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One table's column read as a kind: values and perhaps a note, or a problem."""

    values: pa.ChunkedArray | None = None
    note: str | None = None
    problem: str | None = None
    zoned: bool = False


def harmonise(column: Column, given: Mapping[str, pa.ChunkedArray], *, zoned: frozenset[str]) -> Harmony:
    """Return the column of every table in the representation of its kind.

    Parameters
    ----------
    column : Column
    given : mapping of labels to pyarrow.ChunkedArray
        Canonical values of each table.
    zoned : frozenset of str
        Labels of the tables whose instants came with a time zone.
    """
    target = ARROW_TYPES[column.kind]
    readings = {
        label: _Reading(pa.chunked_array([pa.nulls(len(values), target)]), note="has no values")
        for label, values in given.items()
        if values.null_count == len(values)
    }
    held = {label: values for label, values in given.items() if label not in readings}
    if target == pa.string():
        readings |= _read_labels(held)
    elif column.kind == "datetime":
        readings |= _refuse_mixed_zones({label: _read_datetime(values) for label, values in held.items()}, zoned)
    else:
        readings |= {label: _READERS[column.kind](values) for label, values in held.items()}
    result = Harmony()
    for label, reading in readings.items():
        place = f"{label}: column {shown(column.name)!r}"
        if reading.problem:
            result.problems.append(f"{place} {reading.problem}")
        else:
            result.values[label] = reading.values
        if reading.note:
            result.notes.append(f"{place} {reading.note}")
    return result


def _read_number(values: pa.ChunkedArray) -> _Reading:
    if pa.types.is_boolean(values.type):
        return _Reading(values.cast(pa.int64()).cast(pa.float64()), note="holds true and false, read as 1 and 0")
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        return _Reading(values.cast(pa.float64(), safe=False))
    return _Reading(problem=_not_numbers(values))


def _not_numbers(values: pa.ChunkedArray) -> str:
    if not _is_text(values):
        return f"holds {_said(values)} where numbers are due; write numbers, or declare another kind in the schema"
    text = _plain(values)
    if has_decimal_commas(text):
        return "holds numbers with decimal commas; write decimal points"
    if numbers(text) is not None:
        return "holds numbers stored as text; store them as numbers"
    return "holds text where numbers are due; write numbers and empty cells only, or declare another kind in the schema"


def _read_integer(values: pa.ChunkedArray) -> _Reading:
    reading = _read_number(values)
    if reading.values is None or not pa.types.is_floating(values.type):
        return reading
    whole = pc.all(pc.equal(pc.floor(values), values)).as_py()
    return reading if whole else _Reading(reading.values, note="holds fractions, the schema says whole numbers")


def _read_boolean(values: pa.ChunkedArray) -> _Reading:
    if pa.types.is_boolean(values.type):
        return _Reading(values)
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        bits = pa.array([0, 1], type=values.type)
        if pc.all(pc.is_in(values.drop_null(), value_set=bits)).as_py():
            return _Reading(pc.equal(values, pa.scalar(1, values.type)), note="holds 0 and 1, read as false and true")
        return _Reading(problem="holds numbers other than 0 and 1 where true and false are due; store booleans")
    parsed = truths(_plain(values)) if _is_text(values) else None
    if parsed is not None:
        return _Reading(parsed, note="holds true and false as text, read as booleans")
    return _Reading(problem=f"holds {_said(values)} where true and false are due; store booleans")


def _read_datetime(values: pa.ChunkedArray) -> _Reading:
    if pa.types.is_timestamp(values.type):
        return _Reading(values)
    parsed = instants(_plain(values)) if _is_text(values) else None
    if parsed is not None:
        return _Reading(parsed.values, note="holds ISO 8601 dates as text, read as dates", zoned=parsed.zoned)
    return _Reading(problem=f"holds {_said(values)} where dates are due; write ISO 8601 dates such as 2024-01-31")


def _read_duration(values: pa.ChunkedArray) -> _Reading:
    if pa.types.is_duration(values.type):
        return _Reading(values)
    return _Reading(problem=f"holds {_said(values)} where lengths of time are due; store durations")


_READERS: Mapping[Kind, Callable[[pa.ChunkedArray], _Reading]] = {
    "number": _read_number,
    "integer": _read_integer,
    "boolean": _read_boolean,
    "duration": _read_duration,
}


def _refuse_mixed_zones(readings: dict[str, _Reading], zoned: frozenset[str]) -> dict[str, _Reading]:
    """Refuse instants of which some have a zone: without one they may be hours away from the same event."""
    named = {label: label in zoned or reading.zoned for label, reading in readings.items() if not reading.problem}
    first = next(iter(named.values()), False)
    words = ("without", "with") if first else ("with", "without")
    rule = "holds times {} a time zone, other tables hold them {}; store UTC in all of them, with or without zone"
    odd = {label: _Reading(problem=rule.format(*words)) for label, zone in named.items() if zone != first}
    return readings | odd


def _read_labels(held: Mapping[str, pa.ChunkedArray]) -> dict[str, _Reading]:
    """Return labels as text. Numbers among text are the same labels only if each of them is spelled in the text."""
    texts = {label: _plain(values) for label, values in held.items() if _is_text(values)}
    book = _book(texts)
    readings = {}
    for label, values in held.items():
        if label in texts:
            readings[label] = _Reading(texts[label])
        elif not texts and len({_said(other) for other in held.values()}) == 1:
            readings[label] = _Reading(_printed(values))
        else:
            readings[label] = _read_numbers_as_labels(values, book)
    return readings


def _read_numbers_as_labels(values: pa.ChunkedArray, book: pa.ChunkedArray) -> _Reading:
    said = _said(values)
    if said != "numbers":
        return _Reading(problem=f"holds {said}, other tables do not; store the column in the same way in all tables")
    if has_leading_zeros(book):
        return _Reading(problem="holds numbers, other tables hold text with leading zeros; store text in all tables")
    labels = _printed(values)
    if pc.all(pc.is_in(pc.unique(labels).drop_null(), value_set=book)).as_py():
        return _Reading(labels, note="holds numbers, read as the text they are in other tables")
    return _Reading(problem="holds numbers that other tables do not hold as text; store text in all tables")


def _printed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as text; whole numbers are printed alike however they are stored."""
    if not pa.types.is_floating(values.type):
        return values.cast(pa.string())
    exact = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), 2.0**53))
    whole = pc.if_else(exact, values, pa.scalar(None, pa.float64())).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(whole, values.cast(pa.string()))


def _book(texts: Mapping[str, pa.ChunkedArray]) -> pa.ChunkedArray:
    chunks = [chunk for text in texts.values() for chunk in text.chunks]
    return pc.unique(pa.chunked_array(chunks, type=pa.string())).drop_null()


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(pa.string())


def _is_text(values: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(values.type) or pa.types.is_dictionary(values.type))


def _said(values: pa.ChunkedArray) -> str:
    """Return what a column holds, in a word for a message."""
    if _is_text(values):
        return "text"
    if pa.types.is_boolean(values.type):
        return "true and false"
    if pa.types.is_timestamp(values.type):
        return "dates"
    return "lengths of time" if pa.types.is_duration(values.type) else "numbers"
