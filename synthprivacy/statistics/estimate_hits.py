"""Right guesses as a risk."""

from __future__ import annotations

import math
from dataclasses import replace

from synthprivacy.results import Answers, Hits, HitsEvidence, Outcome, Rate, Risk, Skipped
from synthprivacy.statistics.clusters import design_effect, effective, rate
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.fisher import one_sided_p
from synthprivacy.statistics.paired import correlation, sign_p
from synthprivacy.statistics.refusal import refuse, refuse_few_people
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED, needed_control

RAW = "raw rate, no control"
AGAINST_CONTROL = "residual risk (a - c) / (1 - c)"
AGAINST_WEIGHTED = f"{AGAINST_CONTROL}, control people weighted to look like the original"
AGAINST_OTHERS = (
    f"{AGAINST_CONTROL}, c from releasing other training people's records instead: what the release tells beyond real "
    "records of others, be it by leaking or by being smoother than they are"
)

RECIPROCAL = 2.0
"""Variance of success with the records of other training people, over that of independent guesses.

Those who guess and those who are guessed are the same people: two who are nearest to each other guess one another, and
are right or wrong together; a person near to many misleads them all. Simulated with nearest neighbours in 1 to 8 columns
and a secret of two values (300 people, 120 replicates each), the variance is 1.4 to 2.6 times the binomial one, 1.9 in
the mean; that of the difference to success with the release then is .7 to 1.2 times what it is taken to be.
"""
_FEW = 9
"""Counts up to this one are withheld from public renderings."""


def estimate_hits(
    outcome: Outcome,
    original: Hits,
    control: Hits | None,
    *,
    primary: bool,
    confidence: float,
    paired: bool = False,
    least: int = PEOPLE_NEEDED,
    sizing: bool = True,
) -> Risk | Skipped:
    """Return the residual risk of right guesses, the raw rate without a control.

    Counts are divided by the design effect of several guesses about one person, and of unequal weights, before they
    enter an interval. Shown is the interval with Jeffreys limits, decided is by Clopper-Pearson limits.

    Parameters
    ----------
    outcome, primary, confidence, least, sizing
        As `estimate.estimate`.
    original, control : Hits
    paired : bool
        Whether the control's answers are about the original's people, in their order, by another release.
    """
    if any(_attacked(side) < least for side in (original, control) if side is not None):
        return refuse_few_people(outcome, least, primary=primary)
    of_original = effective(original.hits, original.trials, original.weight)
    of_control = None if control is None else _effective(control, paired=paired)
    phi = 0.0 if control is None or not paired else correlation(original.hits, control.hits, original.trials)
    found = residual_risk(*of_original, *(of_control or ()), correlation=phi)
    lower, upper = found.interval(confidence, "clopper-pearson")
    if found.saturated and upper > 0:
        reason = "control saturated: everyone is guessed without the release"
        return refuse(outcome, reason, "a secret, or people, that are harder to guess", primary=primary)
    return Risk(
        attack=outcome.attack,
        endpoint=outcome.endpoint,
        primary=primary,
        parameters=outcome.parameters,
        estimand=_estimand(control, paired=paired),
        estimator=f"MLE; {'' if of_control is None else 'MOVER-R, '}Jeffreys shown, Clopper-Pearson decides",
        value=found.value,
        interval=found.interval(confidence, "jeffreys"),
        lower=lower,
        upper=upper,
        excess=None
        if of_control is None
        else excess(*of_original, *of_control, confidence=confidence, correlation=phi),
        confidence=confidence,
        p_value=_p_value(original, control, paired=paired),
        needed_rows=None if control is None or paired or not sizing else _needed_people(control, confidence),
        evidence=_evidence(outcome, original, control, RECIPROCAL if paired else 1.0),
    )


def _effective(control: Hits, *, paired: bool) -> tuple[float, float]:
    """Return effective successes and trials of what the original is held against."""
    successes, trials = effective(control.hits, control.trials, control.weight)
    return (successes / RECIPROCAL, trials / RECIPROCAL) if paired else (successes, trials)


def _estimand(control: Hits | None, *, paired: bool) -> str:
    if control is None:
        return RAW
    if paired:
        return AGAINST_OTHERS
    return AGAINST_CONTROL if control.weight is None else AGAINST_WEIGHTED


def _p_value(original: Hits, control: Hits | None, *, paired: bool) -> float | None:
    if control is None:
        return None
    if paired:
        return sign_p(original.hits, control.hits, design_effect=RECIPROCAL)
    sides = (effective(side.hits, side.trials, side.weight) for side in (original, control))
    return one_sided_p(*(count for side in sides for count in side))


def _attacked(answers: Hits) -> int:
    return int((answers.trials > 0).sum())


def _needed_people(control: Hits, confidence: float) -> int | None:
    """Return the control people needed, who bring as many and as alike guesses each as those at hand."""
    share = rate(control.hits, control.trials, control.weight)
    guesses = needed_control(share, confidence=confidence) if share < 1.0 else None
    if guesses is None:
        return None
    each = float(control.trials.sum()) / _attacked(control)
    return max(PEOPLE_NEEDED, math.ceil(guesses * design_effect(control.hits, control.trials, control.weight) / each))


def _evidence(outcome: Outcome, original: Hits, control: Hits | None, inflation: float) -> HitsEvidence:
    against, *described = (_rate(answers) for answers in (control, *map(outcome.answers.get, ("naive", "population"))))
    if against is not None:
        against = replace(against, design_effect=against.design_effect * inflation)
    return HitsEvidence(_counted(original), against, *described)


def _rate(answers: Answers | None) -> Rate | None:
    return _counted(answers) if isinstance(answers, Hits) and _attacked(answers) else None


def _counted(answers: Hits) -> Rate:
    hits, trials = int(answers.hits.sum()), int(answers.trials.sum())
    inflation = design_effect(answers.hits, answers.trials, answers.weight)
    if answers.weight is not None:
        hits = _as_counted(rate(answers.hits, answers.trials, answers.weight), hits, trials)
    return Rate(hits, trials, _attacked(answers), inflation)


def _as_counted(share: float, hits: int, trials: int) -> int:
    """Return the whole number of hits that stands for a weighted share of the trials.

    Where fewer than ten are hit, or missed, no more than nine are told: renderings withhold small counts, and must know
    them for what they are.
    """
    told = round(share * trials)
    told = min(told, _FEW) if hits <= _FEW else told
    return max(told, trials - _FEW) if trials - hits <= _FEW else told
