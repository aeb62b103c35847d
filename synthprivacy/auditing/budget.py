"""How many fits a budget of time buys, and what so many fits can and cannot show: said before they are made."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from synthprivacy.errors import ConfigError
from synthprivacy.results.serialize import number
from synthprivacy.statistics.privacy_loss.two_sample import over_thresholds
from synthprivacy.statistics.proportions import clopper_pearson

FEWEST = 20
"""Fits below which nothing is judged."""
JUDGING = 0.1
"""Share of a budget that is left for what comes after the fits."""
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_POWER = 0.8
_CROSSFITTED = 2.0
"""Variance of a cross-fitted AUC without a leak, over that of a fixed score: scores that were learned on one half and
judged on the other, and the other way round, use each pair of fits twice."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a number of fits can show."""

    fits: int
    targets: int
    smallest_auc: float
    """Of one target among all, found with probability .8 although all are looked at."""
    smallest_auc_alone: float
    """The same for a target looked at alone."""
    largest_epsilon: float
    """The most that can be proven, were every guess right: half of the fits teach, the other half is guessed at."""
    half_width: float
    """Of the Clopper-Pearson interval of a success rate of one half over the fits with a target."""
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "fits": self.fits,
            "targets": self.targets,
            "smallest_auc": number(self.smallest_auc),
            "smallest_auc_alone": number(self.smallest_auc_alone),
            "largest_epsilon": number(self.largest_epsilon),
            "half_width": number(self.half_width),
            "confidence": self.confidence,
        }

    def __str__(self) -> str:
        return (
            f"{self.fits:,} fits, each with and without half of {self.targets} targets, can show: an AUC of "
            f"{self.smallest_auc:.2f} or more of one target among {self.targets} ({self.smallest_auc_alone:.2f} of one "
            f"alone), success rates to within ± {100.0 * self.half_width:.0f} points a target, and an epsilon of "
            f"about {self.largest_epsilon:.2f} at most. They cannot show smaller leaks, nor that there is none."
        )


def reach(fits: int, targets: int, *, confidence: float = 0.95) -> Reach:
    """Return what fits can show of targets that are in half of them each.

    The smallest AUC solves ``(AUC - 1/2) / s = z(1 - alpha / targets) + z(.8)`` one-sided, with s the standard error
    without a leak, ``sqrt((n + 1) / (12 m (n - m)))`` for m of n fits with the target, times the cross-fitted design
    effect; alpha is ``(1 - confidence) / 2``, Bonferroni's bound standing in for max-T.

    Raises
    ------
    ConfigError
        If there are fewer than 20 fits.

    References
    ----------
    Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger than the other
    (variance).
    """
    if fits < FEWEST:
        raise ConfigError(f"an audit needs at least {FEWEST} fits: {fits}; pass a larger --budget, or --fits")
    half = fits // 2
    error = math.sqrt(_CROSSFITTED * (fits + 1.0) / (12.0 * half * (fits - half)))
    tail = (1.0 - confidence) / 2.0
    together, alone = (
        min(1.0, 0.5 + (float(ndtri(1.0 - tail / ways)) + float(ndtri(_POWER))) * error) for ways in (targets, 1)
    )
    low, high = clopper_pearson(half / 2.0, half, confidence)
    apart = (np.arange(half) >= half // 2).astype(np.float64)  # the fits judged, told apart completely
    perfect = over_thresholds(apart[half // 2 :], apart[: half // 2], np.random.default_rng(0), confidence=confidence)
    return Reach(fits, targets, together, alone, perfect.ceiling, float(np.subtract(high, low)) / 2.0, confidence)


def affordable(seconds_a_fit: float, budget: float, jobs: int) -> int:
    """Return how many fits a budget buys, an even number of at least 20.

    Parameters
    ----------
    seconds_a_fit : float
        Of one fit in one process.
    budget : float
        Seconds.
    jobs : int
        Processes.

    Raises
    ------
    ConfigError
        If it buys too few to judge anything.
    """
    bought = math.floor(budget * (1.0 - JUDGING) * jobs / max(seconds_a_fit, 1e-3)) // 2 * 2
    if bought < FEWEST:
        needed = FEWEST * seconds_a_fit / jobs / (1.0 - JUDGING)
        raise ConfigError(
            f"the budget must buy at least {FEWEST} fits: at {seconds_a_fit:.1f} s each it buys {bought}; pass "
            f"--budget {math.ceil(needed / 60.0) + 1}m, or audit with fewer rows"
        )
    return bought


def seconds_of(text: str) -> float:
    """Return the seconds of a budget such as ``90s``, ``30m`` or ``2h``.

    Raises
    ------
    ConfigError
        If it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if found is None or not float(found[1]):
        msg = "budget must be a number and s, m or h, such as 90s, 30m or 2h; change it"
        raise ConfigError(msg)
    return float(found[1]) * _UNITS[found[2]]
