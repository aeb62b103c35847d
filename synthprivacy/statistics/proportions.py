"""Limits of a proportion.

Effective counts from clustered people (see `clusters`) need not be whole, so both methods are written with Beta
quantiles, which do not ask for whole numbers.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from synthprivacy.errors import ConfigError, DataError

FloatArray = npt.NDArray[np.float64]
Limits = tuple[FloatArray, FloatArray]
Method = Literal["jeffreys", "clopper-pearson"]


def limits(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float, method: Method) -> Limits:
    """Return the limits of a proportion by the method named.

    Raises
    ------
    ConfigError
        If the method is unknown.
    """
    match method:
        case "jeffreys":
            return jeffreys(successes, trials, confidence)
        case "clopper-pearson":
            return clopper_pearson(successes, trials, confidence)
    msg = f"method must be 'jeffreys' or 'clopper-pearson': {method!r}; use one of the two"
    raise ConfigError(msg)


def jeffreys(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float) -> Limits:
    """Return equal-tailed Jeffreys limits of a proportion, with the boundary rule.

    Close to nominal coverage on average, hence for display. The limits are quantiles of
    ``Beta(k + 1/2, n - k + 1/2)``, except that the lower limit is 0 at ``k = 0`` and the upper limit 1 at ``k = n``:
    without that rule a rate of exactly 0 or 1 is never covered, and coverage falls far below nominal beside it.
    The observed rate always lies within the limits, also for fractional counts and low confidence.

    Parameters
    ----------
    successes, trials : array_like of float
        Counts, broadcast against each other; ``0 <= successes <= trials`` and ``trials > 0``.
    confidence : float
        Two-sided, within (0, 1).

    Returns
    -------
    lower, upper : ndarray of float64

    Raises
    ------
    DataError
        If the counts are impossible.
    ConfigError
        If the confidence is not within (0, 1).

    References
    ----------
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, section 3.1
    (Jeffreys interval, with its rule at 0 and n).
    """
    k, n = _counts(successes, trials, confidence)
    tail = (1.0 - confidence) / 2.0
    return _jeffreys_lower(k, n, tail), 1.0 - _jeffreys_lower(n - k, n, tail)


def clopper_pearson(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float) -> Limits:
    """Return Clopper-Pearson limits of a proportion: each end misses at most ``(1 - confidence) / 2``.

    Never below nominal coverage for whole counts, hence for decisions. Parameters, returns and errors as `jeffreys`.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits; Beta form in Brown, Cai and DasGupta (2001),
    section 4.2.
    """
    k, n = _counts(successes, trials, confidence)
    tail = (1.0 - confidence) / 2.0
    return _clopper_pearson_lower(k, n, tail), 1.0 - _clopper_pearson_lower(n - k, n, tail)


def _jeffreys_lower(k: FloatArray, n: FloatArray, tail: float) -> FloatArray:
    quantile = betaincinv(k + 0.5, n - k + 0.5, tail)
    return np.where(k > 0.0, np.minimum(quantile, k / n), 0.0)


def _clopper_pearson_lower(k: FloatArray, n: FloatArray, tail: float) -> FloatArray:
    quantile = betaincinv(np.where(k > 0.0, k, 1.0), n - k + 1.0, tail)
    return np.where(k > 0.0, quantile, 0.0)


def _counts(successes: npt.ArrayLike, trials: npt.ArrayLike, confidence: float) -> tuple[FloatArray, FloatArray]:
    if not 0.0 < confidence < 1.0:
        msg = f"confidence must lie strictly between 0 and 1: {confidence}; the usual choice is 0.95"
        raise ConfigError(msg)
    k = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    if not (np.all(n > 0.0) and np.all(k >= 0.0) and np.all(k <= n)):
        msg = "a proportion needs at least one trial and between 0 and `trials` successes; check the counts"
        raise DataError(msg)
    return k, n
