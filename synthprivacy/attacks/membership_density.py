"""Membership by density: people of the training table lie where the release is dense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.attacks.membership_space import DIMENSIONS, KERNELS, Scorer, density_of, in_parts, space_of
from synthprivacy.kernels.density import log_density
from synthprivacy.tables.table import FloatArray, Table

if TYPE_CHECKING:
    import numpy as np

PARAMETERS = {"bandwidth": "silverman", "dimensions": DIMENSIONS, "kernels": KERNELS}


def density(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *log density of the release*, along the axes on which release and reference vary most.

    References
    ----------
    Hilprecht, Härterich and Bernau (2019), Monte Carlo and reconstruction membership inference attacks against generative
    models (kernel density estimation, as the attack theirs is compared with); Silverman (1986), Density estimation for
    statistics and data analysis (bandwidth).
    """
    space = space_of(release, reference, rng)
    held = density_of(space, release, rng)

    def score(people: Table) -> FloatArray:
        return in_parts(lambda part: log_density(held, part), space.of(people), jobs)

    return score
