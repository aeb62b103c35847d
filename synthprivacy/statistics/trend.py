"""Does a risk rise along an order of groups?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through independent values."""

    rise: float
    """From the first to the last group."""
    interval: tuple[float, float]
    p_value: float
    """One-sided, of no rise."""


def linear_trend(
    values: npt.NDArray[np.float64], standard_errors: npt.NDArray[np.float64], *, confidence: float
) -> Trend:
    """Return the linear contrast of the values of equally spaced, independent groups.

    With ranks ``d`` from ``-1/2`` to ``1/2``, the rise is ``sum(d v) / sum(d²)``, the slope of least squares, with
    variance ``sum(d² s²) / sum(d²)²``; its ratio to the root is taken as normal.

    Parameters
    ----------
    values, standard_errors : ndarray of shape (groups,)
        At least two.
    confidence : float
        Two-sided.

    References
    ----------
    Armitage (1955), Tests for linear trends in proportions and frequencies, section 2, for the contrast; ours is of
    differences to a control, and unweighted, so that it does not depend on where people are easy to guess.
    """
    ranks = np.linspace(-0.5, 0.5, len(values))
    scale = float(ranks @ ranks)
    rise = float(ranks @ values) / scale
    there = ranks != 0.0  # the middle one of an odd number says nothing, however unsure it is
    moved = ranks[there] * standard_errors[there]
    error = math.sqrt(float(moved @ moved)) / scale
    reach = float(ndtri((1.0 + confidence) / 2.0)) * error
    p_value = float(ndtr(-rise / error)) if error > 0.0 else float(rise <= 0.0)
    return Trend(rise, (rise - reach, rise + reach), p_value)
