"""Measures: what a release is worth. One file is one family; each turns a case into scores and decides nothing."""

from __future__ import annotations

from collections.abc import Callable

from synthprivacy.measures.pairs import column_pairs
from synthprivacy.measures.shapes import column_shapes
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case

MEASURES: dict[str, Callable[[Case], tuple[Score, ...]]] = {
    "shapes": column_shapes,
    "pairs": column_pairs,
}
"""By family."""

__all__ = ["MEASURES", "column_pairs", "column_shapes"]
