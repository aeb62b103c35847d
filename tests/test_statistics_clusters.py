"""Several guesses about one person."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.errors import DataError
from synthprivacy.statistics.clusters import design_effect, effective
from synthprivacy.statistics.proportions import jeffreys


def _ints(*values):
    return np.array(values, dtype=np.int64)


def test_one_trial_a_person_costs_nothing():
    """With at most one trial a person the design effect is exactly 1 and counts are whole."""
    hits = (np.arange(1000) % 7 == 0).astype(np.int64)
    assert design_effect(hits, np.ones(1000, dtype=np.int64)) == 1.0
    assert effective(hits, np.ones(1000, dtype=np.int64)) == (hits.sum(), 1000)
    assert design_effect(_ints(1, 0, 0), _ints(1, 0, 1)) == 1.0


@pytest.mark.parametrize("size", [2, 5, 10])
def test_identical_answers_count_once(size):
    """Where a person's answers all agree the effective trials are the people."""
    hits = size * (np.arange(200) % 3 == 0).astype(np.int64)
    trials = np.full(200, size, dtype=np.int64)
    assert design_effect(hits, trials) == pytest.approx(size)
    assert effective(hits, trials) == pytest.approx((67, 200))


@pytest.mark.parametrize("all_hit", [True, False])
def test_nobody_or_everybody_hit_is_taken_at_its_worst(all_hit):
    """A rate of 0 or 1 shows no dependence, so answers are taken to agree: effective trials (sum t)² / sum t²."""
    trials = _ints(1, 2, 3, 4)
    successes, number = effective(trials if all_hit else 0 * trials, trials)
    assert number == pytest.approx(100 / 30)
    assert successes == (number if all_hit else 0.0)


def test_never_more_than_were_counted():
    """Answers that repel each other within a person do not narrow anything (100 random tables)."""
    rng = np.random.default_rng(0)
    assert design_effect(np.ones(50, dtype=np.int64), np.full(50, 2)) == 1.0
    for _ in range(100):
        trials = rng.integers(0, 6, 30)
        trials[0] = 1
        successes, number = effective(rng.binomial(trials, 0.3), trials)
        assert number <= trials.sum()
        assert 0.0 <= successes <= number


def test_households_of_five_are_covered():
    """100 households of 5 alike: the naive 95 % interval covers under .70, the clustered one .93 or more.

    4,000 replicates at a rate of .3; three standard errors are .011 at .95, .024 at .6.
    """
    rng = np.random.default_rng(3)
    trials, people = np.full(100, 5), rng.random((4000, 100)) < 0.3
    hits = 5 * people.astype(np.int64)
    naive = jeffreys(hits.sum(1), 500, 0.95)
    k, n = np.array([effective(row, trials) for row in hits]).T
    clustered = jeffreys(k, n, 0.95)
    assert np.mean((naive[0] <= 0.3) & (naive[1] >= 0.3)) < 0.70
    assert np.mean((clustered[0] <= 0.3) & (clustered[1] >= 0.3)) >= 0.93


def test_unequal_people_with_partly_alike_answers_are_covered():
    """Up to ten rows a person, a rate that differs by person: the clustered interval covers .92 to .97.

    3,000 replicates of 150 people, Beta(1, 3) rates; three standard errors are .012.
    """
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(3000):
        trials = rng.integers(1, 11, 150)
        low, high = jeffreys(*effective(rng.binomial(trials, rng.beta(1, 3, 150)), trials), 0.95)
        covered += low <= 0.25 <= high
    assert 0.92 <= covered / 3000 <= 0.97


@pytest.mark.parametrize(("hits", "trials"), [((0,), (0,)), ((2, 0), (1, 1)), ((-1, 1), (1, 1)), ((), ())])
def test_impossible_counts_are_refused(hits, trials):
    """No rate comes from counts that cannot be."""
    with pytest.raises(DataError):
        effective(_ints(*hits), _ints(*trials))
