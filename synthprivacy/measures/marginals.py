"""Marginals: how far apart single columns are, by the distances that are in use, and what of them goes missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthprivacy.measures.comparing.binned import deciles
from synthprivacy.measures.comparing.ceiling import matched
from synthprivacy.measures.comparing.coverage import Coverage, rare_coverage
from synthprivacy.measures.comparing.divergences import (
    hellinger,
    jensen_shannon,
    missing_alike,
    tails_alike,
    wasserstein,
)
from synthprivacy.measures.comparing.influence import UNDEFINED, Compared, Gathered, gather, mean_of, within
from synthprivacy.measures.family import compared_tables
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray

SHOWN = 20
"""Of each metric, the columns that come out worst get a score each."""


@dataclass(frozen=True, slots=True)
class _Metric:
    """One way to compare a column of two tables."""

    name: str
    compare: Callable[[Feature, Feature], Compared]
    better: Literal["higher", "lower"]
    most: float = 1.0
    """Upper end of its range; the lower one is 0."""


def marginals(case: Case) -> tuple[Score, ...]:
    """Return how far apart the single columns are.

    ``wasserstein`` is the earth mover's distance of an ordered column in units of the original's range, beyond which
    nothing is told apart (0 to 1, lower is better). ``jensen_shannon`` (square root of the divergence to base 2) and ``hellinger`` are distances of the shares of
    labels, or of the 10 bins between the original's deciles (0 to 1, lower is better). ``missingness`` is one minus the
    difference of the shares of missing values (0 to 1, higher is better). ``tails`` compares the shares beyond the
    original's 5 % and 95 % quantiles: the smaller over the larger, the mean of both ends (0 to 1, higher is better).
    ``rare`` is the share of the original's rare labels that the release holds at all (0 to 1, higher is better); rare is
    what fewer than 1 % of the people have, but ten at least.

    Missing values are left out of all others. The reference is what a fresh sample of the release's size would have scored:
    the control's distance to the original, scaled by √((1/n + 1/m)/(1/n + 1/c)) for n original, m synthetic and c control
    rows, because all of it is chance; for rare labels, what a sample of m rows of these people is expected to hold.
    Intervals are normal (95 %), by influence; those of ``rare`` are by the chance of each label to be drawn again.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``marginals``: each ``METRIC`` as the mean over columns, and ``METRIC.NAME`` of the 20 worst columns.

    References
    ----------
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line; Lin (1991),
    Divergence measures based on the Shannon entropy; Endres and Schindelin (2003), A new metric for probability
    distributions (its square root). SDMetrics (DataCebo), *MissingValueSimilarity*.
    """
    tables = compared_tables(case)
    columns = tables["original"].features
    others = [tables[label] for label in ("release", "control") if label in tables]
    pairs = [(tables["original"], other) for other in others]
    scores: list[Score] = []
    for metric in _metrics():
        respects = ([metric.compare(column, o.features[place]) for o in others] for place, column in enumerate(columns))
        scores += _scores(metric, case, [feature.name for feature in columns], gather(respects, pairs))
    return (*scores, *_rare_scores(rare_coverage(tables)))


def _metrics() -> Iterator[_Metric]:
    yield _Metric("wasserstein", wasserstein, "lower")
    yield _Metric("jensen_shannon", lambda one, other: _of_shares(jensen_shannon, one, other), "lower")
    yield _Metric("hellinger", lambda one, other: _of_shares(hellinger, one, other), "lower")
    yield _Metric("missingness", missing_alike, "higher")
    yield _Metric("tails", tails_alike, "higher")


def _of_shares(compare: Callable[[Sequence[IntArray], int], Compared], one: Feature, other: Feature) -> Compared:
    """Return a distance of two columns' shares of labels or bins."""
    known = [feature.values[~np.isnan(feature.values)] for feature in (one, other)]
    if not len(known[0]) or not len(known[1]):
        return UNDEFINED
    if one.ordered:
        cut = deciles(known[0])
        cells, size = [np.searchsorted(cut, feature.values) for feature in (one, other)], len(cut) + 1
    else:
        cells = [np.nan_to_num(feature.values).astype(np.int64) for feature in (one, other)]
        size = 1 + max(int(codes.max()) for codes in cells)
    missing = [np.isnan(feature.values) for feature in (one, other)]
    return compare([np.where(gone, -1, cell) for gone, cell in zip(missing, cells)], size)


def _scores(metric: _Metric, case: Case, names: list[str], gathered: list[Gathered]) -> Iterator[Score]:
    found = gathered[0]
    best = 0.0 if metric.better == "lower" else 1.0
    reference = np.full(len(names), np.nan)
    if len(gathered) > 1:
        reference = np.clip(best + (gathered[1].values - best) * matched(case), 0.0, metric.most)
    expected = mean_of(reference[~np.isnan(found.values)])
    interval = within(found.mean, found.error, most=metric.most)
    yield Score("marginals", metric.name, found.mean, expected, interval, metric.better)
    for place in _worst(found.values, metric.better):
        value, error = float(found.values[place]), float(found.errors[place])
        fresh = None if np.isnan(reference[place]) else float(reference[place])
        interval = within(value, error, most=metric.most)
        yield Score("marginals", f"{metric.name}.{names[place]}", value, fresh, interval, metric.better)


def _rare_scores(covered: list[Coverage]) -> Iterator[Score]:
    values = np.array([column.value for column in covered])
    references = np.array([np.nan if column.reference is None else column.reference for column in covered])
    error = float(np.sqrt(np.sum([column.error**2 for column in covered]))) / max(len(covered), 1)
    value = mean_of(values)
    yield Score("marginals", "rare", value, mean_of(references), within(value, error), "higher")
    for place in _worst(values, "higher"):
        column = covered[place]
        interval = within(column.value, column.error)
        yield Score("marginals", f"rare.{column.name}", column.value, column.reference, interval, "higher")


def _worst(values: FloatArray, better: Literal["higher", "lower"]) -> list[int]:
    """Return the places of the worst values, worst first, without undefined ones."""
    order = np.argsort(values if better == "higher" else -values, kind="stable")
    places: list[int] = order[~np.isnan(values[order])][:SHOWN].tolist()
    return places
