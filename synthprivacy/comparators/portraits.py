"""What a classifier sees of a person: one row of numbers each, whatever kinds and however many rows the table has."""

from __future__ import annotations

import numpy as np

from synthprivacy.tables.table import Feature, FloatArray, Table

LEVELS = 20
"""Labels of a column that are told apart, the most frequent ones; all others are one."""


def portraits(original: Table, control: Table) -> FloatArray:
    """Return original and control people as standardised numbers, shape (people of both, columns).

    A number is its place on the distance scale, at most one scale outside of it; missing is a column of its own, and so is
    every frequent label, and every frequent first part of a hierarchical code. A person with several rows is their mean,
    and how many they are. Which labels are frequent, and what is standard, is read off both sides together, so that
    neither side enters by itself.

    Parameters
    ----------
    original, control : Table
        In one encoding.
    """
    everyone = original.joined(control)
    rows = np.bincount(everyone.unit, minlength=everyone.people)
    columns = [np.log(rows.astype(np.float64))]
    columns += [
        np.bincount(everyone.unit, weights=column, minlength=everyone.people) / rows
        for feature in everyone.features
        for column in _columns(feature)
    ]
    people = np.stack(columns, axis=1)
    spread = people.std(axis=0)
    varying = spread > 1e-9
    standardised: FloatArray = (people[:, varying] - people[:, varying].mean(axis=0)) / spread[varying]
    return standardised


def _columns(feature: Feature) -> list[FloatArray]:
    if not feature.ordered:
        return [column for values in (*feature.parts[:1], feature.values) for column in _labels(values)]
    missing = np.isnan(feature.values)
    with np.errstate(over="ignore"):
        place = np.clip((feature.values - feature.low) / feature.scale, -1.0, 2.0)
    middle = float(place[~missing].mean()) if not missing.all() else 0.0
    return [np.where(missing, middle, place), missing.astype(np.float64)]


def _labels(values: FloatArray) -> list[FloatArray]:
    """Return a 0/1 column for each frequent label; missing is one too."""
    labels, counts = np.unique(values, return_counts=True)
    frequent = labels[np.argsort(-counts, kind="stable")[:LEVELS]]
    return [(np.isnan(values) if np.isnan(label) else values == label).astype(np.float64) for label in frequent]
