"""Weighted and paired answers: the statistics that comparators other than a holdout need.

Shares of replicates are held against the 99 % Clopper-Pearson interval of what was counted, as in `test_truth`.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from synthprivacy.attacks.linkability import Halves
from synthprivacy.comparators.weighting import FOUND, cut, overlap
from synthprivacy.driver import run
from synthprivacy.results import Hits, Marks, Matches, Outcome, Risk, Skipped
from synthprivacy.results.comparator import Balance, Weighted
from synthprivacy.statistics.clusters import design_effect, effective, rate
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.estimate_marks import auc_of
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.paired import correlation, sign_p
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.table import Case, Feature, Table

ONES = np.ones(200, dtype=np.int64)


def counted(hits):
    """Return the 99 % interval of a share of replicates."""
    return binomtest(int(np.sum(hits)), len(hits)).proportion_ci(0.99)


def hits_of(rng, people=200, share=0.3):
    """Return right guesses out of one each."""
    return (rng.random(people) < share).astype(np.int64)


# --- weighted rates ---


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


# --- weighted scores ---


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


# --- what a risk says of weights ---


def outcome(original, control, **more):
    """Return the outcome of an attack on both sides."""
    return Outcome("linkability", "linkability.halves", {"original": original, "control": control, **more}, {})


def judged(original, control, **more):
    """Return what is made of an outcome."""
    found = outcome(original, control, **more)
    return estimate(found, primary=True, confidence=0.95, rng=np.random.default_rng(0))


def test_a_weighted_control_is_named_and_widens():
    """The estimand tells of the weights, the value is that of the weighted rate, the interval is wider."""
    rng = np.random.default_rng(5)
    original, control = hits_of(rng), hits_of(rng, share=0.2)
    weight = np.exp(rng.normal(0, 1, 200))

    plain = judged(Hits(original, ONES), Hits(control, ONES))
    weighted = judged(Hits(original, ONES), Hits(control, ONES, weight))

    a, c = original.mean(), np.average(control, weights=weight)
    assert weighted.value == pytest.approx((a - c) / (1 - c))
    assert "weighted" in weighted.estimand
    assert "weighted" not in plain.estimand
    assert weighted.upper - weighted.lower > plain.upper - plain.lower
    assert weighted.needed_rows > plain.needed_rows
    assert weighted.evidence.control.design_effect > 1.0


@pytest.mark.parametrize("few", [0, 1, 9])
@pytest.mark.parametrize("missed", [False, True])
def test_weights_lift_no_small_count_over_nine(few, missed):
    """Fewer than ten control people hit, or missed, are told as fewer than ten, however much they weigh."""
    hits = np.concatenate([np.ones(few), np.zeros(200 - few)]).astype(np.int64)
    weight = np.where(hits > 0, 9.0, 1.0)
    control = Hits(1 - hits if missed else hits, ONES, weight)

    told = judged(Hits(hits_of(np.random.default_rng(0)), ONES), control)

    if isinstance(told, Risk):
        successes = told.evidence.control.successes
        assert (200 - successes if missed else successes) <= 9
    else:
        assert missed
        assert few == 0


def test_predicates_have_no_weighted_form():
    """Isolation is not judged against a weighted control: skipped, with what it needs."""
    match = np.arange(120)
    original = Matches(match, match, 120, 120)
    found = judged(original, Matches(match, match, 120, 120, np.ones(120)))

    assert isinstance(found, Skipped)
    assert "held out" in found.needs


def test_true_positives_are_counted_and_so_need_people_who_count_alike():
    """A weighted membership risk has no points of a ROC curve, and says that it is weighted."""
    rng = np.random.default_rng(6)
    original, control = (Marks(rng.normal(size=400), np.arange(400)) for _ in range(2))

    plain, weighted = (
        judged(original, marks) for marks in (control, Marks(control.score, control.unit, np.full(400, 1.0)))
    )

    assert plain.evidence.tpr
    assert not weighted.evidence.tpr
    assert "weighted" in weighted.estimand
    assert weighted.value == pytest.approx(plain.value)


# --- weights themselves ---


def test_no_person_weighs_more_than_the_root_of_all():
    """Weights are cut at √n of their mean, then have a mean of 1; small ones only change their unit."""
    weight = np.ones(400)
    weight[0] = 1e6

    before = cut(weight) / cut(weight)[1]
    assert before[0] == pytest.approx(20 * weight.mean())
    assert (before[1:] == 1.0).all()
    assert cut(weight).mean() == pytest.approx(1.0)
    assert cut(np.array([1.0, 1.2, 1.1])) == pytest.approx(np.array([1.0, 1.2, 1.1]) / 1.1)


def test_overlap_is_the_share_of_people_in_whose_place_control_people_are_found():
    """An original person beyond the fifth highest control person has no place among them."""
    control = np.arange(100.0)

    assert overlap(np.array([0.0, 95.0, 95.5, 200.0]), control) == 0.5
    assert overlap(np.array([-50.0]), control) == 1.0
    assert overlap(np.array([10.0]), np.arange(FOUND - 2.0)) == 0.0


@pytest.mark.parametrize(
    ("weighted", "faults"),
    [
        (Weighted(500.0, 0.97, Balance(0.5, 0.47, 0.53)), 0),
        (Weighted(99.0, 0.97, Balance(0.5, 0.47, 0.53)), 1),
        (Weighted(500.0, 0.9, Balance(0.5, 0.47, 0.53)), 1),
        (Weighted(500.0, 0.97, Balance(0.53, 0.49, 0.57)), 1),
        (Weighted(float("nan"), float("nan"), Balance(0.5, float("nan"), float("nan"))), 3),
    ],
)
def test_a_weighted_control_passes_only_if_all_its_checks_do(weighted, faults):
    """Worth, overlap and balance must each be shown; what is no number is a fault."""
    assert len(weighted.faults) == faults
    assert weighted.can_pass == (faults == 0)


def column(name, values):
    """Return a column of numbers."""
    return Feature(name, "number", np.asarray(values, dtype=float), ordered=True, scale=1.0)


def test_weights_follow_their_people():
    """Taking rows keeps the weights of the people taken; selecting columns and joining tables leave weights behind."""
    table = Table((column("a", range(6)),), np.array([0, 0, 1, 2, 2, 3]), np.array([1.0, 2.0, 3.0, 4.0]))

    assert table.take(np.array([5, 2])).weight.tolist() == [2.0, 4.0]
    assert table.of_people(np.array([2, 0])).weight.tolist() == [1.0, 3.0]
    assert table.select(("a",)).weight is None
    assert table.joined(table).weight is None


def test_no_attacker_is_shown_a_weight():
    """Neither the people shown nor any release studied has weights."""
    rng = np.random.default_rng(9)
    seen = []

    class Spy(Halves):
        """Linkability that remembers what it sees."""

        def prepare(self, known, rng):
            """Remember the releases, and later the people."""
            seen.extend(known.releases)
            attacker = Halves.prepare(self, known, rng)

            def spying(people):
                seen.append(people)
                return attacker(people)

            return spying

    def table(weight=None):
        return Table(tuple(column(name, rng.random(150)) for name in ("x0", "x1")), np.arange(150), weight)

    case = Case("one", table(), table(rng.random(150) + 0.5), table(), schema=None)
    run(Spy(("x0",), ("x1",)), case, rng, targets=100, reference=table(np.ones(150)))

    assert len(seen) > 4
    assert all(shown.weight is None for shown in seen)


# --- the same people twice ---


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
