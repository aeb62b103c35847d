"""Covariate-adjusted risk: what the same attacker would have guessed without the release is taken out of the noise.

An attacker trained on real people who are neither original nor control guesses some secrets anyway. Whether it guesses
a person has the same law on both sides, whatever the release leaks, so a difference between the sides in *that* is
chance, and its share in the difference of hits can be subtracted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.results import Excess
from synthprivacy.statistics.clusters import effective
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.proportions import Method
from synthprivacy.statistics.residual_risk import ResidualRisk, residual_risk

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

COUNT_NEEDED = 20
"""Hits, and misses, a side needs (in effective counts) before anything is adjusted."""
_LEAST_LEFT = 0.5
"""The least share of the variance that may count as left."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Answers about the people of one side, each beside what would have been guessed anyway; arrays of shape (people,).

    A person has one entry, however many rows.
    """

    hits: IntArray
    """Right guesses of the attacker who has the release."""
    trials: IntArray
    """Guesses; people without one count for nothing."""
    covariate: FloatArray
    """Share of the same secrets guessed by the attacker who has real non-members instead, within [0, 1]."""
    fold: IntArray
    """Which training set that attacker had, the same label on either side; people are compared within a fold only,
    because attackers with different training sets guess differently well."""


@dataclass(frozen=True, slots=True)
class AdjustedRisk:
    """Residual risk and excess after adjustment; an interval is a question asked later.

    The public constructor is `adjusted_risk`. The influence function gives the variance, Clopper-Pearson or Jeffreys
    limits the shape of the interval: the adjustment counts as having attacked ``1 / variance_left`` times as many
    people, in the manner of a design effect. A normal interval from the same variance would miss where few are hit.

    By simulation over the sizes 100 + 100, 500 + 500, 2,000 + 500, 500 + 2,000 and 1,000 + 1,000, control rates .01 to
    .9, risks 0 to .5 and correlations of hits and covariate of .4 to .9 (40,000 replicates each, the worst again with
    400,000), no Clopper-Pearson end misses its truth in more than .027 of samples. Without `COUNT_NEEDED` one would in
    .09 of them, and with ever less variance counting as left in .035. An easy secret (control rate .5 to .9) whose
    hits go with the covariate at a correlation of .36 to .56 loses 13 to 31 % of its variance.
    """

    original_rate: float
    """a, adjusted."""
    control_rate: float
    """c, adjusted."""
    original_trials: float
    """Effective guesses, before adjustment."""
    control_trials: float
    variance_left: float
    """Variance of the log ratio of failures over what it is without adjustment; 1 where nothing was adjusted."""
    excess_variance_left: float
    """The same of ``a - c``."""

    @property
    def residual(self) -> ResidualRisk:
        """The residual risk ``(a - c) / (1 - c)``, with its value and intervals."""
        return residual_risk(*self._counts(self.variance_left))

    def excess(self, confidence: float = 0.95, method: Method = "clopper-pearson") -> Excess:
        """Return ``a - c`` with its limits. Parameters and errors as `excess.excess`."""
        return excess(*self._counts(self.excess_variance_left), confidence=confidence, method=method)

    def _counts(self, left: float) -> tuple[float, float, float, float]:
        original, control = self.original_trials / left, self.control_trials / left
        return self.original_rate * original, original, self.control_rate * control, control


def adjusted_risk(original: Side, control: Side) -> AdjustedRisk:
    """Return the residual risk and the excess with the chance difference of a covariate taken out.

    Each rate is moved by its own regression slope on the covariate to the mean of both sides together, within folds.
    Slopes of their own, because a leak changes how hits go with the covariate on the original; then no model need be
    true, and with many people the variance is never above that without adjustment. One pooled slope can
    raise it where the sizes differ. Where a side has fewer than `COUNT_NEEDED` hits or misses nothing is adjusted.

    The covariate must be made without the release and without the person: halves of the control train the attacker for
    one another, and each judges its own half of the original.

    Parameters
    ----------
    original, control : Side
        People of either side, nobody on both.

    Raises
    ------
    DataError
        If the arrays of a side differ in length, a covariate is not within [0, 1], counts are impossible, or a fold
        has people of one side only.

    References
    ----------
    Lin (2013), Agnostic notes on regression adjustments to experimental data (slopes per side); Tsiatis,
    Davidian, Zhang and Lu (2008), Covariate adjustment for two-sample treatment comparisons in randomized clinical
    trials (influence function); Ge, Durham, Meyer, Xie and Thomas (2011), Covariate-adjusted difference in
    proportions from clinical trials using logistic regression and weighted risk differences (rates to a common mean,
    delta method).
    """
    people = (_attacked(original), _attacked(control))
    (hits, trials), (others, tried) = (effective(side.hits, side.trials) for side in people)
    if min(hits, trials - hits, others, tried - others) < COUNT_NEEDED:
        return AdjustedRisk(hits / trials, others / tried, trials, tried, 1.0, 1.0)
    folds = _compare_folds(*people)
    sides = (_part(people[0], folds, 0), _part(people[1], folds, 1))
    gap = float((folds.trials.prod(axis=0) / folds.trials.sum(axis=0)) @ (folds.mean[0] - folds.mean[1]))
    rates = (
        _share(hits / trials - sides[0].slope * gap / sides[0].trials),
        _share(others / tried + sides[1].slope * gap / sides[1].trials),
    )
    misses = (max(1.0 - rates[0], 0.5 / trials), max(1.0 - rates[1], 0.5 / tried))
    return AdjustedRisk(
        *rates,
        trials,
        tried,
        _variance_left(sides, (-1.0 / misses[0], 1.0 / misses[1]), folds.mean.shape[1]),
        _variance_left(sides, (1.0, -1.0), folds.mean.shape[1]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Folds:
    place: tuple[IntArray, IntArray]
    """The fold of each person of either side, from 0."""
    trials: FloatArray
    """Guesses by side and fold, shape (2, folds)."""
    mean: FloatArray
    """Mean covariate over guesses, shape (2, folds)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    trials: float
    slope: float
    """Of hits on the covariate, within folds."""
    residual: FloatArray
    """Hits less those expected at the rate of the side, shape (people,)."""
    movement: FloatArray
    """Covariate less its mean, over the guesses of a person, times the share of the fold's guesses on the other side:
    what the person adds to the gap between the sides, shape (people,)."""


