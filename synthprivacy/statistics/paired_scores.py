"""Two releases held against the same people by scores, and by predicates: whose risk is higher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.errors import DataError
from synthprivacy.results import Interval, Marks, Matches
from synthprivacy.statistics.estimate_marks import auc_of
from synthprivacy.statistics.paired_risks import RiskDifference, correlation_of
from synthprivacy.statistics.proportions import Method
from synthprivacy.statistics.roc import Auc, influence
from synthprivacy.statistics.singling_out import singling_out


@dataclass(frozen=True, slots=True)
class Advantage:
    """``2 AUC - 1`` of a membership score."""

    area: Auc

    @property
    def value(self) -> float:
        """The estimate."""
        return 2.0 * self.area.value - 1.0

    def interval(self, confidence: float = 0.95, method: Method = "jeffreys") -> Interval:
        """Return the two-sided interval, which is the same whatever the method: see `Auc.interval`."""
        del method
        return self.area.interval(confidence)


def score_difference(first: tuple[Marks, Marks], second: tuple[Marks, Marks]) -> RiskDifference:
    """Return the difference of ``2 AUC - 1`` of one membership score made with two releases about the same people.

    The correlation of the two areas is that of their structural components over people, so that what the same people do to
    both is no noise. Each area keeps its own limits (`Auc.interval`), which hold where the estimated variance fails.

    Parameters
    ----------
    first, second : pair of Marks
        Scores of the original's and of the control's people, made with one release and with the other.

    Raises
    ------
    DataError
        If the people are not the same, or fewer than two a side.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, section 2;
    Donner and Zou (2012), section 2 (a difference, with the correlation of the estimates).
    """
    for one, other in zip(first, second):
        if not np.array_equal(np.unique(one.unit), np.unique(other.unit)):
            msg = (
                "two releases are compared on the same people: other people were scored with each; attack them together"
            )
            raise DataError(msg)
    correlation = correlation_of(influence(*first), influence(*second))
    return RiskDifference(Advantage(auc_of(*first)), Advantage(auc_of(*second)), correlation)


def isolation_difference(
    first: tuple[Matches, Matches], second: tuple[Matches, Matches], rng: np.random.Generator
) -> RiskDifference | None:
    """Return the difference of the singling-out risks of two releases, each by predicates of its own.

    The people are the same, the predicates are not, so nothing is taken off for what both share: the interval is at most too
    wide, as long as what isolates people by one release does not keep the other from it.

    Parameters
    ----------
    first, second : pair of Matches
        Predicates of a release, counted on the original and on the control.
    rng : numpy.random.Generator
        Draws the jackknife groups.

    Returns
    -------
    RiskDifference or None
        None where the predicates of a release isolate somebody of the control without fail.
    """
    risks = [singling_out(*sides, stream) for sides, stream in zip((first, second), rng.spawn(2))]
    return None if any(risk.saturated for risk in risks) else RiskDifference(risks[0], risks[1], 0.0)
