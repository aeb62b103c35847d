"""Is any candidate in the box around a query: the same key, and every number within one unit?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
KeyArray = npt.NDArray[np.uint64]

_CELLS = 1 << 22


def any_in_box(keys: KeyArray, numbers: FloatArray, candidate_keys: KeyArray, candidates: FloatArray) -> BoolArray:
    """Return whether each query (rows,) has a candidate of its key whose numbers differ by at most 1 each.

    Parameters
    ----------
    keys, candidate_keys : ndarray of uint64, shape (rows,) and (others,)
    numbers, candidates : ndarray of float64, shape (rows, d) and (others, d)
        NaN = missing, which is near to missing only.
    """
    order = np.argsort(candidate_keys, kind="stable")
    ranked = candidate_keys[order]
    found = np.zeros(len(keys), dtype=np.bool_)
    for key in np.intersect1d(keys, ranked):
        asked = np.flatnonzero(keys == key)
        first, last = np.searchsorted(ranked, key, "left"), np.searchsorted(ranked, key, "right")
        offered = candidates[order[first:last]]
        size = max(1, _CELLS // offered.size) if offered.size else len(asked)
        for start in range(0, len(asked), size):
            part = asked[start : start + size]
            found[part] = _near(numbers[part], offered).any(axis=1)
    return found


def _near(numbers: FloatArray, candidates: FloatArray) -> BoolArray:
    near = np.ones((len(numbers), len(candidates)), dtype=np.bool_)
    for mine, theirs in zip(numbers.T, candidates.T):
        with np.errstate(invalid="ignore"):
            close = np.abs(mine[:, None] - theirs) <= 1.0 + 1e-9
        near &= close | (np.isnan(mine)[:, None] & np.isnan(theirs))
    return near
