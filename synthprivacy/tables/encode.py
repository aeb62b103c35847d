"""Frames → Case: everything becomes numbers once, by the release and the declared schema only.

Scales, spreads and the labels with small codes come from the release, so that what an attacker does cannot depend
on who is shown to it. Labels that only people have get codes above the release's: they are unequal to everything
in the release, and to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import SchemaError
from synthprivacy.schemata import Column, Schema, conform, infer
from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray, Table, Text, frozen, is_ordered

_CODE_DEPTH = 8
"""Prefixes of a hierarchical code that are told apart; longer codes differ in the last one."""


def encode(
    *,
    original: pa.Table,
    control: pa.Table | None,
    release: pa.Table,
    schema: Schema,
    name: str = "release",
    order: Mapping[str, IntArray] = MappingProxyType({}),
) -> Case:
    """Return the case of one release.

    Parameters
    ----------
    original, control, release : pyarrow.Table
        Frames that conform to `schema`.
    schema : Schema
    name : str
        What the release is called.
    order : mapping of str to ndarray of int64, shape (rows,)
        The rows of ``original`` and ``control`` in the order wanted; by default by their content, as this release encodes it.
    """
    frames = {"release": release, "original": original}
    if control is not None:
        frames["control"] = control
    encoded: dict[str, list[Feature]] = {label: [] for label in frames}
    for column in sorted(schema.attackable):
        features = _encode_column(schema[column], {label: frame[column] for label, frame in frames.items()})
        for label, feature in features.items():
            encoded[label].append(feature)
    tables = {
        label: _table(
            encoded[label],
            frame,
            None if label == "release" else schema.unit,
            sorted(schema.texts),
            order=order.get(label),
            weights=_survey(frame, schema),
        )
        for label, frame in frames.items()
    }
    (original_table, rows), (release_table, _) = tables["original"], tables["release"]
    control_table = None if control is None else tables["control"][0]
    labels = _release_labels(release, encoded["release"])
    return Case(name, original_table, control_table, release_table, schema, labels, rows)


def encode_pair(queries: pa.Table, candidates: pa.Table, schema: Schema | None) -> tuple[Table, Table]:
    """Return two tables in the candidates' encoding, rows in the order given.

    Raises
    ------
    SchemaError
        If the tables do not have the same columns, or none can be compared.
    """
    known = infer(candidates) if schema is None else schema
    frames, _ = conform({"candidates": candidates, "queries": queries}, known)
    if not known.attackable:
        msg = "queries and candidates must share a column that can be compared; declare its kind"
        raise SchemaError(msg)
    sides: dict[str, list[Feature]] = {"release": [], "original": []}
    for name in sorted(known.attackable):
        arrays = {"release": frames["candidates"][name], "original": frames["queries"][name]}
        for side, feature in _encode_column(known[name], arrays).items():
            sides[side].append(feature)
    asked, offered = (
        Table(tuple(sides[side]), frozen(np.arange(frame.num_rows)))
        for side, frame in (("original", frames["queries"]), ("release", frames["candidates"]))
    )
    return asked, offered


def _release_labels(release: pa.Table, features: Iterable[Feature]) -> dict[str, tuple[str, ...]]:
    """Return the labels of the columns without an order, in the order of their codes."""
    names = [feature.name for feature in features if not feature.ordered]
    return {name: tuple(_sorted_labels([_labels(release[name])]).to_pylist()) for name in names}


def _table(
    features: list[Feature],
    frame: pa.Table,
    unit: str | None,
    texts: list[str],
    *,
    order: IntArray | None,
    weights: pa.ChunkedArray | None,
) -> tuple[Table, IntArray]:
    """Return the table with its rows in the order of their content, so that their old order has no effect, and that order."""
    rows = frame.num_rows
    people = np.full(rows, -1, dtype=np.int64) if unit is None else _unit_codes(frame[unit])
    keys = Table(tuple(features), frozen(people)).keys()
    written = tuple(
        Text(name, np.array(frame[name].to_pylist(), dtype=np.object_)) for name in texts if name in frame.column_names
    )
    if order is None:
        order = np.lexsort((*(text.keys() for text in written), people, keys))
    people = people[order]
    alone = people < 0
    people[alone] = people.max(initial=-1) + 1 + np.arange(np.count_nonzero(alone))
    ordered = tuple(text.take(order) for text in written)
    survey = None if weights is None else frozen(_usable(weights)[order])
    return Table(
        tuple(feature.take(order) for feature in features), frozen(people), texts=ordered, survey=survey
    ), order


def _survey(frame: pa.Table, schema: Schema) -> pa.ChunkedArray | None:
    """Return the column of survey weights, None where none is declared or the table lacks it."""
    names = [name for name in schema.with_role("weight") if name in frame.column_names]
    return frame[names[0]] if names else None


def _usable(weights: pa.ChunkedArray) -> FloatArray:
    """Return the weights (rows,), 0 where one is missing, below 0 or infinite."""
    numbers = _numbers(weights)
    return np.where(np.isfinite(numbers) & (numbers > 0.0), numbers, 0.0)


def _unit_codes(column: pa.ChunkedArray) -> IntArray:
    """Return person codes in the order of the ids; -1 for a row without an id, which is a person of its own."""
    values = column.combine_chunks()
    distinct = pc.drop_null(pc.unique(values))
    distinct = distinct.take(pc.sort_indices(distinct))
    codes = pc.index_in(values, value_set=distinct, skip_nulls=True)
    people: IntArray = np.asarray(codes.fill_null(-1)).astype(np.int64)
    return people


def _encode_column(column: Column, arrays: Mapping[str, pa.ChunkedArray]) -> dict[str, Feature]:
    if is_ordered(column.kind):
        numbers = {label: _numbers(array) for label, array in arrays.items()}
        low, scale = _scale(numbers["release"], column.bounds)
        if scale > 0:
            spread = _spread(numbers["release"])
            return {
                label: Feature(column.name, column.kind, frozen(values), True, 0, low, scale, spread)
                for label, values in numbers.items()
            }
        arrays = {label: pa.chunked_array([pa.array(values, from_pandas=True)]) for label, values in numbers.items()}
        return _coded(column, arrays)
    return _coded(column, {label: _labels(array) for label, array in arrays.items()})


def _coded(column: Column, arrays: Mapping[str, pa.ChunkedArray]) -> dict[str, Feature]:
    parts: dict[str, list[FloatArray]] = {label: [] for label in arrays}
    if column.kind == "code":
        longest = pc.max(pc.utf8_length(arrays["release"])).as_py() or 1
        depth = min(longest, _CODE_DEPTH)
        for length in range(1, depth + 1):
            stop = None if length == depth else length
            prefixes = {label: pc.utf8_slice_codeunits(array, 0, stop) for label, array in arrays.items()}
            for label, codes in _codes(prefixes)[0].items():
                parts[label].append(codes)
    whole, levels, unseen = _codes(arrays)
    return {
        label: Feature(column.name, column.kind, whole[label], False, levels, parts=tuple(parts[label]), unseen=unseen)
        for label in arrays
    }


def _codes(arrays: Mapping[str, pa.ChunkedArray]) -> tuple[dict[str, FloatArray], int, FloatArray]:
    """Return codes per table, the number of levels of the release, whose labels come first in sorted order, and marks.

    The marks of the other labels depend on their text alone, as their codes do not.
    """
    own = _sorted_labels([arrays["release"]])
    others = _sorted_labels([array for label, array in arrays.items() if label != "release"])
    unseen = others.filter(pc.invert(pc.is_in(others, value_set=own)))
    book = pa.concat_arrays([own, unseen])
    codes = {}
    for label, array in arrays.items():
        positions = pc.index_in(array, value_set=book, skip_nulls=True)
        codes[label] = frozen(_numbers(positions))
    marks = [mark_of(str(label)) for label in unseen.to_pylist()]
    return codes, len(own), frozen(np.array(marks, dtype=np.float64))


def mark_of(label: str) -> float:
    """Return the mark of a label that the release lacks: below 0, by its text alone."""
    return -1.0 - int.from_bytes(sha256(label.encode()).digest()[:6])


def _sorted_labels(arrays: list[pa.ChunkedArray]) -> pa.Array:
    chunks = [chunk for array in arrays for chunk in array.chunks]
    labels = pc.drop_null(pc.unique(pa.chunked_array(chunks, type=arrays[0].type if arrays else pa.string())))
    return labels.take(pc.sort_indices(labels))


def _labels(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values as text; codes are equal exactly where the texts are."""
    return pc.cast(array, pa.large_string()) if array.num_chunks else pa.chunked_array([], type=pa.large_string())


