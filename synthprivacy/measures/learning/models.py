"""What somebody might train on a release: two families of models, for labels and for numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from synthprivacy.measures.learning.targets import Target
from synthprivacy.measures.learning.views import VIEWS, known_somewhere
from synthprivacy.tables.table import FloatArray, Table

Model = Callable[[Table], FloatArray]
"""People to the probability of each class, shape (people, classes); or to the number told, shape (people, 1)."""
Fitted = Callable[[FloatArray], FloatArray]
Learner = Callable[[FloatArray, FloatArray], Fitted]
"""Rows and the truth about each, to rows → what is told of them."""

ROUNDS = 60
"""Trees in all, however many classes there are: rare classes would be learned by heart."""
_DIGITS = 9
"""Decimals of what is told: the last bits of a product of matrices depend on how many people are asked about."""


def train(learner: str, people: Table, target: Target, release: Table) -> Model:
    """Return the model of a target that is learned from some people, all columns of the release but the target being known.

    Parameters
    ----------
    learner : {"boosting", "linear"}
    people : Table
        Rows without a known target are left out.
    target : Target
    release : Table
        Says how columns become numbers.

    Notes
    -----
    Learned from nobody, or from people of one class, a model tells the same of everybody.
    """
    names = tuple(name for name in release.names if name != target.name)
    view = VIEWS[learner](release.select(names))
    truth = target.truth(people)
    known = np.flatnonzero(~np.isnan(truth))
    fitted = _fitted(learner, view(people.take(known)), truth[known], classes=_classes(target))

    def told(asked: Table) -> FloatArray:
        if not len(asked):
            return np.zeros((0, max(_classes(target), 1)))
        with threadpool_limits(1):
            return np.round(fitted(view(asked)), _DIGITS)

    return told


def _classes(target: Target) -> int:
    return 0 if target.ordered else len(target.labels) + 1


def _fitted(learner: str, rows: FloatArray, truth: FloatArray, *, classes: int) -> Fitted:
    """Return the model of some rows; the columns of what it tells are all classes, seen or not."""
    if not classes:
        if not len(truth) or not rows.shape[1]:
            return _constant(np.array([truth.mean() if len(truth) else 0.5]))
        with threadpool_limits(1):
            return _NUMBERS[learner](rows, truth)
    there = np.unique(truth).astype(np.int64)
    if len(there) < 2 or not rows.shape[1]:
        return _constant(np.bincount(truth.astype(np.int64), minlength=classes) / max(len(truth), 1))
    with threadpool_limits(1):
        some = _LABELS[learner](rows, truth)

    def told(asked: FloatArray) -> FloatArray:
        everything = np.zeros((len(asked), classes))
        everything[:, there] = some(asked)
        return everything

    return told


def _constant(told: FloatArray) -> Fitted:
    return lambda asked: np.tile(told, (len(asked), 1))


def _boosted_labels(rows: FloatArray, truth: FloatArray) -> Fitted:
    model = HistGradientBoostingClassifier(
        learning_rate=0.2,
        max_iter=max(ROUNDS // max(len(np.unique(truth)) - 1, 1), 10),
        max_leaf_nodes=15,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    told: Fitted = model.fit(known_somewhere(rows), truth).predict_proba
    return told


def _boosted_numbers(rows: FloatArray, truth: FloatArray) -> Fitted:
    model = HistGradientBoostingRegressor(
        learning_rate=0.1,
        max_iter=ROUNDS,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    ).fit(known_somewhere(rows), truth)
    return lambda asked: model.predict(asked)[:, None]


def _logistic(rows: FloatArray, truth: FloatArray) -> Fitted:
    told: Fitted = LogisticRegression(max_iter=1_000).fit(rows, truth).predict_proba
    return told


def _ridge(rows: FloatArray, truth: FloatArray) -> Fitted:
    model = Ridge().fit(rows, truth)
    return lambda asked: model.predict(asked)[:, None]


_LABELS: Mapping[str, Learner] = MappingProxyType({"boosting": _boosted_labels, "linear": _logistic})
_NUMBERS: Mapping[str, Learner] = MappingProxyType({"boosting": _boosted_numbers, "linear": _ridge})
LEARNERS = tuple(VIEWS)
"""Names."""
