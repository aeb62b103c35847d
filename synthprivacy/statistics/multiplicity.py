"""Several tests at once."""

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
    p = np.asarray(p_values, dtype=np.float64)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        msg = "p-values must lie between 0 and 1; leave out tests that were not run"
        raise DataError(msg)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
