"""What one more point does to a density: the gain in likelihood of the points around it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from synthprivacy.kernels.density import Density, blocks, log_density, log_height, log_sum, products

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def likelihood_gain(
    density: Density, points: FloatArray, candidates: FloatArray, nearest: IntArray, log_floor: float = -math.inf
) -> FloatArray:
    """Return by how much the log-likelihood of the candidates near a point rises when the point joins a density.

    Of the density of a reference, with synthetic rows as candidates, this is the score of Gen-LRA: a training person
    explains the synthetic rows around it better than the reference does without it. The density is refitted with
    each point, mean, covariance and bandwidth included, by a rank-one update: no point costs a new factorisation.

    Parameters
    ----------
    density : Density
        Of n points in d columns.
    points : ndarray of shape (rows, d), float64
    candidates : ndarray of shape (others, d), float64
    nearest : ndarray of shape (rows, k), int64
        The candidates counted for each point, in the metric of the caller's choice.
    log_floor : float
        Logarithm of what is added to both densities; see `density.log_ratio`.

    Returns
    -------
    ndarray of shape (rows,), float64
        Natural logarithms, summed over the k candidates. Memory is bounded by blocks of 4 Mi cells.

    References
    ----------
    Ward, Wang and Cheng (2025), Privacy auditing synthetic data release through local likelihood attacks (arXiv
    2508.21146); Sherman and Morrison (1950), Adjustment of an inverse matrix corresponding to a change in one element of
    a given matrix (the update).
    """
    before = np.logaddexp(log_density(density, candidates), log_floor)
    whitened, around = density.whiten(points), density.whiten(candidates)
    gain = np.empty(len(points))
    for part in blocks(len(points), nearest.shape[1] * len(density.points)):
        after = _log_density_with(density, whitened[part], around[nearest[part]]) - density.log_scale
        gain[part] = (np.logaddexp(after, log_floor) - before[nearest[part]]).sum(axis=1)
    return gain


def local_gains(
    density: Density, points: FloatArray, candidates: FloatArray, before: FloatArray, nearest: IntArray
) -> FloatArray:
    """Return `likelihood_gain` candidate by candidate, with mean, covariance and bandwidth as they were.

    A point that joins n others adds its kernel and takes 1 / (n + 1) of the weight of theirs. What refitting changes
    beyond that is of the order 1 / n, and costs a pass over all n for each pair: this costs none.

    Parameters
    ----------
    density : Density
        Of n points in d columns.
    points : ndarray of shape (rows, d), float64
    candidates : ndarray of shape (others, d), float64
    before : ndarray of shape (others,), float64
        ``log_density(density, candidates)``, which is the same for all points.
    nearest : ndarray of shape (rows, k), int64

    Returns
    -------
    ndarray of shape (rows, k), float64
        Natural logarithms.
    """
    count, columns = density.points.shape
    width = density.bandwidth(count, columns)
    whitened, around = density.whiten(points), density.whiten(candidates)
    squares = np.stack([np.square(whitened - around[rows]).sum(axis=1) for rows in nearest.T], axis=1)
    own = -0.5 / width**2 * squares + log_height(1, columns, width) - density.log_scale
    usual = before[nearest]
    gains: FloatArray = np.logaddexp(math.log(count) + usual, own) - math.log(count + 1) - usual
    return gains


def _log_density_with(density: Density, points: FloatArray, queries: FloatArray) -> FloatArray:
    """Return log densities (rows, k), in whitened coordinates, of queries (rows, k, d) once each point has joined.

    With n whitened points, the scatter matrix is (n - 1) I and the newcomer w adds n / (n + 1) w wᵀ to it; the
    covariance is thus (n - 1) / n (I + a w wᵀ) with a = n / (n² - 1), its inverse n / (n - 1) (I - s w wᵀ) with
    s = a / (1 + a |w|²).
    """
    count, columns = density.points.shape
    width = density.bandwidth(count + 1, columns)
    added = count / (count**2 - 1)
    stretch = 1.0 + added * np.square(points).sum(axis=1)
    shrink = (added / stretch)[:, None, None]

    along = (queries * points[:, None, :]).sum(axis=2)
    squares = cdist(queries.reshape(-1, columns), density.points, "sqeuclidean").reshape(*along.shape, count)
    squares -= shrink * np.square(along[:, :, None] - products(points, density.points)[:, None, :])
    gap = queries - points[:, None, :]
    own = np.square(gap).sum(axis=2) - shrink[:, :, 0] * np.square((gap * points[:, None, :]).sum(axis=2))

    factor = -0.5 / width**2 * count / (count - 1)
    squares *= factor
    log_volume = 0.5 * (columns * math.log((count - 1) / count) + np.log(stretch))
    total = np.logaddexp(log_sum(squares), factor * own)
    return np.asarray(total + log_height(count + 1, columns, width) - log_volume[:, None])
