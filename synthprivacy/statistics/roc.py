"""How well a score tells training people from others: the area under the ROC curve, people as the unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtr, ndtri

from synthprivacy.errors import DataError
from synthprivacy.results import Interval, Marks
from synthprivacy.statistics.proportions import clopper_pearson

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_PADDING = 4.0


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve; an interval is a question asked later. The public constructor is `auc`."""

    value: float
    """P(a member's score is higher) + P(they tie) / 2."""
    standard_error: float
    """Of the value, over people."""
    third_moment: float
    """Third central moment of the value, over people."""
    members: int
    """People; of weighted people, as many as they are worth. Kish (1965), Survey Sampling, section 11.7."""
    nonmembers: int
    """The same."""

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the two-sided interval of ``2 * AUC - 1``; each end is one-sided at ``(1 + confidence) / 2``.

        Fit for display and for decisions. Of two intervals the tighter end is taken on either side:

        - logit-transformed DeLong, mended twice, because it fails where nearly all scores tie, as those of an
          exact-match attack do: with 100 + 100 people of whom 5 % are copied its upper end lies below the truth in 12 %
          of samples (1 % copied: 37 %; nominal 2.5 %). Its variance is *padded* as if the smaller side had seen two more
          people above everybody and two below, and an end is *moved outwards*, never inwards, by the skewness of the
          estimate. By exact enumeration over scores of two values with 100 + 100 to 1,000 + 1,000 and 300 + 3,000
          people, an end then misses in at most .0253 of samples (.031 without the move) and both in .047. The price at
          an AUC of one half without ties is 6 % of width with 100 + 100 people, 1 % with 500 + 500.
        - Clopper-Pearson for as many disjoint member-nonmember pairs as the smaller side has people, which holds
          where a score separates the two sides completely and the estimated variance is 0.

        References
        ----------
        Pepe (2003), The statistical evaluation of medical tests, chapter 5 (logit); Agresti and Coull (1998),
        Approximate is better than "exact" (two successes and two failures added); Hall (1992), On the removal of
        skewness by transformation (the term in the third moment).
        """
        smaller = min(self.members, self.nonmembers)
        exact = clopper_pearson(min(self.value * smaller, smaller), smaller, confidence)
        low, high = float(exact[0]), float(exact[1])
        if 0.0 < self.value < 1.0:
            z = float(ndtri((1.0 + confidence) / 2.0))
            centre, error, shift = logit(self.value), self._logit_error(), self._skewness() * (2.0 * z**2 + 1.0) / 6.0
            low = max(low, float(expit(centre - error * (z - min(shift, 0.0)))))
            high = min(high, float(expit(centre + error * (z + max(shift, 0.0)))))
        return 2.0 * low - 1.0, 2.0 * high - 1.0

    def p_value(self) -> float:
        """Return the one-sided p-value of an AUC of at most one half: the level at which the lower end reaches it.

        At an AUC of 1 it is the chance that all pairs of the interval's second part agree; at 0 it is 1.
        """
        if self.value in {0.0, 1.0}:
            return 1.0 if self.value == 0.0 else 0.5 ** min(self.members, self.nonmembers)
        skewness = min(self._skewness(), 0.0)
        # the root z of  centre / error + skewness * (2 z² + 1) / 6 = z,  in the form without cancellation
        start = float(logit(self.value)) / self._logit_error() + skewness / 6.0
        return float(ndtr(-2.0 * start / (1.0 + math.sqrt(max(1.0 - 4.0 / 3.0 * skewness * start, 0.0)))))

    def _error(self) -> float:
        smaller = min(self.members, self.nonmembers)
        padding = _PADDING * (self.value**2 + (1.0 - self.value) ** 2) / (smaller * max(smaller - 1, 1))
        return math.sqrt(self.standard_error**2 + padding)

    def _logit_error(self) -> float:
        return self._error() / (self.value * (1.0 - self.value))

    def _skewness(self) -> float:
        return self.third_moment / self._error() ** 3


def auc(
    members: FloatArray,
    nonmembers: FloatArray,
    member_unit: IntArray | None = None,
    nonmember_unit: IntArray | None = None,
    *,
    member_weight: FloatArray | None = None,
    nonmember_weight: FloatArray | None = None,
) -> Auc:
    """Return the area under the ROC curve with its standard error over people.

    Parameters
    ----------
    members, nonmembers : ndarray of float64, shape (rows,)
        Scores, higher = more member-like; infinite scores are fine. Ties count one half.
    member_unit, nonmember_unit : ndarray of int64, shape (rows,), optional
        The person of each row, any integers; by default every row is a person. Nobody is on both sides.
    member_weight, nonmember_weight : ndarray of float64, shape (rows,), optional
        How much each row counts, above 0; taken as given, so that the error is that of a weighted mean over people.

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
    member_weight = np.ones(members.size) if member_weight is None else member_weight
    nonmember_weight = np.ones(nonmembers.size) if nonmember_weight is None else nonmember_weight
    value, sides = _components((members, nonmembers), (member_unit, nonmember_unit), (member_weight, nonmember_weight))
    variance = sum(float(side @ side) / (side.size * (side.size - 1)) for side in sides)
    third_moment = sum(float((side**3).sum()) / side.size**3 for side in sides)
    people = (_worth(member_unit, member_weight), _worth(nonmember_unit, nonmember_weight))
    return Auc(value, math.sqrt(variance), third_moment, *people)


