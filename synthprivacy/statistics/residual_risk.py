"""Residual risk: what an attacker gains from people being in the training table, beyond what a control gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.results import Interval
from synthprivacy.statistics import mover
from synthprivacy.statistics.proportions import Method, limits


@dataclass(frozen=True, slots=True)
class ResidualRisk:
    """Residual risk of one attack; keeps the counts, so that an interval is a question asked later.

    The public constructor is `residual_risk`.
    """

    original_successes: float
    original_trials: float
    control_successes: float
    control_trials: float | None
    """None without a control: the risk is then the raw rate."""
    correlation: float = 0.0

    @property
    def saturated(self) -> bool:
        """Whether every guess on the control was right, so that there is nothing left to gain."""
        return self.control_trials is not None and self.control_successes >= self.control_trials

    @property
    def value(self) -> float:
        """The estimate ``(a - c) / (1 - c)``, unclipped: 0 = no leak, 1 = total.

        A saturated control counts as having half a failure, so that the estimate stays a number.
        """
        failures = 1.0 - self.original_successes / self.original_trials
        if self.control_trials is None:
            return 1.0 - failures
        missed = max(self.control_trials - self.control_successes, 0.5 if self.saturated else 0.0)
        return 1.0 - failures * self.control_trials / missed

    def interval(self, confidence: float = 0.95, method: Method = "jeffreys") -> Interval:
        """Return the two-sided MOVER-R interval; each end is one-sided at ``(1 + confidence) / 2``.

        Jeffreys limits of the two rates are for display (close to nominal on average), Clopper-Pearson limits for
        decisions (no end misses noticeably more than its nominal share). Where the failure rate of the control has no
        positive lower limit the lower end is ``-inf``. Without a control this is the interval of one proportion.

        Parameters
        ----------
        confidence : float
            Two-sided, within (0, 1).
        method : {"jeffreys", "clopper-pearson"}
            Limits of the two rates.

        References
        ----------
        Donner and Zou (2012), section 2 (MOVER-R), applied to the ratio of failure rates.
        """
        failures = self.original_trials - self.original_successes
        of_original = limits(failures, self.original_trials, confidence, method)
        if self.control_trials is None:
            return float(1.0 - of_original[1]), float(1.0 - of_original[0])
        control_failures = self.control_trials - self.control_successes
        lower, upper = mover.ratio(
            np.asarray(failures / self.original_trials),
            of_original,
            np.asarray(control_failures / self.control_trials),
            limits(control_failures, self.control_trials, confidence, method),
            self.correlation,
        )
        return float(1.0 - upper), float(1.0 - lower)


def residual_risk(
    original_successes: float,
    original_trials: float,
    control_successes: float | None = None,
    control_trials: float | None = None,
    *,
    correlation: float = 0.0,
) -> ResidualRisk:
    """Return the residual risk ``R = (a - c) / (1 - c)`` of success rates a on the original and c on the control.

    R is one minus the ratio of the *failure* rates, so intervals for a ratio of proportions apply. No correction is
    made for a finite population: original and control are both samples, and the question is what being in the training
    table adds.

    Parameters
    ----------
    original_successes, original_trials : float
        Counts, or effective counts (`clusters.effective`), on the training people.
    control_successes, control_trials : float, optional
        The same on the control people; both absent gives the raw rate a.
    correlation : float
        Correlation of the two rates where the same trials were marked on both sides; 0 for different people.

    Raises
    ------
    DataError
        If the counts are impossible, or only one of the control's counts is given.
    ConfigError
        If the correlation is not within [-1, 1].
    """
    if (control_successes is None) != (control_trials is None):
        msg = "control counts come in pairs: one of successes and trials is missing; pass both or neither"
        raise DataError(msg)
    if not -1.0 <= correlation <= 1.0:
        msg = f"correlation must lie between -1 and 1: {correlation}; use 0 for different people"
        raise ConfigError(msg)
    pairs = [(original_successes, original_trials), (control_successes or 0.0, control_trials)]
    for successes, trials in pairs:
        if trials is not None and not (trials > 0 and 0 <= successes <= trials):
            msg = "a rate needs at least one trial and between 0 and `trials` successes; check the counts"
            raise DataError(msg)
    return ResidualRisk(original_successes, original_trials, control_successes or 0.0, control_trials, correlation)
