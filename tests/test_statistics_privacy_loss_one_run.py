"""Epsilon from one run: published values, exact enumeration, and mechanisms whose epsilon is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics.privacy_loss.guessing import Plan, from_claims, from_scores, plans
from synthprivacy.statistics.privacy_loss.one_run import _tilted, lower_bound, one_run


def _alarms_too_often(alarms, alpha=0.05):
    """Return whether the alarms exceed their share, at 99 % confidence."""
    return binomtest(int(np.sum(alarms)), len(alarms)).proportion_ci(0.98).low > alpha


def _coins(rng, people, inclusion):
    return rng.random(people) < inclusion


def _randomised_response(rng, member, epsilon):
    """Return the coins, each told truly with odds e^epsilon: exactly epsilon for adding or removing a person."""
    return member == (rng.random(member.size) < 1 / (1 + math.exp(-epsilon)))


def _histogram_scores(rng, member, epsilon, crowd):
    """Return how much each person's cell holds, under Laplace noise of a scale 1 / epsilon, `crowd` people a cell.

    Adding or removing a person changes one cell by one, so the histogram is epsilon-private for that (for replacing a
    person it is 2 epsilon).
    """
    cell = np.arange(member.size) // crowd
    held = np.bincount(cell, weights=member)
    return (held + rng.laplace(size=held.size) / epsilon)[cell]


def _two_kinds(said, member, inclusion):
    """Return the bound from guessing what randomised response said of everybody."""
    counts = (said & member).sum(), said.sum(), (~said & ~member).sum(), (~said).sum()
    return one_run(*map(int, counts), people=member.size, inclusion=inclusion)


@pytest.mark.parametrize(
    ("people", "guesses", "right", "delta", "epsilon"),
    [
        (100, 100, 100, 0.0, 3.493),
        (1000, 1000, 600, 0.0, 0.2975),
        (1000, 1000, 750, 0.0, 0.9767),
        (1000, 200, 190, 0.0, 2.3979),
        (10000, 1000, 950, 1e-5, 2.691),
    ],
)
def test_published_algorithm(people, guesses, right, delta, epsilon):
    """The values of the paper's appendix D, run on these counts; guesses "in" and "out" count alike for fair coins."""
    assert one_run(right, guesses, people=people, delta=delta).epsilon == pytest.approx(epsilon, abs=1e-3)
    half = right // 2, guesses // 2, right - right // 2, guesses - guesses // 2
    assert one_run(*half, people=people, delta=delta).epsilon == pytest.approx(epsilon, abs=1e-3)


def test_ceiling_is_what_as_many_right_guesses_prove():
    """1,000 right guesses prove 5.81, and no bound exceeds its ceiling."""
    assert one_run(1000, 1000, people=1000).epsilon == pytest.approx(5.81, abs=0.005)
    found = one_run(90, 100, 5, 20, people=400, inclusion=0.8)
    assert found.ceiling == one_run(100, 100, 20, 20, people=400, inclusion=0.8).epsilon > found.epsilon
    assert (found.right, found.guesses) == (95, 120)


def test_fair_coins_are_the_limit_of_tilted_ones():
    """At a chance of one half the sum of two binomials is the binomial of the paper."""
    for epsilon, right, guesses in [(0.0, 7, (5, 6)), (1.3, 20, (0, 25)), (0.4, 30, (30, 10)), (2.0, 0, (3, 0))]:
        expected = binom.sf(right - 1, sum(guesses), 1 / (1 + math.exp(-epsilon)))
        assert _tilted(epsilon, right, guesses, 0.5) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("inclusion", [0.5, 0.8])
def test_p_value_of_randomised_response_is_exact(inclusion):
    """Over all coins and answers of 6 people, so many right guesses have exactly the p-value's chance, given the guesses."""
    people, epsilon = 6, 1.2
    truth = 1 / (1 + math.exp(-epsilon))
    for said in itertools.product([False, True], repeat=people):
        chance = np.zeros(people + 1)
        for member in itertools.product([False, True], repeat=people):
            each = [
                (inclusion if m else 1 - inclusion) * (truth if m == s else 1 - truth) for m, s in zip(member, said)
            ]
            chance[sum(m == s for m, s in zip(member, said))] += math.prod(each)
        tail = chance[::-1].cumsum()[::-1] / chance.sum()
        expected = [_tilted(epsilon, right, (sum(said), people - sum(said)), inclusion) for right in range(people + 1)]
        np.testing.assert_allclose(tail, expected, atol=1e-12)


