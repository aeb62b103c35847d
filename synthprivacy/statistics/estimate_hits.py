"""Right guesses as a risk."""

from __future__ import annotations

import math

from synthprivacy.results import Answers, Hits, HitsEvidence, Outcome, Rate, Risk, Skipped
from synthprivacy.statistics.clusters import design_effect, effective
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.fisher import one_sided_p
from synthprivacy.statistics.refusal import refuse, refuse_few_people
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED, needed_control


def estimate_hits(
    outcome: Outcome, original: Hits, control: Hits | None, *, primary: bool, confidence: float
) -> Risk | Skipped:
    """Return the residual risk of right guesses, the raw rate without a control.

    Counts are divided by the design effect of several guesses about one person before they enter an interval. Shown is
    the interval with Jeffreys limits, decided is by Clopper-Pearson limits. Parameters as `estimate.estimate`.
    """
    if any(_attacked(side) < PEOPLE_NEEDED for side in (original, control) if side is not None):
        return refuse_few_people(outcome, primary=primary)
    of_original = effective(original.hits, original.trials)
    of_control = None if control is None else effective(control.hits, control.trials)
    found = residual_risk(*of_original) if of_control is None else residual_risk(*of_original, *of_control)
    lower, upper = found.interval(confidence, "clopper-pearson")
    if found.saturated and upper > 0:
        reason = "control saturated: everyone is guessed without the release"
        return refuse(outcome, reason, "a secret, or people, that are harder to guess", primary=primary)
    return Risk(
        attack=outcome.attack,
        endpoint=outcome.endpoint,
        primary=primary,
        parameters=outcome.parameters,
        estimand="raw rate, no control" if of_control is None else "residual risk (a - c) / (1 - c)",
        estimator=f"MLE; {'' if of_control is None else 'MOVER-R, '}Jeffreys shown, Clopper-Pearson decides",
        value=found.value,
        interval=found.interval(confidence, "jeffreys"),
        lower=lower,
        upper=upper,
        excess=None if of_control is None else excess(*of_original, *of_control, confidence=confidence),
        confidence=confidence,
        p_value=None if of_control is None else one_sided_p(*of_original, *of_control),
        needed_rows=None if control is None else _needed_people(control, confidence),
        evidence=_evidence(outcome, original),
    )


def _attacked(answers: Hits) -> int:
    return int((answers.trials > 0).sum())


def _needed_people(control: Hits, confidence: float) -> int | None:
    """Return the control people needed, who bring as many and as alike guesses each as those at hand."""
    share = float(control.hits.sum() / control.trials.sum())
    guesses = needed_control(share, confidence=confidence) if share < 1.0 else None
    if guesses is None:
        return None
    each = float(control.trials.sum()) / _attacked(control)
    return max(PEOPLE_NEEDED, math.ceil(guesses * design_effect(control.hits, control.trials) / each))


def _evidence(outcome: Outcome, original: Hits) -> HitsEvidence:
    others = (_rate(outcome.answers.get(population)) for population in ("control", "naive", "population"))
    return HitsEvidence(_counted(original), *others)


def _rate(answers: Answers | None) -> Rate | None:
    return _counted(answers) if isinstance(answers, Hits) and _attacked(answers) else None


def _counted(answers: Hits) -> Rate:
    inflation = design_effect(answers.hits, answers.trials)
    return Rate(int(answers.hits.sum()), int(answers.trials.sum()), _attacked(answers), inflation)
