"""Whether success rates on original and control agree with a claim of differential privacy.

A claim f says how rarely an attack must fail on people trained on, given how often it succeeds on others: ``a <= 1 -
f(c)``. People of the original and of the control differ by *replacing* one by the other; a claim for adding or removing
one holds for replacing at twice its epsilon (and at ``(1 + e^eps) delta``, or twice its mu).

People of one release share its randomness, so their limits are not those of independent trials. What contradicts a claim
here is therefore "inconsistent with the claim, audit it"; to falsify one takes `one_run` or many runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.privacy_loss.claims import Claim
from synthprivacy.statistics.proportions import clopper_pearson


@dataclass(frozen=True, slots=True)
class Consistency:
    """An observed pair of success rates beside what a claim allows. The public constructor is `consistency`."""

    inconsistent: bool
    """Whether the lower limit on the original is above what the claim allows at the upper limit on the control."""
    original_lower: float
    """Lower limit of a."""
    control_upper: float
    """Upper limit of c."""
    highest: float
    """The highest a the claim allows at that upper limit."""


def consistency(
    claim: Claim,
    original_successes: float,
    original_trials: float,
    control_successes: float,
    control_trials: float,
    *,
    confidence: float = 0.95,
) -> Consistency:
    """Return whether success rates on original and control are consistent with a claim.

    Each rate has a one-sided Clopper-Pearson limit at ``(1 - confidence) / 2``, so with independent trials a true claim
    is called inconsistent with probability at most ``1 - confidence``.

    Parameters
    ----------
    claim : Claim
        For replacing one person.
    original_successes, original_trials, control_successes, control_trials : float
        Counts, or effective counts of clustered people.
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
    Dong, Roth and Su (2022), definition 2.3; averaging over people keeps ``a <= 1 - f(c)`` because f is convex.
    """
    lower = float(clopper_pearson(original_successes, original_trials, confidence)[0])
    upper = float(clopper_pearson(control_successes, control_trials, confidence)[1])
    highest = claim.highest(upper)
    return Consistency(lower > highest, lower, upper, highest)


def highest_residual_risk(claim: Claim, control_rate: float) -> float:
    """Return the highest residual risk ``(a - c) / (1 - c)`` a claim allows to any attack at a success rate on control.

    For (epsilon, delta) this is at most ``1 - e^-eps (1 - delta / (1 - c))``, the face that counts failures; where the
    control is rarely guessed right the other face is far stricter: .017 instead of .632 at epsilon 1 and c = .01.

    Raises
    ------
    ConfigError
        If the rate is not within [0, 1).
    """
    if not 0.0 <= control_rate < 1.0:
        msg = f"control_rate must be at least 0 and below 1: {control_rate}; at 1 there is nothing left to gain"
        raise ConfigError(msg)
    return (claim.highest(control_rate) - control_rate) / (1.0 - control_rate)
