"""Excess success: the plain difference of two rates, for secrets that are easy to guess anyway."""

from __future__ import annotations

import numpy as np

from synthprivacy.results import Excess
from synthprivacy.statistics import mover
from synthprivacy.statistics.proportions import Method, limits


def excess(
    original_successes: float,
    original_trials: float,
    control_successes: float,
    control_trials: float,
    *,
    confidence: float = 0.95,
    method: Method = "clopper-pearson",
    correlation: float = 0.0,
) -> Excess:
    """Return ``a - c`` with its MOVER-D limits; swapping original and control swaps and negates all three.

    Where the control success c is high, the residual risk divides by a small ``1 - c`` and even a perfect release is
    hard to pass; the excess does not.

    Parameters
    ----------
    original_successes, original_trials, control_successes, control_trials : float
        Counts or effective counts.
    confidence : float
        Two-sided; each limit is one-sided at ``(1 + confidence) / 2``.
    method : {"jeffreys", "clopper-pearson"}
        Limits of the two rates.
    correlation : float
        Of the two rates where they are about the same people; 0 for different people.

    Raises
    ------
    DataError
        If the counts are impossible.
    ConfigError
        If the confidence is not within (0, 1).

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions, method 10 (with the limits
    named here in place of Wilson's).
    """
    of_original = limits(original_successes, original_trials, confidence, method)
    of_control = limits(control_successes, control_trials, confidence, method)
    original = np.asarray(original_successes / original_trials)
    control = np.asarray(control_successes / control_trials)
    lower, upper = mover.difference(original, of_original, control, of_control, correlation)
    return Excess(float(original - control), float(lower), float(upper))
