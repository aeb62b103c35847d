"""Mixed association: how strongly columns of any kinds depend on each other, and where a release has that wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.measures.comparing.binned import binned_column
from synthprivacy.measures.comparing.ceiling import ceiling_scores, twice
from synthprivacy.measures.comparing.influence import NOTHING, Compared, Gathered, gather, mean_of, undefined, within
from synthprivacy.measures.family import compared_tables, known, why_none
from synthprivacy.measures.pairs import chosen_pairs
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import BoolArray, Case, Feature, FloatArray, IntArray, Table

_LEAST = 1e-300
"""In the place of an empty level's share, of which nothing is a part."""
_NO_ASSOCIATION = undefined("a column does not vary")
SHOWN = 10
"""The columns that are most wrong stand in the matrix of differences, each beside each."""
PARTS = 4
"""Of the original beside a small control, at most."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """Tables of real people beside each other, of the ratio of sizes that two other tables have."""

    pairs: tuple[tuple[Table, Table], ...]
    factor: float
    """What differences of these are multiplied by to be those of the others."""


def association(case: Case) -> tuple[Score, ...]:
    """Return the differences of association, between 0 and 1, lower is better; ``mean`` is over all pairs.

    The association of two ordered columns is |Pearson's correlation|, of an ordered and an unordered one the
    correlation ratio η, of two unordered ones Cramér's V, each between 0 and 1, over the rows where both are known; a score
    is the absolute difference between release and original. Labels beyond the nine most frequent of the original count
    as one: in cells that are nearly empty η and V are large by chance. Undefined where a column does not vary. Pairs are
    chosen as in ``pairs``. Intervals are normal (95 %), by influence; that of V has the influence of its square.

    η and V are the larger by chance the smaller a table is, so that a small control would look unlike the original whoever it
    is. The reference is therefore the difference of control and original in as many rows of either as keep the ratio of
    release and original (up to four such parts of the original), times √(rows here / rows there): chance goes
    with the root of both sizes. ``mean_control`` is the difference of release and control, with a reference made likewise.
    ``mean_ceiling`` and ``mean_above``: see `ceiling_scores`.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``association``: ``mean``, with a control ``mean_control``, ``mean_ceiling`` and ``mean_above``, and
        ``pair.A|B`` for every two of the 10 columns that are most wrong on average: the matrix of differences.

    References
    ----------
    Cramér (1946), Mathematical methods of statistics, section 21.9 (V). Fisher (1925), Statistical methods for research
    workers (the correlation ratio). Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T (how V grows in
    small tables).
    """
    tables = compared_tables(case)
    original, release, control = tables["original"], tables["release"], tables.get("control")
    pairs = chosen_pairs(len(original.features))
    told, held = [(original, release)], []
    if control is not None:
        told.append((control, release))
        held.append(_alike(original, control, (len(original), len(release))))
        held.append(_alike(original, control, (len(release), len(control))))
    compared = [*told, *(pair for alike in held for pair in alike.pairs)]
    gathered = iter(gather(_respects(pairs, original, compared), compared))
    found = [next(gathered) for _ in told]
    fresh = [([next(gathered) for _ in alike.pairs], alike.factor) for alike in held]
    shared = len(release) / max(len(original) + len(release), 1)
    return tuple(_scores([column.name for column in original.features], pairs, found, fresh, shared))


def _alike(one: Table, other: Table, sizes: tuple[int, int]) -> _Alike:
    """Return parts of two tables whose sizes have the ratio of `sizes`, as large as can be."""
    part = min(1.0, len(one) / max(sizes[0], 1), len(other) / max(sizes[1], 1))
    rows = [min(len(table), max(1, round(part * size))) for table, size in zip((one, other), sizes)]
    rng = np.random.default_rng(0)  # which rows are looked at is part of the measure
    orders = [rng.permutation(len(table)) for table in (one, other)]
    beside = _taken(other, orders[1][: rows[1]])
    count = min(PARTS, len(one) // max(rows[0], 1)) or 1
    parts = [_taken(one, orders[0][place * rows[0] : (place + 1) * rows[0]]) for place in range(count)]
    return _Alike(tuple((part, beside) for part in parts), float(np.sqrt(part)))


def _taken(table: Table, rows: IntArray) -> Table:
    return table if len(rows) == len(table) else table.take(np.sort(rows))


def _scores(
    names: Sequence[str],
    pairs: IntArray,
    found: Sequence[Gathered],
    fresh: Sequence[tuple[Sequence[Gathered], float]],
    shared: float,
) -> Iterator[Score]:
    mine = found[0]
    judged = ~np.isnan(mine.values)
    references = [_mean_difference(parts) * factor for parts, factor in fresh]
    expected = [mean_of(reference[judged]) for reference in references] or [None]
    for metric, one, real in zip(("mean", "mean_control"), found, expected):
        reason = why_none(one.reasons) if one.mean is None else None
        yield Score("association", metric, one.mean, real, within(one.mean, one.error), "lower", reason=reason)
    if fresh:
        parts, factor = fresh[0]
        error = twice(factor * parts[0].error, shared if factor == 1.0 else 0.0)  # parts of people share little
        yield from ceiling_scores(
            "association", "mean", value=mine.mean, fresh=expected[0], error=error, closer="lower"
        )
    for place in _matrix(len(names), pairs, mine.values):
        first, second = pairs[place].tolist()
        value, real = float(mine.values[place]), known(references[0][place]) if references else None
        interval = within(value, float(mine.errors[place]))
        yield Score("association", f"pair.{names[first]}|{names[second]}", value, real, interval, "lower")


def _mean_difference(parts: Sequence[Gathered]) -> FloatArray:
    """Return the mean over the parts in which each pair of columns is defined; NaN where it is in none."""
    values = np.array([part.values for part in parts])
    defined = ~np.isnan(values)
    mean: FloatArray = np.where(defined, values, 0.0).sum(axis=0) / np.where(
        defined.any(axis=0), defined.sum(axis=0), np.nan
    )
    return mean


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


def _respects(pairs: IntArray, people: Table, compared: Sequence[tuple[Table, Table]]) -> Iterator[list[Compared]]:
    """Yield the differences of every two tables, pair after pair of columns; labels are cut as those of `people`."""
    tables = list({id(table): table for pair in compared for table in pair}.values())
    place = {id(table): number for number, table in enumerate(tables)}
    columns = [[table.features[number] for table in tables] for number in range(len(people.features))]
    cells = [
        None if feature.ordered else binned_column([feature, *sides])[1:]
        for feature, sides in zip(people.features, columns)
    ]
    for first, second in pairs.tolist():
        found = []
        for side, (one, other) in enumerate(zip(columns[first], columns[second])):
            codes = [None if cut is None else cut[side].astype(np.int64) for cut in (cells[first], cells[second])]
            found.append(_association(one, other, codes))
        yield [_difference(found[place[id(one)]], found[place[id(other)]]) for one, other in compared]


def _difference(one: Compared, other: Compared) -> Compared:
    """Return the distance of two associations."""
    for side, label in ((one, "original"), (other, "release")):
        if np.isnan(side.value):
            return undefined(f"a column does not vary among the rows of the {label} that know both")
    gap = one.value - other.value
    sign = float(np.sign(gap))
    return Compared(abs(gap), sign * one.one, -sign * other.one)


def _association(one: Feature, other: Feature, codes: Sequence[IntArray | None]) -> Compared:
    """Return the association of two columns of one table, and what it owes to each row."""
    both: BoolArray = ~(np.isnan(one.values) | np.isnan(other.values))
    if not both.any():
        return _NO_ASSOCIATION
    if codes[0] is not None and codes[1] is not None:
        value, owed = _cramer(codes[0][both], codes[1][both])
    elif codes[0] is None and codes[1] is None:
        value, owed = _correlation(one.values[both], other.values[both])
    else:
        numbers, labels = (one.values, codes[1]) if codes[0] is None else (other.values, codes[0])
        value, owed = _ratio(numbers[both], labels[both]) if labels is not None else (float("nan"), NOTHING)
    return _NO_ASSOCIATION if np.isnan(value) else Compared(value, _over(owed, both), NOTHING)


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


def _over(owed: FloatArray, both: BoolArray) -> FloatArray:
    """Return what is owed to the rows where both are known, over all rows."""
    if both.all():
        return owed
    influence = np.zeros(len(both))
    influence[both] = owed * (len(both) / len(owed))
    return influence