def _numbers(array: pa.ChunkedArray) -> FloatArray:
    """Return float64 values, NaN where missing; instants and durations in microseconds."""
    if pa.types.is_temporal(array.type):
        array = pc.cast(array, pa.int64())
    numbers = pc.cast(array, pa.float64(), safe=False)
    values: FloatArray = np.array(pc.fill_null(numbers, float("nan")).to_numpy(), dtype=np.float64)
    return values + 0.0


def _scale(release: FloatArray, bounds: tuple[float, float] | None) -> tuple[float, float]:
    """Return origin and unit of an ordered column: declared bounds, else 1st-99th percentile, else full range.

    A clipped distance on this scale is not moved by one wild value, which would stretch a plain range.
    """
    if bounds is not None:
        return bounds[0], bounds[1] - bounds[0]
    present = release[~np.isnan(release)]
    if not len(present):
        return 0.0, 0.0
    low, high = np.quantile(present, [0.01, 0.99], method="inverted_cdf")
    if not high > low:
        low, high = present.min(), present.max()
    with np.errstate(over="ignore"):
        scale = float(high - low)
    return float(low), scale if np.isfinite(scale) else float(np.finfo(np.float64).max)


def _spread(release: FloatArray) -> float:
    """Return the interquartile range, else the standard deviation, of what the release holds; 0 where it is empty."""
    present = release[~np.isnan(release)]
    if not len(present):
        return 0.0
    lower, upper = np.quantile(present, [0.25, 0.75], method="inverted_cdf")
    with np.errstate(over="ignore", invalid="ignore"):
        if upper > lower:
            return min(float(upper - lower), float(np.finfo(np.float64).max))
        deviation = float(present.std())
    return deviation if np.isfinite(deviation) else 0.0
