"""Covariate-adjusted risk: validity on the decision grid, variance removed, folds, several guesses a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synthprivacy.errors import DataError
from synthprivacy.statistics import mover
from synthprivacy.statistics.adjusted import COUNT_NEEDED, Side, adjusted_risk
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.residual_risk import residual_risk

SIZES = [(100, 100), (500, 500), (2000, 500), (1000, 1000)]
TRUTHS = [(c, risk) for c in (0.01, 0.1, 0.5, 0.9) for risk in (0.0, 0.02, 0.1, 0.5)]


def _tables(rng, people, c, risk, correlation, replicates):
    """Return counts of (hit, covariate) = 00, 01, 10, 11, shape (replicates, 4).

    Without a leak hit and covariate have the rate c and the correlation named; a share `risk` is hit by the leak.
    """
    both, one = c * c + correlation * c * (1 - c), c * (1 - c) * (1 - correlation)
    without = np.array([[1 - both - 2 * one, one], [one, both]])
    chances = np.stack([(1 - risk) * without[0], without[1] + risk * without[0]])
    return rng.multinomial(people, chances.ravel() / chances.sum(), size=replicates)


def _side(table, fold=0):
    """Return a table of counts as people."""
    hits, covariate = np.repeat([0, 0, 1, 1], table), np.repeat([0.0, 1.0, 0.0, 1.0], table)
    return Side(hits, np.ones_like(hits), covariate, np.full(hits.size, fold))


def _rates(table):
    people = table.sum(1)
    hit, covariate, both = table[:, 2:].sum(1) / people, table[:, 1::2].sum(1) / people, table[:, 3] / people
    return people, hit, covariate, both - hit * covariate, covariate * (1 - covariate)


def _ends(original, control, *, guarded=True):
    """Return the decision ends of the residual risk and of the excess, all replicates at once: one fold, one guess."""
    (n1, a, z1, cross1, spread1), (n2, c, z2, cross2, spread2) = _rates(original), _rates(control)
    few = np.minimum.reduce([n1 * a, n1 * (1 - a), n2 * c, n2 * (1 - c)]) < (COUNT_NEEDED if guarded else 0)
    slope1, slope2 = (
        np.where(few | (v == 0), 0, x / np.where(v, v, 1)) for x, v in ((cross1, spread1), (cross2, spread2))
    )
    gap = (z1 - z2) / (n1 + n2)
    adjusted = (a - slope1 * gap * n2).clip(0, 1), (c + slope2 * gap * n1).clip(0, 1)
    failures = [np.maximum(1 - rate, 0.5 / n) for rate, n in zip(adjusted, (n1, n2))]
    ends = []
    for first, second in ((-1 / failures[0], 1 / failures[1]), (1.0, -1.0)):
        steer = (first / n1 * slope1 - second / n2 * slope2) / (n1 + n2)
        plain = first**2 * a * (1 - a) / n1 + second**2 * c * (1 - c) / n2
        left = plain + steer**2 * n1 * n2 * (n2 * spread1 + n1 * spread2)
        left = left - 2 * steer * (n2 * first * cross1 - n1 * second * cross2)
        share = left / np.where(plain, plain, 1) * (1 + 2 / n1 + 2 / n2)
        share = np.where(few | (plain == 0), 1, share.clip(0.5 if guarded else 0.01, 1))
        sizes = n1 / share, n2 / share
        limits = [clopper_pearson((1 - rate) * n, n, 0.95) for rate, n in zip(adjusted, sizes)]
        combine = mover.ratio if not ends else mover.difference
        low, high = combine(1 - adjusted[0], limits[0], 1 - adjusted[1], limits[1])
        ends.append((1 - high, 1 - low) if not ends else (-high, -low))
    return ends


@pytest.mark.parametrize("sizes", SIZES)
def test_one_by_one_is_all_at_once(sizes):
    """The ends simulated below are those of the public functions."""
    rng = np.random.default_rng(0)
    for c, risk in TRUTHS:
        tables = [_tables(rng, n, *truth, 0.5, 2) for n, truth in zip(sizes, ((c, risk), (c, 0.0)))]
        expected = _ends(*tables)
        for row, pair in enumerate(zip(*tables)):
            found = adjusted_risk(*(_side(table) for table in pair))
            ends = found.residual.interval(0.95, "clopper-pearson")
            assert ends == pytest.approx([float(end[row]) for end in expected[0]], abs=1e-9)
            assert (found.excess().lower, found.excess().upper) == pytest.approx(
                [float(end[row]) for end in expected[1]], abs=1e-9
            )


def _worst_miss(sizes, correlation, replicates, seed, **switches):
    """Return the largest share of samples that miss at an end, over the grid and both scales."""
    rng, worst = np.random.default_rng(seed), 0.0
    for c, risk in TRUTHS:
        tables = [_tables(rng, n, *truth, correlation, replicates) for n, truth in zip(sizes, ((c, risk), (c, 0.0)))]
        for truth, (low, high) in zip((risk, risk * (1 - c)), _ends(*tables, **switches)):
            worst = max(worst, np.mean(low > truth + 1e-12), np.mean(high < truth - 1e-12))
    return worst


SLOW = [(sizes, correlation) for sizes in (*SIZES, (500, 2000)) for correlation in (0.6, 0.9)]


@pytest.mark.parametrize(
    ("sizes", "correlation"), [((100, 100), 0.4), *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]
)
def test_decision_ends_rarely_miss(sizes, correlation):
    """No decision end misses in more than .027 of samples at any point of the grid, but for chance.

    10,000 replicates a point; three and a half standard errors of the largest of 64 shares are .0055.
    """
    assert _worst_miss(sizes, correlation, 10_000, 1) <= 0.027 + 0.0055


def test_few_hits_need_the_guard():
    """Adjusted whatever the counts, and by whatever is found, 100 + 100 people are missed in more than .06 of samples."""
    assert _worst_miss((100, 100), 0.9, 4000, 2, guarded=False) > 0.06


@pytest.mark.parametrize("c", [0.5, 0.7, 0.9])
@pytest.mark.parametrize(("correlation", "removed"), [(0.36, 0.13), (0.56, 0.31)])
def test_variance_of_an_easy_secret_is_removed(c, correlation, removed):
    """The share the covariate explains, 13 to 31 %, goes from the variance of the estimates and is stated as gone.

    1,000 replicates, 2,000 + 500 people; three standard errors of a variance ratio at these correlations are .12.
    """
    rng = np.random.default_rng(3)
    tables = [_tables(rng, n, c, 0.0, correlation, 1000) for n in (2000, 500)]
    found = [adjusted_risk(_side(original), _side(control)) for original, control in zip(*tables)]
    plain = tables[0][:, 2:].sum(1) / 2000 - tables[1][:, 2:].sum(1) / 500
    assert np.mean([1 - one.variance_left for one in found]) == pytest.approx(removed, abs=0.015)
    assert np.mean([1 - one.excess_variance_left for one in found]) == pytest.approx(removed, abs=0.015)
    values = np.array([one.excess().value for one in found])
    assert 1 - values.var() / plain.var() == pytest.approx(removed, abs=0.12)
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(1000)


def test_a_leak_is_kept():
    """Mean estimates of a leak of .2 are within .01 of it, on either scale (300 replicates of 1,000 + 1,000 people)."""
    rng = np.random.default_rng(5)
    pairs = zip(_tables(rng, 1000, 0.5, 0.2, 0.5, 300), _tables(rng, 1000, 0.5, 0.0, 0.5, 300))
    found = [adjusted_risk(_side(original), _side(control)) for original, control in pairs]
    assert np.mean([one.residual.value for one in found]) == pytest.approx(0.2, abs=0.01)
    assert np.mean([one.excess().value for one in found]) == pytest.approx(0.1, abs=0.01)


def _in_two_folds(rng, people, first):
    """Return a side whose second fold had a better attacker, so that its covariate is larger for no leak's sake."""
    fold = (np.arange(people) >= first * people).astype(int)
    easy = rng.random(people) < 0.6
    hits = (easy & (rng.random(people) < 0.9)).astype(int)
    covariate = (easy & (rng.random(people) < np.where(fold == 0, 0.3, 0.9))).astype(float)
    return Side(hits, np.ones_like(hits), covariate, fold)


