"""The population at risk: what a survey's training people say about all the people they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from synthprivacy.results import Hits, Outcome, Score
from synthprivacy.statistics.clusters import effective
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED
from synthprivacy.tables.table import Case, FloatArray, IntArray, Table


def population_risks(outcomes: Mapping[str, Outcome], case: Case, *, confidence: float = 0.95) -> tuple[Score, ...]:
    """Return the risk of every endpoint of guesses with people counted by their survey weights.

    The risk that is judged is that of the people of the training table, each counted once: they are the ones a release may
    give away. Beside it, for who asks how large a part of the population the people found out stand for, ``(a - c) / (1 - c)``
    of weighted rates. Nothing without weights, without a control, or where control people are weighted to look like the
    original already.

    Parameters
    ----------
    outcomes : mapping of str to Outcome
        By endpoint.
    case : Case
    confidence : float
        Two-sided; Jeffreys limits of effective counts.

    Returns
    -------
    tuple of Score
        Family ``survey``: ``risk.ENDPOINT``.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7 (effective counts); Rao and Scott (1992), A simple method for the analysis of
    clustered binary data, section 2.
    """
    if case.original.survey is None or case.control is None:
        return ()
    weights = {"original": _of_people(case.original), "control": _of_people(case.control)}
    return tuple(
        score for endpoint, outcome in outcomes.items() for score in _risk(endpoint, outcome, weights, confidence)
    )


def _risk(endpoint: str, outcome: Outcome, weights: Mapping[str, FloatArray], confidence: float) -> Iterator[Score]:
    counts: list[float] = []
    for side in ("original", "control"):
        hits, shown = outcome.answers.get(side), outcome.people.get(side)
        if not isinstance(hits, Hits) or hits.weight is not None or hits.person is None or shown is None:
            return
        counted = _counted(hits, shown, weights[side])
        if counted is None:
            return
        counts += counted
    found = residual_risk(*counts)
    if not found.saturated:
        yield Score(
            "survey", f"risk.{endpoint}", found.value, None, found.interval(confidence), "lower", range=(None, 1.0)
        )


def _counted(hits: Hits, shown: IntArray, weights: FloatArray) -> tuple[float, float] | None:
    """Return effective successes and trials; None of too few people who count."""
    if hits.person is None:
        return None
    weight = weights[shown[hits.person]]
    counts = weight > 0.0
    if np.count_nonzero(counts) < PEOPLE_NEEDED:
        return None
    return effective(hits.hits[counts], hits.trials[counts], weight[counts])


def _of_people(table: Table) -> FloatArray:
    """Return the weight of each person (people,), the mean of their rows'; all alike without weights."""
    if table.survey is None or not table.survey.any():
        return np.ones(table.people)
    rows = table.survey / table.survey.max()
    weights: FloatArray = np.bincount(table.unit, rows) / np.bincount(table.unit)
    return weights