@pytest.mark.parametrize("inclusion", [0.3, 0.5, 0.8])
def test_p_value_bounds_a_release_that_mixes_people(inclusion):
    """A noisy total of 6 people, guessed from in any way, never has more right guesses than the p-value allows.

    The total plus two-sided geometric noise is epsilon-private, and its error couples everybody's guesses. Enumerated:
    all coins, totals from -40 to 46, and guesses of the first k people in and the last j out.
    """
    people, epsilon = 6, 0.7
    totals = np.arange(-40, 47)
    members = np.array(list(itertools.product([False, True], repeat=people)))
    prior = np.where(members, inclusion, 1 - inclusion).prod(axis=1)
    noise = np.exp(-epsilon * np.abs(totals - members.sum(axis=1)[:, None])) * math.tanh(epsilon / 2)
    posterior = prior[:, None] * noise
    posterior /= posterior.sum(axis=0)
    for called_in, called_out in itertools.product(range(people + 1), repeat=2):
        if not 1 <= called_in + called_out <= people:
            continue
        right = members[:, :called_in].sum(axis=1) + (~members[:, people - called_out :]).sum(axis=1)
        for reach in range(1, called_in + called_out + 1):
            allowed = _tilted(epsilon, reach, (called_in, called_out), inclusion)
            assert (posterior[right >= reach].sum(axis=0) <= allowed + 1e-12).all()


@pytest.mark.parametrize("inclusion", [0.5, 0.8])
@pytest.mark.parametrize(
    ("epsilon", "people"), [(0.5, 20_000), (1.0, 20_000), (2.0, 5_000), (4.0, 5_000), (10.0, 5_000)]
)
def test_randomised_response_is_measured(inclusion, epsilon, people):
    """Told every coin with odds e^epsilon, the bound is within 10 % of min(epsilon, ceiling) on average (12 replicates)."""
    rng = np.random.default_rng(0)
    members = [_coins(rng, people, inclusion) for _ in range(12)]
    found = [_two_kinds(_randomised_response(rng, member, epsilon), member, inclusion) for member in members]
    assert np.mean([bound.epsilon for bound in found]) >= 0.9 * min(epsilon, found[0].ceiling)


@pytest.mark.parametrize("inclusion", [0.5, 0.8])
@pytest.mark.parametrize("epsilon", [0.25, 1.0, 4.0])
def test_bound_on_randomised_response_holds_and_is_tight(inclusion, epsilon):
    """Of 1,000 replicates of 500 people the bound exceeds epsilon in at most 5 %, and in more than 1 %: nothing is wasted."""
    rng = np.random.default_rng(1)
    too_high = []
    for _ in range(1000):
        member = _coins(rng, 500, inclusion)
        said = _randomised_response(rng, member, epsilon)
        right, guesses = int((said == member).sum()), (int(said.sum()), int((~said).sum()))
        too_high.append(_tilted(epsilon, right, guesses, inclusion) < 0.05)
    assert not _alarms_too_often(too_high)
    assert np.mean(too_high) > 0.01


@pytest.mark.parametrize("inclusion", [0.5, 0.8])
@pytest.mark.parametrize(("epsilon", "crowd"), [(0.5, 1), (2.0, 1), (8.0, 1), (2.0, 3)])
def test_bound_on_a_private_histogram_holds(inclusion, epsilon, crowd):
    """Under Laplace noise the bound over several numbers of guesses exceeds epsilon in at most 5 % of 60 replicates."""
    rng = np.random.default_rng(2)
    bounds = []
    for _ in range(60):
        member = _coins(rng, 600, inclusion)
        scores = _histogram_scores(rng, member, epsilon, crowd)
        bounds.append(from_scores(scores, member, inclusion=inclusion).epsilon)
    assert not _alarms_too_often(np.array(bounds) > epsilon)


@pytest.mark.slow
@pytest.mark.parametrize("inclusion", [0.5, 0.8])
@pytest.mark.parametrize("crowd", [1, 3])
def test_bound_on_a_private_histogram_holds_at_length(inclusion, crowd):
    """As above at epsilon .25, 1 and 4, in 200 replicates of 500 people."""
    rng = np.random.default_rng(3)
    for epsilon in (0.25, 1.0, 4.0):
        bounds = []
        for _ in range(200):
            member = _coins(rng, 500, inclusion)
            bounds.append(from_scores(_histogram_scores(rng, member, epsilon, crowd), member, inclusion=inclusion))
        assert not _alarms_too_often(np.array([bound.epsilon for bound in bounds]) > epsilon)


@pytest.mark.parametrize("inclusion", [0.5, 0.8])
def test_halved_noise_is_rejected(inclusion):
    """A histogram that claims epsilon 1 with half the noise it needs is rejected in at least 80 % of 30 replicates."""
    rng = np.random.default_rng(4)
    rejected = []
    for _ in range(30):
        member = _coins(rng, 2000, inclusion)
        rejected.append(from_scores(_histogram_scores(rng, member, 2.0, 1), member, inclusion=inclusion).epsilon > 1.0)
    assert np.mean(rejected) >= 0.8


