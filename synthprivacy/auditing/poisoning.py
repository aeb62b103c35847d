"""A contributor's rows: does adding rows that were crafted for a target make its membership easier to see?

A declared threat: somebody outside may add rows to what is trained on, as in fine-tuning on contributed data. The crafted
rows are trained on in all fits, with the target and without, so what is compared is the same game at several numbers of
crafted rows. The contributor knows its own rows, and takes those that come back unchanged out of a release before
reading it.

References
----------
Tramèr et al. (2022), Truth serum: poisoning machine learning models to reveal their secrets (crafted copies of a target
amplify membership inference).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from scipy.special import ndtr, ndtri

from synthprivacy.auditing.coding import IntArray
from synthprivacy.auditing.risks import MembershipRisk, PoisonedRisk
from synthprivacy.statistics.multiplicity import holm

CRAFTED = (1, 4, 16)
"""Rows for each target."""
TARGETS = 4
"""Targets of a contributor: crafted rows of more would be a large part of the table."""


def craft(
    people: pa.Table, targets: IntArray, crafted: int, columns: Sequence[str], rng: np.random.Generator
) -> pa.Table:
    """Return copies of each target in which one column is another person's.

    Parameters
    ----------
    people : pyarrow.Table
        All real people at hand.
    targets : ndarray of int64, shape (targets,)
        Rows of them.
    crafted : int
        Copies of each.
    columns : sequence of str
        One of them is changed in each copy, in turn: the secrets, where there are any, so that the truth contradicts
        the crafted rows.
    rng : numpy.random.Generator
        Draws whose value takes the place.
    """
    rows = np.repeat(targets, crafted)
    turn = np.arange(len(rows)) % max(crafted, 1) % len(columns)
    made = {}
    for name in people.column_names:
        changed = np.array(columns)[turn] == name
        donors = np.where(changed, _strangers(people[name], rows, rng), rows) if changed.any() else rows
        made[name] = people[name].take(pa.array(donors))
    return pa.table(made, schema=people.schema)


def _strangers(values: pa.ChunkedArray, rows: IntArray, rng: np.random.Generator) -> IntArray:
    """Return for each row somebody with another value, or anybody where all have the same."""
    codes = np.asarray(values.cast(pa.string()).dictionary_encode().combine_chunks().indices.fill_null(-1))
    found = [np.flatnonzero(codes != codes[row]) for row in rows]
    return np.array([int(rng.choice(others)) if len(others) else int(row) for others, row in zip(found, rows)])


def amplified(crafted: Sequence[int], judged: Sequence[MembershipRisk], fits: int) -> tuple[PoisonedRisk, ...]:
    """Return the risk at each number of crafted rows, and how much more it is than without.

    The fits of different numbers of rows are independent, so variances add up; each interval's half width stands for its
    standard error. One-sided p-values, Holm's over the numbers of rows.

    Parameters
    ----------
    crafted : sequence of int
        The first is 0.
    judged : sequence of MembershipRisk
    fits : int
        Of each.
    """
    means = [_mean(risk) for risk in judged]
    base, base_error = means[0]
    more = [(value - base, float(np.hypot(error, base_error))) for value, error in means]
    alone = [float(ndtr(-difference / max(error, 1e-12))) for difference, error in more[1:]]
    adjusted = [1.0, *holm(alone)] if alone else [1.0]
    z = float(ndtri((1.0 + judged[0].confidence) / 2.0))
    return tuple(
        PoisonedRisk(
            crafted=rows,
            targets=len(risk.targets),
            fits=fits,
            value=value,
            interval=(value - z * error, value + z * error),
            amplification=difference,
            amplification_interval=(difference - z * spread, difference + z * spread),
            p_value=float(p_value),
        )
        for rows, risk, (value, error), (difference, spread), p_value in zip(crafted, judged, means, more, adjusted)
    )


def _mean(risk: MembershipRisk) -> tuple[float, float]:
    """Return the mean over all targets and its standard error, in units of ``2 AUC - 1``."""
    z = float(ndtri((1.0 + risk.confidence) / 2.0))
    targets = sum(mean.targets for mean in risk.means)
    value = sum(mean.value * mean.targets for mean in risk.means) / targets
    reach = sum((mean.interval[1] - mean.interval[0]) / 2.0 * mean.targets for mean in risk.means) / targets
    return value, max(reach / z, 1e-12)
