"""Membership by Gen-LRA: does a person explain the synthetic rows around it better than the population does?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from synthprivacy.attacks.membership_space import DIMENSIONS, Scorer, density_of, sampled, space_of
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.density import log_density
from synthprivacy.kernels.likelihood import local_gains
from synthprivacy.tables.space import points
from synthprivacy.tables.table import FloatArray, Table

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = (1, 5, 20)
"""Synthetic rows counted around a person; which number finds most differs from release to release."""
KERNELS = 5_000
"""People of the reference whose density is asked for at every synthetic row."""
ROWS = 100_000
"""Synthetic rows at most."""


def parameters(neighbours: int) -> dict[str, object]:
    """Return what was fixed before anyone was seen."""
    return {
        "bandwidth": "silverman",
        "dimensions": DIMENSIONS,
        "kernels": KERNELS,
        "neighbours": neighbours,
        "rows": ROWS,
    }


def likelihood(neighbours: int) -> Callable[[Table, Table, np.random.Generator, int], Scorer]:
    """Return the method that counts so many synthetic rows around a person."""

    def method(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
        """Return the score *gain in log-likelihood of the nearest synthetic rows once the person joins the reference*.

        Nearest under Gower's distance, on all columns; likelihoods along the axes on which the tables vary most. The
        newcomer adds a kernel and leaves the others as they are: the refitted covariance of the paper changes the score
        by terms of the order of one person in the reference.

        References
        ----------
        Ward, Wang and Cheng (2025), Privacy auditing synthetic data release through local likelihood attacks.
        """
        space = space_of(release, reference, rng)
        usual = density_of(space, reference, rng, KERNELS)
        rows = sampled(release, ROWS, rng)
        candidates = space.of(rows)
        index = neighbors.build(points(rows))
        before = log_density(usual, candidates)
        k = min(neighbours, len(rows))

        def score(people: Table) -> FloatArray:
            near = neighbors.nearest(index, points(people), k, jobs=jobs).rows
            total: FloatArray = local_gains(usual, space.of(people), candidates, before, near).sum(axis=1)
            return total

        return score

    return method