def _compare_folds(original: Side, control: Side) -> _Folds:
    labels, place = np.unique(np.concatenate([original.fold, control.fold]), return_inverse=True)
    places = (place[: original.fold.size], place[original.fold.size :])
    sides = tuple(zip((original, control), places))
    trials = np.stack([np.bincount(at, side.trials, labels.size) for side, at in sides])
    if np.any(trials == 0.0):
        msg = f"{int((trials == 0.0).any(axis=0).sum())} of {labels.size} folds have people of one side only"
        raise DataError(msg + "; divide original and control into the same folds")
    totals = np.stack([np.bincount(at, side.trials * side.covariate, labels.size) for side, at in sides])
    return _Folds(places, np.asarray(trials, dtype=np.float64), totals / trials)


def _part(side: Side, folds: _Folds, which: int) -> _Part:
    at = folds.place[which]
    residual = side.hits - side.hits.sum() / side.trials.sum() * side.trials
    deviation = side.covariate - folds.mean[which, at]
    spread = float(side.trials @ deviation**2)
    opposite = folds.trials[1 - which] / folds.trials.sum(axis=0)
    return _Part(
        trials=float(side.trials.sum()),
        slope=float(residual @ deviation) / spread if spread > 0.0 else 0.0,
        residual=residual,
        movement=side.trials * deviation * opposite[at],
    )


def _variance_left(sides: tuple[_Part, _Part], weights: tuple[float, float], folds: int) -> float:
    """Return the variance of the weighted sum of adjusted rates over that of the plain rates, never above 1.

    Slopes and fold means are paid for with a degree of freedom each: residuals of a fit are smaller than the noise.
    """
    original, control = sides
    scales = (weights[0] / original.trials, weights[1] / control.trials)
    steering = scales[0] * original.slope - scales[1] * control.slope
    plain, left = 0.0, 0.0
    for side, scale, towards in zip(sides, scales, (-steering, steering)):
        influence = scale * side.residual
        plain += float(influence @ influence)
        influence = influence + towards * side.movement
        left += float(influence @ influence)
    paid = 1.0 + (1 + folds) * sum(1.0 / side.residual.size for side in sides)
    return min(max(left / plain * paid, _LEAST_LEFT), 1.0)


def _attacked(side: Side) -> Side:
    """Return the people with a guess."""
    arrays = (side.hits, side.trials, side.covariate, side.fold)
    if len({array.shape for array in arrays}) > 1 or side.hits.ndim != 1:
        msg = (
            f"hits, trials, covariate and fold name the same people: {[array.size for array in arrays]}; pass one each"
        )
        raise DataError(msg)
    if not np.all((side.covariate >= 0.0) & (side.covariate <= 1.0)):
        msg = "the covariate is a share and must lie between 0 and 1; leave out people it was not made for"
        raise DataError(msg)
    kept = side.trials > 0
    return Side(side.hits[kept], side.trials[kept], side.covariate[kept], side.fold[kept])


def _share(rate: float) -> float:
    return min(max(rate, 0.0), 1.0)
