"""Measures: what a release is worth, and what agencies ask of it. One file is one family; none decides anything."""

from __future__ import annotations

from collections.abc import Callable

from synthprivacy.measures.disclosure import disclosure
from synthprivacy.measures.distances import distances
from synthprivacy.measures.pairs import column_pairs
from synthprivacy.measures.properties import Property, properties, property_inference
from synthprivacy.measures.shapes import column_shapes
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case

MEASURES: dict[str, Callable[[Case], tuple[Score, ...]]] = {
    "shapes": column_shapes,
    "pairs": column_pairs,
    "disclosure": disclosure,
    "properties": properties,
    "distances": distances,
}
"""By family."""

__all__ = [
    "MEASURES",
    "Property",
    "column_pairs",
    "column_shapes",
    "disclosure",
    "distances",
    "properties",
    "property_inference",
]
