"""Measures: what a release is worth, and what agencies ask of it. One file is one family; none decides anything."""

from __future__ import annotations

from collections.abc import Callable

from synthprivacy.measures.association import association
from synthprivacy.measures.constraints import constraints
from synthprivacy.measures.detection import detection
from synthprivacy.measures.disclosure import disclosure
from synthprivacy.measures.distances import distances
from synthprivacy.measures.estimates import estimates
from synthprivacy.measures.fairness import fairness
from synthprivacy.measures.histograms import histograms
from synthprivacy.measures.k_way import k_way
from synthprivacy.measures.manifold import manifold
from synthprivacy.measures.marginals import marginals
from synthprivacy.measures.memorization import memorization
from synthprivacy.measures.pairs import column_pairs
from synthprivacy.measures.prediction import prediction
from synthprivacy.measures.properties import Property, properties, property_inference
from synthprivacy.measures.shapes import column_shapes
from synthprivacy.measures.survey import survey
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case

MEASURES: dict[str, Callable[[Case], tuple[Score, ...]]] = {
    "shapes": column_shapes,
    "pairs": column_pairs,
    "marginals": marginals,
    "association": association,
    "k_way": k_way,
    "manifold": manifold,
    "constraints": constraints,
    "disclosure": disclosure,
    "properties": properties,
    "distances": distances,
    "memorization": memorization,
    "survey": survey,
}
"""By family."""
LEARNED: dict[str, Callable[[Case], tuple[Score, ...]]] = {
    "detection": detection,
    "prediction": prediction,
    "estimates": estimates,
    "fairness": fairness,
}
"""Families that fit models, by name: they run where a plan names them."""

__all__ = [
    "LEARNED",
    "MEASURES",
    "Property",
    "association",
    "column_pairs",
    "column_shapes",
    "constraints",
    "detection",
    "disclosure",
    "distances",
    "estimates",
    "fairness",
    "histograms",
    "k_way",
    "manifold",
    "marginals",
    "memorization",
    "prediction",
    "properties",
    "property_inference",
    "survey",
]
