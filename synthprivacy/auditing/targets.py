"""Whom to look at: those who stand out most, where generators leak, and a random sample, for what happens to anybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.auditing.coding import FloatArray, IntArray
from synthprivacy.auditing.risks import Choice
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.strata.vulnerability import vulnerability
from synthprivacy.tables.table import Table


@dataclass(frozen=True, slots=True, repr=False)
class Targets:
    """Rows of the original, in an order that was drawn."""

    rows: IntArray
    """(targets,)"""
    chosen: tuple[Choice, ...]

    def __repr__(self) -> str:
        return f"<{len(self.rows)} targets>"


def standing_out(original: Table, control: Table) -> FloatArray:
    """Return how unusual each person of the original is, (people,): 0 the least, towards 1 the most."""
    return vulnerability(original, control).original


def choose(unusual: FloatArray, targets: int, rng: np.random.Generator) -> Targets:
    """Return targets: half of them the most unusual people, half drawn from all others.

    Parameters
    ----------
    unusual : ndarray of shape (rows,), float64
        Of `standing_out`.
    targets : int
    rng : numpy.random.Generator
        Draws the random half, and the order of all.

    Raises
    ------
    NotEnoughDataError
        If more than half of the people would be targets: then a fit would be trained on another population.
    """
    if 2 * targets > len(unusual):
        raise NotEnoughDataError(
            f"at most half of the people may be targets: {targets} of {len(unusual)}; pass fewer --targets"
        )
    order = np.argsort(-unusual, kind="stable")
    first = (targets + 1) // 2
    rows = np.concatenate([order[:first], rng.choice(order[first:], targets - first, replace=False)])
    drawn = rng.permutation(targets)
    return Targets(rows[drawn], tuple("vulnerable" if place < first else "random" for place in drawn))
