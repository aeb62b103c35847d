"""Rare labels: which of them a release holds at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthprivacy.tables.table import Feature, FloatArray, IntArray, Table

RARE = 0.01
"""A label is rare that fewer than this share of the people have."""
FEWEST = 10
"""Labels of fewer people are left out: whether a release holds them is a fact about those people."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The rare labels of one column."""

    name: str
    value: float
    """Share of them that the release holds."""
    reference: float | None
    """What a fresh sample of the release's size is expected to hold; None without a control."""
    error: float
    """Standard error of the value: each label is drawn again or not."""


def rare_coverage(tables: Mapping[str, Table]) -> list[Coverage]:
    """Return the coverage of every column that has rare labels in the original.

    Parameters
    ----------
    tables : mapping
        ``original`` and ``release``, perhaps ``control``.

    References
    ----------
    SDMetrics (DataCebo), *CategoryCoverage*, of all labels; here of the rare ones alone.
    """
    found = []
    for place, feature in enumerate(tables["original"].features):
        if feature.ordered:
            continue
        columns = {label: table.features[place] for label, table in tables.items()}
        size = 1 + max(int(np.nanmax(column.values, initial=-1.0)) for column in columns.values())
        counts = {label: _counts(column, size) for label, column in columns.items()}
        held = _holders(columns["original"], tables["original"].unit, size)
        rare = (held < RARE * tables["original"].people) & (held >= FEWEST)
        if rare.any():
            found.append(_coverage(feature.name, {label: count[rare] for label, count in counts.items()}, tables))
    return found


def _holders(feature: Feature, unit: IntArray, size: int) -> IntArray:
    """Return how many people have each label, however many rows say so."""
    known = ~np.isnan(feature.values)
    pairs = np.unique(np.stack([unit[known], feature.values[known].astype(np.int64)]), axis=1)
    return np.bincount(pairs[1], minlength=size).astype(np.int64)


def _counts(feature: Feature, size: int) -> IntArray:
    known = feature.values[~np.isnan(feature.values)].astype(np.int64)
    return np.bincount(known, minlength=size).astype(np.int64)


def _coverage(name: str, counts: Mapping[str, IntArray], tables: Mapping[str, Table]) -> Coverage:
    size = len(tables["release"])
    held = counts["release"]
    again = _drawn(held / max(size, 1), size)
    error = float(np.sqrt((again * (1.0 - again)).sum())) / len(held)
    reference = None
    if "control" in tables:
        people = len(tables["original"]) + len(tables["control"])
        reference = float(_drawn((counts["original"] + counts["control"]) / people, size).mean())
    return Coverage(name, float(np.mean(held > 0)), reference, error)


def _drawn(shares: FloatArray, rows: int) -> FloatArray:
    """Return the chance of labels with these shares to be among so many rows."""
    drawn: FloatArray = 1.0 - (1.0 - shares) ** rows
    return drawn
