"""Euclidean closeness of points to one or two clouds of candidates.

For columns on one scale already. Tables of mixed kinds are searched by `neighbors` under the laws of distance; what is
here are scores whose published form is Euclidean. Every pair is measured, in blocks of 4 Mi cells, and by itself: a
point's answer is the same, to the last bit, in every batch.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.density import blocks

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def nearest_distances(points: FloatArray, candidates: FloatArray) -> FloatArray:
    """Return the distance (rows,) of each point to its nearest candidate.

    Its negative, with a release as candidates, is the score *distance to the closest record*; the distance to a
    reference minus that to the release is its calibrated form.

    Parameters
    ----------
    points : ndarray of shape (rows, d), float64
    candidates : ndarray of shape (others, d), float64

    Raises
    ------
    NotEnoughDataError
        If there are no candidates.

    References
    ----------
    Chen, Yu, Zhang and Fritz (2020), GAN-Leaks: a taxonomy of membership inference attacks against generative models
    (arXiv 1909.03935).
    """
    _require(1, len(candidates))
    found = np.empty(len(points))
    for part in blocks(len(points), len(candidates)):
        found[part] = cdist(points[part], candidates).min(axis=1)
    return found


def nearest_rows(points: FloatArray, candidates: FloatArray, k: int) -> IntArray:
    """Return the k nearest candidates (rows, k) of each point, nearest first; of equally near ones the smallest rows.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than k candidates.
    """
    _require(k, len(candidates))
    found = np.empty((len(points), k), dtype=np.int64)
    for part in blocks(len(points), len(candidates)):
        distances = cdist(points[part], candidates)
        reach = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
        inside = distances <= reach  # all who could be among the k: few, but for ties
        most = int(inside.sum(axis=1).max(initial=0))
        rows = np.argsort(~inside, axis=1, kind="stable")[:, :most]
        order = np.argsort(np.take_along_axis(distances, rows, axis=1), axis=1, kind="stable")
        found[part] = np.take_along_axis(rows, order, axis=1)[:, :k]
    return found


def shares_within(points: FloatArray, candidates: FloatArray, radius: float) -> FloatArray:
    """Return the share (rows,) of candidates at most `radius` away from each point: the Monte Carlo score.

    The radius belongs to the attacker's knowledge: taken from the points under attack, as published, it changes with
    the company a point is shown in.

    Raises
    ------
    NotEnoughDataError
        If there are no candidates.

    References
    ----------
    Hilprecht, Härterich and Bernau (2019), Monte Carlo and reconstruction membership inference attacks against
    generative models (arXiv 1906.03006), equation 4 for the median heuristic of the radius.
    """
    _require(1, len(candidates))
    found = np.empty(len(points))
    for part in blocks(len(points), len(candidates)):
        found[part] = (cdist(points[part], candidates) <= radius).mean(axis=1)
    return found


def neighbour_shares(points: FloatArray, first: FloatArray, second: FloatArray, k: int) -> FloatArray:
    """Return the share (rows,) of the first cloud among the k points of both clouds nearest to each point.

    With a release and a reference of the same size this orders people as the data plagiarism index does, which is the
    ratio of the two counts, and stays finite where the reference has none. Candidates tied for the last places share
    them, so that neither cloud wins by coming first.

    Raises
    ------
    NotEnoughDataError
        If the clouds have fewer than k points together.

    References
    ----------
    Ward, Wang and Cheng (2024), Data plagiarism index: characterizing the privacy risk of data-copying in tabular
    generative models (arXiv 2406.13012).
    """
    count = len(first) + len(second)
    _require(k, count)
    found = np.empty(len(points))
    for part in blocks(len(points), count):
        distances = np.hstack([cdist(points[part], first), cdist(points[part], second)])
        reach = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
        below, tied = distances < reach, distances == reach
        mine = slice(None, len(first))
        left = (k - below.sum(axis=1)) / tied.sum(axis=1)
        found[part] = (below[:, mine].sum(axis=1) + left * tied[:, mine].sum(axis=1)) / k
    return found


def _require(k: int, count: int) -> None:
    if not 1 <= k <= count:
        msg = f"the nearest candidates asked for must be between 1 and as many as there are: {k} of {count}; pass fewer"
        raise NotEnoughDataError(msg)
