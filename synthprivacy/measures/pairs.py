"""Column pair trends: how alike the dependence of every two columns is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from synthprivacy.measures.family import compared_tables, family_scores
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray, Table

PAIRS = 2_000
"""Pairs looked at: all up to this many, else a choice that depends on nothing but the number of columns."""
BINS = 10
"""Bins of an ordered column beside an unordered one."""
SHOWN = 20
"""The least alike pairs get a score each."""

_DENSE = 1 << 20
"""Cells of a joint histogram that are counted in place; larger ones are numbered first."""
_BLOCK = 1 << 16
"""Rows whose moments are summed at once: bounds the memory."""
_FLAT = 1e-12
"""Variance, in units of the column's own, under which a column counts as constant among the rows compared."""


@dataclass(frozen=True, slots=True)
class _Trends:
    """What the similarities of one table's pairs are computed from."""

    correlations: FloatArray
    """(columns, columns); NaN where undefined or where one is not ordered."""
    cells: tuple[npt.NDArray[np.int32], ...]
    """Per column, (rows,): the bin or the code, `levels` - 1 where missing."""


def column_pairs(case: Case) -> tuple[Score, ...]:
    """Return the pair trends: 1 = the same joint behaviour, 0 = the opposite or nothing in common.

    Two ordered columns: 1 - |ρ - ρ'| / 2 of the Pearson correlations over the rows where both are known
    (*CorrelationSimilarity*), undefined where a column is constant. Any other pair: one minus the total variation
    distance of the joint distributions (*ContingencySimilarity*); missing is a level, and an ordered column is cut into
    10 bins of equal width over the original's range, the outer ones open. Every table is cut at these edges and no
    pair is left out; the quality report of SDMetrics (0.32) instead cuts each table over its own range, so that a
    shifted column looks right, and leaves out pairs that are weakly related in the original.

    At most 2,000 pairs are looked at: where there are more, 2,000 drawn with a fixed seed by position among the sorted
    names, so the same ones for every table, release and run. Free text and identifiers are not compared.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``pairs``: ``mean``, ``mean_control`` where there is a control, and ``pair.A|B`` for the 20 least alike.

    References
    ----------
    SDMetrics (DataCebo), metrics *CorrelationSimilarity* and *ContingencySimilarity*, property *Column Pair Trends*.
    """
    tables = compared_tables(case)
    columns = tables["original"].features
    edges = [_inner_edges(feature) for feature in columns]
    levels = [_levels([table.features[place] for table in tables.values()]) for place in range(len(columns))]
    sides = [_trends(table, edges, levels) for table in tables.values()]
    pairs = _chosen_pairs(len(columns))
    rows = [
        _correlations_alike(sides, first, second)
        if columns[first].ordered and columns[second].ordered
        else _histograms_alike(sides, (first, second), (levels[first], levels[second]))
        for first, second in pairs.tolist()
    ]
    compared = list(combinations(tables, 2))
    similarities = dict(zip(compared, np.array(rows).reshape(-1, len(compared)).T))
    labels = [f"pair.{columns[first].name}|{columns[second].name}" for first, second in pairs.tolist()]
    lowest = np.argsort(similarities["original", "release"], kind="stable")[:SHOWN]  # NaN last
    return family_scores("pairs", similarities, labels=labels, shown=lowest.tolist())


def _chosen_pairs(columns: int) -> IntArray:
    """Return (pairs, 2) positions, first < second, in lexicographic order."""
    pairs = np.stack(np.triu_indices(columns, k=1), axis=1).astype(np.int64)
    if len(pairs) <= PAIRS:
        return pairs
    return pairs[np.sort(np.random.default_rng(0).choice(len(pairs), PAIRS, replace=False))]


