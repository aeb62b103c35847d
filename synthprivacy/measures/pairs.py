"""Column pair trends: how alike the dependence of every two columns is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from synthprivacy.measures.comparing.ceiling import no_larger
from synthprivacy.measures.comparing.chance import by_chance
from synthprivacy.measures.comparing.influence import Compared, by_cells, gather, undefined
from synthprivacy.measures.family import compared_tables, family_scores, two_by_two, with_fresh
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


@dataclass(frozen=True, slots=True, repr=False)
class _Trends:
    """What the similarities of one table's pairs are computed from."""

    table: Table
    correlations: FloatArray
    """(columns, columns); NaN where undefined or where one is not ordered."""
    cells: tuple[IntArray, ...]
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
        Family ``pairs``: ``mean``; where there is a control ``mean_control``, ``mean_ceiling`` and ``mean_above``; and
        ``pair.A|B`` for the 20 least alike.

    References
    ----------
    SDMetrics (DataCebo), metrics *CorrelationSimilarity* and *ContingencySimilarity*, property *Column Pair Trends*.
    """
    case = no_larger(case)
    tables = with_fresh(compared_tables(case))
    columns = tables["original"].features
    edges = [_inner_edges(feature) for feature in columns]
    levels = [_levels([table.features[place] for table in tables.values()]) for place in range(len(columns))]
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        sides = {label: _trends(table, edges, levels) for label, table in tables.items()}
    pairs = chosen_pairs(len(columns))
    compared = two_by_two(tables)
    similarities = dict(zip(compared, gather(_respects(pairs, sides, levels, list(compared)), list(compared.values()))))
    labels = [f"pair.{columns[first].name}|{columns[second].name}" for first, second in pairs.tolist()]
    lowest = np.argsort(similarities["original", "release"].values, kind="stable")[:SHOWN]  # NaN last
    return family_scores("pairs", case, similarities, labels=labels, shown=lowest.tolist())


def _respects(
    pairs: IntArray, sides: dict[str, _Trends], levels: list[int], compared: list[tuple[str, str]]
) -> Iterator[list[Compared]]:
    """Yield the comparison of every two tables, pair after pair of columns."""
    features = sides["original"].table.features
    for first, second in pairs.tolist():
        if features[first].ordered and features[second].ordered:
            tilts = {label: _tilt(side, first, second) for label, side in sides.items()}
            yield [_correlations_alike(tilts[one], tilts[other]) for one, other in compared]
        else:
            joint = _joint(sides, (first, second), (levels[first], levels[second]))
            people = joint["original"] if len(compared) > 1 else None  # by chance: for the reference alone
            yield [_histograms_alike(joint[one], joint[other], people) for one, other in compared]


def chosen_pairs(columns: int) -> IntArray:
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
    return _Trends(table, _correlations(table), cells)


def _cells(feature: Feature, edges: FloatArray, levels: int) -> IntArray:
    codes = np.digitize(feature.values, edges) if feature.ordered else feature.values
    cells: IntArray = np.where(np.isnan(feature.values), levels - 1, codes).astype(np.int64)
    return cells


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


def _tilt(side: _Trends, first: int, second: int) -> tuple[float, FloatArray]:
    """Return a correlation, and what it owes to each row: that of a product of two standardised values."""
    rho = float(side.correlations[first, second])
    values = [side.table.features[place].values for place in (first, second)]
    if np.isnan(rho):
        return rho, np.zeros(len(side.table))
    known = ~np.isnan(values[0]) & ~np.isnan(values[1])
    complete = bool(known.all())
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what overflows owes nothing to a row
        one, other = (_standardised(column if complete else column[known]) for column in values)
        owed = one * other - rho / 2.0 * (one**2 + other**2)
    if complete:
        return rho, np.nan_to_num(owed, posinf=0.0, neginf=0.0)
    influence = np.zeros(len(known))
    influence[known] = np.nan_to_num(owed, posinf=0.0, neginf=0.0) * (len(known) / len(owed))
    return rho, influence


def _standardised(values: FloatArray) -> FloatArray:
    centre, scale = _standard(values)
    return (values - centre) / scale


def _correlations_alike(one: tuple[float, FloatArray], other: tuple[float, FloatArray]) -> Compared:
    for side, label in ((one, "original"), (other, "release")):
        if np.isnan(side[0]):
            return undefined(f"a column does not vary among the rows of the {label} that know both")
    gap = one[0] - other[0]
    slope = float(np.sign(gap)) / 2.0
    chance = float(np.sqrt(1.0 / len(one[1]) + 1.0 / len(other[1])))
    return Compared(1.0 - abs(gap) / 2, -slope * one[1], slope * other[1], chance=chance)


def _joint(
    sides: dict[str, _Trends], pair: tuple[int, int], levels: tuple[int, int]
) -> dict[str, tuple[IntArray, FloatArray]]:
    """Return the cell of each row of every table, and the shares of the cells."""
    joint = [side.cells[pair[0]] * levels[1] + side.cells[pair[1]] for side in sides.values()]
    size = levels[0] * levels[1]
    if size > _DENSE:
        distinct, numbers = np.unique(np.concatenate(joint), return_inverse=True)
        cuts = np.cumsum([len(cells) for cells in joint])[:-1]
        size, joint = len(distinct), np.split(numbers.reshape(-1).astype(np.int64, copy=False), cuts)
    return {
        label: (cells, np.bincount(cells, minlength=size) / max(len(cells), 1)) for label, cells in zip(sides, joint)
    }


def _histograms_alike(
    one: tuple[IntArray, FloatArray], other: tuple[IntArray, FloatArray], people: tuple[IntArray, FloatArray] | None
) -> Compared:
    """Return how alike two histograms are, `people` being that of the original, where there is a reference to correct."""
    gaps = one[1] - other[1]
    signs = np.sign(gaps) / 2.0
    value = 1.0 - float(np.abs(gaps).sum()) / 2
    found = by_cells(value, (-signs, signs), (one[0], other[0]), (one[1], other[1]), complete=True)
    if people is None:
        return found
    return replace(found, chance=by_chance(people[1], len(people[0]), len(one[0]), len(other[0])) or 1.0)
