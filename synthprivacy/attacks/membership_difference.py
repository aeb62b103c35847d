"""Membership by calibrated distance: nearer to the release than to real people who were not trained on."""

from __future__ import annotations

import numpy as np

from synthprivacy.attacks.membership_space import Scorer
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table

PARAMETERS = {"distance": "gower"}


def difference(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *distance to the reference minus distance to the release*.

    An unusual person is far from every release; how far from people of its kind is what the reference tells.

    References
    ----------
    Chen, Yu, Zhang and Fritz (2020), GAN-Leaks: a taxonomy of membership inference attacks against generative models
    (attack calibration), with Gower's distance and nearest records in place of a reference generator's.
    """
    indexes = [neighbors.build(points(table)) for table in (reference, release)]

    def score(people: Table) -> FloatArray:
        shown = points(people)
        far, near = (neighbors.nearest_steps(index, shown, jobs=jobs) for index in indexes)
        return (far - near).astype(np.float64) / (UNIT * len(people.features))

    return score
