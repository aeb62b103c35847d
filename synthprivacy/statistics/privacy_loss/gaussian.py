"""Gaussian differential privacy: what two normal distributions a distance mu apart would give away.

A bound on mu says something about a generator whose every run is no easier to tell apart than N(0, 1) from N(mu, 1):
noise that is Gaussian, or is proven to be dominated by it. It says nothing of others: Laplace noise is not dominated by
any mu its epsilon suggests, and for it only the bounds on epsilon hold.
"""

from __future__ import annotations

import math

from scipy.special import log_ndtr, ndtri

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.privacy_loss.search import largest_rejected, require_level
from synthprivacy.statistics.proportions import clopper_pearson


def mu(true_positives: int, members: int, false_positives: int, nonmembers: int, *, confidence: float = 0.95) -> float:
    """Return the lower confidence bound of mu, from independent runs at one threshold chosen beforehand.

    Both error rates are bounded from above at ``(1 - confidence) / 2``; the trade-off of two normal distributions then
    gives ``mu >= z(1 - FPR) - z(FNR)``. Valid only where the module says.

    Parameters
    ----------
    true_positives, false_positives : int
        Runs called "with", of those with and of those without the person.
    members, nonmembers : int
        Runs with and without the person.
    confidence : float
        One-sided, within (0, 1).

    Raises
    ------
    ConfigError
        If the confidence is out of range.
    DataError
        If the counts are impossible.

    References
    ----------
    Dong, Roth and Su (2022), Gaussian differential privacy, definition 2.6 and equation 6; Nasr et al. (2023), Tight
    auditing of differentially private machine learning, section 4.
    """
    require_level(confidence)
    missed = clopper_pearson(members - true_positives, members, confidence)[1]
    called = clopper_pearson(false_positives, nonmembers, confidence)[1]
    return max(0.0, float(-ndtri(called) - ndtri(missed)))


def delta_at(epsilon: float, *, mu: float) -> float:
    """Return the smallest delta for which mu-Gaussian privacy implies (epsilon, delta).

    Parameters
    ----------
    epsilon, mu : float
        At least 0.

    Raises
    ------
    ConfigError
        If either is negative.

    References
    ----------
    Dong, Roth and Su (2022), corollary 2.13.
    """
    if not (epsilon >= 0.0 and mu >= 0.0):
        msg = f"epsilon and mu must be at least 0: {epsilon} and {mu}; pass what the claim says"
        raise ConfigError(msg)
    if mu == 0.0:
        return 0.0
    kept = log_ndtr(-epsilon / mu + mu / 2.0)
    taken = epsilon + log_ndtr(-epsilon / mu - mu / 2.0)
    return float(math.exp(kept) * -math.expm1(min(taken - kept, 0.0)))


def epsilon_at(delta: float, *, mu: float) -> float:
    """Return the smallest epsilon for which mu-Gaussian privacy implies (epsilon, delta).

    Infinite at ``delta = 0``: no Gaussian noise gives pure privacy.

    Parameters
    ----------
    delta : float
        Within [0, 1).
    mu : float
        At least 0.

    Raises
    ------
    ConfigError
        If delta or mu is out of range.

    References
    ----------
    Dong, Roth and Su (2022), corollary 2.13, solved for epsilon.
    """
    require_level(0.5, delta)
    if delta == 0.0:
        return math.inf if mu > 0.0 else 0.0
    return largest_rejected(lambda epsilon: delta_at(epsilon, mu=mu) > delta)
