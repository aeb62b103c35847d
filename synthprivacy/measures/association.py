"""Mixed association: how strongly columns of any kinds depend on each other, and where a release has that wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synthprivacy.measures.comparing.binned import binned_column
from synthprivacy.measures.comparing.influence import NOTHING, UNDEFINED, Compared, Gathered, gather, mean_of, within
from synthprivacy.measures.family import compared_tables
from synthprivacy.measures.pairs import chosen_pairs
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import BoolArray, Case, Feature, FloatArray, IntArray

_LEAST = 1e-300
"""In the place of an empty level's share, of which nothing is a part."""
SHOWN = 10
"""The columns that are most wrong stand in the matrix of differences, each beside each."""


def association(case: Case) -> tuple[Score, ...]:
    """Return the differences of association, between 0 and 1, lower is better; ``mean`` is over all pairs.

    The association of two ordered columns is |Pearson's correlation|, of an ordered and an unordered one the
    correlation ratio η, of two unordered ones Cramér's V, each between 0 and 1, over the rows where both are known; a score
    is the absolute difference between release and original. Labels beyond the nine most frequent of the original count
    as one: in cells that are nearly empty η and V are large by chance. Undefined where a column does not vary. The
    reference is the control's difference. Pairs are chosen as in ``pairs``. Intervals are normal (95 %), by influence;
    that of V has the influence of its square.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``association``: ``mean``, and ``pair.A|B`` for every two of the 10 columns that are most wrong on average:
        the matrix of differences.

    References
    ----------
    Cramér (1946), Mathematical methods of statistics, section 21.9 (V). Fisher (1925), Statistical methods for research
    workers (the correlation ratio).
    """
    tables = compared_tables(case)
    columns = tables["original"].features
    others = [label for label in ("release", "control") if label in tables]
    pairs = chosen_pairs(len(columns))
    sides = [tables[label] for label in ("original", *others)]
    features = [[side.features[place] for side in sides] for place in range(len(columns))]
    compared = [(tables["original"], tables[label]) for label in others]
    gathered = gather(_respects(pairs, features), compared)
    return tuple(_scores([column.name for column in columns], pairs, gathered))


def _scores(names: Sequence[str], pairs: IntArray, gathered: Sequence[Gathered]) -> Iterator[Score]:
    found = gathered[0]
    reference = gathered[1].values if len(gathered) > 1 else np.full(len(pairs), np.nan)
    expected = mean_of(reference[~np.isnan(found.values)])
    yield Score("association", "mean", found.mean, expected, within(found.mean, found.error), "lower")
    for place in _matrix(len(names), pairs, found.values):
        first, second = pairs[place].tolist()
        value, fresh = float(found.values[place]), float(reference[place])
        interval = within(value, float(found.errors[place]))
        metric = f"pair.{names[first]}|{names[second]}"
        yield Score("association", metric, value, None if np.isnan(fresh) else fresh, interval, "lower")


def _matrix(columns: int, pairs: IntArray, values: FloatArray) -> list[int]:
    """Return the places of the defined pairs of the columns that are most wrong."""
    defined = ~np.isnan(values)
    total, count = np.zeros((2, columns))
    for side in pairs[defined].T:
        total += np.bincount(side, values[defined], columns)
        count += np.bincount(side, minlength=columns)
    worst = np.argsort(-total / np.maximum(count, 1), kind="stable")[:SHOWN]
    places: list[int] = np.flatnonzero(defined & np.isin(pairs, worst).all(axis=1)).tolist()
    return places


def _respects(pairs: IntArray, features: Sequence[Sequence[Feature]]) -> Iterator[list[Compared]]:
    cells = [None if column[0].ordered else binned_column(column) for column in features]
    for first, second in pairs.tolist():
        found = []
        for side, (one, other) in enumerate(zip(features[first], features[second])):
            codes = [None if cut is None else cut[side].astype(np.int64) for cut in (cells[first], cells[second])]
            found.append(_association(one, other, codes))
        yield [_difference(found[0], other) for other in found[1:]]


