"""All scores of the membership battery, weighed by what they are worth on people whose membership is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from synthprivacy.attacks.membership_battery import AVERAGED, FEWEST, METHODS
from synthprivacy.auditors.protocol import Labelled
from synthprivacy.crossfitting import placed
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.tables.table import FloatArray, Table

_DIGITS = 9
"""Decimals of a score that do not depend on how many people are asked about."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """Logistic regression on the scores of the battery, each as a place among labelled non-members.

    A third of the labelled non-members is the reference of the scores, a third says what scores mean, and only the last
    third is learned from: scores of people who were studied are no scores.

    References
    ----------
    Wolpert (1992), Stacked generalization.
    """

    methods: tuple[str, ...] = AVERAGED
    jobs: int = 1

    name: ClassVar[str] = "stacked"
    threat: ClassVar[str] = (
        "an auditor who holds the release, and is told of half of all people whether they were trained on"
    )

    def fit(self, release: Table, half: Labelled, rng: np.random.Generator) -> Callable[[Table], FloatArray]:
        """Learn the weight of each score.

        Raises
        ------
        NotEnoughDataError
            If there are too few labelled people.
        """
        if half.nonmembers.people < 3 * FEWEST or half.members.people < FEWEST:
            msg = "needs labelled people to learn from; a control of some hundred people"
            raise NotEnoughDataError(msg)
        parts = np.array_split(rng.permutation(half.nonmembers.people), 3)
        reference, usual, learned = (half.nonmembers.of_people(np.sort(part)) for part in parts)
        scorers = [METHODS[name].study(release, reference, rng, self.jobs) for name in self.methods]
        places = [placed(scorer(usual)) for scorer in scorers]

        def features(people: Table) -> FloatArray:
            return np.column_stack([place(scorer(people)) for place, scorer in zip(places, scorers)])

        rows = np.vstack([features(half.members), features(learned)])
        member = np.arange(len(rows)) < len(half.members)
        with threadpool_limits(1):
            model = LogisticRegression(class_weight="balanced", max_iter=1_000).fit(rows, member)
        weights = model.coef_[0]

        def score(people: Table) -> FloatArray:
            total = np.zeros(len(people))
            for weight, column in zip(weights, features(people).T):
                total += weight * column
            return np.round(total, _DIGITS)

        return score
