"""Several tests at once, whatever their dependence (Holm) or in a search for candidates (Benjamini-Hochberg)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError

FloatArray = npt.NDArray[np.float64]


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Return Holm's adjusted p-values, in the order given.

    Rejecting where an adjusted value is at most alpha keeps the chance of any false alarm at or below alpha, whatever
    the dependence of the tests.

    Parameters
    ----------
    p_values : array_like of float, shape (tests,)
        Within [0, 1].

    Raises
    ------
    DataError
        If a value is not within [0, 1].

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, section 3.
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_hochberg(p_values: npt.ArrayLike) -> FloatArray:
    """Return Benjamini-Hochberg adjusted p-values, in the order given: for exploratory scans, never for a decision.

    Rejecting where an adjusted value is at most q keeps the expected *share* of false alarms among the alarms at or
    below q, for independent tests and for tests that depend positively on one another. It does not bound the chance of
    a false alarm: one real leak buys room for others that are none. Parameters and errors as `holm`.

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate, section 3; Benjamini and Yekutieli (2001), The
    control of the false discovery rate in multiple testing under dependency, theorem 1.2 (positive dependence).
    """
    p = _checked(p_values)
    order = np.argsort(-p, kind="stable")
    stepped = np.minimum.accumulate(p[order] * (p.size / np.arange(p.size, 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted


def _checked(p_values: npt.ArrayLike) -> FloatArray:
    p = np.asarray(p_values, dtype=np.float64)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        msg = "p-values must lie between 0 and 1; leave out tests that were not run"
        raise DataError(msg)
    return p
