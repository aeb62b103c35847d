"""Tables as numbers in one coding for all fits: that of the real people at hand, never that of a release."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import DataError
from synthprivacy.schemata import ORDERED, Schema
from synthprivacy.tables.canonical import ARROW_ERRORS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, repr=False)
class CodedColumn:
    """How the values of one column become numbers."""

    name: str
    labels: pa.Array | None
    """Sorted labels of an unordered column: codes are places in it, one more stands for every other label."""
    scale: float = 1.0
    """Difference of an ordered column that counts as a whole mismatch: from the 1st to the 99th percentile."""
    spread: float = 1.0
    """Interquartile range of an ordered column: the unit of tolerances."""

    @property
    def ordered(self) -> bool:
        """Whether differences mean something."""
        return self.labels is None


@dataclass(frozen=True, slots=True, repr=False)
class Coding:
    """How tables become numbers."""

    columns: tuple[CodedColumn, ...]

    def __repr__(self) -> str:
        return f"<coding of {len(self.columns)} columns>"  # labels are cells: tracebacks are logs

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def ordered(self) -> BoolArray:
        """Which columns are ordered, (columns,)."""
        return np.array([column.ordered for column in self.columns], dtype=np.bool_)

    @property
    def scale(self) -> FloatArray:
        """Scale of each column, (columns,); 1 for unordered ones."""
        return np.array([column.scale for column in self.columns])


def coding_of(people: pa.Table, schema: Schema) -> Coding:
    """Return the coding of real people: every column an attacker could use.

    Parameters
    ----------
    people : pyarrow.Table
        Canonical; all real people at hand.
    schema : Schema

    Raises
    ------
    DataError
        If no column can be used.
    """
    columns = []
    for name in schema.attackable:
        if schema[name].kind in ORDERED:
            numbers = _numbers(people[name])
            present = numbers[~np.isnan(numbers)]
            if len(present) and present.max() > present.min():
                columns.append(CodedColumn(name, None, _between(present, 0.01, 0.99), _between(present, 0.25, 0.75)))
                continue
        columns.append(CodedColumn(name, _distinct(people[name])))
    if not columns:
        msg = "an audit needs a column that an attacker could use, there is none; declare the kind of those left out"
        raise DataError(msg)
    return Coding(tuple(columns))


def coded(table: pa.Table, coding: Coding) -> FloatArray:
    """Return a table as numbers, (columns, rows); NaN where missing.

    Raises
    ------
    DataError
        If the table lacks a column, or holds values of another type.
    """
    lost = [name for name in coding.names if name not in table.column_names]
    if lost:
        raise DataError(f"a release must have the columns of the original: {len(lost)} are absent; mend the generator")
    made = np.empty((len(coding.columns), table.num_rows))
    for place, column in enumerate(coding.columns):
        values = table[column.name]
        try:
            made[place] = _numbers(values) if column.labels is None else _codes(values, column.labels)
        except ARROW_ERRORS:
            msg = (
                f"column {column.name!r} of a release must hold values of its type in the original; mend the generator"
            )
            raise DataError(msg) from None
    return made


def _numbers(values: pa.ChunkedArray) -> FloatArray:
    if pa.types.is_temporal(values.type):
        values = pc.cast(values, pa.int64())
    numbers = pc.fill_null(pc.cast(values, pa.float64(), safe=False), float("nan"))
    return np.array(numbers.to_numpy(), dtype=np.float64) + 0.0


def _codes(values: pa.ChunkedArray, labels: pa.Array) -> FloatArray:
    texts = pc.cast(values, pa.large_string())
    places = pc.fill_null(pc.index_in(texts, value_set=labels, skip_nulls=True), len(labels))
    codes = np.array(places.to_numpy(), dtype=np.float64)
    codes[np.asarray(pc.is_null(texts))] = np.nan
    return codes


def _distinct(values: pa.ChunkedArray) -> pa.Array:
    labels = pc.drop_null(pc.unique(pc.cast(values, pa.large_string())))
    return labels.take(pc.sort_indices(labels))


def _between(present: FloatArray, low: float, high: float) -> float:
    """Return the distance of two quantiles, else the whole range."""
    ends = np.quantile(present, [low, high], method="inverted_cdf")
    return float(ends[1] - ends[0]) or float(present.max() - present.min())
