"""One column of a case made coarser, or emptied: what a release could do without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray, Table, Text, frozen

BINS = 10
"""Bins of equal size, about, that numbers are rounded to."""
RARE = 0.05
"""A label that a smaller share of the release's rows has is pooled with the others."""
YEARS = 3.0
"""A release whose dates span more is rounded to years, else to months."""
_YEAR = 365.25 * 24 * 3600 * 1e6


@dataclass(frozen=True, slots=True)
class Coarsened:
    """A case with one coarser column, and in words how much coarser."""

    case: Case
    how: str


@dataclass(frozen=True, slots=True)
class Rounding:
    """A way to make a column coarser: every value becomes one that the release has in its stead."""

    how: str
    apply: Callable[[Feature], Feature]


def emptied(case: Case, column: str) -> Case:
    """Return the case with nothing in one column, of the release and of the people.

    The attackers stay what they are, and find nothing there: missing equals missing, so that the column adds to no
    distance and tells nobody from anybody. Dealing the remaining columns anew would be another attack.
    """
    return _changed(case, column, _empty, everywhere=True)


def coarsened(case: Case, column: str, *, guessed: bool) -> Coarsened | None:
    """Return the case with one column made coarser; None where it is as coarse as that already.

    Numbers and durations are rounded to ten bins of the release, dates to the month or the year; of a hierarchical code
    the first half stays, of labels those that one row in twenty has. What people know of themselves is made coarser in
    the same way. Where the column is guessed the truth stays as fine as it is: a guess is the commonest value of its
    bin, label or branch, and right or wrong as before.

    Parameters
    ----------
    case : Case
    column : str
    guessed : bool
        Whether the attacker guesses the column instead of knowing it.
    """
    feature = case.release[column]
    rounding = _rounding(feature)
    if rounding is None or _same(rounding.apply(feature).values, feature.values):
        return None
    return Coarsened(_changed(case, column, rounding.apply, everywhere=not guessed), rounding.how)


def with_column(table: Table, column: str, change: Callable[[Feature], Feature]) -> Table:
    """Return a table with one feature changed."""
    return replace(table, features=tuple(change(f) if f.name == column else f for f in table.features))


def blank(feature: Feature, rows: IntArray) -> Feature:
    """Return a feature with nothing in some rows."""
    values, *parts = (array.copy() for array in (feature.values, *feature.parts))
    for array in (values, *parts):
        array[rows] = np.nan
    return replace(feature, values=frozen(values), parts=tuple(frozen(part) for part in parts))


def _changed(case: Case, column: str, change: Callable[[Feature], Feature], *, everywhere: bool) -> Case:
    release = _texts_emptied(with_column(case.release, column, change), column)
    if not everywhere:
        return replace(case, release=release)
    control = None if case.control is None else with_column(case.control, column, change)
    return replace(case, release=release, original=with_column(case.original, column, change), control=control)


def _texts_emptied(table: Table, column: str) -> Table:
    if table.text(column) is None:
        return table
    nothing = np.full(len(table), None, dtype=np.object_)
    texts = tuple(Text(column, frozen(nothing)) if text.name == column else text for text in table.texts)
    return replace(table, texts=texts)


def _empty(feature: Feature) -> Feature:
    """Return what encoding makes of a column without a value: nothing that could be ordered."""
    return Feature(feature.name, feature.kind, frozen(np.full(len(feature.values), np.nan)), ordered=False)


def _same(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))


def _rounding(feature: Feature) -> Rounding | None:
    """Return how a column of the release is made coarser; None where nothing of it is there."""
    present = feature.values[~np.isnan(feature.values)]
    if not len(present):
        return None
    if feature.ordered and feature.kind == "datetime":
        return _to_calendar(present)
    if feature.ordered:
        return _to_bins(present)
    if len(feature.parts) > 1:
        return _to_branches(feature, (len(feature.parts) + 1) // 2)
    return _to_common(present)


def _to_bins(present: FloatArray) -> Rounding | None:
    edges = np.unique(np.quantile(present, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    if len(np.unique(present)) <= BINS:
        return None
    middles = _middles(present, np.searchsorted(edges, present, side="left"), len(edges) + 1)

    def rounded(feature: Feature) -> Feature:
        values = middles[np.searchsorted(edges, feature.values, side="left").clip(0, len(edges))]
        return replace(feature, values=frozen(np.where(np.isnan(feature.values), np.nan, values)))

    return Rounding(f"rounded to about {BINS} bins of equal size", rounded)


def _middles(values: FloatArray, place: IntArray, bins: int) -> FloatArray:
    """Return the lower median (bins,) of the values in each bin; of an empty one that of all."""
    middles = np.full(bins, np.quantile(values, 0.5, method="inverted_cdf"))
    for number in np.unique(place):
        middles[number] = np.quantile(values[place == number], 0.5, method="inverted_cdf")
    return middles


def _to_calendar(present: FloatArray) -> Rounding:
    unit = "Y" if float(present.max() - present.min()) > YEARS * _YEAR else "M"

    def rounded(feature: Feature) -> Feature:
        known = ~np.isnan(feature.values)
        values = feature.values.copy()
        instants = values[known].astype("datetime64[us]")
        values[known] = instants.astype(f"datetime64[{unit}]").astype("datetime64[us]").astype(np.int64)
        return replace(feature, values=frozen(values))

    return Rounding(f"rounded to the {'year' if unit == 'Y' else 'month'}", rounded)


def _to_branches(release: Feature, depth: int) -> Rounding:
    """Return the rounding of codes to their prefixes: each becomes the commonest code of the release that begins alike."""
    branch = release.parts[depth - 1]
    known = np.flatnonzero(~np.isnan(release.values))
    row = _commonest(branch[known].astype(np.int64), release.values[known].astype(np.int64), known)

    def rounded(feature: Feature) -> Feature:
        own = feature.parts[depth - 1]
        place = np.where(np.isnan(own), -1, own).astype(np.int64)
        there = (place >= 0) & (place < len(row))
        there[there] = row[place[there]] >= 0
        values, *parts = (array.copy() for array in (feature.values, *feature.parts))
        for mine, theirs in zip((values, *parts), (release.values, *release.parts)):
            mine[there] = theirs[row[place[there]]]
        return replace(feature, values=frozen(values), parts=tuple(frozen(part) for part in parts))

    length = f"{depth} character" if depth == 1 else f"{depth} characters"
    return Rounding(f"cut to its first {length}", rounded)


def _commonest(branch: IntArray, code: IntArray, rows: IntArray) -> IntArray:
    """Return for each branch a row of its commonest code, -1 for branches that the release lacks."""
    found = np.full(int(branch.max()) + 1, -1, dtype=np.int64)
    both, first, count = np.unique(np.stack([branch, code]), axis=1, return_index=True, return_counts=True)
    order = np.argsort(count, kind="stable")  # the commonest is written last
    found[both[0][order]] = rows[first[order]]
    return found


def _to_common(present: FloatArray) -> Rounding | None:
    codes, count = np.unique(present, return_counts=True)
    rare = count < RARE * len(present)
    if rare.sum() < 2:
        return None
    common = codes[~rare]
    pool = codes[rare][np.argmax(count[rare])]

    def pooled(feature: Feature) -> Feature:
        kept = np.isin(feature.values, common) | np.isnan(feature.values)
        parts = tuple(frozen(np.where(kept, part, pool)) for part in feature.parts)
        return replace(feature, values=frozen(np.where(kept, feature.values, pool)), parts=parts)

    return Rounding(f"with the labels pooled that fewer than {RARE:.0%} of its rows have", pooled)
