"""Membership scores as a risk."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.results import Marks, Outcome, Risk, ScoresEvidence, Skipped
from synthprivacy.statistics.refusal import refuse_few_people, refuse_no_control
from synthprivacy.statistics.roc import Auc, auc
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED, needed_for_auc
from synthprivacy.statistics.true_positives import FALSE_POSITIVE_RATES, true_positives


def estimate_marks(
    outcome: Outcome,
    original: Marks,
    control: Marks | None,
    *,
    primary: bool,
    confidence: float,
    rng: np.random.Generator,
    least: int = PEOPLE_NEEDED,
) -> Risk | Skipped:
    """Return ``2 AUC - 1`` of a membership score, which needs a control.

    For true positives at a fixed false-positive rate a person has the highest score of its rows, and a random half of
    the control sets the threshold; they are counted, so there are none where people have weights. Parameters as
    `estimate.estimate`.
    """
    if control is None:
        return refuse_no_control(outcome, primary=primary)
    members, nonmembers = _highest(original), _highest(control)
    if min(members.size, nonmembers.size) < least:
        return refuse_few_people(outcome, least, primary=primary)
    found = auc_of(original, control)
    weighted = original.weight is not None or control.weight is not None
    calibration = rng.permutation(nonmembers.size) < (nonmembers.size + 1) // 2
    points = (
        () if weighted else (true_positives(members, nonmembers, calibration, fpr=fpr) for fpr in FALSE_POSITIVE_RATES)
    )
    interval = found.interval(confidence)
    return Risk(
        attack=outcome.attack,
        endpoint=outcome.endpoint,
        primary=primary,
        parameters=outcome.parameters,
        estimand="2 AUC - 1, control people weighted to look like the original" if weighted else "2 AUC - 1",
        estimator="Mann-Whitney; padded, skewness-corrected logit DeLong over people, within Clopper-Pearson",
        value=2.0 * found.value - 1.0,
        interval=interval,
        lower=interval[0],
        upper=interval[1],
        excess=None,
        confidence=confidence,
        p_value=found.p_value(),
        needed_rows=needed_for_auc(confidence=confidence),
        evidence=ScoresEvidence(
            members=found.members,
            nonmembers=found.nonmembers,
            auc=found.value,
            standard_error=found.standard_error,
            tpr=tuple(point for point in points if point is not None),
        ),
    )


def auc_of(members: Marks, nonmembers: Marks) -> Auc:
    """Return how well scores tell members from nonmembers, each person counted by weight."""
    return auc(
        members.score,
        nonmembers.score,
        members.unit,
        nonmembers.unit,
        member_weight=_of_rows(members),
        nonmember_weight=_of_rows(nonmembers),
    )


def _of_rows(marks: Marks) -> npt.NDArray[np.float64] | None:
    return None if marks.weight is None else marks.weight[marks.unit]


def _highest(marks: Marks) -> npt.NDArray[np.float64]:
    """Return the highest score of each person."""
    people, person = np.unique(marks.unit, return_inverse=True)
    highest = np.full(people.size, -np.inf)
    np.maximum.at(highest, person, marks.score)
    return highest
