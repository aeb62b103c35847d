"""Gaussian kernel densities in logarithms: far from every point they are small, never zero.

No sum runs over two rows of queries, and no matrix product is left to a library that orders its sums by the shape
of the batch: a query has the same density, to the last bit, in every batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist

from synthprivacy.errors import DataError, NotEnoughDataError

FloatArray = npt.NDArray[np.float64]
Bandwidth = Callable[[int, int], float]

_CELLS = 1 << 22
_SINGULAR = 1e-10
"""Smallest eigenvalue of a correlation matrix that is not taken for rounding."""


def silverman(rows: int, columns: int) -> float:
    """Return the bandwidth, in standard deviations, that is best for Gaussian data.

    References
    ----------
    Silverman (1986), Density estimation for statistics and data analysis, section 4.3.
    """
    return float((rows * (columns + 2) / 4) ** (-1 / (columns + 4)))


def scott(rows: int, columns: int) -> float:
    """Return Scott's bandwidth in standard deviations: `silverman` without its constant, which is near 1.

    References
    ----------
    Scott (1992), Multivariate density estimation: theory, practice and visualization, chapter 6.
    """
    return float(rows ** (-1 / (columns + 4)))


@dataclass(frozen=True, slots=True, repr=False)
class Density:
    """A mixture of equal Gaussians around points. The public constructor is `fit`."""

    centre: FloatArray
    """(d,) mean of the points."""
    whitening: FloatArray
    """(d, d) lower triangle that gives centred points the unit matrix as covariance."""
    points: FloatArray
    """(n, d) whitened points."""
    bandwidth: Bandwidth

    def __repr__(self) -> str:
        return f"<density: {len(self.points)} points, {len(self.centre)} columns>"  # never a value: tracebacks are logs

    @property
    def log_scale(self) -> float:
        """Logarithm of the volume that whitening turns into a unit."""
        return -float(np.log(np.diag(self.whitening)).sum())

    def whiten(self, queries: FloatArray) -> FloatArray:
        """Return queries (rows, d) in the coordinates of `points`."""
        return products(queries - self.centre, self.whitening)


def fit(points: FloatArray, bandwidth: Bandwidth = silverman) -> Density:
    """Return the density of some points: kernels of the points' own covariance, shrunk by the squared bandwidth.

    Such a density moves with its points under every affine map, so that ratios of two densities do not depend on units.

    Parameters
    ----------
    points : ndarray of shape (n, d), float64
        Finite.
    bandwidth : callable
        From rows and columns to standard deviations: `silverman` or `scott`.

    Raises
    ------
    NotEnoughDataError
        If there are no more points than columns.
    DataError
        If a value is not finite, a column is constant or follows linearly from the others.

    References
    ----------
    Scott (1992), Multivariate density estimation: theory, practice and visualization, chapter 6.
    """
    rows, columns = points.shape
    if rows <= columns:
        msg = f"a density needs more points than columns: {rows} for {columns}; pass more points or fewer columns"
        raise NotEnoughDataError(msg)
    if not np.isfinite(points).all():
        count = int(np.count_nonzero(~np.isfinite(points)))
        msg = f"a density is of finite numbers: {count} values are missing or infinite; fill or drop them"
        raise DataError(msg)
    centre = points.mean(axis=0)
    centred = points - centre
    covariance = np.einsum("ni,nj->ij", centred, centred) / (rows - 1)  # a BLAS would sum by number of threads
    if not np.ptp(points, axis=0).all() or _smallest_eigenvalue(covariance) < _SINGULAR:
        msg = f"the {columns} columns of a density must be linearly independent; drop constant columns and totals"
        raise DataError(msg)
    whitening = solve_triangular(np.linalg.cholesky(covariance), np.eye(columns), lower=True)
    return Density(centre, whitening, products(centred, whitening), bandwidth)


def log_density(density: Density, queries: FloatArray) -> FloatArray:
    """Return the natural logarithm (rows,) of the density at each query, per unit of volume of the columns as given.

    Parameters
    ----------
    density : Density
    queries : ndarray of shape (rows, d), float64
        Finite, in the same columns as the points of the density. Memory is bounded by blocks of 4 Mi cells.
    """
    count, columns = density.points.shape
    width = density.bandwidth(count, columns)
    queries = density.whiten(queries)
    found = np.empty(len(queries))
    for part in blocks(len(queries), count):
        exponents = cdist(queries[part], density.points, "sqeuclidean")
        exponents *= -0.5 / width**2
        found[part] = log_sum(exponents)
    return found + log_height(count, columns, width) - density.log_scale


def log_ratio(numerator: FloatArray, denominator: FloatArray, log_floor: float = -math.inf) -> FloatArray:
    """Return the logarithm of a ratio of densities (rows,): of a release's to a reference's, the score DOMIAS.

    Parameters
    ----------
    numerator, denominator : ndarray of shape (rows,), float64
        Log densities.
    log_floor : float
        Logarithm of what is added to the denominator. A floor has the unit of a density: with one, the score changes
        with the units of the columns. Implementations that work without logarithms add 1e-20 against division by zero;
        with nine columns in natural units that is more than most densities.

    References
    ----------
    van Breugel, Sun, Qian and van der Schaar (2023), Membership inference attacks against synthetic data through
    overfitting detection (arXiv 2302.12580).
    """
    return numerator - np.logaddexp(denominator, log_floor)


def log_height(count: int, columns: int, width: float) -> float:
    """Return the logarithm of one kernel's peak in whitened coordinates, divided among `count` kernels."""
    return -math.log(count) - columns * (math.log(width) + 0.5 * math.log(2.0 * math.pi))


def log_sum(exponents: FloatArray) -> FloatArray:
    """Return log(sum(exp(x))) over the last axis; the array given is used up."""
    highest = exponents.max(axis=-1)
    exponents -= highest[..., None]
    total = np.exp(exponents, out=exponents).sum(axis=-1)
    result: FloatArray = highest + np.log(total)
    return result


def products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the inner product of every row of `left` (rows, d) with every row of `right` (others, d).

    Column by column: a row's products do not depend on the rows beside it, which those of a BLAS may.
    """
    total = np.zeros((len(left), len(right)))
    for mine, theirs in zip(left.T, right.T):
        total += mine[:, None] * theirs
    return total


def blocks(rows: int, cells: int) -> Iterator[slice]:
    """Yield slices of rows that hold at most 4 Mi cells, at least one row each."""
    size = max(1, _CELLS // max(1, cells))
    return (slice(start, start + size) for start in range(0, rows, size))


def _smallest_eigenvalue(covariance: FloatArray) -> float:
    """Return the smallest eigenvalue of the correlation matrix, which does not depend on units."""
    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviations, deviations)
    return float(np.linalg.eigvalsh(correlation)[0])
