"""Clustered and weighted answers: how many independent, equally weighted guesses they are worth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def design_effect(hits: IntArray, trials: IntArray, weight: FloatArray | None = None) -> float:
    """Return the variance of the rate ``sum(w h) / sum(w t)`` over that of as many independent, unweighted trials.

    The numerator is the linearised variance of a ratio of sums over people, ``sum(w² (h - r t)²) / sum(w t)²``, which
    asks for no model of the dependence within a person; the denominator is ``r (1 - r) / sum(t)``. Never below the
    design effect of independent trials with these weights, ``sum(t) sum(w² t) / sum(w t)²``, which is 1 without
    weights: less is sampling noise that would narrow the interval. With one trial a person and no weights it is
    exactly 1, and with m identical answers a person exactly m. Where nobody or everybody is hit the data say nothing
    about the dependence, and ``sum(t) sum(w² t²) / sum(w t)²``, the design effect of people whose answers all agree, is
    taken.

    Parameters
    ----------
    hits, trials : ndarray of int, shape (people,)
        Right guesses and guesses of each person; people without a guess count for nothing.
    weight : ndarray of float64, shape (people,), optional
        How much each person counts, above 0; taken as given. By default all the same.

    Raises
    ------
    DataError
        If nobody has a trial, or somebody has more hits than trials.

    References
    ----------
    Kish (1965), Survey Sampling, sections 8.2 and 11.7; Rao and Scott (1992), A simple method for the analysis of
    clustered binary data, section 2.
    """
    total = trials.sum()
    if total <= 0 or np.any(hits < 0) or np.any(hits > trials):
        msg = "a rate over people needs at least one trial and between 0 and `trials` hits each; check the counts"
        raise DataError(msg)
    if weight is None:
        if np.all(trials <= 1):
            return 1.0
        weight = np.ones(trials.size)
    share = rate(hits, trials, weight)
    scale = total / float((weight * trials).sum()) ** 2
    if share in {0.0, 1.0}:
        return float(scale * ((weight * trials) ** 2).sum())
    clustered = scale * ((weight * (hits - share * trials)) ** 2).sum() / (share * (1.0 - share))
    return max(1.0, float(scale * (weight**2 * trials).sum()), float(clustered))


def rate(hits: IntArray, trials: IntArray, weight: FloatArray | None = None) -> float:
    """Return the share of right guesses, people counted by weight: ``sum(w h) / sum(w t)``."""
    if weight is None:
        return float(hits.sum() / trials.sum())
    hit = weight[hits > 0] @ hits[hits > 0]  # nobody and everybody are exactly 0 and 1
    return 1.0 if np.array_equal(hits, trials) else float(hit / (weight @ trials))


def effective(hits: IntArray, trials: IntArray, weight: FloatArray | None = None) -> tuple[float, float]:
    """Return successes and trials that an interval for one proportion may be fed: the rate, and what it is worth.

    Never more trials than were counted. Parameters and errors as `design_effect`.

    References
    ----------
    Rao and Scott (1992), section 2.
    """
    inflation = design_effect(hits, trials, weight)
    if weight is None:
        return float(hits.sum()) / inflation, float(trials.sum()) / inflation
    worth = float(trials.sum()) / inflation
    return rate(hits, trials, weight) * worth, worth
