"""Weighted and paired answers: rates, areas and correlations that comparators other than a holdout need.

Shares of replicates are held against the 99 % Clopper-Pearson interval of what was counted, as in `test_truth`.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from synthprivacy.results import Hits, Marks, Outcome
from synthprivacy.statistics.clusters import design_effect, effective, rate
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.estimate_marks import auc_of
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.paired import correlation, sign_p
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.roc import auc

ONES = np.ones(200, dtype=np.int64)


def counted(hits):
    """Return the 99 % interval of a share of replicates."""
    return binomtest(int(np.sum(hits)), len(hits)).proportion_ci(0.99)


def hits_of(rng, people=200, share=0.3):
    """Return right guesses out of one each."""
    return (rng.random(people) < share).astype(np.int64)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 37.0])
def test_equal_weights_are_none(scale):
    """Weights that are all the same change nothing, whatever their unit, with one guess a person or several."""
    rng = np.random.default_rng(0)
    trials = rng.integers(1, 5, 200)
    for each in (ONES, trials):
        hits = rng.binomial(each, 0.3)
        weighted = effective(hits, each, np.full(200, scale))
        assert weighted == pytest.approx(effective(hits, each), rel=1e-12)


def test_weights_cost_what_kish_says():
    """Where weights have nothing to do with success, the design effect is about ``n sum(w²) / sum(w)²``, never under."""
    rng = np.random.default_rng(1)
    weight = np.exp(rng.normal(0.0, 1.0, 20_000))
    hits = hits_of(rng, 20_000)
    kish = 20_000 * (weight @ weight) / weight.sum() ** 2

    effect = design_effect(hits, np.ones(20_000, dtype=np.int64), weight)

    assert kish <= effect < 1.1 * kish
    for nobody in (np.zeros(200, dtype=np.int64), ONES):
        assert design_effect(nobody, ONES, weight[:200]) == pytest.approx(
            200 * (weight[:200] ** 2).sum() / weight[:200].sum() ** 2
        )


@pytest.mark.parametrize("tied", [False, True])
def test_weighted_rates_are_covered(tied):
    """Clopper-Pearson limits of the effective counts hold the weighted rate in 95 % of 400 samples of 300 people.

    Also where the people who weigh most are those who are guessed.
    """
    held = []
    for number in range(400):
        rng = np.random.default_rng([5, number])
        group = rng.random(300) < 0.3
        weight = np.where(group, 3.0, 1.0) * rng.uniform(0.5, 1.5, 300)
        hits = (rng.random(300) < (np.where(group, 0.4, 0.1) if tied else 0.2)).astype(np.int64)
        truth = (0.3 * 3.0 * 0.4 + 0.7 * 0.1) / (0.3 * 3.0 + 0.7) if tied else 0.2
        low, high = clopper_pearson(*effective(hits, np.ones(300, dtype=np.int64), weight), 0.95)
        held.append(low <= truth <= high)

    assert counted(held).high >= 0.95


def test_a_weighted_rate_is_the_weighted_mean():
    """The rate is ``sum(w h) / sum(w t)``; nobody and everybody are exactly 0 and 1."""
    weight = np.array([0.1, 0.7, 3.3])
    trials = np.array([1, 2, 3])

    assert rate(np.array([1, 0, 2]), trials, weight) == pytest.approx((0.1 + 6.6) / (0.1 + 1.4 + 9.9))
    assert rate(np.zeros(3, dtype=np.int64), trials, weight) == 0.0
    assert rate(trials, trials, weight) == 1.0


def test_weights_repeat_people_in_the_area_and_not_in_its_error():
    """The area with whole weights is that of repeated people; its error is that of as many people as there are."""
    rng = np.random.default_rng(2)
    members, others = rng.normal(0.3, 1, 150), np.round(rng.normal(0, 1, 120), 1)
    weight = rng.integers(1, 4, 120)

    weighted = auc(members, others, nonmember_weight=weight.astype(float))
    repeated = auc(members, np.repeat(others, weight))

    assert weighted.value == pytest.approx(repeated.value, rel=1e-12)
    assert weighted.standard_error > repeated.standard_error
    assert weighted.nonmembers == int(weight.sum() ** 2 / (weight @ weight)) < 120


def test_equal_weights_leave_the_area_alone():
    """Weights that are all the same change neither the area, nor its error, nor the people."""
    rng = np.random.default_rng(3)
    members, others, unit = rng.normal(size=90), rng.normal(size=90), np.repeat(np.arange(30), 3)
    plain = auc(members, others, unit, unit)

    weighted = auc(members, others, unit, unit, member_weight=np.full(90, 0.2), nonmember_weight=np.full(90, 7.0))

    assert (weighted.members, weighted.nonmembers) == (plain.members, plain.nonmembers) == (30, 30)
    assert weighted.value == pytest.approx(plain.value, rel=1e-12)
    assert weighted.standard_error == pytest.approx(plain.standard_error, rel=1e-12)


@pytest.mark.parametrize("replicates", [150, pytest.param(400, marks=pytest.mark.slow)])
def test_weighted_areas_are_covered(replicates):
    """Non-members of another population, weighted by the ratio of densities, give an area whose interval holds 0 gain."""
    held, values, errors = [], [], []
    for number in range(replicates):
        rng = np.random.default_rng([7, number])
        members, others = rng.normal(0.4, 1, 200), rng.normal(0, 1, 300)
        found = auc(members, others, nonmember_weight=np.exp(0.4 * others - 0.08))
        low, high = found.interval()
        held.append(low <= 0.0 <= high)
        values.append(found.value)
        errors.append(found.standard_error)

    assert counted(held).high >= 0.95
    assert np.mean(values) == pytest.approx(0.5, abs=4 * np.std(values) / np.sqrt(replicates))
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)


def test_marks_carry_weights_by_person():
    """A person's weight counts for each of its rows."""
    rng = np.random.default_rng(4)
    unit = np.repeat(np.arange(40), 2)
    members, others = Marks(rng.normal(size=80), unit), Marks(rng.normal(size=80), unit, rng.uniform(1, 3, 40))

    by_row = auc(members.score, others.score, unit, unit, nonmember_weight=others.weight[unit])

    assert auc_of(members, others) == by_row


