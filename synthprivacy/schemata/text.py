"""What text says: numbers, truth values and ISO 8601 instants, parsed exactly or not at all.

A column is parsed whole. One cell that does not fit leaves the column text, so that nothing is lost in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_NUMBER_LIKE_CODE = r"^[+-]?0[0-9]|^[+-]?[0-9]{19,}$"
_DECIMAL_COMMA = r"^[+-]?[0-9]+,[0-9]+$"
_LEADING_ZERO = r"^[+-]?0[0-9]"


@dataclass(frozen=True, slots=True)
class Instants:
    """Instants parsed from text, and whether the text named a time zone."""

    values: pa.ChunkedArray
    """Arrow values of type timestamp[us], in UTC where a zone was named."""
    zoned: bool


def numbers(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return text as int64 or float64 values, or None if it is not numbers throughout.

    Whole numbers must be spelled the way they are printed: codes such as ``007`` and whole numbers beyond 64 bits
    would lose digits and stay text.

    Parameters
    ----------
    text : pyarrow.Array or pyarrow.ChunkedArray of string
        Spaces around a number are ignored.
    """
    trimmed = pc.utf8_trim_whitespace(text)
    whole = _cast(trimmed, pa.int64())
    if whole is not None and _every(pc.equal(whole.cast(pa.string()), trimmed)):
        return whole
    if some_match(trimmed, _NUMBER_LIKE_CODE):
        return None
    return _cast(trimmed, pa.float64())


def truths(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return text as boolean values, or None if it is not ``true`` and ``false`` (in any case) throughout."""
    lowered = pc.utf8_lower(text)
    known = pc.is_in(lowered, value_set=pa.array(["true", "false", None]))
    return pc.equal(lowered, "true") if _every(known) else None


def instants(text: pa.ChunkedArray) -> Instants | None:
    """Return ISO 8601 dates or datetimes as instants, or None if a cell is something else."""
    naive = _cast(text, pa.timestamp("us"))
    if naive is not None:
        return Instants(naive, zoned=False)
    aware = _cast(text, pa.timestamp("us", "UTC"))
    return None if aware is None else Instants(aware.cast(pa.int64()).cast(pa.timestamp("us")), zoned=True)


def has_decimal_commas(text: pa.ChunkedArray) -> bool:
    """Return whether every cell is a number written with a decimal comma."""
    return len(text) > text.null_count and _every(pc.match_substring_regex(text, _DECIMAL_COMMA))


def has_leading_zeros(text: pa.ChunkedArray) -> bool:
    """Return whether some cell is digits that begin with a superfluous zero."""
    return some_match(text, _LEADING_ZERO)


def some_match(text: pa.ChunkedArray, pattern: str) -> bool:
    """Return whether some cell matches a regular expression."""
    return bool(pc.any(pc.match_substring_regex(text, pattern), min_count=0).as_py())


def _every(truth: Any) -> bool:
    return bool(pc.all(truth, min_count=0).as_py())


def _cast(values: pa.ChunkedArray, target: Any) -> pa.ChunkedArray | None:
    try:
        return values.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
