"""Detection: how well a model tells the release from real people it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from synthprivacy.measures.comparing.ceiling import CERTAIN, MISSED, ceiling_scores
from synthprivacy.measures.family import compared_tables
from synthprivacy.measures.learning.draws import drawn_alike, order_of
from synthprivacy.measures.learning.propensity import Permuted, Propensity, permuted, propensity
from synthprivacy.measures.learning.readings import REACH, Reading, auc, weights, widened
from synthprivacy.measures.learning.regression import logistic
from synthprivacy.measures.learning.views import VIEWS, View, known_somewhere
from synthprivacy.results.risk import Interval, Score
from synthprivacy.tables.table import BoolArray, Case, FloatArray, IntArray, Table

ROWS = 8_000
"""Rows of each table at most."""
TREE_ROWS = 4_000
"""Rows a side that the trees of the permutation test are grown on at most."""
FOLDS = 5
FEWEST = 20
"""Rows of a table with fewer of which nothing is learned."""
TWICE = 2.0
"""Variance of a cross-validated area over that of its answers: every two people meet twice, each having learned from the
other. Counted once, 95 % intervals held one half in only .77 to .90 of 40 to 120 pairs of fresh tables."""
RANGES: Mapping[str, tuple[float | None, float | None]] = MappingProxyType(
    {
        "pmse": (0.0, 0.25),
        "pmse_control": (0.0, 0.25),
        "pmse_ratio": (0.0, None),
        "pmse_standardised": (None, None),
        "pmse_permuted": (None, None),
    }
)
"""Of what does not lie between 0 and 1."""
_NO_SPLIT = "no tree tells exchanged people from one another"
_SHRINKAGE = 1.0
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class _Told:
    """How well one table is told from another."""

    areas: Mapping[str, Reading]
    """By learner, and ``best`` of them."""
    smooth: Propensity | None
    tree: Permuted


def detection(case: Case) -> tuple[Score, ...]:
    """Return how well the release is told from real people; undefined where a table has fewer than 20 rows.

    The areas under the ROC curve (0 to 1, lower is better, one half = not told apart) are cross-validated over people:
    boosted trees and logistic regression answer about fifths that they have not seen; ``auc`` is of the answers of whichever
    was the better one in the other fifths. ``auc`` tells the release from the original, ``auc_control`` from the control; the
    reference of both tells the control from the original. An area well below one half says that rows of the release
    repeat people: a row's twin was learned under the other name. ``auc_above`` and ``pmse_above`` say whether that can be
    chance, ``…_ceiling`` being the least of fresh people (`ceiling_scores`; of ``pmse`` by its χ² law). Intervals (95 %) draw the people who are told apart
    again, with twice the variance, because they have also been learned from.

    ``pmse`` and ``pmse_control`` (0 to 1/4, lower is better) are the mean squared distance of the chance of being synthetic
    from its base rate, by a logistic regression that has seen all rows; a copy has 0. ``pmse_ratio`` divides
    ``pmse`` by its expectation under a release drawn from the right model fitted to the original, ``pmse_standardised`` is
    its distance from that expectation in standard deviations (no upper limit, 1 and 0 for a right model). Fresh people
    read 2 and more, because their own chance is added. ``pmse_permuted`` is the distance of a classification tree's error
    from that of exchanged people in standard deviations, about 0 for fresh people.

    All tables are drawn down to equal numbers of rows, at most 8,000 (trees of the permutation test: 4,000), because
    all of these numbers depend on them.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests; Snoke, Raab, Nowok, Dibben and Slavković (2018),
    General and specific utility measures for synthetic data.
    """
    tables = compared_tables(case)
    names = [name for name in ("original", "control", "release") if name in tables]
    few = min(len(table) for table in tables.values()) < FEWEST
    if few or not tables["release"].features:
        return (
            _score("auc", None, None, None, why=f"a table has fewer than {FEWEST} rows, or the release no columns"),
        )
    sides = dict(zip(names, drawn_alike(*(tables[name] for name in names), most=ROWS)))
    views = {learner: view(tables["release"]) for learner, view in VIEWS.items()}
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        told = _told(views, sides["original"], sides["release"])
        fresh = against = None
        if "control" in sides:
            fresh = _told(views, sides["original"], sides["control"])
            against = _told(views, sides["control"], sides["release"])
    return tuple(_scores(told, against, fresh))


def _scores(told: _Told, against: _Told | None, fresh: _Told | None) -> Iterator[Score]:
    """Yield the scores of a release told from original and control, and of these told from each other."""
    for suffix, one in (("", told), ("_control", against)):
        if one is None:
            continue
        for learner, area in one.areas.items():
            metric = f"auc{suffix}" if learner == "best" else f"auc{suffix}.{learner}"
            reference = None if fresh is None else fresh.areas[learner].value
            yield _score(metric, area.value, reference, area.interval(0.0, 1.0))
    yield _smooth("pmse", told, fresh, lambda one: (one.value, one.error))
    if against is not None:
        yield _smooth("pmse_control", against, fresh, lambda one: (one.value, one.error))
    yield _smooth("pmse_ratio", told, fresh, lambda one: (one.value / one.expected, one.error / one.expected))
    yield _smooth(
        "pmse_standardised",
        told,
        fresh,
        lambda one: ((one.value - one.expected) / one.deviation, one.error / one.deviation),
    )
    yield _score(
        "pmse_permuted", told.tree.standardised, None if fresh is None else fresh.tree.standardised, None, why=_NO_SPLIT
    )
    if fresh is not None:
        yield from _ceilings(told, fresh)


def _ceilings(told: _Told, fresh: _Told) -> Iterator[Score]:
    """Yield how little a fresh sample may be told from the original, by chance."""
    area = fresh.areas["best"]
    error = float(np.sqrt(2.0)) * area.error  # of a fresh sample, and of what is expected of it
    yield from ceiling_scores(
        "detection", "auc", value=told.areas["best"].value, fresh=area.value, error=error, closer="lower"
    )
    if told.smooth is not None and fresh.smooth is not None:
        expected = fresh.smooth.value
        error = max(0.0, expected - fresh.smooth.least(MISSED)) / CERTAIN
        yield from ceiling_scores(
            "detection", "pmse", value=told.smooth.value, fresh=expected, error=error, closer="lower", most=0.25
        )


def _smooth(metric: str, told: _Told, fresh: _Told | None, read: Callable[[Propensity], tuple[float, float]]) -> Score:
    reference = read(fresh.smooth)[0] if fresh is not None and fresh.smooth is not None else None
    if told.smooth is None:
        return _score(metric, None, reference, None, why="no column tells one row from another")
    value, error = read(told.smooth)
    low, high = (end if end is not None else sign * np.inf for end, sign in zip(_range(metric), (-1.0, 1.0)))
    return _score(metric, value, reference, (max(low, value - REACH * error), min(high, value + REACH * error)))


def _score(
    metric: str, value: float | None, reference: float | None, interval: Interval | None, *, why: str | None = None
) -> Score:
    reason = why if value is None else None
    return Score("detection", metric, value, reference, interval, "lower", _range(metric), reason)


def _range(metric: str) -> tuple[float | None, float | None]:
    return RANGES.get(metric.partition(".")[0], (0.0, 1.0))


def _told(views: Mapping[str, View], people: Table, others: Table) -> _Told:
    """Return how well `others`, the side that counts as synthetic, are told from `people`."""
    unit = np.concatenate([people.unit, others.unit + people.people])
    other = np.arange(len(unit)) >= len(people)
    seen = {learner: np.concatenate([view(people), view(others)]) for learner, view in views.items()}
    fold = _folds(other, unit)
    answers = {learner: _answers(learner, rows, other, fold) for learner, rows in seen.items()}
    answers = {"best": _best(list(answers.values()), other, fold)} | answers
    weight = weights(unit, seed=0)
    areas = {learner: widened(auc(answer, other, weight), TWICE) for learner, answer in answers.items()}
    few = np.concatenate([_some(table, TREE_ROWS) for table in (people, others)])
    tree = permuted(seen["boosting"][few], other[few], np.unique(unit[few], return_inverse=True)[1].reshape(-1))
    return _Told(areas, propensity(seen["linear"], other, unit), tree)


def _some(table: Table, rows: int) -> BoolArray:
    """Return which rows belong to people drawn at random who have about so many rows."""
    order = order_of(table)
    chosen: BoolArray = order < max(1, round(table.people * min(1.0, rows / len(table))))
    return chosen[table.unit]


def _folds(other: BoolArray, unit: IntArray) -> IntArray:
    """Return the fold of each row: the people of either side dealt evenly, all rows of one together."""
    rng = np.random.default_rng(0)  # how people are dealt is part of the measure
    fold = np.zeros(int(unit.max()) + 1, dtype=np.int64)
    for side in (other, ~other):
        people = np.unique(unit[side])
        fold[people] = rng.permutation(len(people)) % FOLDS
    return fold[unit]


def _answers(learner: str, rows: FloatArray, other: BoolArray, fold: IntArray) -> FloatArray:
    """Return the chance of each row to be of the other side, by a model that has not seen its fold."""
    chance = np.full(len(rows), 0.5)
    for left_out in range(FOLDS):
        asked = fold == left_out
        if asked.any() and 0 < np.count_nonzero(other[~asked]) < np.count_nonzero(~asked):
            chance[asked] = _ASK[learner](rows[~asked], other[~asked], rows[asked])
    return np.round(chance, _DIGITS)


def _best(answers: list[FloatArray], other: BoolArray, fold: IntArray) -> FloatArray:
    """Return about each fold what the learner told that did best on the other folds, so that choosing flatters nobody."""
    chance = [np.clip(answer, 1e-9, 1.0 - 1e-9) for answer in answers]
    loss = np.stack([-np.log(np.where(other, told, 1.0 - told)) for told in chance])
    best = answers[0].copy()
    for left_out in range(FOLDS):
        asked = fold == left_out
        best[asked] = answers[int(loss[:, ~asked].sum(axis=1).argmin())][asked]
    return best


def _boosting(rows: FloatArray, other: BoolArray, asked: FloatArray) -> FloatArray:
    model = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=50, max_leaf_nodes=15, l2_regularization=1.0, early_stopping=False, random_state=0
    )
    chance: FloatArray = model.fit(known_somewhere(rows), other).predict_proba(asked)[:, 1]
    return chance


def _linear(rows: FloatArray, other: BoolArray, asked: FloatArray) -> FloatArray:
    fit = logistic(np.concatenate([np.ones((len(rows), 1)), rows], axis=1), other.astype(np.float64), ridge=_SHRINKAGE)
    chance: FloatArray = expit(fit.coefficients[0] + asked @ fit.coefficients[1:])
    return chance


_ASK: Mapping[str, Callable[[FloatArray, BoolArray, FloatArray], FloatArray]] = MappingProxyType(
    {"boosting": _boosting, "linear": _linear}
)
