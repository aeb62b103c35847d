"""What the fits prove about differential privacy: one half of them teaches whom and what to look at, the other is judged.

The fits judged are independent runs with and without one person. All that their scores come from, the rule, the target and
the scale of the features, was taught by the other fits, so that each is scored as if it were alone, and the
Clopper-Pearson bounds of two samples apply. The bound is for *replacing* one person; a claim for adding or removing one
says twice its epsilon for replacing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.auditing.classifier import aucs, rule, scores, smoother
from synthprivacy.auditing.coding import BoolArray
from synthprivacy.auditing.judging import kernels_of, shared_kernels, whole_of
from synthprivacy.auditing.risks import ClaimBound
from synthprivacy.auditing.study import Reading
from synthprivacy.statistics.privacy_loss.two_sample import over_thresholds

FEWEST = 2
"""Fits judged with a target, and as many without: the least that says anything."""


def judge_claim(
    readings: Sequence[Reading],
    coins: BoolArray,
    rng: np.random.Generator,
    *,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> ClaimBound:
    """Return the lower bound of epsilon that the second half of the fits proves.

    Targets of whom that half has fewer than two fits with, or without, are passed over, which looks at coins alone; where
    there is no other, nothing is proven.

    Parameters
    ----------
    readings : sequence of Reading
        One a fit.
    coins : ndarray of bool, shape (fits, targets)
    rng : numpy.random.Generator
        Of no consequence to the bound at present; kept for ways of choosing a threshold that draw.
    delta, confidence : float
        Of the claim, and one-sided.
    """
    taught = np.arange(len(coins) // 2)
    judged = np.arange(len(coins) // 2, len(coins))
    shared = shared_kernels(readings, taught)
    found = []
    for target in range(coins.shape[1]):
        alike = whole_of(kernels_of(readings, target, shared, taught))
        coin = coins[taught, target]
        guess = scores(smoother(alike[np.ix_(taught, taught)]), coin)
        found.append(float(aucs(guess[:, None], coin[:, None])[0]))
    inside = coins[judged].sum(axis=0)
    able = np.minimum(inside, len(judged) - inside) >= FEWEST
    best = int(np.argmax(np.where(able, found, -1.0)))
    if not able.any():
        return ClaimBound(0.0, 0.0, delta, len(judged), best + 1, confidence)
    alike = whole_of(kernels_of(readings, best, shared, taught))
    scored = rule(alike, taught, judged) @ (coins[taught, best] - 0.5)
    coin = coins[judged, best]
    bound = over_thresholds(scored[coin], scored[~coin], rng, delta=delta, confidence=confidence)
    return ClaimBound(bound.epsilon, bound.ceiling, delta, len(judged), best + 1, confidence)
