"""Rare labels: which of them a release holds at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from synthprivacy.tables.table import Feature, FloatArray, IntArray, Table

RARE = 0.01
"""A label is rare that fewer than this share of the people have."""
_MISSED = 0.025
"""Beyond either end of an interval."""
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
    errors: tuple[float, float]
    """How far the value may lie below and above (95 %), squares adding up over columns."""


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
    there = (held > 0).astype(np.float64)
    least, most = (_drawn(shares, size) for shares in binomial_limits(held, size))
    below, above = (float(np.sqrt(np.square(there - end).sum())) / len(held) for end in (least, most))
    reference = None
    if "control" in tables:
        people = len(tables["original"]) + len(tables["control"])
        reference = float(_drawn((counts["original"] + counts["control"]) / people, size).mean())
    return Coverage(name, float(there.mean()), reference, (below, above))


def binomial_limits(counts: IntArray, rows: int) -> tuple[FloatArray, FloatArray]:
    """Return the two-sided 95 % limits of the shares behind some counts: 0 at the lowest and 1 at the highest of them.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial.
    """
    low = np.where(counts > 0, betaincinv(np.maximum(counts, 1), rows - counts + 1.0, _MISSED), 0.0)
    most = np.minimum(counts, max(rows - 1, 0))
    high = np.where(counts < rows, betaincinv(most + 1.0, np.maximum(rows - most, 1), 1.0 - _MISSED), 1.0)
    return low, high


def _drawn(shares: FloatArray, rows: int) -> FloatArray:
    """Return the chance of labels with these shares to be among so many rows."""
    drawn: FloatArray = 1.0 - (1.0 - shares) ** rows
    return drawn