def test_people_are_compared_within_folds():
    """Folds of other shares on either side do not bias, and would if they were thrown together.

    400 replicates of 600 + 400 people; the mean error of the excess is within .006, thrown together over .02.
    """
    rng = np.random.default_rng(6)
    apart, together = [], []
    for _ in range(400):
        sides = _in_two_folds(rng, 600, 0.3), _in_two_folds(rng, 400, 0.7)
        apart.append(adjusted_risk(*sides).excess().value)
        together.append(adjusted_risk(*(replace(side, fold=side.fold * 0) for side in sides)).excess().value)
    assert abs(np.mean(apart)) < 0.006
    assert abs(np.mean(together)) > 0.02


def test_interval_of_two_folds_covers():
    """With two folds of other attackers the decision ends miss at most .025 each, but for chance.

    1,500 replicates of 600 + 400 people; three standard errors are .012.
    """
    rng = np.random.default_rng(7)
    misses = np.zeros(2)
    for _ in range(1500):
        found = adjusted_risk(_in_two_folds(rng, 600, 0.5), _in_two_folds(rng, 400, 0.5)).excess()
        misses += found.lower > 0, found.upper < 0
    assert np.all(misses / 1500 <= 0.025 + 0.012)


def test_answering_five_times_alike_adds_no_certainty():
    """People with five equal answers each give the ends of people with one."""
    rng = np.random.default_rng(8)
    sides = [_side(_tables(rng, n, 0.6, 0.1, 0.5, 1)[0]) for n in (400, 300)]
    once, fivefold = (
        adjusted_risk(*sides),
        adjusted_risk(*(replace(s, hits=s.hits * 5, trials=s.trials * 5) for s in sides)),
    )
    assert fivefold.variance_left == pytest.approx(once.variance_left)
    assert fivefold.residual.interval() == pytest.approx(once.residual.interval())
    assert fivefold.excess().upper == pytest.approx(once.excess().upper)


