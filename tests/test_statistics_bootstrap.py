"""Cluster bootstrap: BCa intervals of the residual risk and of the area under the ROC curve."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.stats import bootstrap, mannwhitneyu

from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.statistics.bootstrap import _risk_influence, acceleration, bca, bootstrap_auc, bootstrap_risk
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import auc

NAIVE = {1: 0.948, 2: 0.836, 5: 0.625, 10: 0.447}
"""Household size: coverage, once simulated, of an interval that takes its members for different people."""


def _seed():
    return np.random.default_rng(11)


def test_bca_is_scipys():
    """From the same replicates the interval is scipy's, for one sample and for two."""
    rng = np.random.default_rng(0)
    x, y = rng.exponential(size=40), rng.exponential(2, size=25)

    def gap(a, b, axis=-1):
        return a.mean(axis=axis) - b.mean(axis=axis)

    cases = (
        (bootstrap((x,), np.mean, random_state=1), x.mean(), [x - x.mean()]),
        (bootstrap((x, y), gap, random_state=2), x.mean() - y.mean(), [x - x.mean(), y.mean() - y]),
    )
    for found, value, influence in cases:
        low, high = bca(found.bootstrap_distribution, value, acceleration(influence))
        assert (low, high) == pytest.approx((found.confidence_interval.low, found.confidence_interval.high), rel=1e-12)


def test_unclustered_auc_interval_is_scipys():
    """With one row a person the ends agree with scipy's, from other draws, to .02 (the interval is .45 wide)."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(0.6, 1, 40), rng.normal(0, 1, 50)

    def statistic(a, b, axis=-1):
        return 2 * mannwhitneyu(a, b, axis=axis).statistic / (40 * 50) - 1

    expected = bootstrap((x, y), statistic, n_resamples=5000, random_state=1).confidence_interval
    found = bootstrap_auc(x, y, np.arange(40), np.arange(50), _seed(), resamples=5000)
    assert found == pytest.approx((expected.low, expected.high), abs=0.02)


def test_drawing_kinds_is_drawing_people():
    """Multinomial counts of equal people give the interval of people drawn one by one, to .02 (it is .5 wide)."""
    rng = np.random.default_rng(4)
    trials = [rng.integers(1, 6, 60), rng.integers(1, 4, 45)]
    hits = [rng.binomial(each, rate) for each, rate in zip(trials, (0.5, 0.3))]

    def statistic(a, t, c, u, axis=-1):
        return 1 - (1 - a.sum(axis) / t.sum(axis)) / (1 - c.sum(axis) / u.sum(axis))

    drawn = [rng.integers(0, each.size, (20_000, each.size)) for each in trials]
    rows = [side[place] for place, pair in zip(drawn, zip(hits, trials)) for side in pair]
    value = residual_risk(hits[0].sum(), trials[0].sum(), hits[1].sum(), trials[1].sum()).value
    jackknife = []
    for side in range(2):
        left = []
        for person in range(trials[side].size):
            kept = [
                np.delete(part[side], person) if part_side == side else part[part_side]
                for part_side in (0, 1)
                for part in (hits, trials)
            ]
            left.append(statistic(*kept))
        jackknife.append((trials[side].size - 1) * (np.mean(left) - np.array(left)))
    expected = bca(statistic(*rows), value, acceleration(jackknife))
    found = bootstrap_risk(hits[0], trials[0], hits[1], trials[1], _seed(), resamples=20_000)
    assert found == pytest.approx(expected, abs=0.02)


def _households(rng, size, rate):
    """Return hits and trials of households whose members all share one answer, 500 people in all."""
    trials = np.full(500 // size, size)
    return trials * (rng.random(trials.size) < rate), trials


@pytest.mark.parametrize(
    ("size", "replicates"), [(10, 500), *(pytest.param(size, 1000, marks=pytest.mark.slow) for size in NAIVE)]
)
def test_risk_interval_covers_households(size, replicates):
    """Households as units are covered at least .93, but for chance; their members as units far less often.

    500 or 1,000 replicates of 2,000 resamples; three standard errors at .94 are .032 or .023.
    """
    rng = np.random.default_rng(size)
    covered = naive = 0
    for _ in range(replicates):
        original, control = _households(rng, size, 0.3), _households(rng, size, 0.3)
        low, high = bootstrap_risk(*original, *control, rng)
        covered += low <= 0 <= high
        low, high = residual_risk(original[0].sum(), 500, control[0].sum(), 500).interval()
        naive += low <= 0 <= high
    assert covered / replicates >= 0.93 - (0.012 if replicates == 500 else 0.008)
    assert naive / replicates == pytest.approx(NAIVE[size], abs=0.07 if replicates == 500 else 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 5])
def test_auc_interval_covers_households(size):
    """Scores shared by a household are covered at least .93, but for chance.

    300 replicates of 1,000 resamples; two standard errors at .94 are .027.
    """
    rng = np.random.default_rng(20 + size)
    unit, covered = np.arange(300) // size, 0
    for _ in range(300):
        members, nonmembers = (rng.random(300 // size)[unit] for _ in range(2))
        low, high = bootstrap_auc(members, nonmembers, unit, unit, rng, resamples=1000)
        covered += low <= 0 <= high
    assert covered / 300 >= 0.93 - 0.027


def test_repeating_every_row_adds_no_certainty():
    """Every person four times gives the intervals of every person once."""
    rng = np.random.default_rng(5)
    hits, others, trials = rng.integers(0, 2, 80), rng.integers(0, 2, 80), np.ones(80, dtype=np.int64)
    once = bootstrap_risk(hits, trials, others, trials, _seed())
    again = bootstrap_risk(4 * hits, 4 * trials, 4 * others, 4 * trials, _seed())
    assert again == pytest.approx(once, abs=1e-12)
    x, y, unit = rng.normal(size=50), rng.normal(size=40), np.arange(50)
    once = bootstrap_auc(x, y, unit, unit[:40], _seed())
    rows, others = rng.permutation(np.repeat(unit, 4)), rng.permutation(np.repeat(unit[:40], 4))
    again = bootstrap_auc(x[rows], y[others], rows, others, _seed())
    assert again == pytest.approx(once, abs=1e-12)


def test_interval_is_near_the_formulas():
    """Where formulas hold, bootstrap ends are within a tenth of the width of theirs."""
    rng = np.random.default_rng(6)
    hits, others, trials = (rng.random(800) < 0.4).astype(int), (rng.random(600) < 0.3).astype(int), np.ones(800, int)
    low, high = residual_risk(hits.sum(), 800, others.sum(), 600).interval()
    found = bootstrap_risk(hits, trials, others, trials[:600], _seed())
    assert found == pytest.approx((low, high), abs=0.1 * (high - low))
    x, y = rng.normal(0.5, 1, 400), rng.normal(0, 1, 300)
    low, high = auc(x, y).interval()
    found = bootstrap_auc(x, y, np.arange(400), np.arange(300), _seed())
    assert found == pytest.approx((low, high), abs=0.1 * (high - low))


@pytest.mark.slow
def test_memory_is_bounded():
    """Thirty thousand rows and a thousand resamples, 240 MB a side at once, stay under 300 MB."""
    rng = np.random.default_rng(7)
    x, y, unit = rng.normal(size=30_000), rng.normal(size=30_000), np.arange(30_000) // 2
    tracemalloc.start()
    bootstrap_auc(x, y, unit, unit, rng, resamples=1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6


def test_influence_is_the_jackknifes():
    """The influence of each person on the risk is the jackknife's within a tenth of their spread."""
    rng = np.random.default_rng(9)
    trials = [rng.integers(1, 6, 400), rng.integers(1, 4, 300)]
    sides = [(rng.binomial(each, rate), each) for each, rate in zip(trials, (0.5, 0.3))]
    sums = [(float(hits.sum()), float(each.sum())) for hits, each in sides]
    for which, influence in enumerate(_risk_influence(sides, sums)):
        hits, each = sides[which]
        left = []
        for person in range(each.size):
            less = list(sums)
            less[which] = sums[which][0] - hits[person], sums[which][1] - each[person]
            left.append(residual_risk(*less[0], *less[1]).value)
        jackknife = (each.size - 1) * (np.mean(left) - np.array(left))
        np.testing.assert_allclose(influence, jackknife, atol=0.1 * jackknife.std())