def _inner_edges(feature: Feature) -> FloatArray:
    """Return the 9 edges between the bins of an ordered column; none if nothing is known."""
    known = feature.values[~np.isnan(feature.values)]
    if not feature.ordered or not len(known):
        return np.empty(0)
    low, high = float(known.min()), float(known.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low / 2, high / 2, BINS + 1)[1:-1] * 2  # halves, because high - low may be infinite


def _levels(features: list[Feature]) -> int:
    """Return the number of levels of a column over all tables, one of them for missing values."""
    if features[0].ordered:
        return BINS + 1
    codes = (feature.values[~np.isnan(feature.values)] for feature in features)
    return int(max(known.max(initial=-1.0) for known in codes)) + 2


def _trends(table: Table, edges: list[FloatArray], levels: list[int]) -> _Trends:
    cells = tuple(_cells(feature, inner, size) for feature, inner, size in zip(table.features, edges, levels))
    return _Trends(_correlations(table), cells)


def _cells(feature: Feature, edges: FloatArray, levels: int) -> npt.NDArray[np.int32]:
    codes = np.digitize(feature.values, edges) if feature.ordered else feature.values
    return np.where(np.isnan(feature.values), levels - 1, codes).astype(np.int32)


def _correlations(table: Table) -> FloatArray:
    """Return Pearson correlations over the rows where both columns are known, (columns, columns)."""
    whole = np.full((len(table.features), len(table.features)), np.nan)
    places = [place for place, feature in enumerate(table.features) if feature.ordered]
    if not places:
        return whole
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what overflows has no correlation
        whole[np.ix_(places, places)] = _ordered_correlations([table.features[place].values for place in places])
    return whole


def _ordered_correlations(columns: list[FloatArray]) -> FloatArray:
    """Return (columns, columns).

    From sums of products of columns that were centred and scaled first, so that cancellation costs no digits.
    """
    centres, scales = np.array([_standard(column) for column in columns]).T
    counts, sums, squares, products = np.zeros((4, len(columns), len(columns)))
    for start in range(0, len(columns[0]), _BLOCK):
        block = np.stack([column[start : start + _BLOCK] for column in columns], axis=1)
        known = (~np.isnan(block)).astype(np.float64)
        scaled = np.nan_to_num((block - centres) / scales)
        counts += known.T @ known
        sums += scaled.T @ known
        squares += (scaled**2).T @ known
        products += scaled.T @ scaled
    variances = squares / counts - (sums / counts) ** 2
    covariances = products / counts - (sums / counts) * (sums / counts).T
    defined = np.where((variances > _FLAT) & (variances.T > _FLAT), covariances, np.nan)
    correlations: FloatArray = defined / np.sqrt(variances * variances.T)
    return correlations


def _standard(values: FloatArray) -> tuple[float, float]:
    """Return mean and standard deviation of the known values, 1 in place of no deviation."""
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    if known.min() == known.max():
        return float(known[0]), 1.0  # a rounded mean would leave some variance
    return float(known.mean()), float(known.std()) or 1.0


def _correlations_alike(sides: Sequence[_Trends], first: int, second: int) -> list[float]:
    """Return the similarity of every two sides."""
    values = [float(side.correlations[first, second]) for side in sides]
    return [1.0 - abs(one - other) / 2 for one, other in combinations(values, 2)]


def _histograms_alike(sides: Sequence[_Trends], pair: tuple[int, int], levels: tuple[int, int]) -> list[float]:
    """Return the similarity of every two sides."""
    joint = [np.multiply(side.cells[pair[0]], levels[1], dtype=np.int64) + side.cells[pair[1]] for side in sides]
    size = levels[0] * levels[1]
    if size > _DENSE:
        distinct, numbers = np.unique(np.concatenate(joint), return_inverse=True)
        size, joint = len(distinct), np.split(numbers, np.cumsum([len(cells) for cells in joint])[:-1])
    shares = [np.bincount(cells, minlength=size) / len(cells) for cells in joint]
    return [1.0 - float(np.abs(one - other).sum()) / 2 for one, other in combinations(shares, 2)]
