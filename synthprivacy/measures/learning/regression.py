"""Least squares and logistic regression with what every row adds to the error of every coefficient.

Both are solved in an orthonormal basis of the columns (QR), so that columns that nearly repeat each other cost no
digits; columns that do repeat others are left out and get no coefficient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import expit

from synthprivacy.tables.table import BoolArray, FloatArray

_DEPENDENT = 1e-7
"""A column of which so little is left beside the ones before it repeats them."""
RIDGE = 1e-3
"""Weight of coefficient 0, in rows: without it a logistic regression that separates its classes has no solution."""
_STEPS = 50
_HALVINGS = 20
_SMALL = 1e-9


@dataclass(frozen=True, slots=True, repr=False)
class Fit:
    """A regression."""

    kept: BoolArray
    """(columns,) columns that have a coefficient."""
    coefficients: FloatArray
    """(columns,) 0 where there is none."""
    influence: FloatArray
    """(rows, columns) how much each row moves each coefficient; sums of squares over people are the sandwich variance."""

    def __repr__(self) -> str:
        return f"<fit: {np.count_nonzero(self.kept)} of {len(self.kept)} columns>"  # never a value


def least_squares(columns: FloatArray, truth: FloatArray) -> Fit:
    """Return the regression of a number on some columns.

    References
    ----------
    White (1980), A heteroskedasticity-consistent covariance matrix estimator and a direct test for heteroskedasticity.
    """
    kept, basis, triangle = _basis(columns)
    solution = basis.T @ truth
    left = truth - basis @ solution
    return _told(kept, triangle, solution, basis * left[:, None])


def logistic(columns: FloatArray, truth: FloatArray, *, ridge: float = RIDGE) -> Fit:
    """Return the logistic regression of 0 or 1 on some columns, by Newton's method.

    Parameters
    ----------
    columns : ndarray of float64, shape (rows, columns)
    truth : ndarray of float64, shape (rows,)
    ridge : float
        Weight of the penalty on the squared coefficients of standardised, uncorrelated columns.
    """
    kept, basis, triangle = _basis(columns)
    size = np.sqrt(max(len(columns), 1))
    basis, triangle = basis * size, triangle / size
    solution = np.zeros(basis.shape[1])
    loss = _loss(basis, truth, solution, ridge)
    for _ in range(_STEPS):
        chance = expit(basis @ solution)
        slope = basis.T @ (truth - chance) - ridge * solution
        step = np.linalg.solve(_curvature(basis, chance, ridge), slope)
        for _ in range(_HALVINGS):
            tried = _loss(basis, truth, solution + step, ridge)
            if tried <= loss:
                break
            step /= 2.0
        else:
            break
        solution, loss = solution + step, tried
        if np.abs(step).max(initial=0.0) < _SMALL:
            break
    chance = expit(basis @ solution)
    moved = np.linalg.solve(_curvature(basis, chance, ridge), (basis * (truth - chance)[:, None]).T).T
    return _told(kept, triangle, solution, moved)


def independent(columns: FloatArray) -> BoolArray:
    """Return which columns do not repeat the ones before them."""
    length = np.sqrt(np.square(columns).sum(axis=0))
    kept: BoolArray = np.zeros(columns.shape[1], dtype=np.bool_)
    if not columns.size:
        return kept
    left = np.abs(np.diag(np.linalg.qr(columns / np.where(length > 0, length, 1.0), mode="r")))
    kept[: len(left)] = left > _DEPENDENT
    kept &= length > 0
    return kept


def _basis(columns: FloatArray) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Return the columns kept, their orthonormal basis (rows, kept), and the triangle that makes them of it."""
    kept = independent(columns)
    basis, triangle = np.linalg.qr(columns[:, kept])
    return kept, basis, triangle


def _loss(basis: FloatArray, truth: FloatArray, solution: FloatArray, ridge: float) -> float:
    odds = basis @ solution
    return float((np.logaddexp(0.0, odds) - truth * odds).sum() + ridge / 2.0 * np.square(solution).sum())


def _curvature(basis: FloatArray, chance: FloatArray, ridge: float) -> FloatArray:
    found: FloatArray = (basis * (chance * (1.0 - chance))[:, None]).T @ basis + ridge * np.eye(basis.shape[1])
    return found


def _told(kept: BoolArray, triangle: FloatArray, solution: FloatArray, moved: FloatArray) -> Fit:
    """Return a solution in the basis in terms of the columns."""
    coefficients, influence = np.zeros(len(kept)), np.zeros((len(moved), len(kept)))
    if kept.any():
        coefficients[kept] = solve_triangular(triangle, solution)
        influence[:, kept] = solve_triangular(triangle, moved.T).T
    return Fit(kept, coefficients, influence)