def judged(original, control, **more):
    """Return what is made of the answers on both sides."""
    found = Outcome("linkability", "linkability.halves", {"original": original, "control": control, **more}, {})
    return estimate(found, primary=True, confidence=0.95, rng=np.random.default_rng(0))


def test_the_correlation_is_that_of_a_table_of_four():
    """With one guess a person the correlation is the phi coefficient; with several, that of the people's sums."""
    rng = np.random.default_rng(10)
    hits = hits_of(rng)
    others = np.where(rng.random(200) < 0.6, hits, hits_of(rng))

    assert correlation(hits, others, ONES) == pytest.approx(np.corrcoef(hits, others)[0, 1])
    assert correlation(hits, hits, ONES) == pytest.approx(1.0)
    assert correlation(hits, 1 - hits, ONES) == pytest.approx(-1.0)
    assert correlation(hits, 0 * hits, ONES) == 0.0


def test_the_sign_test_is_the_binomial_of_those_who_differ():
    """The p-value is the binomial tail among the people on whom the two differ; nobody more is no evidence."""
    hits, others = np.array([1] * 12 + [0] * 3 + [1] * 50), np.array([0] * 12 + [1] * 3 + [1] * 50)

    assert sign_p(hits, others) == pytest.approx(binomtest(12, 15, alternative="greater").pvalue)
    assert sign_p(hits, others, design_effect=2.0) == pytest.approx(binomtest(6, 8, alternative="greater").pvalue)
    assert sign_p(others, others) == 1.0
    assert sign_p(0 * hits, others) == 1.0


@pytest.mark.parametrize("shared", [0.0, 0.9])
def test_paired_risks_are_covered(shared):
    """Guesses by two releases about the same people: risk and excess hold their truth in 95 % of 120 samples.

    Taking the correlation into account makes the interval narrower where the same people are guessed twice.
    """
    held, narrower = [], []
    for number in range(120):
        rng = np.random.default_rng([11, number])
        others = hits_of(rng, share=0.3)
        again = np.where(rng.random(200) < shared, others, hits_of(rng, share=0.3))
        original = np.maximum(again, hits_of(rng, share=0.2))
        paired = judged(Hits(original, ONES), None, others=Hits(others, ONES))
        apart = judged(Hits(original, ONES), Hits(others, ONES))
        held.append((paired.lower <= 0.2 <= paired.upper, paired.excess.lower <= 0.14 <= paired.excess.upper))
        narrower.append(paired.upper - paired.lower < apart.upper - apart.lower)

    for ends in zip(*held):
        assert counted(ends).high >= 0.95
    assert np.mean(narrower) > 0.99 or not shared
    assert "other training people" in paired.estimand
    assert paired.needed_rows is None


def test_the_excess_takes_a_correlation():
    """The excess of the same people is narrower the more alike the two rates are, and never changes its value."""
    widths = []
    for phi in (0.0, 0.5, 0.9):
        found = excess(60, 200, 40, 200, correlation=phi)
        assert found.value == pytest.approx(0.1)
        widths.append(found.upper - found.lower)

    assert widths == sorted(widths, reverse=True)
