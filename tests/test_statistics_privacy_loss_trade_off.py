"""Claims of privacy as trade-offs, and rates beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics.privacy_loss.claims import Approximate, Gaussian
from synthprivacy.statistics.privacy_loss.gaussian import delta_at
from synthprivacy.statistics.privacy_loss.trade_off import consistency, highest_residual_risk

CLAIMS = [
    Approximate(0.0),
    Approximate(1.0),
    Approximate(0.3, 0.05),
    Approximate(8.0, 1e-6),
    Gaussian(0.0),
    Gaussian(1.5),
]
RATES = np.linspace(0, 1, 101)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_claims_are_trade_offs(claim):
    """The highest rate is at least c, at most 1, grows and is concave; read from the other side it gives c back."""
    highest = np.array([claim.highest(c) for c in RATES])
    assert ((highest >= RATES - 1e-12) & (highest <= 1)).all()
    assert (np.diff(highest) >= -1e-12).all()
    assert (np.diff(highest, 2) <= 1e-9).all()
    for c, a in zip(RATES, highest):
        assert claim.lowest(a) <= c + 1e-9
        assert claim.highest(claim.lowest(a)) == pytest.approx(a, abs=1e-9)


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_in_and_out_are_alike(claim):
    """Failing on the original is bounded by failing on the control as success is the other way round."""
    for c in RATES:
        a = claim.highest(c)
        if 0 < a < 1:
            assert 1 - claim.lowest(a) == pytest.approx(claim.highest(1 - a), abs=1e-9)


def test_no_privacy_loss_allows_no_excess():
    """At epsilon 0 and mu 0 the two rates are the same."""
    assert [Approximate(0.0).highest(c) for c in RATES] == pytest.approx(RATES)
    assert [Gaussian(0.0).highest(c) for c in RATES] == pytest.approx(RATES)


@pytest.mark.parametrize("mu", [0.4, 1.0, 3.0])
def test_gaussian_claim_is_the_envelope_of_its_epsilons(mu):
    """The lowest of all (epsilon, delta(epsilon)) claims is the Gaussian one (600 epsilons, to .001)."""
    pairs = [Approximate(e, delta_at(e, mu=mu)) for e in np.linspace(0, 12, 600)]
    for c in (0.001, 0.05, 0.3, 0.7):
        assert min(claim.highest(c) for claim in pairs) == pytest.approx(Gaussian(mu).highest(c), abs=1e-3)


def test_rarely_guessed_secrets_are_bounded_far_more_strictly():
    """At epsilon 1 and a control rate of .01 no attack gains more than .0174, where counting failures allows .632."""
    strict = highest_residual_risk(Approximate(1.0), 0.01)
    assert strict == pytest.approx((math.e * 0.01 - 0.01) / 0.99)
    assert round(strict, 3) == 0.017
    assert 1 - math.exp(-1.0) == pytest.approx(0.632, abs=5e-4)


@pytest.mark.parametrize("delta", [0.0, 0.01])
def test_residual_risk_stays_under_the_bound_that_counts_failures(delta):
    """R is at most 1 - e^-eps (1 - delta / (1 - c)), and that is reached where the control is often right."""
    for epsilon in (0.1, 1.0, 4.0):
        for c in np.linspace(0, 0.98, 50):
            bound = 1 - math.exp(-epsilon) * (1 - delta / (1 - c))
            assert highest_residual_risk(Approximate(epsilon, delta), c) <= bound + 1e-12
    reached = 1 - math.exp(-1.0) * (1 - delta / 0.2)
    assert highest_residual_risk(Approximate(1.0, delta), 0.8) == pytest.approx(reached)


def test_either_face_can_give_a_claim_away():
    """Too many hits beside a rare success, or too few failures beside a frequent one, contradict the same claim."""
    claim = Approximate(1.0)
    assert consistency(claim, 120, 2000, 20, 2000).inconsistent
    assert not consistency(claim, 40, 2000, 20, 2000).inconsistent
    assert consistency(claim, 1990, 2000, 1600, 2000).inconsistent
    assert not consistency(claim, 1800, 2000, 1600, 2000).inconsistent
    found = consistency(claim, 120, 2000, 20, 2000)
    assert found.highest == pytest.approx(math.e * found.control_upper)
    assert found.original_lower > found.highest


@pytest.mark.parametrize("claim", [Approximate(1.0), Approximate(0.5, 0.02), Gaussian(1.0)], ids=str)
@pytest.mark.parametrize("control", [0.01, 0.2, 0.7])
def test_true_claims_stand_and_broken_ones_fall(claim, control):
    """At the very edge of a claim at most 5 % of 1,000 samples contradict it; 15 points over the edge 80 % do."""
    rng = np.random.default_rng(0)
    edge = claim.highest(control)
    for rate in (edge, edge + min(0.15, 0.9 * (1 - edge))):
        counts = zip(rng.binomial(2000, rate, 1000), rng.binomial(2000, control, 1000))
        found = [consistency(claim, int(a), 2000, int(c), 2000).inconsistent for a, c in counts]
        if rate == edge:
            assert binomtest(sum(found), 1000).proportion_ci(0.98).low <= 0.05
        else:
            assert np.mean(found) >= 0.8


def test_impossible_settings_and_counts_are_refused():
    """Claims, rates and counts that cannot be are errors."""
    for make in (lambda: Approximate(-1.0), lambda: Approximate(1.0, 1.0), lambda: Gaussian(float("nan"))):
        with pytest.raises(ConfigError):
            make()
    with pytest.raises(ConfigError, match="control_rate"):
        highest_residual_risk(Gaussian(1.0), 1.0)
    with pytest.raises(ConfigError, match="confidence"):
        consistency(Gaussian(1.0), 1, 10, 1, 10, confidence=1.0)
    with pytest.raises(DataError):
        consistency(Gaussian(1.0), 11, 10, 1, 10)
