"""Survey weights: how alike release and original are as pictures of the population that survey weights stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.measures.comparing.binned import binned
from synthprivacy.measures.comparing.influence import Compared, Gathered, gather, mean_of, undefined, within
from synthprivacy.measures.comparing.weights import by_weighted_cells, weighted_shares, weights_of, worth
from synthprivacy.measures.family import compared_tables
from synthprivacy.measures.pairs import chosen_pairs
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray, IntArray, Table

SHOWN = 20
"""The least alike pairs get a score each."""


@dataclass(frozen=True, slots=True, repr=False)
class _Side:
    """One table and how much its rows count."""

    table: Table
    weights: FloatArray
    """(rows,) 1 in the mean."""


def survey(case: Case) -> tuple[Score, ...]:
    """Return how alike the tables are as pictures of the population, each row counting as many people as its weight says.

    Nothing where the original has no weights. A release without the column stands for the population as it is, a person a
    row: weights that were lost in synthesis are a difference, unless rows were drawn by them. A row without a weight, or with
    one of 0 or less, counts for nothing.

    ``columns`` is the mean over columns of one minus the largest gap of the weighted distribution functions
    (Kolmogorov–Smirnov) of an ordered column, and one minus the total variation distance of the weighted shares of any other;
    missing values are left out. ``pairs`` is the mean over pairs of columns (2,000 at most) of one minus the total variation
    distance of the weighted shares of joint cells: deciles of the original, its most frequent labels, missing.

    The references are what the control scores, scaled to the release's size by √((1/n + 1/m)/(1/n + 1/c)) with what the rows
    of each are worth (Kish). Intervals are normal (95 %), linearised, rows of one person summed first; they take the
    weights as given and know of no strata or clusters of the survey but the declared unit. Gaps between samples are larger
    than those between their populations, so that scores and intervals lie low where rows are few: by simulation (four labels
    and a normal variable, score .83, weights that differ much) ``columns`` of the populations are covered in .86 of tables
    of 800 and 600 rows, in .90 of eight times as many.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``survey``: ``columns`` and ``column.NAME``, ``pairs`` and ``pair.A|B`` of the 20 least alike.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7 (what weighted rows are worth); Woodruff (1971), A simple method for
    approximating the variance of a complicated estimate.
    """
    whole = {"original": case.original, "release": case.release, "control": case.control}
    if case.original.survey is None:
        return ()
    sides = {
        label: _Side(table, weights_of(original))
        for label, table in compared_tables(case).items()
        if (original := whole[label]) is not None
    }
    others = [label for label in ("release", "control") if label in sides]
    compared = [(sides["original"].table, sides[label].table) for label in others]
    size = _sized(sides)
    columns = gather(_columns(sides, others), compared)
    names = [feature.name for feature in case.original.features if feature.name in compared[0][0].names]
    places = chosen_pairs(len(names))
    pairs = gather(_pairs(sides, others, places), compared)
    lowest = np.argsort(pairs[0].values, kind="stable")[:SHOWN] if len(places) else np.zeros(0, dtype=np.int64)
    labels = [f"pair.{names[first]}|{names[second]}" for first, second in places.tolist()]
    return (
        _mean("columns", columns, size),
        *(_one(f"column.{name}", columns, place, size) for place, name in enumerate(names)),
        _mean("pairs", pairs, size),
        *(_one(labels[place], pairs, place, size) for place in lowest.tolist()),
    )


def _sized(sides: Mapping[str, _Side]) -> float:
    """Return by what the control's distance shrinks or grows at the size of the release."""
    parts = {label: 1.0 / worth(side.weights) for label, side in sides.items()}
    if "control" not in parts:
        return 1.0
    return float(np.sqrt((parts["original"] + parts["release"]) / (parts["original"] + parts["control"])))


def _columns(sides: Mapping[str, _Side], others: Sequence[str]) -> Iterator[list[Compared]]:
    one = sides["original"]
    for place, feature in enumerate(one.table.features):
        yield [
            _column(feature, sides[label].table.features[place], one.weights, sides[label].weights) for label in others
        ]


def _column(one: Feature, other: Feature, weights: FloatArray, others: FloatArray) -> Compared:
    features, weighing = (one, other), (weights, others)
    for feature, weight, label in zip(features, weighing, ("original", "release")):
        if not weight[~np.isnan(feature.values)].any():
            return undefined(f"nobody who counts has a value in the {label}")
    if one.ordered:
        return _largest_gap(features, weighing)
    cells = [np.nan_to_num(feature.values, nan=-1.0).astype(np.int64) for feature in features]
    return _variation(cells, 1 + max(int(codes.max()) for codes in cells), weighing)


def _largest_gap(features: tuple[Feature, Feature], weights: tuple[FloatArray, FloatArray]) -> Compared:
    """Return one minus the Kolmogorov–Smirnov distance of two weighted samples: a variation of two cells, cut where it is."""
    known = [~np.isnan(feature.values) for feature in features]
    points = np.unique(np.concatenate([feature.values[there] for feature, there in zip(features, known)]))
    below = [
        np.cumsum(weighted_shares(np.searchsorted(points, feature.values[there]), weight[there], len(points)))
        for feature, there, weight in zip(features, known, weights)
    ]
    at = points[int(np.argmax(np.abs(below[0] - below[1])))]
    cells = [np.where(there, feature.values > at, -1).astype(np.int64) for feature, there in zip(features, known)]
    return _variation(cells, 2, weights)


def _variation(cells: list[IntArray], size: int, weights: tuple[FloatArray, FloatArray]) -> Compared:
    """Return one minus the total variation distance of the weighted shares of cells."""
    shares = [weighted_shares(codes, weight, size) for codes, weight in zip(cells, weights)]
    gaps = shares[0] - shares[1]
    half = np.sign(gaps) / 2.0
    return by_weighted_cells(1.0 - float(np.abs(gaps).sum()) / 2.0, (-half, half), cells, shares, weights)


def _pairs(sides: Mapping[str, _Side], others: Sequence[str], places: IntArray) -> Iterator[list[Compared]]:
    labels = ["original", *others]
    cut = binned([sides[label].table for label in labels])
    cells = dict(zip(labels, cut.cells))
    for first, second in places.tolist():
        size = int(cut.levels[first] * cut.levels[second])
        joint = {
            label: cells[label][first].astype(np.int64) * cut.levels[second] + cells[label][second] for label in labels
        }
        yield [
            _variation([joint["original"], joint[label]], size, (sides["original"].weights, sides[label].weights))
            for label in others
        ]


def _mean(metric: str, gathered: list[Gathered], size: float) -> Score:
    found = gathered[0]
    fresh = None
    if len(gathered) > 1:
        fresh = mean_of(np.clip(1.0 - (1.0 - gathered[1].values[~np.isnan(found.values)]) * size, 0.0, 1.0))
    reason = "nothing can be compared" if found.mean is None else None
    return Score("survey", metric, found.mean, fresh, within(found.mean, found.error), "higher", reason=reason)


def _one(metric: str, gathered: list[Gathered], place: int, size: float) -> Score:
    found = gathered[0]
    value, error = (float(numbers[place]) for numbers in (found.values, found.errors))
    fresh = float(np.clip(1.0 - (1.0 - gathered[1].values[place]) * size, 0.0, 1.0)) if len(gathered) > 1 else None
    told = None if np.isnan(value) else value
    reference = None if fresh is None or np.isnan(fresh) else fresh
    return Score("survey", metric, told, reference, within(told, error), "higher", reason=found.reasons[place])
