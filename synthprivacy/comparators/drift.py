"""Do original and control come from the same population? Asked of a classifier, before any attack."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, logit, ndtri

from synthprivacy.comparators.classifier import log_odds
from synthprivacy.comparators.portraits import portraits
from synthprivacy.results import Balance, Check
from synthprivacy.results.comparator import APART
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.table import FloatArray, Table

CHECK = "control_drift"
CONFIDENCE = 0.95
"""Two-sided, so that without drift it is shown in 2.5 % of runs."""
_DOWN, _UP = 2.0, math.sqrt(2.0)
"""How many times as far as DeLong's error says the ends of the interval lie; see `balance`."""
_SURE = 0.9
_EDGE = 1e-9
"""Keeps the logit finite where the two are told apart without error."""


def control_drift(found: Balance, *, original: Table, control: Table) -> Check:
    """Return whether risks can be interpreted: whether original and control are shown to be of different populations.

    *failed*: the interval of the AUC lies above .5 and reaches above .55. *warn*: it holds .5 but reaches above .55, so
    that a drift that matters can merely not be excluded. *ok*: its upper end is at most .55. If the upper end alone
    decided, no perfect release of fewer than 500 people a side could pass: with 250 + 250 people it reaches above .55
    in nine runs of ten without any drift.

    FIGURES

    Parameters
    ----------
    found : Balance
        What `drift` returned.
    original, control : Table
    """
    told = f"a classifier tells original from control with {found}"
    if found.apart:
        why = f"they differ by more than is harmless ({APART}), and so would risks; hold people out, or declare plan.comparator"
        return Check(CHECK, "failed", f"{told}: {why}")
    if not found.alike:
        needed = people_needed(original.people / control.people)
        why = f"a drift that matters is not shown, but cannot be excluded; about {needed:,} control people would do"
        return Check(CHECK, "warn", f"{told}: {why}")
    return Check(CHECK, "ok", f"{told}: at most {APART}")


def drift(*, original: Table, control: Table, rng: np.random.Generator) -> Balance:
    """Return how well a cross-fitted classifier tells original people from control people, counted by weight.

    Parameters
    ----------
    original, control : Table
        In one encoding.
    rng : numpy.random.Generator
        Deals the folds.
    """
    people = portraits(original, control)
    is_original = np.arange(len(people)) < original.people
    weight = np.ones(len(people))
    if control.weight is not None:
        weight[~is_original] = control.weight
    return balance(log_odds(people, is_original, rng, weight), original.people, weight)


def balance(score: FloatArray, originals: int, weight: FloatArray) -> Balance:
    """Return the area under the ROC curve of cross-fitted scores, with its interval over people.

    DeLong's error takes the scores as given, but each fold is scored by what was learned from the others, and they by
    what was learned from it: without drift the AUC is in essence a sum over pairs of people of which each enters twice.
    That doubles its variance, so the upper end lies √2 times as far away (simulated with 250 + 250 and 1,000 + 1,000
    people and six columns, the standard deviation is 1.3 to 1.5 times DeLong's error without drift, 1.2 to 1.6 times
    with it). It also gives it the shape of a χ² distribution less its mean, with at least one degree of freedom, whose
    upper 2.5 % begin 2.84 standard deviations up and not 1.96: the lower end lies 2 times as far away.

    Parameters
    ----------
    score : ndarray of float64, shape (people,)
        Original people first.
    originals : int
        How many these are.
    weight : ndarray of float64, shape (people,)

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, section 2;
    Pepe (2003), The statistical evaluation of medical tests, chapter 5 (logit);
    Friedman (2003), On multivariate goodness-of-fit and two-sample testing, section 3 (a classifier as two-sample test).
    """
    found = auc(
        score[:originals],
        score[originals:],
        member_weight=weight[:originals],
        nonmember_weight=weight[originals:],
    )
    value = min(max(found.value, _EDGE), 1.0 - _EDGE)
    reach = float(ndtri((1.0 + CONFIDENCE) / 2.0)) * found.standard_error / (value * (1.0 - value))
    low, high = expit(logit(value) + np.array([-_DOWN, _UP]) * reach)
    return Balance(found.value, float(low), float(high))


def people_needed(ratio: float) -> int:
    """Return the control people with whom a drift that matters is excluded in nine runs of ten if there is none.

    Parameters
    ----------
    ratio : float
        Original people for each control person.
    """
    each = _UP**2 * (1.0 + 1.0 / ratio) / 12.0  # of an AUC of one half without ties
    sure = float(ndtri((1.0 + CONFIDENCE) / 2.0) + ndtri(_SURE))
    return math.ceil(each * (sure / (APART - 0.5)) ** 2)
