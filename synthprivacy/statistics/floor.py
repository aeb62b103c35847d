"""Detection floor: the smallest number of published people that a run would notice in half of its repetitions.

A leak is noticed where the lower decision bound lies above 0. In half of the repetitions the counts, or the area under
the curve, are at least what is expected of them, so the floor is where the bound of what is *expected* rises above 0.
What is expected without a leak is what was met on the control, by this very release: people who were never used are
what training people are to a release that leaks nothing, and a leak of the release itself does not enter.
"""

from __future__ import annotations

import math
from dataclasses import replace

from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import Auc


def gain_of_guesses(found: float, control_rate: float) -> float:
    """Return the residual risk if everyone were published: ``(p - c) / (1 - c)``, 0 where everybody is guessed anyway.

    Publishing k of n people lifts the success rate from c to ``c + k / n * (p - c)``, and so the residual risk from 0
    to ``k / n`` times what is returned: for guesses every published person adds the same.

    Parameters
    ----------
    found : float
        p, the share of published people about whom the attack guesses right.
    control_rate : float
        c, its success on people who were never used.
    """
    return (found - control_rate) / (1.0 - control_rate) if control_rate < 1.0 else 0.0


def found_limits(successes: float, trials: float, confidence: float) -> tuple[float, float]:
    """Return the Clopper-Pearson limits of the share of published people about whom an attack guesses right.

    Parameters
    ----------
    successes, trials : float
        Effective right guesses about a sample of planted people, and guesses.
    confidence : float
        Two-sided, within (0, 1).
    """
    least, most = clopper_pearson(successes, trials, confidence)
    return float(least), float(most)


def floor_of_guesses(
    people: int, found: float, trials: float, control_successes: float, control_trials: float, *, confidence: float
) -> int | None:
    """Return the detection floor of an attack that guesses; None if not even all people would be noticed.

    Simulated as counts (600 + 600 people, success by chance .01 to .5, 2,000 runs each), with the share of published
    people found known: as many people as the floor says are noticed in .52 to .55 of runs; always where chance never helps.

    Parameters
    ----------
    people : int
        Training people.
    found : float
        The share of published people about whom the attack guesses right.
    trials : float
        Effective number of guesses about training people.
    control_successes, control_trials : float
        The same of the control.
    confidence : float
        Two-sided, within (0, 1); the bound is one-sided at ``(1 + confidence) / 2``.
    """
    rate = control_successes / control_trials

    def noticed(published: int) -> bool:
        successes = (rate + published / people * (found - rate)) * trials
        risk = residual_risk(min(successes, trials), trials, control_successes, control_trials)
        return risk.interval(confidence, "clopper-pearson")[0] > 0.0

    if found <= rate or not noticed(people):
        return None
    unseen, seen = 0, people
    while seen - unseen > 1:
        middle = (unseen + seen) // 2
        unseen, seen = (unseen, middle) if noticed(middle) else (middle, seen)
    return seen


def auc_without_leak(alike: Auc, members: int, nonmembers: int) -> Auc:
    """Return the AUC of one half that a run would have met if training people scored as the control does.

    Ties, several rows of one person and weights enter as they are in the control. The lower end of its interval lies as
    far below 0 as a result must lie above it to be noticed.

    Parameters
    ----------
    alike : Auc
        Of the control's scores against themselves: its variance is that of DeLong's components with the control on
        either side.
    members, nonmembers : int
        People attacked in the run.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), section 2.
    """
    each = alike.standard_error**2 / (1.0 / alike.members + 1.0 / alike.nonmembers)
    error = math.sqrt(each * (1.0 / members + 1.0 / nonmembers))
    return replace(alike, standard_error=error, members=members, nonmembers=nonmembers)
