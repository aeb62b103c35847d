"""Who is who in a frame: one key per person, the same on every machine and in every order of the rows."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.tables.table import FloatArray, KeyArray

_EXACT = 2**53
"""Whole numbers up to this one are told apart as float64."""


def person_keys(frame: pa.Table, unit: str | None) -> KeyArray:
    """Return one key per row, (rows,): equal for the rows of a person, different for different people.

    A row without an id is keyed by its content and, among equal rows, by how many came before.
    """
    if unit is not None and not frame[unit].null_count:
        return hash_columns([_words(frame[unit])], len(frame))
    columns = [_words(frame[name]) for name in sorted(frame.column_names)]
    content = hash_columns(columns, len(frame))
    rows = hash_columns([*columns, _occurrence(content)], len(frame))
    if unit is None:
        return rows
    ids = _words(frame[unit])
    return np.where(np.isnan(ids), rows, hash_columns([ids], len(frame)))


def likeness_keys(frame: pa.Table, unit: str | None) -> KeyArray:
    """Return one key per row, (rows,): equal for the rows of a person, and for equal rows of people without an id."""
    content = hash_columns([_words(frame[name]) for name in sorted(frame.column_names)], len(frame))
    if unit is None:
        return content
    ids = _words(frame[unit])
    return np.where(np.isnan(ids), content, hash_columns([ids], len(frame)))


def _words(column: pa.ChunkedArray[Any]) -> FloatArray:
    """Return a number for each value, (rows,), NaN where missing: the value itself, or 53 bits of its digest."""
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_boolean(column.type) or pa.types.is_floating(column.type) or _is_small(column):
        return _numbers(column.cast(pa.float64()))
    texts: Any = column.cast(pa.string())
    labels: Any = pc.drop_null(pc.unique(texts))
    places = _numbers(pc.index_in(texts, value_set=labels, skip_nulls=True).cast(pa.float64()))
    digests = np.array([_digest(label) for label in labels.to_pylist()], dtype=np.float64)
    words = np.full(len(column), np.nan)
    known = ~np.isnan(places)
    words[known] = digests[places[known].astype(np.int64)]
    return words


def _is_small(column: pa.ChunkedArray[Any]) -> bool:
    """Return whether a column holds whole numbers that float64 tells apart."""
    if not pa.types.is_integer(column.type):
        return False
    least, largest = pc.min(column).as_py() or 0, pc.max(column).as_py() or 0
    return max(-least, largest) <= _EXACT


def _numbers(column: Any) -> FloatArray:
    return np.asarray(pc.fill_null(column, float("nan")), dtype=np.float64)


def _digest(text: str) -> float:
    return float(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 11)


def _occurrence(keys: KeyArray) -> FloatArray:
    """Return, for each key, how many equal ones stand before it."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    lengths = np.diff(np.append(starts, len(keys)))
    occurrence = np.empty(len(keys))
    occurrence[order] = np.arange(len(keys)) - np.repeat(starts, lengths)
    return occurrence
