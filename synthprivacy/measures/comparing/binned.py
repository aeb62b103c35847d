"""Columns cut into a few cells: what joint distributions of several columns are compared in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.tables.table import Feature, FloatArray, IntArray, Table

BINS = 10
"""Of an ordered column between the deciles of the original; of any other, its most frequent labels and the rest."""
_LEVELS = np.arange(1, BINS) / BINS

CellArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, repr=False)
class Binned:
    """Some tables in the same cells."""

    cells: tuple[CellArray, ...]
    """Per table, (columns, rows)."""
    levels: IntArray
    """(columns,) number of cells, one of them for missing values where there are any."""


def binned(tables: Sequence[Table]) -> Binned:
    """Return tables cut at the deciles, and by the most frequent labels, of the first one: the original."""
    rows: list[list[CellArray]] = [[] for _ in tables]
    levels = []
    for place in range(len(tables[0].features)):
        cut = binned_column([table.features[place] for table in tables])
        levels.append(1 + max(int(cells.max(initial=0)) for cells in cut))
        for kept, cells in zip(rows, cut):
            kept.append(cells)
    whole = tuple(np.stack(kept) if kept else np.zeros((0, len(table)), np.int32) for kept, table in zip(rows, tables))
    return Binned(whole, np.array(levels, dtype=np.int64))


def binned_column(features: Sequence[Feature]) -> list[CellArray]:
    """Return the cells (rows,) of one column in every table; missing values are in a last cell of their own."""
    known = features[0].values[~np.isnan(features[0].values)]
    if features[0].ordered:
        cut = deciles(known)
        return [_marked(np.searchsorted(cut, f.values, side="left"), f.values, len(cut) + 1) for f in features]
    codes = 1 + max(int(np.nanmax(f.values, initial=0.0)) for f in features)
    counts = np.bincount(known.astype(np.int64), minlength=codes)
    place = np.minimum(np.argsort(np.argsort(-counts, kind="stable")), BINS - 1)
    last = int(place.max()) + 1
    return [_marked(place[np.nan_to_num(f.values).astype(np.int64)], f.values, last) for f in features]


def deciles(known: FloatArray) -> FloatArray:
    """Return the distinct deciles of known values: the right ends of all bins but the last."""
    if not len(known):
        return np.empty(0)
    cut: FloatArray = np.unique(np.quantile(known, _LEVELS, method="inverted_cdf"))
    return cut


def _marked(cells: IntArray, values: FloatArray, missing: int) -> CellArray:
    return np.where(np.isnan(values), missing, cells).astype(np.int32)
