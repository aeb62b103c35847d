"""kNN-SMOTE: rows on the line between a person and one of the nearest others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.generators.columns import BoolArray, Column, FloatArray, IntArray, assembled, learned, require
from synthprivacy.kernels.index import build
from synthprivacy.kernels.neighbors import nearest
from synthprivacy.kernels.points import UNIT, Points, grid

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Smote:
    """Places each row a random part of the way from a person to one of the `k` nearest others.

    Every number lies on the same line, to the precision of its column; a label is that of either person, the nearer one
    more often: with the probability of being so near. What one of the two lacks is taken from one of them in the same way.
    Nearness is Gower's, on the range of each column. Rows of people tell who they are on both sides of a line: it
    leaks more than it looks. Identifiers are counted anew.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique, section 4.2 (there
    for the rows of one class); Gower (1971), A general coefficient of similarity and some of its properties.
    """

    k: int = 5

    def __post_init__(self) -> None:
        require(self.k >= 1, f"k must be at least 1, not {self.k}; 5 is usual")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"smote-{self.k}"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        rng = np.random.default_rng(seed)
        columns = learned(table)
        person = rng.integers(0, len(table), rows)
        partner = _partners([column for column in columns if column.modelled], person, self.k, rng)
        part = rng.random(rows)
        made = {}
        for column in columns:
            other = rng.random(rows) < part
            made[column.name] = (
                column.fresh(rows) if column.kind == "identifier" else _between(column, person, partner, part, other)
            )
        return assembled(table, made)


def _between(column: Column, person: IntArray, partner: IntArray, part: FloatArray, other: BoolArray) -> pa.Array:
    """Return values on the way from each person to its partner."""
    chosen = np.where(other, partner, person)
    if column.numbers is None:
        return column.drawn(chosen)
    with np.errstate(over="ignore", invalid="ignore"):
        step = part * (column.numbers[partner] - column.numbers[person])
    inside = np.isfinite(step)
    return column.moved(np.where(inside, person, chosen), np.where(inside, step, 0.0))


def _partners(columns: list[Column], person: IntArray, k: int, rng: np.random.Generator) -> IntArray:
    """Return one of the k nearest others of each person; a lone one is its own partner."""
    people = len(columns[0].places) if columns else 0
    count = min(k, people - 1)
    if count < 1:
        return person
    asked, of = np.unique(person, return_inverse=True)
    points = _points(columns)
    others = nearest(build(points), points.take(asked), count + 1).rows[
        :, 1:
    ]  # the first is oneself, or somebody alike
    return np.asarray(others[of, rng.integers(0, count, len(person))])


def _points(columns: list[Column]) -> Points:
    rows = len(columns[0].places)
    positions = [_positions(column.numbers) for column in columns if column.numbers is not None]
    missing = [np.isnan(column.numbers) for column in columns if column.numbers is not None]
    codes = [column.places for column in columns if column.numbers is None]
    return Points(
        ordered=np.stack(positions) if positions else np.zeros((0, rows), dtype=np.int64),
        missing=np.stack(missing) if missing else np.zeros((0, rows), dtype=np.bool_),
        codes=np.stack(codes) if codes else np.zeros((0, rows), dtype=np.int64),
        weights=np.full(len(codes), UNIT, dtype=np.int64),
        columns=len(columns),
    )


def _positions(numbers: FloatArray) -> IntArray:
    there = numbers[~np.isnan(numbers)]
    low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 0.0)
    with np.errstate(over="ignore"):
        span = high - low
    return grid(numbers, low, span if 0 < span < np.inf else 1.0)
