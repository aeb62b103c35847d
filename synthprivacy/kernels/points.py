"""Points: rows as whole numbers on a grid, so that every distance is exact and equal in every order of work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNIT = 1 << 20
"""Grid steps of a whole mismatch in one column: distances are exact multiples of 2⁻²⁰ of a column."""

_FAR = 1 << 40
"""Values this many scales away from the origin are the end of the grid."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Points:
    r"""Rows of a table as grid positions and codes.

    The distance of two points is the sum over ordered columns of min(\\|Δ\\|, UNIT), plus the weight of every
    coded column in which they differ; divided by ``columns * UNIT`` it is Gower's distance. Two missing values
    are equal; a missing and a present one are a whole mismatch.

    References
    ----------
    Gower (1971), A general coefficient of similarity and some of its properties, section 2.
    """

    ordered: IntArray
    """(p, rows) grid positions; see `missing`."""
    missing: npt.NDArray[np.bool_]
    """(p, rows) whether the value of an ordered column is missing."""
    codes: IntArray
    """(q, rows) codes from 0; -1 where missing."""
    weights: IntArray
    """(q,) grid steps of a mismatch."""
    columns: int
    """Number of columns of the table, the divisor of the mean."""

    def __repr__(self) -> str:
        return f"<points: {self.rows} rows, {self.columns} columns>"  # never a value: tracebacks are logs

    @property
    def rows(self) -> int:
        """Number of points."""
        return int(self.ordered.shape[1])

    def take(self, rows: IntArray) -> Points:
        """Return some of the points, in the order given."""
        return Points(self.ordered[:, rows], self.missing[:, rows], self.codes[:, rows], self.weights, self.columns)


def grid(values: FloatArray, low: float, scale: float) -> IntArray:
    """Return grid positions of numbers: whole numbers of `scale` / UNIT above `low`; 0 where missing.

    Parameters
    ----------
    values : ndarray of shape (rows,), float64
        NaN = missing.
    low, scale : float
        Origin and unit, in the units of `values`; `scale` > 0.
    """
    with np.errstate(over="ignore"):
        steps = (values - low) / scale
    steps = np.where(np.isnan(values), 0.0, np.clip(steps, -_FAR, _FAR))
    return np.rint(steps * UNIT).astype(np.int64)


def part_weights(parts: int) -> IntArray:
    """Return the weights of the prefixes of a hierarchical code, whole numbers that sum to UNIT."""
    edges = np.arange(parts + 1, dtype=np.int64) * UNIT // parts
    return np.diff(edges)
