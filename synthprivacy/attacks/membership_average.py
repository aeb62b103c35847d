"""Membership by all scores together: the mean of a person's ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.attacks.membership_space import Scorer
from synthprivacy.tables.table import FloatArray, Table


def average(scorers: Sequence[Scorer], yardstick: Table) -> Scorer:
    """Return the score *mean share of the yardstick's people whom a person outscores*, over several scores.

    The yardstick are people of the population whom no scorer has seen: scores of different make are put on one scale
    without looking at the people under attack, whose ranks among each other change with the company.

    Parameters
    ----------
    scorers : sequence of callable
    yardstick : Table
        Real people who were neither trained on nor studied.
    """
    usual = [np.sort(scorer(yardstick)) for scorer in scorers]

    def score(people: Table) -> FloatArray:
        total = np.zeros(len(people))
        for scorer, ranked in zip(scorers, usual):
            found = scorer(people)
            total += np.searchsorted(ranked, found, "left") + np.searchsorted(ranked, found, "right")
        return total / (2.0 * len(yardstick) * len(scorers))

    return score
