"""Membership by DOMIAS: where the release is denser than the population is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.attacks.membership_space import DIMENSIONS, KERNELS, Scorer, density_of, in_parts, space_of
from synthprivacy.kernels.density import log_density, log_ratio
from synthprivacy.tables.table import FloatArray, Table

if TYPE_CHECKING:
    import numpy as np

PARAMETERS = {"bandwidth": "silverman", "dimensions": DIMENSIONS, "kernels": KERNELS}


def domias(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *log density of the release minus log density of the reference*.

    References
    ----------
    van Breugel, Sun, Qian and van der Schaar (2023), Membership inference attacks against synthetic data through
    overfitting detection, without their floor on densities, which has a unit.
    """
    space = space_of(release, reference, rng)
    held, usual = (density_of(space, table, rng) for table in (release, reference))

    def score(people: Table) -> FloatArray:
        return in_parts(
            lambda part: log_ratio(log_density(held, part), log_density(usual, part)), space.of(people), jobs
        )

    return score
