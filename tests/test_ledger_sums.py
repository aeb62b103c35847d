"""What claims add up to, and when a risk has moved."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthprivacy.errors import ConfigError
from synthprivacy.ledger.composing import Claim, advanced, basic
from synthprivacy.ledger.drift import Reading, chart


class TestComposition:
    """Claims add up."""

    def test_published_form(self):
        """Claims that are equal give ``sqrt(2 k ln(1/d)) e + k e (exp(e) - 1)`` and delta ``k d_i + d`` for k of them."""
        found = advanced([Claim(0.1, 1e-8)] * 50, 1e-6)
        wanted = math.sqrt(2 * 50 * math.log(1e6)) * 0.1 + 50 * 0.1 * math.expm1(0.1)

        assert found.epsilon == pytest.approx(wanted)
        assert found.delta == pytest.approx(50e-8 + 1e-6)
        assert basic([Claim(0.1, 1e-8)] * 50).epsilon == pytest.approx(5.0)
        assert advanced([Claim(0.01)] * 1_000).epsilon < basic([Claim(0.01)] * 1_000).epsilon
        assert advanced([Claim(1e5)]).epsilon >= 1e5

    @pytest.mark.parametrize("claim", [(-1.0, 0.0), (math.nan, 0.0), (math.inf, 0.0), (1.0, 1.0), (1.0, -0.1)])
    def test_what_is_no_claim_is_refused(self, claim):
        """Epsilon from 0, delta below 1."""
        with pytest.raises(ConfigError):
            Claim(*claim)
        with pytest.raises(ConfigError):
            advanced([], 0.0)


class TestChart:
    """Control charts."""

    def test_a_creeping_risk_is_seen_and_noise_is_not(self):
        """A rise of half a standard error a release is out of control by the twentieth; noise alone hardly ever is.

        2,000 replicates of 20 releases; the first reading is in every difference, so the whole chart is at most .01.
        """
        rng = np.random.default_rng(3)
        noise = rng.normal(size=(2_000, 20))
        alarms = [any(point.out for point in chart([Reading(v, 1.0) for v in row])) for row in noise]
        creeping = [chart([Reading(v + 0.5 * t, 1.0) for t, v in enumerate(row)])[-1].out for row in noise[:200]]

        assert np.mean(alarms) <= 0.02
        assert np.mean(creeping) >= 0.9
        assert chart([]) == chart([Reading(0.1, 0.1)]) == []
