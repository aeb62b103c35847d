"""Max-T: several tests at once that know how their statistics hang together.

Holm's procedure must be safe under any dependence and pays for it where attacks agree, as attacks on one release do. The
maximum over the tests of statistics drawn together, by permutation or bootstrap, carries the dependence with it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError

FloatArray = npt.NDArray[np.float64]


def max_t(observed: npt.ArrayLike, null: npt.ArrayLike, *, step_down: bool = True) -> FloatArray:
    """Return max-T adjusted p-values, large statistics being the alarming ones, in the order given.

    Rejecting where an adjusted value is at most alpha keeps the chance of any false alarm at or below alpha: exactly
    where every row of `null` is a relabelling of the same people (observed and permuted are then exchangeable), to the
    order of the approximation where the rows are bootstrap replicates centred at no leak. Studentise the statistics:
    otherwise the most variable test rules the maximum.

    Parameters
    ----------
    observed : array_like of float, shape (tests,)
    null : array_like of float, shape (replicates, tests)
        Each row drawn for all tests together.
    step_down : bool
        Compare each test with the maximum over those no more extreme, not over all; never less powerful. It needs that
        the joint law of the tests without an alarm is the same whether or not others alarm (subset pivotality).

    Returns
    -------
    ndarray of float64, shape (tests,)
        At least ``1 / (replicates + 1)``.

    Raises
    ------
    DataError
        If the shapes do not fit, there are no replicates, or a statistic is NaN.

    References
    ----------
    Westfall and Young (1993), Resampling-based multiple testing, chapter 2 (p-values, single-step and step-down); Ge,
    Dudoit and Speed (2003), Resampling-based multiple testing for microarray data analysis, section 3 (statistics);
    Phipson and Smyth (2010), Permutation p-values should never be zero.
    """
    found, drawn = _statistics(observed, null)
    order = np.argsort(-found, kind="stable")
    if step_down:
        largest = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    else:
        largest = np.broadcast_to(drawn.max(axis=1, initial=-np.inf)[:, None], drawn.shape)
    reached = (largest >= found[order] - 1e-12).sum(axis=0)  # relabellings that tie differ by rounding
    adjusted = np.empty_like(found)
    adjusted[order] = np.maximum.accumulate((1 + reached) / (1 + drawn.shape[0]))
    return adjusted


def simultaneous_lower(
    values: npt.ArrayLike, errors: npt.ArrayLike, null: npt.ArrayLike, *, confidence: float = 0.95
) -> FloatArray:
    """Return lower ends that lie below all true values at once with probability `confidence` (one-sided).

    ``value - q * error`` with q the quantile of the largest studentised deviation.

    Parameters
    ----------
    values, errors : array_like of float, shape (tests,)
        Estimates and their standard errors.
    null : array_like of float, shape (replicates, tests)
        Studentised deviations ``(replicate - value) / error of the replicate``, each row drawn for all tests together.
    confidence : float
        Of all lower ends together, within (0, 1).

    Returns
    -------
    ndarray of float64, shape (tests,)

    Raises
    ------
    ConfigError
        If the confidence is not within (0, 1).
    DataError
        If the shapes do not fit, there are no replicates, or a number is NaN.
    NotEnoughDataError
        If there are too few replicates for the quantile.

    References
    ----------
    Romano and Wolf (2005), Exact and approximate stepdown methods for multiple hypothesis testing.
    """
    found, drawn = _statistics(values, null)
    spread = np.asarray(errors, dtype=np.float64)
    if spread.shape != found.shape or not np.all(spread >= 0.0):
        msg = "every value needs one standard error, not negative and not NaN; leave out tests that were not run"
        raise DataError(msg)
    return np.asarray(found - critical_value(drawn, confidence=confidence) * spread)


def critical_value(null: npt.ArrayLike, *, confidence: float = 0.95) -> float:
    """Return the statistic that none of the tests exceeds with probability `confidence`.

    The ``ceil(confidence (replicates + 1))``-th smallest of the maxima, so that the observed maximum, if exchangeable
    with them, exceeds it at most as often as claimed. Parameters and errors as `simultaneous_lower`.
    """
    if not 0.0 < confidence < 1.0:
        msg = f"confidence must lie strictly between 0 and 1: {confidence}; the usual choice is 0.95"
        raise ConfigError(msg)
    drawn = _replicates(null)
    rank = math.ceil(confidence * (drawn.shape[0] + 1) - 1e-9)  # .95 of 20 is a hair over 19 in binary
    if rank > drawn.shape[0]:
        needed = math.ceil(confidence / (1.0 - confidence) - 1e-9)
        msg = f"{drawn.shape[0]} replicates reach no quantile of {confidence}; draw at least {needed}"
        raise NotEnoughDataError(msg)
    largest = np.sort(drawn.max(axis=1, initial=-np.inf))
    return float(largest[rank - 1])


def _statistics(observed: npt.ArrayLike, null: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    found, drawn = np.asarray(observed, dtype=np.float64), _replicates(null)
    if found.shape != drawn.shape[1:] or np.isnan(found).any():
        msg = f"replicates are for {drawn.shape[1]} tests, the statistics have shape {found.shape}, none may be NaN"
        raise DataError(msg + "; pass one number a test")
    return found, drawn


def _replicates(null: npt.ArrayLike) -> FloatArray:
    drawn = np.asarray(null, dtype=np.float64)
    if drawn.ndim != 2 or not drawn.shape[0] or np.isnan(drawn).any():
        msg = (
            f"replicates must be a table of replicates x tests without NaN: shape {drawn.shape}; draw at least one row"
        )
        raise DataError(msg)
    return drawn
