"""Membership by Monte Carlo: how much of the release lies around a person."""

from __future__ import annotations

import numpy as np

from synthprivacy.attacks.membership_space import Scorer
from synthprivacy.kernels import neighbors
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table

QUANTILE = 0.05
"""The radius holds a synthetic row for so many people of the reference."""
PARAMETERS = {"distance": "gower", "radius": f"{QUANTILE} quantile of the reference's distances to the release"}


def neighbourhood(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *share of the release within a radius*.

    The radius comes from the reference. Published is the median over the people under attack: a score that then changes
    with the company, and that calls a copied release harmless where members are shown without others.

    References
    ----------
    Hilprecht, Härterich and Bernau (2019), Monte Carlo and reconstruction membership inference attacks against generative
    models (Monte Carlo attack with a neighbourhood).
    """
    index = neighbors.build(points(release))
    steps = neighbors.nearest_steps(index, points(reference), jobs=jobs)
    radius = int(np.quantile(steps, QUANTILE, method="inverted_cdf"))

    def score(people: Table) -> FloatArray:
        return neighbors.count_within(index, points(people), radius, jobs=jobs) / len(release)

    return score
