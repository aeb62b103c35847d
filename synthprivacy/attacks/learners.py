"""Families of models that somebody might train on a release, each asked for the probabilities of classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from synthprivacy.tables.table import FloatArray, IntArray

Model = Callable[[FloatArray], FloatArray]
"""Rows to the probability of each class that was trained on, in rising order of classes."""
Learner = Callable[[FloatArray, IntArray, int], Model]
"""Rows, the class of each, and a seed, to a model."""


def logistic(rows: FloatArray, classes: IntArray, seed: int) -> Model:
    """Return a multinomial logistic regression."""
    return _asked(LogisticRegression(max_iter=1_000, random_state=seed), rows, classes)


def forest(rows: FloatArray, classes: IntArray, seed: int) -> Model:
    """Return a random forest of full trees, as it is trained by default: it remembers its rows."""
    return _asked(RandomForestClassifier(100, n_jobs=1, random_state=seed), rows, classes)


def boosting(rows: FloatArray, classes: IntArray, seed: int) -> Model:
    """Return gradient-boosted trees."""
    return _asked(HistGradientBoostingClassifier(early_stopping=False, random_state=seed), rows, classes)


def brief_boosting(rows: FloatArray, classes: IntArray, seed: int) -> Model:
    """Return gradient-boosted trees, about 100 in all however many classes there are: for attacks made again and again.

    A hundred rounds for each class take ten times as long and guess worse, because rare classes are learned by heart
    (Adult, 10,000 rows: native country .74 instead of .90, occupation .31 instead of .33).
    """
    rounds = min(max(100 // len(np.unique(classes)), 8), 40)
    model = HistGradientBoostingClassifier(
        learning_rate=0.2,
        max_iter=rounds,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    return _asked(model, rows, classes)


LEARNERS: Mapping[str, Learner] = MappingProxyType({"boosting": boosting, "forest": forest, "logistic": logistic})
"""By name."""
_DIGITS = 9
"""Decimals of a probability: the last bits of a product of matrices depend on how many people are asked about."""


def _asked(
    model: LogisticRegression | RandomForestClassifier | HistGradientBoostingClassifier,
    rows: FloatArray,
    classes: IntArray,
) -> Model:
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        model.fit(rows, classes)

    def probabilities(asked: FloatArray) -> FloatArray:
        with threadpool_limits(1):
            told: FloatArray = np.round(model.predict_proba(asked), _DIGITS)
        return told.astype(np.float64)

    return probabilities
