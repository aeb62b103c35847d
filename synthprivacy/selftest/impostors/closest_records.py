"""The share of closest records, ties counted as safe."""

from __future__ import annotations

from synthprivacy.attacks.membership import Distance
from synthprivacy.kernels import neighbors
from synthprivacy.selftest import populations, releases
from synthprivacy.selftest.impostors.impostor import Trial, both, tried
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.selftest.subjects import Reading, Readings, read
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Case, Table

ALONE = 0.127
"""Chance that a person of `few_cells` has no double among 500 others: the sum of ``p (1 - p)^500`` over the 243 cells."""
COPY = Scenario(
    "exact copy, few cells", "L9", populations.few_cells, releases.copied(1.0),
    truth={Distance.name: ALONE}, attacks=(Distance.name,),
)  # fmt: skip
"""All training people lie at distance 0 from the release, and so do the control people who have a double: 2 AUC - 1 is
the share of those who have none."""


def strictly_closer(release: Table, original: Table, control: Table) -> float:
    """Return the share of synthetic rows that lie nearer to the original than to the control."""
    queries = points(release)
    to_original, to_control = (
        neighbors.nearest_steps(neighbors.build(points(table)), queries) for table in (original, control)
    )
    return float((to_original < to_control).mean())


def strict(_scenario: Scenario, case: Case, seed: int) -> Readings:
    """Read the closest-record share as protection: ``min(2 (1 - share closer to the original), 1)``.

    Without ties a clean release has a share of one half and scores 1. With ties it has less, and what is missing
    counts as protection: where most people have a double, most copied rows have one in the control as well, so that an
    exact copy of the training table is "perfectly protected". Nor does the score come with an interval.

    References
    ----------
    Platzer and Reutterer (2021), Holdout-based empirical assessment of mixed-type synthetic data (where ties count one
    half); as DCROverfittingProtection in SDMetrics, with a strict inequality.
    """
    if case.control is None:
        return both(None, None)
    protection = min(2.0 * (1.0 - strictly_closer(case.release, case.original, case.control)), 1.0)
    leak = 1.0 - protection
    return both(Reading(Distance.name, leak, (leak, leak), leak, leak, None), read(Distance(), case, seed))


def reject_strict(seed: int) -> tuple[Trial, ...]:
    """Return the law that rejects the strict share: an exact copy must not pass."""
    return (tried(strict, COPY, "false pass", replicates=20, seed=seed),)
