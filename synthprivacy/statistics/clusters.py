"""Clustered answers: how many independent guesses several guesses about one person are worth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError

IntArray = npt.NDArray[np.int64]


def design_effect(hits: IntArray, trials: IntArray) -> float:
    """Return the variance of the rate ``sum(hits) / sum(trials)`` over its variance with independent trials.

    The numerator is the linearised variance of a ratio of sums over people, ``sum((h - r t)²) / sum(t)²``, which asks
    for no model of the dependence within a person; the denominator is ``r (1 - r) / sum(t)``. Never below 1: a
    design effect under 1 is sampling noise that would narrow the interval. With one trial a person it is exactly 1,
    and with m identical answers a person exactly m. Where nobody or everybody is hit the data say nothing about the
    dependence, and ``sum(t²) / sum(t)``, the design effect of people whose answers all agree, is taken.

    Parameters
    ----------
    hits, trials : ndarray of int, shape (people,)
        Right guesses and guesses of each person; people without a guess count for nothing.

    Raises
    ------
    DataError
        If nobody has a trial, or somebody has more hits than trials.

    References
    ----------
    Kish (1965), Survey Sampling, section 8.2; Rao and Scott (1992), A simple method for the analysis of clustered
    binary data, section 2.
    """
    total = trials.sum()
    if total <= 0 or np.any(hits < 0) or np.any(hits > trials):
        msg = "a rate over people needs at least one trial and between 0 and `trials` hits each; check the counts"
        raise DataError(msg)
    if np.all(trials <= 1):
        return 1.0
    rate = hits.sum() / total
    if rate in {0.0, 1.0}:
        return float((trials**2).sum() / total)
    clustered = ((hits - rate * trials) ** 2).sum() / total
    return max(1.0, float(clustered / (rate * (1.0 - rate))))


def effective(hits: IntArray, trials: IntArray) -> tuple[float, float]:
    """Return successes and trials divided by the design effect: what an interval for one proportion may be fed.

    Never more than were counted. Parameters and errors as `design_effect`.

    References
    ----------
    Rao and Scott (1992), section 2.
    """
    inflation = design_effect(hits, trials)
    return float(hits.sum()) / inflation, float(trials.sum()) / inflation
