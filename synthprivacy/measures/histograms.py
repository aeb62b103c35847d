"""Histograms of single columns that tell of nobody: what the charts of column shapes are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.measures.comparing.edges import BINS, bin_names, bins_of, round_edges, round_number
from synthprivacy.measures.family import compared_tables
from synthprivacy.results.risk import Series
from synthprivacy.tables.table import BoolArray, Case, Feature, FloatArray, IntArray, Table

PEOPLE = 10
"""The fewest people that a bin tells of, on the original and on the control."""
FINEST = 0.001
"""Shares are told in steps of this, or of what ten people have where that is more."""

MOST = 0.5
"""Of the known values ten people may have; beyond, they alone decide how a column looks."""


@dataclass(frozen=True, slots=True)
class _Bins:
    """How one column is cut."""

    edges: FloatArray
    """Inner ends of an ordered column; empty for labels."""
    names: tuple[str, ...]
    """Of all bins, but of the last one of labels: it is of all others."""
    of: Callable[[Feature], IntArray]
    """The bin (rows,) of each row, -1 where the value is missing."""
    count: int


def histograms(case: Case) -> tuple[Series, ...]:
    """Return how each column is spread in each table, as shares of the known values in a few bins.

    Nothing in it is of fewer than ten people, and none of the numbers is a person's: ordered columns are cut at quantiles of
    the original that are rounded to a grid, the outer bins being open, and bins are joined until each holds ten people of the
    original and ten of the control. Of labels the seven most frequent are named that the *release* holds and ten people on
    either side have; whoever has another one is in the last bin. Where it is of fewer than ten its share is withheld, and the
    others are shares without it: they must not leave it over. Shares are rounded to steps of what ten people at most have of
    the known values, so that no count follows. The rows of the release are nobody's.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Series
        ``shape, original``, ``shape, control`` and ``shape, release`` of ``shapes.column.NAME``, for every column in which at
        least two bins can be told of, and ten people have no more than half of what is told.

    References
    ----------
    Australian Bureau of Statistics, DataLab: input and output clearance (rule of ten).
    """
    tables = compared_tables(case)
    found: list[Series] = []
    for name in tables["original"].names:
        bins = _cut(name, tables, case.labels.get(name, ()))
        if bins is not None:
            found += [_series(name, label, table, bins) for label, table in _shown(tables).items()]
    return tuple(found)


def _shown(tables: Mapping[str, Table]) -> dict[str, Table]:
    return {label: tables[label] for label in ("original", "control", "release") if label in tables}


def _cut(name: str, tables: Mapping[str, Table], labels: Sequence[str]) -> _Bins | None:
    """Return the bins of a column; None where fewer than two can be told of."""
    people = {label: table for label, table in tables.items() if label != "release"}
    feature = tables["original"][name]
    bins = _ordered(name, people, feature) if feature.ordered else _labelled(name, people, feature, labels)
    if bins is None:
        return None
    told = _people(name, people, bins).min(axis=0) >= PEOPLE
    if told.sum() < 2 or (feature.ordered and not told.all()):
        return None
    coarsest = max(_of_ten(table, _told(name, table, bins)[bins.of(table[name])]) for table in people.values())
    return bins if coarsest <= MOST else None


def _ordered(name: str, people: Mapping[str, Table], feature: Feature) -> _Bins | None:
    edges = round_edges(feature.values[~np.isnan(feature.values)], feature.kind)
    counts = _people(name, people, _between(edges, feature)) if len(edges) else np.zeros((1, 1), dtype=np.int64)
    edges = edges[_closed(counts)]
    return _between(edges, feature) if len(edges) else None


def _between(edges: FloatArray, feature: Feature) -> _Bins:
    def of(side: Feature) -> IntArray:
        return bins_of(side.values, edges, feature.kind)

    return _Bins(edges, bin_names(edges, feature.kind), of, len(edges) + 1)


def _closed(counts: IntArray) -> list[int]:
    """Return the inner ends that stay, so that every bin holds enough of the people (tables, bins) of each table."""
    kept: list[int] = []
    held = np.zeros(len(counts), dtype=np.int64)
    for place in range(counts.shape[1] - 1):
        held = held + counts[:, place]
        if held.min() >= PEOPLE:
            kept.append(place)
            held = np.zeros_like(held)
    return kept if (held + counts[:, -1]).min() >= PEOPLE else kept[:-1]


def _labelled(name: str, people: Mapping[str, Table], feature: Feature, labels: Sequence[str]) -> _Bins | None:
    """Return bins for labels of the release that enough people have, the most frequent first, and one for all others."""
    if not feature.levels:
        return None

    def each(side: Feature) -> IntArray:
        return np.where(side.values < feature.levels, side.values, -1.0).astype(np.int64)

    counts = _people(name, people, _Bins(np.empty(0), (), each, feature.levels))
    enough = np.flatnonzero(counts.min(axis=0) >= PEOPLE)
    named = enough[np.argsort(-counts[0, enough], kind="stable")][: BINS - 1]
    place = np.full(feature.levels + 1, len(named))
    place[named] = np.arange(len(named))

    def of(side: Feature) -> IntArray:
        bins = place[np.minimum(np.nan_to_num(side.values), feature.levels).astype(np.int64)]
        return np.where(np.isnan(side.values), -1, bins)

    return _Bins(np.empty(0), tuple(labels[code] for code in named), of, len(named) + 1)


def _people(name: str, people: Mapping[str, Table], bins: _Bins) -> IntArray:
    """Return how many people (tables, bins) have a row in each bin."""
    counts = []
    for table in people.values():
        cells = bins.of(table[name])
        known = cells >= 0
        pairs = cells[known] * table.people + table.unit[known]
        alone = table.people == len(table)
        counts.append(np.bincount((pairs if alone else np.unique(pairs)) // table.people, minlength=bins.count))
    return np.array(counts, dtype=np.int64)


def _series(name: str, label: str, table: Table, bins: _Bins) -> Series:
    cells = bins.of(table[name])
    told, step = np.ones(bins.count + 1, dtype=np.bool_), FINEST
    if label != "release":
        told = _told(name, table, bins)
        step = max(FINEST, round_number(_of_ten(table, told[cells]), up=True))
    held = np.bincount(cells[cells >= 0], minlength=bins.count)
    shares = held / max(int(held[told[:-1]].sum()), 1)
    shown = np.where(told[:-1], np.round(np.round(shares / step) * step, 4), np.nan)
    return Series(
        f"shape, {label}", f"shapes.column.{name}", tuple(bins.edges.tolist()), tuple(shown.tolist()), labels=bins.names
    )


def _told(name: str, table: Table, bins: _Bins) -> BoolArray:
    """Return which bins hold enough people of a table, (bins + 1,); the last entry is of missing values."""
    return np.append(_people(name, {"": table}, bins)[0] >= PEOPLE, values=False)


def _of_ten(table: Table, among: BoolArray) -> float:
    """Return the share of some rows (rows,) that the ten people with most of them have."""
    each = np.sort(np.bincount(table.unit[among]))
    return float(each[-PEOPLE:].sum() / each.sum())
