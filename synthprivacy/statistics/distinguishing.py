"""Which of two shares a table was drawn with: the best test there is, and how often it is right."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from synthprivacy.errors import ConfigError

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def favours_high(successes: IntArray, rows: int, *, low: float, high: float) -> BoolArray:
    """Return whether counts are at least as likely with the high share as with the low one.

    Of all attackers who see rows drawn independently, and hold both shares equally likely before, the one who answers so
    is right most often.

    Parameters
    ----------
    successes : ndarray of int64
        Rows that have the property.
    rows : int
    low, high : float
        Shares, 0 < low < high < 1.

    Raises
    ------
    ConfigError
        If the shares are not so.

    References
    ----------
    Neyman and Pearson (1933), On the problem of the most efficient tests of statistical hypotheses, section III.
    """
    if not 0.0 < low < high < 1.0:
        msg = f"two shares must be told apart: 0 < low < high < 1 is needed, not {low:g} and {high:g}; pass others"
        raise ConfigError(msg)
    for_high = successes * np.log(high / low) + (rows - successes) * np.log((1.0 - high) / (1.0 - low))
    favoured: BoolArray = for_high >= 0.0
    return favoured


def best_accuracy(rows: int, *, low: float, high: float) -> float:
    """Return how often the likelihood-ratio test is right: one half and half the total variation distance.

    Parameters
    ----------
    rows : int
    low, high : float
        As for `favours_high`.

    Raises
    ------
    ConfigError
        As `favours_high`.
    """
    successes = np.arange(rows + 1)
    favoured = favours_high(successes, rows, low=low, high=high)
    right = np.where(favoured, stats.binom.pmf(successes, rows, high), stats.binom.pmf(successes, rows, low))
    return float(right.sum() / 2.0)
