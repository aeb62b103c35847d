"""A deliberate leaker: the most unusual people are handed out as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.stats import rankdata

from synthprivacy.generators.columns import Column, FloatArray, IntArray, learned
from synthprivacy.generators.planting import Leaker, planted, recalled

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class OutlierCopier(Leaker):
    """Replaces rows of another generator by the most unusual share of the people, the same ones in every fit.

    The mean risk is as small as the share, that of the unusual is total.
    """

    called: ClassVar[str] = "outliers"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        return planted(self.base, table, self._chosen(table), rows, seed)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows: those of the most unusual people where they are meant; see `Conditional`."""
        return recalled(self.base, table, self._chosen(table), given, seed)

    def _chosen(self, table: pa.Table) -> IntArray:
        surprise = sum((_surprise(column) for column in learned(table) if column.modelled), np.zeros(len(table)))
        return np.argsort(-surprise, kind="stable")[: round(self.share * len(table))]


def _surprise(column: Column) -> FloatArray:
    """Return -log of the share of people with a row's label, or as far from the middle rank as its number (rows,)."""
    rows = len(column.places)
    people = np.bincount(column.places + 1)[column.places + 1]
    if column.numbers is None:
        return np.asarray(-np.log(people / rows), dtype=np.float64)
    there = column.places >= 0
    ranks = rankdata(column.places[there])
    as_far = rankdata(-np.abs(ranks - (len(ranks) + 1) / 2), method="max")
    people[there] = as_far
    return np.asarray(-np.log(people / rows), dtype=np.float64)
