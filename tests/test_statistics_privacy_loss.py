"""Epsilon and mu from independent runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binomtest, norm

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics.privacy_loss import gaussian
from synthprivacy.statistics.privacy_loss.search import largest_rejected
from synthprivacy.statistics.privacy_loss.two_sample import ceiling, over_thresholds, two_sample


def _alarms_too_often(alarms, alpha=0.05):
    """Return whether the alarms exceed their share, at 99 % confidence."""
    interval = binomtest(int(np.sum(alarms)), len(alarms)).proportion_ci(0.98)
    return interval.low > alpha


def _laplace_runs(rng, epsilon, runs):
    """Return scores of runs with and without a person counted under Laplace noise of a scale 1 / epsilon."""
    return 1.0 + rng.laplace(size=runs) / epsilon, rng.laplace(size=runs) / epsilon


def _naive(members, nonmembers):
    """Return the highest log ratio of observed rates over all thresholds and both faces, none of it paid for."""
    thresholds = np.union1d(members, nonmembers)
    above = [np.mean(side[:, None] > thresholds, axis=0) for side in (members, nonmembers)]
    faces = above, (1 - above[1], 1 - above[0])
    return max(np.log(a[(a > 0) & (b > 0)] / b[(a > 0) & (b > 0)]).max() for a, b in faces)


@pytest.mark.parametrize(
    ("runs", "proves"), [(50, 2.57), (100, 3.28), (200, 3.98), (500, 4.91), (1000, 5.60), (2000, 6.29), (5000, 7.21)]
)
def test_ceiling_is_what_a_perfect_attack_proves(runs, proves):
    """With n runs a side nobody can prove more than log((1 - q) / q) for q = 1 - .025^(1/n)."""
    q = 1 - 0.025 ** (1 / runs)
    assert ceiling(runs, runs) == pytest.approx(math.log((1 - q) / q))
    assert ceiling(runs, runs) == pytest.approx(proves, abs=0.005)
    assert two_sample(runs, runs, 0, runs).epsilon == ceiling(runs, runs)


def test_both_faces_count():
    """An attack that never misses a member but calls half of the others proves as much as its mirror image."""
    assert two_sample(1000, 1000, 500, 1000).epsilon == pytest.approx(two_sample(500, 1000, 0, 1000).epsilon)
    assert two_sample(1000, 1000, 500, 1000).epsilon > 4.0
    assert two_sample(300, 1000, 300, 1000).epsilon == 0.0


def test_delta_is_taken_off_the_rate_that_is_bounded_from_below():
    """The bound is the log of (1 - FNR - delta) over FPR at the Clopper-Pearson limits."""
    missed, called = (binomtest(k, 500).proportion_ci(0.95, method="exact").high for k in (100, 20))
    expected = math.log((1 - missed - 0.1) / called)
    assert two_sample(400, 500, 20, 500, delta=0.1).epsilon == pytest.approx(expected)
    assert two_sample(0, 500, 0, 500, delta=0.999).epsilon == 0.0


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 2.0, 4.0])
def test_bound_at_a_fixed_threshold_holds_exactly(epsilon):
    """Over all outcomes of 60 + 60 runs of randomised response, the bound exceeds the truth in at most 5 %."""
    runs = 60
    right = math.exp(epsilon) / (1 + math.exp(epsilon))
    count = np.arange(runs + 1)
    chance = np.outer(
        *(np.array([math.comb(runs, k) * q**k * (1 - q) ** (runs - k) for k in count]) for q in (right, 1 - right))
    )
    too_high = [[two_sample(int(tp), runs, int(fp), runs).epsilon > epsilon for fp in count] for tp in count]
    assert chance[np.array(too_high)].sum() <= 0.05


@pytest.mark.parametrize("method", ["bonferroni", "split"])
@pytest.mark.parametrize("epsilon", [0.5, 1.0, 4.0])
def test_chosen_thresholds_are_paid_for(method, epsilon):
    """Under Laplace noise the bound exceeds epsilon in at most 5 % of 300 replicates of 500 + 500 runs."""
    rng = np.random.default_rng(1)
    bounds = [over_thresholds(*_laplace_runs(rng, epsilon, 500), rng, method=method).epsilon for _ in range(300)]
    assert not _alarms_too_often(np.array(bounds) > epsilon)


def test_a_perfect_attack_proves_what_its_share_of_the_error_allows():
    """Of 500 + 500 separable runs, 19 thresholds leave each a 19th of the error; a split leaves half of the runs."""
    rng, runs = np.random.default_rng(0), np.arange(500.0)
    paid = over_thresholds(runs + 1000, runs, rng)
    assert paid.epsilon == pytest.approx(ceiling(500, 500, confidence=1 - 0.05 / 19))
    assert paid.ceiling == paid.epsilon
    halved = over_thresholds(runs + 1000, runs, rng, method="split")
    assert halved.ceiling == ceiling(250, 250)


def test_a_rank_is_charged_for_everybody_above_it():
    """Members just under the highest non-member prove what one false positive of 100 allows, not none."""
    found = over_thresholds(np.full(100, 98.5), np.arange(100.0), np.random.default_rng(0))
    assert found.epsilon == pytest.approx(two_sample(100, 100, 1, 100, confidence=1 - 0.05 / 15).epsilon)


def test_the_half_that_chose_does_not_judge():
    """A threshold that separates the one half proves nothing where the other half is alike."""

    class Unshuffled:
        def permutation(self, scores):
            return scores

    alike = np.arange(100.0)
    for first in (np.full(100, 1000.0), alike - 1000):
        members, nonmembers = np.concatenate([first, alike]), np.concatenate([alike, alike])
        assert over_thresholds(members, nonmembers, Unshuffled(), method="split").epsilon == 0.0
    members = np.concatenate([np.full(100, 50.0), np.full(100, 50.0)])
    nonmembers = np.concatenate([np.full(100, 10.0), np.full(100, 90.0)])
    assert over_thresholds(members, nonmembers, Unshuffled(), method="split").epsilon == 0.0


def test_highest_observed_ratio_is_no_bound():
    """The largest ratio of observed rates exceeds epsilon in more than 95 % of 100 replicates, at any epsilon."""
    rng = np.random.default_rng(2)
    for epsilon in (0.25, 1.0, 4.0):
        found = [_naive(*_laplace_runs(rng, epsilon, 300)) for _ in range(100)]
        assert np.mean(np.array(found) > epsilon) >= 0.95


@pytest.mark.parametrize("method", ["bonferroni", "split"])
def test_bounds_are_near_the_truth(method):
    """With 5,000 + 5,000 runs the mean bound under Laplace noise is at least 3/4 of epsilon 1, and of 2 (20 replicates)."""
    rng = np.random.default_rng(3)
    for epsilon in (1.0, 2.0):
        found = [over_thresholds(*_laplace_runs(rng, epsilon, 5000), rng, method=method) for _ in range(20)]
        assert np.mean([bound.epsilon for bound in found]) >= 0.75 * epsilon
        assert found[0].ceiling > epsilon


@pytest.mark.parametrize("method", ["bonferroni", "split"])
def test_halved_noise_is_rejected(method):
    """A claim of 1 that is 2 in truth is rejected in at least 80 % of 100 replicates of 1,000 + 1,000 runs."""
    rng = np.random.default_rng(4)
    bounds = [over_thresholds(*_laplace_runs(rng, 2.0, 1000), rng, method=method).epsilon for _ in range(100)]
    assert np.mean(np.array(bounds) > 1.0) >= 0.8


@pytest.mark.parametrize("method", ["bonferroni", "split"])
def test_scores_that_all_tie_prove_nothing(method):
    """A score that says nothing bounds epsilon by 0; two runs a side are enough to be told so."""
    rng = np.random.default_rng(5)
    for runs in (2, 3, 100):
        assert over_thresholds(np.zeros(runs), np.zeros(runs), rng, method=method).epsilon == 0.0


@pytest.mark.parametrize("mu", [1.0, 2.0, 3.0])
def test_gaussian_bound_is_tight_and_holds(mu):
    """With 5,000 + 5,000 runs the mean bound of mu is at least .9 mu, and above mu in at most 5 % (500 replicates)."""
    rng = np.random.default_rng(6)
    chances = norm.cdf([mu / 2, -mu / 2])
    counts = rng.binomial(5000, chances, size=(500, 2))
    bounds = np.array([gaussian.mu(int(tp), 5000, int(fp), 5000) for tp, fp in counts])
    assert bounds.mean() >= 0.9 * mu
    assert not _alarms_too_often(bounds > mu)


def test_gaussian_bound_is_never_negative():
    """An attack that is wrong more often than right bounds mu by 0."""
    assert gaussian.mu(100, 500, 300, 500) == 0.0


@pytest.mark.parametrize(("epsilon", "mu"), [(0.0, 0.5), (1.0, 1.0), (0.3, 2.0), (4.0, 1.0), (9.0, 3.0)])
def test_delta_is_the_excess_of_one_density_over_the_other(epsilon, mu):
    """Corollary 2.13 is the integral of (N(mu, 1) - e^eps N(0, 1)) where it is positive."""
    cut = epsilon / mu + mu / 2
    excess = quad(lambda x: norm.pdf(x, mu) - math.exp(epsilon) * norm.pdf(x), cut, mu + cut + 12, epsabs=1e-14)[0]
    assert gaussian.delta_at(epsilon, mu=mu) == pytest.approx(excess, rel=1e-6)


def test_epsilon_and_delta_convert_into_each_other():
    """epsilon_at is the inverse of delta_at; delta 0 asks for an infinite epsilon, a large delta for none."""
    for mu in (0.3, 1.0, 4.0):
        for delta in (1e-9, 1e-5, 0.01):
            assert gaussian.delta_at(gaussian.epsilon_at(delta, mu=mu), mu=mu) == pytest.approx(delta, rel=1e-6)
    assert gaussian.epsilon_at(1e-5, mu=1.0) == pytest.approx(4.3766, abs=1e-3)
    assert gaussian.epsilon_at(0.0, mu=1.0) == math.inf
    assert gaussian.epsilon_at(0.9, mu=1.0) == 0.0
    assert gaussian.epsilon_at(0.0, mu=0.0) == gaussian.epsilon_at(0.1, mu=0.0) == 0.0


@pytest.mark.parametrize("truth", [0.0, 1e-3, 0.7, 1.0, 5.0, 300.0])
def test_search_stops_just_below_the_truth(truth):
    """The largest rejected parameter is found to 9 digits, from below, and the search ends where all are rejected."""
    found = largest_rejected(lambda value: value < truth)
    assert found <= truth
    assert found == pytest.approx(truth, rel=1e-9, abs=1e-9)
    assert largest_rejected(lambda _: True) >= 1024


def test_impossible_settings_and_counts_are_refused():
    """Levels, methods, counts and scores that cannot be are errors, not bounds."""
    rng, scores = np.random.default_rng(0), np.arange(5.0)
    for settings in ({"confidence": 1.0}, {"confidence": 0.0}, {"delta": 1.0}, {"delta": -0.1}):
        with pytest.raises(ConfigError):
            two_sample(1, 5, 1, 5, **settings)
        with pytest.raises(ConfigError):
            over_thresholds(scores, scores, rng, **settings)
    with pytest.raises(ConfigError, match="method"):
        over_thresholds(scores, scores, rng, method="best")
    for bad in (np.array([1.0]), np.array([1.0, np.nan])):
        with pytest.raises(DataError, match="score"):
            over_thresholds(bad, scores, rng)
        with pytest.raises(DataError, match="score"):
            over_thresholds(scores, bad, rng)
    with pytest.raises(DataError):
        two_sample(6, 5, 0, 5)
    with pytest.raises(DataError):
        gaussian.mu(1, 5, 6, 5)
    with pytest.raises(ConfigError, match="mu"):
        gaussian.delta_at(1.0, mu=-1.0)