def test_swapping_the_sides_negates_the_excess():
    """Original and control swapped give the excess negated, ends swapped."""
    rng = np.random.default_rng(9)
    sides = [_side(_tables(rng, n, 0.6, 0.1, 0.5, 1)[0]) for n in (400, 300)]
    one, other = adjusted_risk(*sides).excess(), adjusted_risk(*sides[::-1]).excess()
    assert (one.value, one.lower, one.upper) == pytest.approx((-other.value, -other.upper, -other.lower))


def test_no_covariate_counts_for_more_than_twice_the_people():
    """A covariate equal to the hits leaves no variance, and half of it is kept."""
    sides = [_side(np.array([100, 0, 0, 50])), _side(np.array([80, 0, 0, 60]))]
    found = adjusted_risk(*sides)
    assert found.variance_left == found.excess_variance_left == 0.5


@pytest.mark.parametrize("covariate", [0.0, 0.5])
def test_a_covariate_that_says_nothing_changes_nothing(covariate):
    """A constant covariate, or too few hits, gives the plain risk and excess."""
    rng = np.random.default_rng(10)
    sides = [_side(_tables(rng, n, 0.6, 0.1, 0.5, 1)[0]) for n in (400, 300)]
    few = [_side(np.array([300, 60, 5, 14])) for _ in range(2)]
    constant = [replace(side, covariate=np.full(side.hits.size, covariate)) for side in sides]
    for original, control in (constant, few):
        counts = (original.hits.sum(), original.hits.size, control.hits.sum(), control.hits.size)
        found = adjusted_risk(original, control)
        assert found.variance_left == found.excess_variance_left == 1.0
        assert found.residual.interval() == pytest.approx(residual_risk(*counts).interval())
        assert found.excess().upper == pytest.approx(excess(*counts).upper)


def test_people_without_a_guess_count_for_nothing():
    """People with no trial change nothing, whatever their covariate."""
    rng = np.random.default_rng(11)
    sides = [_side(_tables(rng, n, 0.6, 0.1, 0.5, 1)[0]) for n in (400, 300)]
    idle = Side(
        *(
            np.append(part, extra)
            for part, extra in zip((sides[0].hits, sides[0].trials, sides[0].covariate, sides[0].fold), (0, 0, 1.0, 7))
        )
    )
    assert adjusted_risk(idle, sides[1]) == adjusted_risk(*sides)


def test_impossible_sides_are_refused():
    """Arrays of other lengths, covariates outside [0, 1], lone folds and impossible counts are errors."""
    side = _side(np.array([50, 20, 30, 60]))
    wrong = {
        "name the same people": replace(side, fold=side.fold[1:]),
        "between 0 and 1": replace(side, covariate=side.covariate * 2),
        "one side only": replace(side, fold=side.fold + 1),
        "hits each": replace(side, hits=side.hits * 2),
    }
    for message, other in wrong.items():
        with pytest.raises(DataError, match=message):
            adjusted_risk(side, other)
    with pytest.raises(DataError, match="between 0 and 1"):
        adjusted_risk(side, replace(side, covariate=np.full(side.hits.size, np.nan)))
