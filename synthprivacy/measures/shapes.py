"""Column shapes: how alike each single column is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthprivacy.measures.comparing.ceiling import no_larger
from synthprivacy.measures.comparing.chance import by_chance
from synthprivacy.measures.comparing.influence import Compared, by_cells, gather, undefined
from synthprivacy.measures.family import compared_tables, family_scores, two_by_two, with_fresh
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class _Profile:
    """What a column of one table is compared by."""

    feature: Feature
    known: FloatArray
    """The sorted known values of an ordered column, else the share of each code; empty if nothing is known."""
    points: FloatArray
    """The distinct known values of an ordered column."""


def column_shapes(case: Case) -> tuple[Score, ...]:
    """Return the column shapes: 1 = the same distribution, 0 = nothing in common.

    Ordered columns: one minus the Kolmogorov–Smirnov statistic (*KSComplement*). All others: one minus the total
    variation distance (*TVComplement*). Missing values are left out of both, and a column without any known value in
    one of the tables is undefined. Free text and identifiers are not compared. A number that is constant in the
    release is compared as a label, as everywhere in this package.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``shapes``: ``mean``; where there is a control ``mean_control``, ``mean_ceiling`` and ``mean_above``; and
        ``column.NAME`` for every column.

    References
    ----------
    SDMetrics (DataCebo), metrics *KSComplement* and *TVComplement*, property *Column Shapes*.
    """
    case = no_larger(case)
    tables = with_fresh(compared_tables(case))
    columns = tables["original"].features
    profiles = {label: [_profile(feature) for feature in table.features] for label, table in tables.items()}
    pairs = two_by_two(tables)
    respects = (
        [
            _alike(profiles[first][place], profiles[second][place], profiles["original"][place])
            for first, second in pairs
        ]
        for place in range(len(columns))
    )
    labels = [f"column.{feature.name}" for feature in columns]
    similarities = dict(zip(pairs, gather(respects, list(pairs.values()))))
    return family_scores("shapes", case, similarities, labels=labels, shown=range(len(labels)))


def _profile(feature: Feature) -> _Profile:
    known = feature.values[~np.isnan(feature.values)]
    if feature.ordered:
        known = np.sort(known)
        return _Profile(feature, known, known[np.append(known[1:] != known[:-1], True)] if len(known) else known)
    shares = np.bincount(known.astype(np.int64)) / len(known) if len(known) else known
    return _Profile(feature, shares, np.empty(0))


def _alike(one: _Profile, other: _Profile, people: _Profile) -> Compared:
    """Return how alike a column is in two tables, `people` being the original's."""
    for side, label in ((one, "original"), (other, "release")):
        if not len(side.known):
            return undefined(f"no value is known in the {label}")
    found = _by_largest_gap(one, other) if one.feature.ordered else _by_variation(one, other)
    rows, others = len(one.feature.values), len(other.feature.values)
    if one.feature.ordered:
        return replace(found, chance=float(np.sqrt(1.0 / rows + 1.0 / others)))
    return replace(found, chance=by_chance(people.known, len(people.feature.values), rows, others) or 1.0)


def _by_largest_gap(one: _Profile, other: _Profile) -> Compared:
    """Compare two samples by the Kolmogorov–Smirnov statistic.

    Both distribution functions are constant between sample points, so their right limits at the points of either
    sample are all the values there are.
    """
    widest, at, shares = 0.0, float(one.known[0]), np.zeros(2)
    for points in (one.points, other.points):
        below = [np.searchsorted(side.known, points, side="right") / len(side.known) for side in (one, other)]
        gaps = below[0] - below[1]
        place = int(np.argmax(np.abs(gaps)))
        if abs(gaps[place]) > widest:
            widest, at = float(abs(gaps[place])), float(points[place])
            shares = np.array([below[0][place], below[1][place]])
    sign = float(np.sign(shares[0] - shares[1]))
    slopes = (np.array([-sign, 0.0]), np.array([sign, 0.0]))
    cells = [_side(side.feature.values, at) for side in (one, other)]
    return by_cells(1.0 - widest, slopes, cells, [np.array([share, 1.0 - share]) for share in shares])


def _side(values: FloatArray, at: float) -> IntArray:
    """Return 0 for values up to a point, 1 for those above, -1 for unknown ones."""
    cells: IntArray = np.where(np.isnan(values), -1, np.greater(values, at)).astype(np.int64)
    return cells


def _by_variation(one: _Profile, other: _Profile) -> Compared:
    levels = max(len(one.known), len(other.known))
    first, second = (np.pad(side.known, (0, levels - len(side.known))) for side in (one, other))
    gaps = first - second
    slopes = (-np.sign(gaps) / 2.0, np.sign(gaps) / 2.0)
    cells = [np.nan_to_num(side.feature.values, nan=-1.0).astype(np.int64) for side in (one, other)]
    return by_cells(1.0 - float(np.abs(gaps).sum() / 2), slopes, cells, [first, second])
