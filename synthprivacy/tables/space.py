"""Table → Points: which columns have positions, which have codes, and what a mismatch weighs."""

from __future__ import annotations

import numpy as np

from synthprivacy.kernels.points import UNIT, Points, grid, part_weights
from synthprivacy.tables.table import FloatArray, IntArray, Table


def points(table: Table) -> Points:
    """Return the points of a table's rows, over all its features.

    A hierarchical code counts the share of its prefixes that differ, so that ``E11.9`` is nearer to ``E11.2``
    than to ``I20.0``.
    """
    ordered = [feature for feature in table.features if feature.ordered]
    coded = [
        (part, weight)
        for feature in table.features
        if not feature.ordered
        for part, weight in _coded(feature.values, feature.parts)
    ]
    rows = len(table)
    return Points(
        ordered=_stack([grid(f.values, f.low, f.scale) for f in ordered], rows),
        missing=_stack([np.isnan(f.values).astype(np.int64) for f in ordered], rows).astype(np.bool_),
        codes=_stack([_codes(values) for values, _ in coded], rows),
        weights=np.array([weight for _, weight in coded], dtype=np.int64),
        columns=len(table.features),
    )


def _coded(values: FloatArray, parts: tuple[FloatArray, ...]) -> list[tuple[FloatArray, int]]:
    if not parts:
        return [(values, UNIT)]
    return [(part, int(weight)) for part, weight in zip(parts, part_weights(len(parts)))]


def _codes(values: FloatArray) -> IntArray:
    return np.where(np.isnan(values), -1.0, values).astype(np.int64)


def _stack(columns: list[IntArray], rows: int) -> IntArray:
    return np.stack(columns) if columns else np.zeros((0, rows), dtype=np.int64)
