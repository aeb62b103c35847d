"""Tables as cells of a declared domain, and made-up cells as tables: what a person's cell is depends on nobody else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import ConfigError
from synthprivacy.generators.columns import FloatArray, IntArray, assembled
from synthprivacy.generators.domain import Bins, Domain, Labels
from synthprivacy.schemata import shown

MOST = 2**20
"""Cells of one histogram: each gets noise, whether anybody is in it or not."""

_LARGEST = float(np.nextafter(2.0**63, 0))


def coded(domain: Domain, table: pa.Table) -> IntArray:
    """Return the cell of every value (columns of the table, rows).

    Raises
    ------
    ConfigError
        If the domain is not that of this table's columns.
    """
    strange = sorted(set(table.column_names) ^ set(domain.names))
    if strange:
        msg = (
            f"the domain must declare the columns of the table: {', '.join(map(shown, strange))} is in one of them only"
        )
        raise ConfigError(f"{msg}; declare the column, or drop it")
    return np.stack([_cells(domain[name], table[name].combine_chunks(), name) for name in table.column_names])


def table_of(domain: Domain, like: pa.Table, cells: IntArray, rng: np.random.Generator) -> pa.Table:
    """Return cells (columns, rows) as a table: a label as it is, a number anywhere in its bin."""
    arrays = {
        field.name: _values(domain[field.name], field.type, of_column, rng)
        for field, of_column in zip(like.schema, cells)
    }
    return assembled(like, arrays)


def require_few(cells: int) -> None:
    """Refuse a histogram of more cells than can get noise.

    Raises
    ------
    ConfigError
        If there are more than 2²⁰.
    """
    if cells > MOST:
        msg = f"a histogram has at most {MOST:,} cells, the domain has {cells:,}; declare fewer bins or columns"
        raise ConfigError(f"{msg}, or take dp-pairs")


def _cells(possible: Labels | Bins, values: pa.Array, name: str) -> IntArray:
    plain = values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
    is_label = pa.types.is_string(plain.type) or pa.types.is_boolean(plain.type)
    if is_label != isinstance(possible, Labels):
        msg = f"the domain of column {shown(name)!r} must be {'labels' if is_label else 'low, high and bins'}"
        raise ConfigError(f"{msg}, as its values are; correct the domain")
    missing = plain.is_null().to_numpy(zero_copy_only=False)
    if isinstance(possible, Labels):
        known = pa.array(possible.labels, pa.string())
        if pa.types.is_boolean(plain.type) and not set(possible.labels) <= {"false", "true"}:
            msg = f"the labels of column {shown(name)!r} must be false and true, as its values are; correct the domain"
            raise ConfigError(msg)
        cells = pc.index_in(plain.cast(pa.string()), value_set=known).fill_null(0).to_numpy(zero_copy_only=False)
        return np.where(missing, len(known) if possible.missing else 0, cells).astype(np.int64)
    ticks = plain.cast(pa.int64()) if pa.types.is_temporal(plain.type) else plain
    numbers = ticks.cast(pa.float64(), safe=False).fill_null(possible.low).to_numpy(zero_copy_only=False)
    part = (np.clip(numbers, possible.low, possible.high) - possible.low) / _width(possible, plain.type)
    cells = np.minimum((part * possible.bins).astype(np.int64), possible.bins - 1)
    return np.where(missing, possible.bins if possible.missing else 0, cells)


def _values(possible: Labels | Bins, kind: pa.DataType, cells: IntArray, rng: np.random.Generator) -> pa.Array:
    if isinstance(possible, Labels):
        labels = pa.array([*possible.labels, *([None] * possible.missing)], pa.string())
        drawn = labels.take(pa.array(cells))
        return drawn.cast(pa.bool_()) if pa.types.is_boolean(kind) else drawn
    width = _width(possible, kind)
    numbers: FloatArray = possible.low + (cells + rng.random(len(cells))) * (width / possible.bins)
    missing = cells == possible.bins
    if pa.types.is_floating(kind):
        return pa.array(np.minimum(numbers, possible.high), mask=missing)
    whole = np.clip(np.floor(numbers), np.ceil(possible.low), min(np.floor(possible.high), _LARGEST))
    return pa.array(whole.astype(np.int64), mask=missing).cast(kind)


def _width(possible: Bins, kind: pa.DataType) -> float:
    """Return the length of the range; of whole numbers both bounds count."""
    return possible.high - possible.low + (0.0 if pa.types.is_floating(kind) else 1.0)
