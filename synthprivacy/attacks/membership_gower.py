"""Membership by many distances: nearest, ratios and means of Gower's distance, to the release and to real people."""

from __future__ import annotations

import numpy as np

from synthprivacy.attacks.membership_space import Scorer
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT, Points
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table

NEIGHBOURS = (1, 5, 10, 20, 30, 40, 50)
PARAMETERS = {"distance": "gower", "neighbours": list(NEIGHBOURS), "radius": "median of the reference"}
_LEAST = 0.01
"""Added to every distance, in mismatches of a column, so that a copy's has a logarithm."""


def gower(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the mean of standardised features of the distances to a person's neighbours.

    The features are the logarithms of the mean distance to the k nearest real rows over that to the k nearest synthetic
    ones, of the distance to the second synthetic row over that to the first, and of how many of them are within a
    radius. One half of the reference are the real rows; the other half, whom neither table holds, tells what a feature
    reads of somebody who was not trained on, and how much that varies. Published is a classifier that learns the weight
    of each feature from releases with known members; without any, all weigh the same.

    References
    ----------
    Winning entries of the MIDST challenge for black boxes (SaTML 2025), whose features these are.
    """
    order = rng.permutation(len(reference))
    usual, real = (reference.take(np.sort(part)) for part in np.array_split(order, 2))
    indexes = [neighbors.build(points(table)) for table in (release, real)]
    radius = float(np.median(_nearest(indexes[0], points(usual), jobs)[:, 0]))

    def features(people: Table) -> FloatArray:
        shown = points(people)
        near, far = (_nearest(index, shown, jobs) for index in indexes)
        reached = [min(k, near.shape[1], far.shape[1]) for k in NEIGHBOURS]
        ratios = [np.log(_mean(far, k) / _mean(near, k)) for k in reached]
        lonely = np.log(near[:, min(1, near.shape[1] - 1)] / near[:, 0])
        around = np.log1p((near <= radius).sum(axis=1).astype(np.float64))
        return np.column_stack([*ratios, lonely, around])

    nonmembers = features(usual)
    spread = nonmembers.std(axis=0)
    varying = spread > 0.0
    centre, scale = nonmembers.mean(axis=0), np.where(varying, spread, 1.0)
    return lambda people: _mean((features(people) - centre) / scale * varying, len(centre))


def _nearest(index: neighbors.Index, shown: Points, jobs: int) -> FloatArray:
    """Return the distances (people, k) to the nearest rows, in columns."""
    k = min(max(NEIGHBOURS), len(index.members))
    return neighbors.nearest(index, shown, k, jobs=jobs).steps / UNIT + _LEAST


def _mean(columns: FloatArray, count: int) -> FloatArray:
    """Return the mean of the first columns, summed in this order however many rows there are."""
    total = np.zeros(len(columns))
    for column in columns.T[:count]:
        total += column
    return total / count
