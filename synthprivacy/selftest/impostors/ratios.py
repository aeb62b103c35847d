"""The largest ratio of error rates taken for a privacy loss."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthprivacy.selftest.finding import share
from synthprivacy.selftest.impostors.impostor import HOUSE, IMPOSTOR, Trial
from synthprivacy.statistics.privacy_loss.two_sample import over_thresholds

FloatArray = npt.NDArray[np.float64]

EPSILON = 1.0
RUNS = 1_000
"""With the person, and as many without."""
AUDITS = 100
LEAST = 10
"""Runs on either side of a threshold that is tried."""
MISSED = 0.05


def largest_ratio(members: FloatArray, nonmembers: FloatArray) -> float:
    """Return the largest log-ratio of error rates over all thresholds, as a lower bound of epsilon.

    The largest of many noisy ratios lies above the true one as a rule, and where no run without the person passes the
    threshold it is infinite: no interval, and nothing is paid for the choice of the threshold.

    References
    ----------
    Houssiau et al. (2022), TAPAS: a toolbox for adversarial privacy auditing of synthetic data (its effective epsilon).
    """
    thresholds = np.sort(np.concatenate([members, nonmembers]))[LEAST - 1 : -LEAST]
    true_positives = _above(members, thresholds)
    false_positives = _above(nonmembers, thresholds)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.stack([true_positives / false_positives, (1.0 - false_positives) / (1.0 - true_positives)])
    return math.log(max(1.0, float(np.nanmax(ratios))))


def audits(seed: int) -> list[tuple[float, float]]:
    """Return what the impostor and the house make of each audit of a count with Laplace noise.

    The person adds one to a count published with noise of scale ``1 / EPSILON``: the mechanism has exactly this
    epsilon, and the noisy count is the best score there is.
    """
    rng = np.random.default_rng([seed, AUDITS, RUNS])
    found = []
    for _ in range(AUDITS):
        nonmembers, members = rng.laplace(0.0, 1.0 / EPSILON, (2, RUNS)) + np.array([[0.0], [1.0]])
        proved = over_thresholds(members, nonmembers, rng, confidence=1.0 - MISSED)
        found.append((largest_ratio(members, nonmembers), proved.epsilon))
    return found


def reject_largest_ratio(seed: int) -> tuple[Trial, ...]:
    """Return the law that rejects the largest ratio: no more than the true epsilon in 95 % of audits."""
    scenario = f"count with Laplace noise, epsilon {EPSILON:g}"
    findings = (
        share("false proof", scenario, who, sum(e > EPSILON for e in bounds), AUDITS, side="at most", bar=MISSED)
        for who, bounds in zip((IMPOSTOR, HOUSE), zip(*audits(seed)))
    )
    return (Trial(*findings),)


def _above(scores: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Return the share of scores above each threshold."""
    return 1.0 - np.searchsorted(np.sort(scores), thresholds, side="right") / scores.size
