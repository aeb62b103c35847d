"""Mu and epsilon from one run by the whole trade-off: published values, a linear program, known mechanisms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import expit
from scipy.stats import binom, binomtest, norm

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics.privacy_loss import gaussian, one_run_fdp
from synthprivacy.statistics.privacy_loss.claims import Approximate, Gaussian
from synthprivacy.statistics.privacy_loss.one_run import lower_bound
from synthprivacy.statistics.privacy_loss.one_run_fdp import rejected

PUBLISHED = {1: (1.13346, 2.164749), 2: (2.311945, 4.7218075), 4: (4.395568, 9.133752)}
"""By shift: epsilon of one run at delta 1e-6, by Steinke et al. and by f-DP, in jax_privacy's tests/auditing_test.py."""


def _corners(shift, people=10_000):
    """Return the guesses, and the right ones, at every corner of the concave hull of the ROC of two normals."""
    nonmembers = norm.ppf((np.arange(people) + 0.5) / people)
    members = nonmembers + shift
    thresholds = np.append(np.union1d(members, nonmembers), np.inf)
    points = [(people - np.searchsorted(side, thresholds)) for side in (nonmembers, members)]
    hull = []
    for x, y in sorted(zip(*points)):
        while len(hull) > 1 and _turns_left(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    return [(int(x + y), int(y)) for x, y in hull]


def _turns_left(a, b, c):
    return (b[0] - a[0]) * (c[1] - b[1]) >= (c[0] - b[0]) * (b[1] - a[1])


@pytest.mark.parametrize("shift", PUBLISHED)
def test_published_values(shift):
    """Over the corners of the ROC, Bonferroni-paid, the best bounds are those of jax_privacy."""
    corners = _corners(shift)
    level = 0.05 / len(corners)
    settings = {"people": 20_000, "confidence": 1 - level}
    plain = best = 0.0
    for guesses, right in sorted(corners, key=lambda corner: abs(corner[0] - 1000)):
        if binom.sf(right - 1, guesses, expit(plain)) < level:
            plain = max(plain, lower_bound(right, (guesses, 0), delta=1e-6, **settings))
        if 2 * right > guesses and rejected(Gaussian(best + 1e-9), right, guesses, **settings):
            best = one_run_fdp.mu(right, guesses, **settings)
    assert plain == pytest.approx(PUBLISHED[shift][0], rel=1e-5)
    assert gaussian.epsilon_at(1e-6, mu=best) == pytest.approx(PUBLISHED[shift][1], rel=1e-5)


def _least_mass(claim, right, guesses, people, coin, tail):
    """Return the least total mass of a law with such a tail that satisfies every bound, by linear programming.

    For (epsilon, delta) each bound ``r <= coin (1 - f(h / (1 - coin)))`` is a pair of linear ones; `coin` is None for
    guesses of either kind.
    """
    count = np.arange(guesses + 1)
    of_r, of_h = (1.0, 1.0) if coin is None else (coin, 1 - coin)
    odds, rows, limits = math.exp(claim.epsilon), [], []
    for i in range(1, guesses + 1):
        r = np.where(count >= i, count, 0) / people / of_r
        h = np.where(count >= i - 1, guesses - count, 0) / people / of_h
        rows += [r - odds * h, r - h / odds, r]
        limits += [claim.delta, 1 - (1 - claim.delta) / odds, 1.0]
    rows.append(-(count >= right).astype(float))
    limits.append(-tail)
    solved = linprog(np.ones(guesses + 1), A_ub=np.array(rows), b_ub=limits, method="highs")
    return solved.fun if solved.success else math.inf


@pytest.mark.parametrize("said", ["either", "in"])
@pytest.mark.parametrize("delta", [0.0, 1e-3, 0.05])
def test_recursion_is_the_linear_program(said, delta):
    """The claim is rejected exactly where no law of at most unit mass satisfies all bounds (60 random audits)."""
    rng = np.random.default_rng(0)
    decided = set()
    for _ in range(60):
        guesses = int(rng.integers(2, 25))
        right, people = int(rng.integers(guesses // 2, guesses + 1)), int(rng.integers(guesses, 60))
        claim, inclusion = Approximate(rng.uniform(0, 2), delta), 0.5 if said == "either" else rng.uniform(0.2, 0.8)
        least = _least_mass(claim, right, guesses, people, None if said == "either" else inclusion, 0.2)
        if abs(least - 1) < 1e-7:
            continue
        found = rejected(claim, right, guesses, people=people, said=said, inclusion=inclusion, confidence=0.8)
        assert found == (least > 1)
        decided.add(found)
    assert decided == {True, False}


@pytest.mark.parametrize(("right", "guesses", "people"), [(95, 100, 1000), (180, 200, 1000), (700, 1000, 1000)])
def test_tighter_than_epsilon_and_delta(right, guesses, people):
    """The same guesses prove more of a Gaussian generator, and of any once ``people * delta`` is not small."""
    for delta in (1e-5, 1e-3):
        plain = lower_bound(right, (guesses, 0), people=people, delta=delta)
        assert gaussian.epsilon_at(delta, mu=one_run_fdp.mu(right, guesses, people=people)) > plain
    assert one_run_fdp.epsilon(right, guesses, people=people, delta=1e-3) > plain


def test_guesses_of_one_kind_prove_more():
    """Knowing that all guesses say "in" sharpens the bound; chances of in and of out mirror each other."""
    either, only = (one_run_fdp.mu(190, 200, people=5000, said=said) for said in ("either", "in"))
    assert only > either
    settings = {"people": 5000, "confidence": 0.9}
    assert one_run_fdp.mu(190, 200, said="in", inclusion=0.3, **settings) == pytest.approx(
        one_run_fdp.mu(190, 200, said="out", inclusion=0.7, **settings)
    )


def _gaussian_run(rng, mu, inclusion, people, guesses, said):
    """Return the right guesses of calling the highest scores in (the lowest out) under Gaussian noise of scale 1 / mu."""
    member = rng.random(people) < inclusion
    scores = member + rng.normal(size=people) / mu
    extreme = np.argpartition(scores if said == "out" else -scores, guesses)[:guesses]
    return int((member[extreme] != (said == "out")).sum())


@pytest.mark.parametrize(("said", "inclusion"), [("either", 0.5), ("in", 0.5), ("in", 0.8), ("out", 0.8)], ids=str)
@pytest.mark.parametrize("mu", [0.5, 2.0])
def test_true_claims_stand(said, inclusion, mu):
    """Gaussian noise is rejected at its own mu, or at its own epsilon for delta .01, in at most 5 % of 300 replicates."""
    rng = np.random.default_rng(1)
    rights = [_gaussian_run(rng, mu, inclusion, 1000, 100, said) for _ in range(300)]
    for claim in (Gaussian(mu), Approximate(gaussian.epsilon_at(0.01, mu=mu), 0.01)):
        alarms = [rejected(claim, right, 100, people=1000, said=said, inclusion=inclusion) for right in rights]
        assert binomtest(sum(alarms), 300).proportion_ci(0.98).low <= 0.05


@pytest.mark.parametrize("inclusion", [0.5, 0.8])
def test_halved_noise_is_rejected(inclusion):
    """A claim of mu 1 with half the noise it needs is rejected in at least 80 % of 50 replicates."""
    rng = np.random.default_rng(2)
    settings = {"people": 5000, "said": "in", "inclusion": inclusion}
    rights = [_gaussian_run(rng, 2.0, inclusion, 5000, 250, "in") for _ in range(50)]
    assert np.mean([rejected(Gaussian(1.0), right, 250, **settings) for right in rights]) >= 0.8


def test_bounds_move_the_right_way():
    """More right guesses prove more, more confidence and more delta less, and chance proves nothing."""
    bounds = [one_run_fdp.mu(right, 60, people=300) for right in range(61)]
    assert bounds == sorted(bounds)
    assert bounds[30] == 0.0 < bounds[60]
    assert one_run_fdp.mu(55, 60, people=300, confidence=0.99) < bounds[55]
    by_delta = [one_run_fdp.epsilon(55, 60, people=300, delta=delta) for delta in (0.0, 1e-4, 1e-2)]
    assert by_delta == sorted(by_delta, reverse=True)
    assert by_delta[0] == pytest.approx(lower_bound(55, (60, 0), people=300), abs=0.05)


def test_impossible_settings_and_counts_are_refused():
    """Settings and counts that cannot be are errors, not bounds."""
    with pytest.raises(ConfigError, match=r"inclusion must be 0\.5"):
        one_run_fdp.mu(5, 10, people=20, inclusion=0.8)
    with pytest.raises(ConfigError, match="said"):
        one_run_fdp.mu(5, 10, people=20, said="maybe")
    with pytest.raises(ConfigError, match="delta"):
        one_run_fdp.epsilon(5, 10, people=20, delta=1.0)
    with pytest.raises(ConfigError, match="confidence"):
        one_run_fdp.mu(5, 10, people=20, confidence=0.0)
    with pytest.raises(DataError, match="guess"):
        one_run_fdp.mu(11, 10, people=20)