def test_choosing_the_number_of_guesses_afterwards_would_break_it():
    """Without a leak, the best of all numbers of guesses, unpaid, alarms in far more than 5 % of 200 replicates."""
    rng = np.random.default_rng(5)
    alarms = {"paid": [], "unpaid": []}
    for _ in range(200):
        member, scores = _coins(rng, 200, 0.5), rng.random(200)
        right = np.cumsum(member[np.argsort(-scores)])
        alarms["unpaid"].append(
            any(lower_bound(int(k), (n, 0), people=200) > 0 for n, k in enumerate(right, 1) if 2 * k > n)
        )
        alarms["paid"].append(from_scores(scores, member).epsilon > 0)
    assert np.mean(alarms["unpaid"]) > 0.2
    assert not _alarms_too_often(alarms["paid"])


def test_claims_of_copies_are_guesses_in():
    """20 claims, all right, prove 1.82 with fair coins and less with coins that put four in five in."""
    member = np.arange(1000) < 500
    claimed = np.arange(1000) < 20
    assert from_claims(claimed, member) == one_run(20, 20, people=1000)
    assert from_claims(claimed, member).epsilon == pytest.approx(1.82, abs=0.005)
    assert from_claims(claimed, member, inclusion=0.8).epsilon == pytest.approx(1.8227 - math.log(4), abs=1e-3)
    assert from_claims(~claimed & ~member, member).epsilon == 0.0
    assert from_claims(np.zeros(1000, dtype=bool), member).epsilon == 0.0


def test_ties_across_the_cut_are_abstained_on():
    """Thirty copies among tied people are thirty guesses, whichever way the people are listed; none without copies."""
    member = np.arange(1000) % 2 == 0
    scores = np.where(np.arange(1000) < 60, member, 0.0)
    for order in (np.arange(1000), np.argsort(member, kind="stable"), np.argsort(~member, kind="stable")):
        found = from_scores(scores[order], member[order])
        assert (found.right, found.guesses) == (30, 30)
        assert from_scores(np.zeros(1000), member[order]).guesses == 0
    assert found.epsilon == lower_bound(30, (30, 0), people=1000, confidence=1 - 0.05 / len(plans(1000)))


def test_with_delta_an_abstention_is_a_wrong_guess():
    """The number of guesses must not depend on the release where delta is not 0."""
    member = np.arange(1000) % 2 == 0
    scores = np.where(np.arange(1000) < 60, member, 0.0)
    found = from_scores(scores, member, delta=1e-6, tried=[Plan(40, 0)])
    assert found.epsilon == one_run(30, 40, people=1000, delta=1e-6).epsilon
    assert from_scores(scores, member, tried=[Plan(40, 0)]).guesses == 30


def test_numbers_of_guesses_depend_on_the_people_alone():
    """Plans fit into the people, are distinct, and end with everybody."""
    for people, inclusion in itertools.product([1, 7, 50, 1000], [0.1, 0.5, 0.8]):
        tried = plans(people, inclusion)
        assert len(set(tried)) == len(tried)
        assert all(0 < plan.guesses_in + plan.guesses_out <= people for plan in tried)
        assert tried[-1].guesses_in + tried[-1].guesses_out == people


def test_bounds_move_the_right_way():
    """More right guesses prove more; more confidence, more delta or more people with a delta prove less."""
    bounds = [lower_bound(right, (80, 20), people=200, inclusion=0.8) for right in range(101)]
    assert bounds == sorted(bounds)
    assert bounds[0] == 0.0
    assert lower_bound(95, (100, 0), people=200, confidence=0.99) < lower_bound(95, (100, 0), people=200)
    by_delta = [lower_bound(95, (100, 0), people=200, delta=delta) for delta in (0.0, 1e-6, 1e-4, 1e-2)]
    assert by_delta == sorted(by_delta, reverse=True)
    assert lower_bound(95, (100, 0), people=10**6, delta=1e-6) < by_delta[1]


def test_impossible_settings_and_counts_are_refused():
    """Settings and counts that cannot be are errors, not bounds."""
    with pytest.raises(ConfigError, match="delta must be 0"):
        one_run(5, 10, people=20, inclusion=0.8, delta=1e-5)
    for settings in ({"inclusion": 0.0}, {"inclusion": 1.0}, {"confidence": 1.0}, {"delta": 1.0}):
        with pytest.raises(ConfigError):
            one_run(5, 10, people=20, **settings)
    for counts in ((11, 10), (-1, 10), (5, 21), (5, 15, 0, 6), (5, 10, 3, 2)):
        with pytest.raises(DataError, match="guess"):
            one_run(*counts, people=20)
    with pytest.raises(DataError, match="same people"):
        from_scores(np.zeros(3), np.zeros(4, dtype=bool))
    with pytest.raises(DataError, match="same people"):
        from_claims(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))
    with pytest.raises(DataError, match="NaN"):
        from_scores(np.array([1.0, np.nan]), np.array([True, False]))
