"""Endpoints nobody declared primary: they can fail a release, but only where chance among all of them is ruled out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from scipy.special import ndtr, ndtri

from synthprivacy.errors import DataError
from synthprivacy.gating.bounds import bound_of, finite, number
from synthprivacy.results import HitsEvidence, Rate, Risk
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.multiplicity import holm
from synthprivacy.statistics.residual_risk import residual_risk

_SMALLEST = 1e-12
"""Tail below which nobody cares how small it is."""
_HALVINGS = 40


def alarms(risks: Sequence[tuple[Risk, str, float]]) -> list[bool]:
    """Return which risks are above their limits even after Holm's correction over all of them.

    The chance of any false alarm in the family is at most ``(1 - confidence) / 2``, the one-sided level of a decision.
    A risk must also have its own lower decision bound above the limit.

    Parameters
    ----------
    risks : sequence of (Risk, str, float)
        Readable risks, each with the form of the number that is bounded (as `bound_of`) and its limit.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, section 3.
    """
    adjusted = holm([p_value(risk, form, limit) for risk, form, limit in risks])
    found = []
    for (risk, form, limit), p in zip(risks, adjusted.tolist()):
        bound = bound_of(risk, form)
        found.append(not isinstance(bound, str) and bound.lower > limit and p <= (1.0 - risk.confidence) / 2.0)
    return found


def p_value(risk: Risk, form: str, limit: float) -> float:
    """Return the one-sided p-value of "the number is at most `limit`"; 1 where it cannot be computed.

    Guesses: the smallest tail at which the Clopper-Pearson MOVER lower bound, from the counts that were kept, is still
    above the limit. Scores and matches: the normal tail of the distance, in the standard errors that the decision bound
    implies; those of the estimate are 0 where a score tells everybody apart.
    """
    evidence = risk.evidence
    if isinstance(evidence, HitsEvidence):
        bound = bound_of(risk, form)
        scale = "excess" if not isinstance(bound, str) and bound.form.startswith("excess") else "risk"
        return _inverted(_lower_bound(evidence, scale), limit)
    reach = risk.value - risk.lower
    if not (finite(reach) and reach > 0.0):
        return 1.0
    return float(ndtr((limit - risk.value) / reach * ndtri((1.0 + risk.confidence) / 2.0)))


def _lower_bound(evidence: HitsEvidence, scale: str) -> Callable[[float], float]:
    """Return the function from a one-sided tail to the lower bound."""
    original, control = _effective(evidence.original, at_least=False), _effective(evidence.control, at_least=True)

    def lower(tail: float) -> float:
        confidence = 1.0 - 2.0 * tail
        if scale == "excess":
            return excess(*original, *control, confidence=confidence).lower
        return residual_risk(*original, *control).interval(confidence, "clopper-pearson")[0]

    return lower


def _inverted(lower: Callable[[float], float], limit: float) -> float:
    """Return the smallest tail at which the bound, which rises with the tail, is above the limit."""
    small, large = math.log(_SMALLEST), math.log(0.5 - _SMALLEST)
    try:
        if lower(math.exp(large)) <= limit:
            return 1.0
        for _ in range(_HALVINGS):
            middle = (small + large) / 2.0
            small, large = (small, middle) if lower(math.exp(middle)) > limit else (middle, large)
    except DataError:
        return 1.0
    return math.exp(large)


def _effective(rate: Rate | None, *, at_least: bool) -> tuple[float, float]:
    """Return effective successes and trials, a withheld count at the end named; NaN where they cannot be read."""
    if rate is None or not finite(rate.design_effect) or rate.design_effect < 1.0:
        return math.nan, math.nan
    successes, trials = number(rate.successes, at_least=at_least), number(rate.trials, at_least=True)
    return successes / rate.design_effect, trials / rate.design_effect
