"""Attribute inference as a game: is a secret guessed better from a release whose generator was trained on the person?

The attacker knows all other columns of a target. The same attacker, the same person and the same secret are met in fits
with and in fits without that person, so what follows from the population alone is in both rates and cancels.

References
----------
Stadler, Oprisanu and Troncoso (2022), Synthetic data: anonymisation groundhog day (attribute inference as the difference
of success with and without the target). Here the unit is the fit, one release each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from synthprivacy.auditing.classifier import DRAWS, tossed
from synthprivacy.auditing.coding import BoolArray, FloatArray
from synthprivacy.auditing.risks import SecretRisk
from synthprivacy.auditing.study import Reading
from synthprivacy.statistics.max_t import max_t


def judge_secrets(
    readings: Sequence[Reading],
    coins: BoolArray,
    columns: Sequence[str],
    rng: np.random.Generator,
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
) -> tuple[SecretRisk, ...]:
    """Return how much being trained on adds to what a release says of each secret, over all targets.

    The rates are means over targets of the shares of fits in which the guess is right. The interval of the excess is
    normal with the fits as units; a target's guesses in one fit say nothing of another fit. P-values come from tossing
    the coins again, and are exact.

    Parameters
    ----------
    readings : sequence of Reading
        With ``right``, (targets, secrets), of each fit.
    coins : ndarray of bool, shape (fits, targets)
    columns : sequence of str
        Names of the secrets.
    rng : numpy.random.Generator
    confidence : float
        Two-sided, within (0, 1).
    draws : int
    """
    right = np.stack([reading["right"] for reading in readings]).astype(np.float64)
    inside, outside = _rates(right, coins), _rates(right, ~coins)
    excess = inside - outside
    error = np.sqrt((_influence(right, coins) ** 2).sum(axis=0))
    again = np.stack([tossed(len(coins), rng, coins.shape[1]) for _ in range(draws)])
    null = np.stack([_rates(right, coin) - _rates(right, ~coin) for coin in again])
    spread = np.maximum(null.std(axis=0), 1e-12)
    adjusted = max_t(excess / spread, null / spread)
    alone = (1.0 + (null >= excess - 1e-12).sum(axis=0)) / (1.0 + draws)
    reach = float(ndtri((1.0 + confidence) / 2.0)) * np.maximum(error, spread)
    return tuple(
        SecretRisk(
            column=name,
            success_in=float(inside[place]),
            success_out=float(outside[place]),
            value=float(excess[place] / max(1.0 - outside[place], 1.0 / len(readings))),
            excess=float(excess[place]),
            interval=(float(excess[place] - reach[place]), float(excess[place] + reach[place])),
            p_value=float(alone[place]),
            adjusted=float(adjusted[place]),
        )
        for place, name in enumerate(columns)
    )


def _rates(right: FloatArray, coins: BoolArray) -> FloatArray:
    """Return the success over the fits whose coin is up, a mean over targets, (secrets,)."""
    weight = coins / np.maximum(coins.sum(axis=0), 1)
    return np.asarray(np.einsum("fts,ft->s", right, weight) / coins.shape[1])


def _influence(right: FloatArray, coins: BoolArray) -> FloatArray:
    """Return what each fit adds to the excess, (fits, secrets), adding up to 0."""
    added = np.zeros((len(coins), right.shape[2]))
    for side, sign in ((coins, 1.0), (~coins, -1.0)):
        weight = side / np.maximum(side.sum(axis=0), 1)
        middle = np.einsum("fts,ft->ts", right, weight)
        added += sign * np.einsum("fts,ft->fs", right - middle, weight) / coins.shape[1]
    return added
