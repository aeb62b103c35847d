"""From the readings of all fits to membership risks: the fit is the unit, the coins are the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from synthprivacy.auditing.classifier import DRAWS, aucs, kernel, scores, smoother, together, tossed
from synthprivacy.auditing.coding import BoolArray, FloatArray, IntArray
from synthprivacy.auditing.risks import Choice, MeanRisk, MembershipRisk, TargetRisk
from synthprivacy.auditing.study import OWN, SHARED, WEIGHTS, Reading
from synthprivacy.results import Interval, TruePositives
from synthprivacy.statistics.max_t import max_t
from synthprivacy.statistics.roc import Auc, auc
from synthprivacy.statistics.true_positives import FALSE_POSITIVE_RATES, true_positives


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """One target before all targets are looked at together."""

    auc: Auc
    scores: FloatArray
    """(fits,)"""
    null: FloatArray
    """(draws,) of the AUC, less one half, without a leak."""
    design_effect: float
    by_features: dict[str, float]


def kernels_of(
    readings: Sequence[Reading], target: int, shared: dict[str, FloatArray], taught: IntArray | None = None
) -> dict[str, FloatArray]:
    """Return how alike fits are to one who is after a target, by set of features; `shared` ones are made once.

    The fits that scale features are those of `kernel`.
    """
    own = {name: np.stack([reading[name][target] for reading in readings]).astype(np.float64) for name in OWN}
    return shared | {name: kernel(features, taught) for name, features in own.items()}


def whole_of(kernels: dict[str, FloatArray]) -> FloatArray:
    """Return how alike fits are in all sets of features together: what decides."""
    return together(list(kernels.values()), [WEIGHTS[name] for name in kernels])


def shared_kernels(readings: Sequence[Reading], taught: IntArray | None = None) -> dict[str, FloatArray]:
    """Return how alike fits are in the features that are the same for every target."""
    return {name: kernel(np.stack([reading[name] for reading in readings]), taught) for name in SHARED}


def judge_membership(
    readings: Sequence[Reading],
    coins: BoolArray,
    chosen: Sequence[Choice],
    rng: np.random.Generator,
    *,
    confidence: float = 0.95,
    draws: int = DRAWS,
) -> MembershipRisk:
    """Return how well fits with a target are told from fits without, of every target.

    The interval is DeLong's over the fits, as if there were fewer by the design effect: scores that were learned on the
    same fits vary more than fixed ones (twice as much in variance where there is no leak), by a factor that the coins
    tossed again measure. P-values are exact whatever the features.

    Parameters
    ----------
    readings : sequence of Reading
        One a fit.
    coins : ndarray of bool, shape (fits, targets)
    chosen : sequence of {"vulnerable", "random"}
        How each target was chosen.
    rng : numpy.random.Generator
        Tosses the coins again.
    confidence : float
        Two-sided, within (0, 1).
    draws : int

    References
    ----------
    Besag and Clifford (1989), Generalized Monte Carlo significance tests (p-values from simulation); Westfall and Young
    (1993), Resampling-based multiple testing, chapter 2 (max-T); DeLong, DeLong and Clarke-Pearson (1988).
    """
    shared = shared_kernels(readings)
    smoothed = {name: smoother(alike) for name, alike in shared.items()}
    judged = [
        _judge(kernels_of(readings, target, shared), smoothed, coins[:, target], stream, draws)
        for target, stream in enumerate(rng.spawn(coins.shape[1]))
    ]
    kinds = tuple(dict.fromkeys(chosen))
    groups = [np.array([how == kind for how in chosen]) for kind in kinds]
    alone = np.array([one.auc.value - 0.5 for one in judged])
    drawn = np.stack([one.null for one in judged], axis=1)
    observed = np.append(alone, [alone[group].mean() for group in groups])
    null = np.column_stack([drawn, *(drawn[:, group].mean(axis=1) for group in groups)])
    spread = np.maximum(null.std(axis=0), 1e-12)
    adjusted = max_t(observed / spread, null / spread)
    p_values = (1.0 + (null >= observed - 1e-12).sum(axis=0)) / (1.0 + draws)
    found = _Found(coins, np.random.default_rng(0).random(len(coins)) < 0.5, p_values, adjusted, confidence)
    risks = tuple(found.of_target(place, one, chosen[place]) for place, one in enumerate(judged))
    means = tuple(
        MeanRisk(
            chosen=kind,
            targets=int(group.sum()),
            value=2.0 * float(observed[place]),
            interval=_interval(judged, coins, group, least=float(spread[place]), confidence=confidence),
            p_value=float(p_values[place]),
            adjusted=float(adjusted[place]),
        )
        for place, (kind, group) in enumerate(zip(kinds, groups), start=len(judged))
    )
    return MembershipRisk(risks, means, confidence)


@dataclass(frozen=True, slots=True, repr=False)
class _Found:
    """What is known of all targets when each is told of."""

    coins: BoolArray
    calibrating: BoolArray
    """(fits,) those that set thresholds."""
    p_values: FloatArray
    adjusted: FloatArray
    confidence: float

    def of_target(self, place: int, one: Judged, chosen: Choice) -> TargetRisk:
        """Return the risk of one target."""
        coin = self.coins[:, place]
        return TargetRisk(
            number=place + 1,
            chosen=chosen,
            value=2.0 * one.auc.value - 1.0,
            interval=deflated(one.auc, one.design_effect).interval(self.confidence),
            p_value=float(self.p_values[place]),
            adjusted=float(self.adjusted[place]),
            fits_in=int(coin.sum()),
            fits_out=int((~coin).sum()),
            design_effect=one.design_effect,
            by_features=one.by_features,
            tpr=_points(one.scores, coin, self.calibrating),
        )


def deflated(found: Auc, design_effect: float) -> Auc:
    """Return an AUC as of fewer fits: its variance times the design effect."""
    growth = float(np.sqrt(design_effect))
    return replace(
        found,
        standard_error=found.standard_error * growth,
        third_moment=found.third_moment * growth**3,
        members=max(2, int(found.members / design_effect)),
        nonmembers=max(2, int(found.nonmembers / design_effect)),
    )


def _judge(
    kernels: dict[str, FloatArray],
    smoothed: dict[str, FloatArray],
    coin: BoolArray,
    rng: np.random.Generator,
    draws: int,
) -> Judged:
    alone = smoothed | {name: smoother(kernels[name]) for name in OWN}
    whole = smoother(whole_of(kernels))
    by_features = {
        name: float(2.0 * aucs(scores(one, coin)[:, None], coin[:, None])[0] - 1.0) for name, one in alone.items()
    }
    again = tossed(len(coin), rng, draws)
    null = aucs(scores(whole, again), again) - 0.5
    scored = np.round(scores(whole, coin), 12)
    found = auc(scored[coin], scored[~coin])
    expected = (len(coin) + 1.0) / (12.0 * coin.sum() * (~coin).sum())
    return Judged(found, scored, null, max(1.0, float((null**2).mean()) / expected), by_features)


def _points(scored: FloatArray, coin: BoolArray, halves: BoolArray) -> tuple[TruePositives, ...]:
    made = (true_positives(scored[coin], scored[~coin], halves[~coin], fpr=fpr) for fpr in FALSE_POSITIVE_RATES)
    return tuple(point for point in made if point is not None)


def _interval(
    judged: Sequence[Judged], coins: BoolArray, group: BoolArray, *, least: float, confidence: float
) -> Interval:
    """Return the interval of ``2 AUC - 1`` over some targets, whose influences are added up fit by fit.

    Its standard error is never below `least`, that without a leak.
    """
    places = np.flatnonzero(group).tolist()
    value = float(np.mean([judged[place].auc.value for place in places]))
    added = np.mean([_influence(judged[place].scores, coins[:, place]) for place in places], axis=0)
    inflation = float(np.mean([judged[place].design_effect for place in places]))
    error = float(np.sqrt((added**2).sum() * inflation))
    reach = float(ndtri((1.0 + confidence) / 2.0)) * max(error, least)
    return max(-1.0, 2.0 * (value - reach) - 1.0), min(1.0, 2.0 * (value + reach) - 1.0)


def _influence(scored: FloatArray, coin: BoolArray) -> FloatArray:
    """Return what each fit adds to the AUC of a target, (fits,), adding up to 0."""
    inside, outside = scored[coin], scored[~coin]
    made = np.zeros(len(coin))
    value = auc(inside, outside).value
    above = (inside[:, None] > outside).mean(axis=1) + 0.5 * (inside[:, None] == outside).mean(axis=1)
    below = (outside[:, None] < inside).mean(axis=1) + 0.5 * (outside[:, None] == inside).mean(axis=1)
    made[coin] = (above - value) / len(inside)
    made[~coin] = (below - value) / len(outside)
    return made
