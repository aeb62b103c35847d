"""Precision over recall: how often the guesses an attacker is surest of are right."""

from __future__ import annotations

import numpy as np

from synthprivacy.results import Answers, Hits, Outcome, Series

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Shares of people about whom the surest guesses are looked at."""
PEOPLE = 10
"""People a point of the curve needs."""


def precision_curves(outcome: Outcome) -> tuple[Series, ...]:
    """Return the share of right guesses among the surest ones, of the original and of the control, as one curve each.

    An attacker who is right about everyone it is sure of leaks, be they one in a hundred: the average hides them. Of
    people who are equally sure guesses all are counted, so that a point may stand for more than its share.

    References
    ----------
    Francis and Wagner (2025), arXiv 2507.01710 (abstract: averages without recall mislabel attacks as safe).
    """
    curves = ((name, outcome.answers.get(name)) for name in ("original", "control"))
    return tuple(curve for name, answers in curves if (curve := _curve(outcome.endpoint, name, answers)) is not None)


def _curve(endpoint: str, name: str, answers: Answers | None) -> Series | None:
    """Return the curve of one side; None without confidences, or where everybody is guessed equally surely."""
    if not isinstance(answers, Hits) or answers.confidence is None or answers.weight is not None:
        return None
    if len(answers.hits) < PEOPLE or np.ptp(answers.confidence) == 0.0:
        return None
    order = np.argsort(-answers.confidence, kind="stable")
    sure, trials, hits = answers.confidence[order], np.cumsum(answers.trials[order]), np.cumsum(answers.hits[order])
    people = len(sure)
    last = {
        int(np.searchsorted(-sure, -sure[max(PEOPLE, round(share * people)) - 1], side="right")) for share in SHARES
    }
    points = np.array(sorted(last)) - 1
    x, y = (points + 1) / people, hits[points] / trials[points]
    return Series(f"precision, {name}", endpoint, tuple(x.tolist()), tuple(y.tolist()))
