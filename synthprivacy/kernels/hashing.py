"""Hashes of rows: 64-bit keys from numbers, equal for equal content. Not for security."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MISSING = np.uint64(0x6A09E667F3BCC909)


def mix(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return well-mixed 64-bit keys: the finaliser of SplitMix64.

    References
    ----------
    Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, section 5.
    """
    keys = (keys ^ (keys >> np.uint64(30))) * _MULTIPLIERS[0]
    keys = (keys ^ (keys >> np.uint64(27))) * _MULTIPLIERS[1]
    return keys ^ (keys >> np.uint64(31))


def hash_columns(columns: Sequence[npt.NDArray[np.float64]], rows: int) -> npt.NDArray[np.uint64]:
    """Return one key per row; all missing values are equal, and so are 0.0 and -0.0.

    Parameters
    ----------
    columns : sequence of ndarray of shape (rows,), float64
        NaN = missing.
    rows : int
        Number of rows, needed where there are no columns.
    """
    keys = np.zeros(rows, dtype=np.uint64)
    for column in columns:
        bits = (column + 0.0).view(np.uint64)  # + 0.0 turns -0.0 into 0.0
        bits = np.where(np.isnan(column), _MISSING, bits)
        keys = mix(keys * _STEP + bits + _STEP)
    return keys


def uniform(keys: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.float64]:
    """Return a draw from [0, 1) for each key: the same key and seed always draw the same number."""
    mixed = mix(keys ^ mix(np.full(1, seed, dtype=np.uint64)))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def count_equal(queries: npt.NDArray[np.uint64], candidates: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return how many candidates (queries,) have the key of each query."""
    held = np.sort(candidates)
    return np.searchsorted(held, queries, side="right") - np.searchsorted(held, queries, side="left")