def influence(members: Marks, nonmembers: Marks) -> FloatArray:
    """Return by how much each person moves the area under the ROC curve, (people of both sides,), members first.

    References
    ----------
    As `auc`: the structural components of DeLong, DeLong and Clarke-Pearson.
    """
    marks = (members, nonmembers)
    weights = [np.ones(one.score.size) if one.weight is None else one.weight[one.unit] for one in marks]
    sides = _components((members.score, nonmembers.score), (members.unit, nonmembers.unit), (weights[0], weights[1]))[1]
    return np.concatenate([side / side.size for side in sides])


def _components(
    scores: tuple[FloatArray, FloatArray],
    units: tuple[IntArray | None, IntArray | None],
    weights: tuple[FloatArray, FloatArray],
) -> tuple[float, list[FloatArray]]:
    """Return the area, and what each person of either side adds to ``people * (AUC - value)``."""
    above = _share_below(scores[0], scores[1], weights[1])
    below = 1.0 - _share_below(scores[1], scores[0], weights[0])
    value = float(np.average(above, weights=weights[0])) if above.size else math.nan
    sides = zip((above, below), units, weights)
    return value, [_deviations(component, value, unit, weight) for component, unit, weight in sides]


def _share_below(scores: FloatArray, others: FloatArray, weight: FloatArray) -> FloatArray:
    """Return for each score the share of `others` below it, by weight, ties counting one half."""
    if others.size == 0:
        return np.full(scores.shape, np.nan)
    order = np.argsort(others, kind="stable")
    ranked, below = others[order], np.append(0.0, np.cumsum(weight[order]))
    twice = below[np.searchsorted(ranked, scores, "left")] + below[np.searchsorted(ranked, scores, "right")]
    share: FloatArray = twice / (2.0 * below[-1])
    return share


def _worth(unit: IntArray | None, weight: FloatArray) -> int:
    """Return how many equally weighted people the people of a side are worth; a person weighs as its mean row."""
    person = np.arange(weight.size) if unit is None else np.unique(unit, return_inverse=True)[1]
    each = np.bincount(person, weights=weight) / np.bincount(person)
    return math.floor(float(each.sum() ** 2 / (each @ each)) + 1e-9)


def _deviations(component: FloatArray, value: float, unit: IntArray | None, weight: FloatArray) -> FloatArray:
    """Return what each person of a side adds to ``people * (AUC - value)``, shape (people,)."""
    person = np.arange(component.size) if unit is None else np.unique(unit, return_inverse=True)[1]
    deviation = np.bincount(person, weights=weight * (component - value))
    people = deviation.size
    if people < 2:
        msg = "an AUC needs at least two people a side; attack more people"
        raise DataError(msg)
    return np.asarray(deviation * (people / weight.sum()))
