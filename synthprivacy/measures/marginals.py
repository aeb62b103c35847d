"""Marginals: how far apart single columns are, by the distances that are in use, and what of them goes missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthprivacy.measures.comparing.binned import deciles
from synthprivacy.measures.comparing.ceiling import LOOKED_AT, ceiling_scores, chance_of, matched, no_larger
from synthprivacy.measures.comparing.coverage import Coverage, rare_coverage
from synthprivacy.measures.comparing.divergences import (
    hellinger,
    jensen_shannon,
    missing_alike,
    nobody_knows,
    tails_alike,
    wasserstein,
)
from synthprivacy.measures.comparing.influence import Compared, Gathered, gather, mean_of, undefined, within
from synthprivacy.measures.family import compared_tables, known, why_none, with_fresh
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray, Table

SHOWN = 20
"""Of each metric, the columns that come out worst get a score each."""


@dataclass(frozen=True, slots=True)
class _Metric:
    """One way to compare a column of two tables."""

    name: str
    compare: Callable[[Feature, Feature], Compared]
    better: Literal["higher", "lower"]


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
    Scoring against the original alone rewards copying: ``METRIC_control`` is the same against the control, in the place of the
    original. ``METRIC_ceiling`` and ``METRIC_above``: see `ceiling_scores`. A control larger than the release is cut
    to its size.

    Intervals are normal (95 %), by influence; a share that nobody has counts with its limit (Wilson). Those of ``rare`` are by
    the chance of each label to be drawn again from a share within its own limits (Clopper and Pearson), distances to the ends
    adding up in squares over labels.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``marginals``: each ``METRIC`` as the mean over columns and, where there is a control, ``METRIC_control``,
        ``METRIC_ceiling`` and ``METRIC_above`` (not of ``rare`` and ``tails``); and ``METRIC.NAME`` of the 20 worst columns.

    References
    ----------
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line; Lin (1991),
    Divergence measures based on the Shannon entropy; Endres and Schindelin (2003), A new metric for probability
    distributions (its square root). SDMetrics (DataCebo), *MissingValueSimilarity*.
    """
    whole, case = case, no_larger(case)
    tables = with_fresh(compared_tables(case))
    names = [feature.name for feature in tables["original"].features]
    pairs = [("original", "release")]
    if "control" in tables:
        pairs += [("original", "control"), ("control", "release")]
        pairs.append(("control", "fresh" if "fresh" in tables else "original"))
    compared = [(tables[one], tables[other]) for one, other in pairs]
    scores: list[Score] = []
    for metric in _metrics():
        respects = (
            [metric.compare(one.features[place], other.features[place]) for one, other in compared]
            for place in range(len(names))
        )
        scores += _scores(metric, case, names, dict(zip(pairs, gather(respects, compared))))
    return (*scores, *_rare_scores(compared_tables(whole)))


def _metrics() -> Iterator[_Metric]:
    yield _Metric("wasserstein", wasserstein, "lower")
    yield _Metric("jensen_shannon", lambda one, other: _of_shares(jensen_shannon, one, other), "lower")
    yield _Metric("hellinger", lambda one, other: _of_shares(hellinger, one, other), "lower")
    yield _Metric("missingness", missing_alike, "higher")
    yield _Metric("tails", tails_alike, "higher")


def _of_shares(compare: Callable[[Sequence[IntArray], int], Compared], one: Feature, other: Feature) -> Compared:
    """Return a distance of two columns' shares of labels or bins."""
    there = [feature.values[~np.isnan(feature.values)] for feature in (one, other)]
    if not len(there[0]) or not len(there[1]):
        return undefined(nobody_knows(there[0]))
    if one.ordered:
        cut = deciles(there[0])
        cells, size = [np.searchsorted(cut, feature.values) for feature in (one, other)], len(cut) + 1
    else:
        cells = [np.nan_to_num(feature.values).astype(np.int64) for feature in (one, other)]
        size = 1 + max(int(codes.max()) for codes in cells)
    missing = [np.isnan(feature.values) for feature in (one, other)]
    return compare([np.where(gone, -1, cell) for gone, cell in zip(missing, cells)], size)


def _scores(
    metric: _Metric, case: Case, names: list[str], gathered: Mapping[tuple[str, str], Gathered]
) -> Iterator[Score]:
    found, held_out = gathered["original", "release"], gathered.get(("original", "control"))
    reference = np.full(len(names), np.nan) if held_out is None else _sized(held_out, metric, matched(case))
    judged = ~np.isnan(found.values)
    fresh = mean_of(reference[judged])
    yield _mean(metric.name, metric, found, fresh)
    if held_out is not None:
        expected = mean_of(_sized(list(gathered.values())[-1], metric, _beside_control(case))[judged])
        yield _mean(f"{metric.name}_control", metric, gathered["control", "release"], expected)
        error = chance_of(case, held_out.mean_errors, matched(case))
        if f"marginals.{metric.name}" in LOOKED_AT:
            yield from ceiling_scores(
                "marginals", metric.name, value=found.mean, fresh=fresh, error=error, closer=metric.better
            )
    for place in _worst(found.values, metric.better):
        value, error = float(found.values[place]), float(found.errors[place])
        label = f"{metric.name}.{names[place]}"
        yield Score("marginals", label, value, known(reference[place]), within(value, error), metric.better)


def _beside_control(case: Case) -> float:
    """Return by what the distance of fresh people to the control is larger than that of so many of the original."""
    control = 0 if case.control is None else len(case.control)
    one, release, fresh = (
        1.0 / max(rows, 1) for rows in (control, len(case.release), min(len(case.original), len(case.release)))
    )
    return float(np.sqrt((one + release) / (one + fresh)))


def _sized(held_out: Gathered, metric: _Metric, factor: float) -> FloatArray:
    """Return what held-out people score if their distance from the best is so many times as large."""
    best = 0.0 if metric.better == "lower" else 1.0
    return np.clip(best + (held_out.values - best) * factor, 0.0, 1.0)


def _mean(name: str, metric: _Metric, found: Gathered, reference: float | None) -> Score:
    reason = why_none(found.reasons) if found.mean is None else None
    interval = within(found.mean, found.error)
    return Score("marginals", name, found.mean, reference, interval, metric.better, reason=reason)


def _rare_scores(tables: Mapping[str, Table]) -> Iterator[Score]:
    covered = rare_coverage(tables)
    yield _rare("rare", covered)
    if "control" in tables:
        exchanged = {**tables, "original": tables["control"], "control": tables["original"]}
        yield _rare("rare_control", rare_coverage(exchanged))
    for place in _worst(np.array([column.value for column in covered]), "higher"):
        yield _rare(f"rare.{covered[place].name}", [covered[place]])


def _rare(metric: str, covered: Sequence[Coverage]) -> Score:
    """Return the mean coverage of some columns."""
    if not covered:
        reason = "no label is rare and yet held by ten people"
        return Score("marginals", metric, None, None, None, "higher", reason=reason)
    value = float(np.mean([column.value for column in covered]))
    references = [column.reference for column in covered if column.reference is not None]
    below, above = np.sqrt(np.square([column.errors for column in covered]).sum(axis=0)) / len(covered)
    interval = max(0.0, value - float(below)), min(1.0, value + float(above))
    return Score("marginals", metric, value, float(np.mean(references)) if references else None, interval, "higher")


def _worst(values: FloatArray, better: Literal["higher", "lower"]) -> list[int]:
    """Return the places of the worst values, worst first, without undefined ones."""
    order = np.argsort(values if better == "higher" else -values, kind="stable")
    places: list[int] = order[~np.isnan(values[order])][:SHOWN].tolist()
    return places
