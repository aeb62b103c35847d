"""Points that lie on a line between two others: what interpolation leaves behind."""

from __future__ import annotations

import numpy as np

from synthprivacy.kernels.segments import SMALLEST, neighbourhood
from synthprivacy.tables.table import BoolArray, FloatArray

NEAR = 32
"""Nearest ends that a point is looked at from."""
STRAIGHT = 1e-6
"""Radians by which the two directions may miss being opposite: far more than rounding, far less than chance."""
_BLOCK = 1_024


def lies_between(points: FloatArray, ends: FloatArray) -> BoolArray:
    """Return whether each point (points,) sees two of its nearest ends in exactly opposite directions.

    Parameters
    ----------
    points : ndarray of shape (points, coordinates), float64
        Three coordinates or more: fewer lie in line by chance.
    ends : ndarray of shape (ends, coordinates), float64
        All different. A point that is an end lies between no two.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique, section 4.2 (points that
    were made so).
    """
    found = np.zeros(len(points), dtype=np.bool_)
    if len(ends) < 2:
        return found
    among = neighbourhood(ends)
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        distance, place = among.nearest(block, NEAR)
        away = ends[place] - block[:, None, :]
        directions = away / np.maximum(np.sqrt((away**2).sum(axis=2, keepdims=True)), SMALLEST)
        cosines = np.einsum("pic,pjc->pij", directions, directions)
        first, second = np.unravel_index(cosines.reshape(len(block), -1).argmin(axis=1), cosines.shape[1:])
        rows = np.arange(len(block))
        apart = directions[rows, first] + directions[rows, second]  # exact where a cosine is -1 but for rounding
        off = np.sqrt((apart**2).sum(axis=1)) > STRAIGHT
        found[start : start + _BLOCK] = ~off & (distance[:, 0] >= SMALLEST)
    return found
