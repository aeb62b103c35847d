"""A classifier that tells original from control people, asked only about people it was not trained on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from synthprivacy.tables.table import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
Answerer = Callable[[FloatArray], FloatArray]
"""People to their log odds."""
Learner = Callable[[FloatArray, BoolArray, FloatArray], Answerer]
"""People, whether they are original, and their weights, to what was learned."""

FOLDS = 5
LEARN_FROM = 20_000
"""People a side that are learned from; more cost time and change little."""
_BINS = 64
_SHRINKAGE = 0.1
"""Prior variance of a coefficient: a shift of a third of a standard deviation is usual, of one is large."""


def log_odds(people: FloatArray, is_original: BoolArray, rng: np.random.Generator, weight: FloatArray) -> FloatArray:
    """Return cross-fitted log odds of being original, shape (people,), as if both sides weighed the same.

    Two learners, one smooth (logistic regression) and one rugged (boosted trees), each answer about a fold that they
    have not seen. The fold gets the answers of the learner that had the smaller log loss on the *other* folds, so that
    choosing flatters nobody's answer. Work is done on one thread: sums over threads are not the same on every machine.

    Parameters
    ----------
    people : ndarray of float64, shape (people, columns)
    is_original : ndarray of bool, shape (people,)
    rng : numpy.random.Generator
        Deals the folds, either side alike, and draws who is learned from.
    weight : ndarray of float64, shape (people,)
        How much each person counts beside others of its side.

    References
    ----------
    Chernozhukov et al. (2018), Double/debiased machine learning for treatment and structural parameters, section 3
    (cross-fitting).
    """
    fold, learned = np.zeros(len(people), dtype=np.int64), np.zeros(len(people), dtype=np.bool_)
    balanced = weight.astype(np.float64)
    for side in (is_original, ~is_original):
        members = np.flatnonzero(side)
        fold[members] = rng.permutation(len(members)) % FOLDS
        learned[rng.permutation(members)[:LEARN_FROM]] = True
        balanced[members] *= len(people) / 2 / balanced[members].sum()
    with threadpool_limits(1):
        answers = [
            _answers(learner, seen, is_original, balanced, fold=fold, learned=learned)
            for learner, seen in ((_smooth, people), (_rugged, _in_bins(people)))
        ]
    loss = [balanced * np.logaddexp(0.0, np.where(is_original, -answer, answer)) for answer in answers]
    chosen = answers[0].copy()
    for left_out in range(FOLDS):
        others = fold != left_out
        if loss[1][others].sum() < loss[0][others].sum():
            chosen[~others] = answers[1][~others]
    return chosen


def _in_bins(people: FloatArray) -> FloatArray:
    """Return every column as the number of its bin, about equally many people in each; equal values share one.

    The trees would make bins of their own; with weights that takes them longer than all the rest.
    """
    columns = []
    for column in people.T:
        edges = np.unique(np.quantile(column, np.linspace(0.0, 1.0, _BINS + 1)[1:-1]))
        columns.append(np.searchsorted(edges, column, "left").astype(np.float64))
    return np.stack(columns, axis=1) if columns else people


def _answers(
    learner: Learner,
    people: FloatArray,
    is_original: BoolArray,
    weight: FloatArray,
    *,
    fold: IntArray,
    learned: BoolArray,
) -> FloatArray:
    """Return the learner's log odds about each fold, learned from the others."""
    answers = np.zeros(len(people))
    if not people.shape[1]:
        return answers
    for left_out in range(FOLDS):
        asked = fold == left_out
        rows = learned & ~asked
        answers[asked] = learner(people[rows], is_original[rows], weight[rows])(people[asked])
    return answers


def _smooth(people: FloatArray, is_original: BoolArray, weight: FloatArray) -> Answerer:
    model = LogisticRegression(C=_SHRINKAGE, max_iter=1_000)
    answer: Answerer = model.fit(people, is_original, sample_weight=weight).decision_function
    return answer


def _rugged(people: FloatArray, is_original: BoolArray, weight: FloatArray) -> Answerer:
    model = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=50, max_leaf_nodes=6, l2_regularization=1.0, early_stopping=False, random_state=0
    )
    answer: Answerer = model.fit(people, is_original, sample_weight=weight).decision_function
    return answer
