"""Covariate-adjusted risk against the formula written out by hand and a regression."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.statistics.adjusted import Side, adjusted_risk


def test_adjustment_is_regression_with_slopes_of_their_own():
    """The excess is the coefficient of the side in least squares with the centred covariate and its interaction."""
    rng = np.random.default_rng(4)
    covariate = rng.random(300)
    original = np.arange(300) < 180
    hits = (rng.random(300) < 0.2 + 0.3 * covariate + 0.2 * original * covariate).astype(int)
    design = np.column_stack([np.ones(300), original, covariate - covariate.mean()])
    design = np.column_stack([design, design[:, 1] * design[:, 2]])
    expected = np.linalg.lstsq(design, hits, rcond=None)[0][1]
    sides = [
        Side(hits[who], np.ones(who.sum(), dtype=int), covariate[who], np.zeros(who.sum(), dtype=int))
        for who in (original, ~original)
    ]
    assert adjusted_risk(*sides).excess().value == pytest.approx(expected, abs=1e-12)


def test_several_guesses_and_folds_are_as_by_hand():
    """Rates and variance are those of sums over people, written out one by one, with two folds and several guesses."""
    rng = np.random.default_rng(12)
    sides = []
    for people in (190, 170):
        trials, fold, covariate = rng.integers(1, 4, people), rng.integers(0, 2, people), rng.random(people)
        hits = rng.binomial(trials, 0.1 + 0.8 * covariate)
        sides.append(Side(hits, trials, (covariate + fold) / 2, fold))
    sizes = [side.trials.sum() for side in sides]
    rates = [side.hits.sum() / size for side, size in zip(sides, sizes)]
    amount = [[side.trials[side.fold == k].sum() for k in (0, 1)] for side in sides]
    mean = [[np.average(s.covariate[s.fold == k], weights=s.trials[s.fold == k]) for k in (0, 1)] for s in sides]
    pooled = [np.average([mean[0][k], mean[1][k]], weights=[amount[0][k], amount[1][k]]) for k in (0, 1)]
    slopes, moved = [], []
    for which, side in enumerate(sides):
        above = sum(
            (h - rates[which] * t) * (z - mean[which][k])
            for h, t, z, k in zip(side.hits, side.trials, side.covariate, side.fold)
        )
        below = sum(t * (z - mean[which][k]) ** 2 for t, z, k in zip(side.trials, side.covariate, side.fold))
        slopes.append(above / below)
        shift = sum(t * (mean[which][k] - pooled[k]) for t, k in zip(side.trials, side.fold)) / sizes[which]
        moved.append(rates[which] - slopes[which] * shift)
    plain = left = 0.0
    for which, side in enumerate(sides):
        for h, t, z, k in zip(side.hits, side.trials, side.covariate, side.fold):
            own = (1, -1)[which] * (h - rates[which] * t) / sizes[which]
            deviation = t * (z - mean[which][k])
            influence = own - (1, -1)[which] * slopes[which] * deviation / sizes[which]
            for other in (0, 1):  # the person moves the mean of its fold, and with it both rates
                in_fold = amount[other][k] / sizes[other]
                influence += (1, -1)[other] * slopes[other] * in_fold * deviation / (amount[0][k] + amount[1][k])
            plain, left = plain + own**2, left + influence**2
    found = adjusted_risk(*sides)
    assert (found.original_rate, found.control_rate) == pytest.approx(moved, abs=1e-12)
    assert found.excess_variance_left == pytest.approx(left / plain * (1 + 3 / 190 + 3 / 170), rel=1e-9)
