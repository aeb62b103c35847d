"""How well a score tells training people from others: the area under the ROC curve, people as the unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtr, ndtri

from synthprivacy.errors import DataError
from synthprivacy.results import Interval
from synthprivacy.statistics.proportions import clopper_pearson

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_PADDING = 2.0


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve; an interval is a question asked later. The public constructor is `auc`."""

    value: float
    """P(a member's score is higher) + P(they tie) / 2."""
    standard_error: float
    """Of the value, over people."""
    members: int
    """People."""
    nonmembers: int
    """People."""

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the two-sided interval of ``2 * AUC - 1``; each end is one-sided at ``(1 + confidence) / 2``.

        Of two intervals the tighter end is taken on either side:

        - logit-transformed DeLong, its variance padded as if two more people above everybody and two below had been
          seen on each side. Unpadded, the interval fails where nearly all scores tie, as those of an exact-match attack
          do: with 100 + 100 people of whom 5 % are copied, the upper end lies below the truth in 12 % of samples (1 %
          copied: 37 %; nominal 2.5 %), padded in 2 %. By exact enumeration over two-valued scores the worst one-sided
          miss is .028 for 100 + 100 to 500 + 500 and .038 at 300 + 3,000; coverage is at least .95 throughout. The
          price at an AUC of one half is 6 % of width with 100 + 100 people, 1 % with 500 + 500.
        - Clopper-Pearson for as many disjoint member-nonmember pairs as the smaller side has people, which holds
          where a score separates the two sides completely and the estimated variance is 0.

        References
        ----------
        Pepe (2003), The statistical evaluation of medical tests, chapter 5 (logit); Agresti and Coull (1998),
        Approximate is better than "exact" (two successes and two failures added).
        """
        smaller = min(self.members, self.nonmembers)
        exact = clopper_pearson(min(self.value * smaller, smaller), smaller, confidence)
        low, high = float(exact[0]), float(exact[1])
        if 0.0 < self.value < 1.0:
            reach = float(ndtri((1.0 + confidence) / 2.0)) * self._logit_error()
            low = max(low, float(expit(logit(self.value) - reach)))
            high = min(high, float(expit(logit(self.value) + reach)))
        return 2.0 * low - 1.0, 2.0 * high - 1.0

    def p_value(self) -> float:
        """Return the one-sided p-value of an AUC of at most one half, from the padded logit error.

        At an AUC of 1 it is the chance that all pairs of the interval's second part agree; at 0 it is 1.
        """
        if self.value in {0.0, 1.0}:
            return 1.0 if self.value == 0.0 else 0.5 ** min(self.members, self.nonmembers)
        return float(ndtr(-logit(self.value) / self._logit_error()))

    def _logit_error(self) -> float:
        spread = _PADDING * (self.value**2 + (1.0 - self.value) ** 2)
        padding = sum(spread / (people * (people - 1)) for people in (self.members, self.nonmembers))
        return math.sqrt(self.standard_error**2 + padding) / (self.value * (1.0 - self.value))


def auc(
    members: FloatArray,
    nonmembers: FloatArray,
    member_unit: IntArray | None = None,
    nonmember_unit: IntArray | None = None,
) -> Auc:
    """Return the area under the ROC curve with its standard error over people.

    Parameters
    ----------
    members, nonmembers : ndarray of float64, shape (rows,)
        Scores, higher = more member-like; infinite scores are fine. Ties count one half.
    member_unit, nonmember_unit : ndarray of int64, shape (rows,), optional
        The person of each row, any integers; by default every row is a person. Nobody is on both sides.

    Raises
    ------
    DataError
        If a side has fewer than two people, or a score is NaN.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, section 2;
    Obuchowski (1997), Nonparametric analysis of clustered ROC curve data, section 2.
    """
    if np.isnan(members).any() or np.isnan(nonmembers).any():
        msg = "membership scores must be numbers, some are NaN; give such people the score of the least member-like"
        raise DataError(msg)
    above = _share_below(members, nonmembers)
    below = 1.0 - _share_below(nonmembers, members)
    value = float(above.mean()) if above.size else math.nan
    member_variance, member_people = _variance(above, value, member_unit)
    nonmember_variance, nonmember_people = _variance(below, value, nonmember_unit)
    error = math.sqrt(member_variance + nonmember_variance)
    return Auc(value, error, member_people, nonmember_people)


def _share_below(scores: FloatArray, others: FloatArray) -> FloatArray:
    """Return for each score the share of `others` below it, ties counting one half."""
    if others.size == 0:
        return np.full(scores.shape, np.nan)
    ranked = np.sort(others)
    twice = np.searchsorted(ranked, scores, "left") + np.searchsorted(ranked, scores, "right")
    share: FloatArray = twice / (2.0 * others.size)
    return share


def _variance(component: FloatArray, value: float, unit: IntArray | None) -> tuple[float, int]:
    """Return the variance one side brings to the AUC, and its number of people."""
    person = np.arange(component.size) if unit is None else np.unique(unit, return_inverse=True)[1]
    deviation = np.bincount(person, weights=component - value)
    people = deviation.size
    if people < 2:
        msg = "an AUC needs at least two people a side; attack more people"
        raise DataError(msg)
    scaled = deviation * (people / component.size)
    return float(scaled @ scaled) / (people * (people - 1)), people
