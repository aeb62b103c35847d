"""What is known anyway taken out of a result, and said beside it."""

from __future__ import annotations

from dataclasses import replace

from synthprivacy.comparators.anyway import Anyway, adjusted
from synthprivacy.results import Adjusted, Hits, HitsEvidence, Outcome, Rate, Risk
from synthprivacy.statistics.clusters import design_effect
from synthprivacy.statistics.proportions import clopper_pearson

KNOWN_ANYWAY = (
    "known anyway: the same attacker guesses about as well from real people who were never used, so the population tells "
    "it (population inference); no part of it was found to come from having been in the training table"
)
_HALF = 0.5
"""Share of what is guessed beyond the marginals that others must tell too, for it to count as known anyway."""


def with_adjusted(risk: Risk, outcome: Outcome, also: Anyway | None) -> Risk:
    """Return the risk with its covariate-adjusted form beside it.

    Beside, and not in its place: plans, rulers and the public rendering are made of the counts that anybody can check,
    and where a side has few hits or misses nothing can be adjusted. An adjusted interval that decided only where it is
    narrow enough would be two chances to pass.
    """
    match outcome.answers.get("original"), outcome.answers.get("control"), risk.evidence:
        case Hits() as original, Hits(weight=None) as control, HitsEvidence() as evidence if also is not None:
            found = adjusted(original, control, also)
            lower, upper = found.residual.interval(risk.confidence, "clopper-pearson")
            guessed = _rate(also.original)
            made = Adjusted(
                value=found.residual.value,
                interval=found.residual.interval(risk.confidence, "jeffreys"),
                lower=lower,
                upper=upper,
                excess=found.excess(risk.confidence),
                variance_left=found.variance_left,
                anyway=guessed,
                reading=KNOWN_ANYWAY if _is_known_anyway(risk, evidence, guessed) else None,
            )
            return replace(risk, adjusted=made)
    return risk


def _is_known_anyway(risk: Risk, evidence: HitsEvidence, guessed: Rate) -> bool:
    """Return whether more is guessed than marginals tell, most of that without the release too, and no leak was seen."""
    if evidence.naive is None or risk.lower > 0.0:
        return False
    marginal, success, anyway = (_share(rate) for rate in (evidence.naive, evidence.original, guessed))
    surely_more = _ends(evidence.original, risk.confidence)[0] > _ends(evidence.naive, risk.confidence)[1]
    return surely_more and anyway - marginal >= _HALF * (success - marginal)


def _rate(answers: Hits) -> Rate:
    hits, trials = int(answers.hits.sum()), int(answers.trials.sum())
    return Rate(hits, trials, len(answers.trials), design_effect(answers.hits, answers.trials))


def _share(rate: Rate) -> float:
    return float(rate.successes) / float(rate.trials)


def _ends(rate: Rate, confidence: float) -> tuple[float, float]:
    hits, trials = (float(count) / rate.design_effect for count in (rate.successes, rate.trials))
    low, high = clopper_pearson(hits, trials, confidence)
    return float(low), float(high)
