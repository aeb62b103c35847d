"""A table as generators see it: columns of which values can be drawn and, where they are numbers, moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.schemata import Kind, infer
from synthprivacy.schemata.text import has_decimal_commas

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_MOST_DECIMALS = 6
_LARGEST_EXACT = 2.0**62
"""Whole numbers are not moved beyond it, so that a sum of two never wraps around."""
_LARGEST_WHOLE = 2.0**53
"""Beyond it doubles are not all the whole numbers."""


@dataclass(frozen=True, slots=True, repr=False)
class Column:
    """One column of the table that a generator is fitted on."""

    name: str
    kind: Kind
    values: pa.Array
    places: IntArray
    """(rows,) place of each value among the distinct ones, in their order (of labels: most frequent first); -1 missing."""
    numbers: FloatArray | None
    """(rows,) what numbers, instants and durations are worth (in microseconds), NaN where missing; None for labels."""
    step: float = 0.0
    """What all differences of its numbers are multiples of: 10 for rounded incomes, a day for dates; 0 for none."""

    def __repr__(self) -> str:
        return f"<column {self.name}: {self.kind}, {len(self.values)} rows>"  # never a value: tracebacks are logs

    @property
    def modelled(self) -> bool:
        """Whether the column depends on others; texts and what identifies a person by itself do not."""
        return self.kind not in {"identifier", "text"}

    @property
    def alone(self) -> BoolArray:
        """Whether nobody else has a row's value (rows,); False where it is missing."""
        people = np.bincount(self.places + 1, minlength=2)
        return np.asarray((people[self.places + 1] == 1) & (self.places >= 0))

    @property
    def spread(self) -> float:
        """Standard deviation of the numbers; 0 where there are none, or it is beyond all numbers."""
        there = np.zeros(0) if self.numbers is None else self.numbers[~np.isnan(self.numbers)]
        with np.errstate(over="ignore", invalid="ignore"):
            deviation = float(there.std()) if len(there) else 0.0
        return deviation if np.isfinite(deviation) else 0.0

    def drawn(self, rows: IntArray) -> pa.Array:
        """Return the values of some rows, which may be asked for repeatedly."""
        return self.values.take(pa.array(rows))

    def moved(self, rows: IntArray, by: FloatArray) -> pa.Array:
        """Return the values of some rows, each moved by a distance, in the precision of the column.

        Whole numbers, instants and durations stay whole and exact, whatever their size. What is missing stays so.
        """
        drawn = self.drawn(rows)
        if self.numbers is None:
            return drawn
        missing = np.isnan(self.numbers[rows])
        steps = np.rint(by / self.step) if self.step else by
        if pa.types.is_floating(drawn.type):
            return pa.array(self._shifted(np.where(missing, 0.0, self.numbers[rows]), steps), mask=missing)
        exact = drawn.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        there = np.abs(self.numbers[rows] + by) < _LARGEST_EXACT
        whole = np.where(there & ~missing, steps, 0.0).astype(np.int64) * int(self.step)
        return pa.array(exact + whole, mask=missing).cast(drawn.type)

    def sought(self, values: pa.Array) -> FloatArray:
        """Return the places of other values (values,): -1 missing, halfway between two where nobody has that number.

        A label that nobody has comes after all others.
        """
        everyone = np.unique(self.places, return_index=True)
        distinct = self.values.take(pa.array(everyone[1][everyone[0] >= 0]))
        missing = values.is_null().to_numpy(zero_copy_only=False)
        if self.numbers is None:
            found = pc.index_in(values.cast(pa.large_string()), value_set=distinct.cast(pa.large_string()))
            there = found.fill_null(len(distinct)).to_numpy(zero_copy_only=False).astype(np.float64)
        else:
            people, asked = (_exact(of) for of in (distinct, values))
            there = (np.searchsorted(people, asked, "left") + np.searchsorted(people, asked, "right") - 1) / 2.0
        return np.where(missing, -1.0, there)

    def apart(self, rows: int, rng: np.random.Generator) -> pa.Array:
        """Return values drawn with replacement and apart from all other columns; identifiers are counted anew."""
        donors = rng.integers(0, len(self.values), rows)
        return self.fresh(rows) if self.kind == "identifier" else self.drawn(donors)

    def fresh(self, rows: int) -> pa.Array:
        """Return what stands for identifiers of people who do not exist: 1, 2, 3, … in the type of the column."""
        counted = pa.array(np.arange(1, rows + 1))
        return counted.cast(pa.string() if pa.types.is_dictionary(self.values.type) else self.values.type)

    def _shifted(self, values: FloatArray, steps: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            moved = values + steps
            if self.step:
                moved = np.round(values + steps * self.step, _MOST_DECIMALS)
        return np.asarray(np.where((steps != 0) & np.isfinite(moved), moved, values) + 0.0, dtype=np.float64)


def learned(table: pa.Table) -> tuple[Column, ...]:
    """Return the columns of a canonical table.

    Text is a label, whatever it says; instants are instants where they are stored as such.

    Raises
    ------
    NotEnoughDataError
        If it has no rows.
    """
    if not len(table):
        msg = "a generator must be fitted on at least one row, the table has none; pass people"
        raise NotEnoughDataError(msg)
    commas = {
        name: {"kind": "category"}
        for name in table.column_names
        if pa.types.is_string(table[name].type) and has_decimal_commas(table[name].drop_null())
    }
    schema = infer(table, declared=commas)
    return tuple(_column(name, schema[name].kind, in_one_piece(table[name])) for name in table.column_names)


def assembled(like: pa.Table, arrays: Mapping[str, pa.Array]) -> pa.Table:
    """Return made-up columns as a table with the columns, order and types of the one that was learned from.

    Labels that were not drawn are not handed on with those that were.
    """
    columns = []
    for field in like.schema:
        array = arrays[field.name]
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        columns.append(array.dictionary_encode() if pa.types.is_dictionary(field.type) else array)
    return pa.table(columns, schema=like.schema)


def in_one_piece(values: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece; categories as the labels they are."""
    plain = values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values
    return plain.combine_chunks() if plain.num_chunks != 1 else plain.chunk(0)


def numbers_of(values: pa.Array) -> FloatArray:
    """Return what numbers, instants and durations are worth (in microseconds), NaN where missing."""
    missing = values.is_null().to_numpy(zero_copy_only=False)
    return np.where(missing, np.nan, _exact(values).astype(np.float64))


def require(holds: bool, rule: str) -> None:
    """Refuse a parameter of a generator.

    Raises
    ------
    ConfigError
        With the rule, unless it holds.
    """
    if not holds:
        raise ConfigError(rule)


def _column(name: str, kind: Kind, values: pa.Array) -> Column:
    if not _is_ordered(values.type):
        return Column(name, kind, values, _label_places(values), None)
    missing = values.is_null().to_numpy(zero_copy_only=False)
    exact, numbers = _exact(values), numbers_of(values)
    places = np.full(len(values), -1, dtype=np.int64)
    places[~missing] = np.unique(exact[~missing], return_inverse=True)[1]
    present = exact[~missing]
    return Column(name, kind, values, places, numbers, _step(present) if len(present) else 0.0)


def _exact(values: pa.Array) -> npt.NDArray[Any]:
    """Return numbers, instants and durations as they are stored, float64 or int64; 0 where missing."""
    ticks = values if pa.types.is_floating(values.type) else values.cast(pa.int64())
    return np.asarray(ticks.fill_null(0).to_numpy(zero_copy_only=False))


def _is_ordered(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind))


def _label_places(values: pa.Array) -> IntArray:
    """Return places of labels (rows,), most frequent first and equally frequent ones by their text."""
    text = values.cast(pa.large_string())
    counts = pc.value_counts(text.drop_null())
    labels = counts.field("values")
    order = pc.sort_indices(
        pa.table({"rows": counts.field("counts"), "label": labels}),
        sort_keys=[("rows", "descending"), ("label", "ascending")],
    )
    places = pc.index_in(text, value_set=labels.take(order), skip_nulls=True)
    return np.asarray(places.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _step(present: npt.NDArray[np.int64] | FloatArray) -> float:
    """Return the greatest common divisor of all differences, to six decimals; 0 where numbers are finer."""
    if float(present.max()) - float(present.min()) > _LARGEST_WHOLE:
        return float(present.dtype.kind == "i")
    if present.dtype.kind == "i":
        return float(max(np.gcd.reduce(present - present[0]), 1))
    for decimals in range(_MOST_DECIMALS + 1):
        with np.errstate(over="ignore"):
            scaled = np.rint(present * 10.0**decimals)
        if np.abs(scaled).max() < _LARGEST_WHOLE and np.array_equal(np.round(present, decimals), present):
            whole = scaled.astype(np.int64)
            return float(max(np.gcd.reduce(whole - whole[0]), 1)) / 10.0**decimals
    return 0.0