def test_replicates_with_a_saturated_control_are_numbers():
    """A control drawn all hit counts half a failure, as in the estimate: the lower end stays a risk of sensible size."""
    one = np.ones(40, dtype=np.int64)
    low, high = bootstrap_risk((np.arange(40) < 20).astype(int), one, (np.arange(40) < 39).astype(int), one, _seed())
    assert -50 < low < high < 0


def test_same_seed_same_interval():
    """Chance enters through the generator alone."""
    hits, trials = np.arange(60) % 3 // 2, np.ones(60, dtype=np.int64)
    first, second = (bootstrap_risk(hits, trials, hits[:40], trials[:40], _seed()) for _ in range(2))
    assert first == second


def test_people_without_a_guess_count_for_nothing():
    """Leaving out people without trials changes nothing."""
    hits, trials = np.arange(60) % 3 // 2, np.ones(60, dtype=np.int64)
    more = np.append(hits, np.zeros(20, dtype=np.int64)), np.append(trials, np.zeros(20, dtype=np.int64))
    assert bootstrap_risk(*more, hits, trials, _seed()) == bootstrap_risk(hits, trials, hits, trials, _seed())


def test_what_says_nothing_is_refused():
    """Nobody hit, everybody hit or complete separation is no interval of width zero."""
    none, one = np.zeros(50, dtype=np.int64), np.ones(50, dtype=np.int64)
    for hits in (none, one):
        with pytest.raises(NotEnoughDataError, match="bounds nothing"):
            bootstrap_risk(hits, one, hits, one, _seed())
    with pytest.raises(NotEnoughDataError, match="bounds nothing"):
        bootstrap_auc(np.ones(50), np.zeros(50), np.arange(50), np.arange(50), _seed())


def test_impossible_settings_are_refused():
    """Too few resamples, no confidence and impossible counts are errors."""
    one = np.ones(50, dtype=np.int64)
    for settings in ({"resamples": 500}, {"confidence": 1.0}, {"confidence": 0.99}):
        with pytest.raises(ConfigError, match="resamples"):
            bootstrap_risk(one // 2, one, one // 2, one, _seed(), **settings)
    for hits, trials in ((one * 2 * (np.arange(50) < 9), one), (one * 0, one * 0)):
        with pytest.raises(DataError):
            bootstrap_risk(hits, trials, one, one, _seed())