def _difference(one: Compared, other: Compared) -> Compared:
    """Return the distance of two associations."""
    gap = one.value - other.value
    if np.isnan(gap):
        return UNDEFINED
    sign = float(np.sign(gap))
    return Compared(abs(gap), sign * one.one, -sign * other.one)


def _association(one: Feature, other: Feature, codes: Sequence[IntArray | None]) -> Compared:
    """Return the association of two columns of one table, and what it owes to each row."""
    known: BoolArray = ~(np.isnan(one.values) | np.isnan(other.values))
    if not known.any():
        return UNDEFINED
    if codes[0] is not None and codes[1] is not None:
        value, owed = _cramer(codes[0][known], codes[1][known])
    elif codes[0] is None and codes[1] is None:
        value, owed = _correlation(one.values[known], other.values[known])
    else:
        numbers, labels = (one.values, codes[1]) if codes[0] is None else (other.values, codes[0])
        value, owed = _ratio(numbers[known], labels[known]) if labels is not None else (float("nan"), NOTHING)
    return UNDEFINED if np.isnan(value) else Compared(value, _over(owed, known), NOTHING)


def _correlation(one: FloatArray, other: FloatArray) -> tuple[float, FloatArray]:
    first, second = _standardised(one), _standardised(other)
    rho = float((first * second).mean())
    return abs(rho), np.sign(rho) * (first * second - rho / 2.0 * (first**2 + second**2))


def _ratio(numbers: FloatArray, labels: IntArray) -> tuple[float, FloatArray]:
    """Return the correlation ratio: the standard deviation of the means of groups over that of all."""
    values = _standardised(numbers)
    sizes = np.bincount(labels)
    means = np.bincount(labels, values) / np.maximum(sizes, 1)
    squared = float((sizes * means**2).sum()) / len(values)
    if np.isnan(squared):
        return float("nan"), values
    eta, mean = float(np.sqrt(min(squared, 1.0))), means[labels]
    owed = 2.0 * values * mean - mean**2 - squared * values**2
    return eta, owed / (2.0 * eta) if eta > 0.0 else np.zeros(len(values))


def _cramer(one: IntArray, other: IntArray) -> tuple[float, FloatArray]:
    """Return Cramér's V: √(φ² over the smaller number of levels less one)."""
    levels = int(one.max()) + 1, int(other.max()) + 1
    table = np.bincount(one * levels[1] + other, minlength=levels[0] * levels[1]).reshape(levels) / len(one)
    first, second = table.sum(axis=1), table.sum(axis=0)
    freedom = min(np.count_nonzero(first), np.count_nonzero(second)) - 1
    if freedom < 1:
        return float("nan"), NOTHING
    lift = table / np.maximum(np.outer(first, second), _LEAST)
    squared = max(float((table * lift).sum()) - 1.0, 0.0)
    value = float(np.sqrt(squared / freedom))
    if value == 0.0:
        return value, np.zeros(len(one))
    across, down = ((table * lift).sum(axis=axis) / np.maximum(of, _LEAST) for axis, of in ((1, first), (0, second)))
    slopes = 2.0 * lift - across[:, None] - down
    slopes = (slopes - (table * slopes).sum()) / (2.0 * freedom * value)
    return value, slopes[one, other]


def _standardised(values: FloatArray) -> FloatArray:
    """Return values with mean 0 and variance 1; NaN where they do not vary, or are too large to tell."""
    unit = float(np.abs(values).max()) or 1.0
    scaled = values / unit
    deviation = float(scaled.std())
    flat = values.min() == values.max() or deviation < 1e-12
    return np.full(len(values), np.nan) if flat else (scaled - scaled.mean()) / deviation


def _over(owed: FloatArray, known: BoolArray) -> FloatArray:
    """Return what is owed to the known rows, over all rows."""
    if known.all():
        return owed
    influence = np.zeros(len(known))
    influence[known] = owed * (len(known) / len(owed))
    return influence
