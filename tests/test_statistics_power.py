"""Power to alarm, and the smallest leak that is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.power import (
    power_for_auc,
    power_to_alarm,
    power_to_alarm_for_auc,
    smallest_alarm,
    smallest_alarm_for_auc,
)
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import auc

RATES = (0.01, 0.1, 0.3, 0.5, 0.8)
PUBLISHED = {0.05: (0.99, 0.56, 0.20, 0.12, 0.06), 0.1: (1.0, 0.98, 0.63, 0.34, 0.11)}
"""Risk: power to alarm with 500 + 500 people at each control rate, once simulated."""


@pytest.mark.parametrize("risk", PUBLISHED)
def test_simulated_powers_are_reproduced(risk):
    """The exact powers are the tabulated ones, to the rounding and noise of a simulation (.01)."""
    powers = [power_to_alarm(500, 500, c, risk) for c in RATES]
    assert powers == pytest.approx(PUBLISHED[risk], abs=0.01)


@pytest.mark.parametrize("scale", ["residual", "excess"])
@pytest.mark.parametrize(
    ("sizes", "c", "risk", "limit"),
    [
        ((60, 40), 0.3, 0.25, 0.0),
        ((40, 90), 0.05, 0.3, 0.1),
        ((50, 50), 0.0, 0.08, 0.0),
        ((30, 30), 0.6, 0.3, -0.2),
        ((9, 9), 0.6, 0.3, -3.0),
    ],
)
def test_power_is_the_share_of_tables_that_alarm(sizes, c, risk, limit, scale):
    """The bisection agrees with looking at every pair of counts."""
    n1, n2 = sizes
    a, alarming = c + risk * (1 - c) if scale == "residual" else c + risk, 0.0
    for k1 in range(n1 + 1):
        for k2 in range(n2 + 1):
            if scale == "residual":
                lower = residual_risk(k1, n1, k2, n2).interval(0.95, "clopper-pearson")[0]
            else:
                lower = excess(k1, n1, k2, n2).lower
            if lower > limit:
                alarming += binom.pmf(k1, n1, a) * binom.pmf(k2, n2, c)
    assert power_to_alarm(n1, n2, c, risk, limit=limit, scale=scale) == pytest.approx(alarming, abs=1e-10)


@pytest.mark.parametrize("sizes", [(100, 100), (500, 500), (2000, 500), (300, 3000)])
def test_truth_at_the_limit_rarely_alarms(sizes):
    """With the truth at the limit the lower bound exceeds it in at most .027 of samples, exactly."""
    for c in (0.01, 0.1, 0.5, 0.9):
        for limit in (0.0, 0.02, 0.1, 0.5):
            assert power_to_alarm(*sizes, c, limit, limit=limit) <= 0.027


@pytest.mark.parametrize("scale", ["residual", "excess"])
def test_smallest_alarm_is_noticed_in_half_of_runs(scale):
    """At the smallest noticed risk the power is what was asked, and just below it is less."""
    for c, power in ((0.0, 0.5), (0.1, 0.5), (0.5, 0.8)):
        risk = smallest_alarm(400, 200, c, power=power, scale=scale)
        assert power_to_alarm(400, 200, c, risk, scale=scale) == pytest.approx(power, abs=1e-6)
        assert power_to_alarm(400, 200, c, risk * 0.99, scale=scale) < power


def test_smallest_alarm_falls_with_people_and_rises_with_limit_and_rate():
    """More people see less, and a higher limit, an easier secret or more certainty ask for more."""
    floor = smallest_alarm(500, 500, 0.1)
    assert smallest_alarm(5000, 5000, 0.1) < floor / 2
    assert smallest_alarm(500, 500, 0.1, limit=0.05) > floor + 0.04
    assert smallest_alarm(500, 500, 0.5) > floor
    assert smallest_alarm(500, 500, 0.1, power=0.9) > floor


def test_what_no_leak_could_show_is_none():
    """Five people whose secrets half the world can guess show nothing, and that is no number."""
    assert smallest_alarm(5, 5, 0.5) is None
    assert smallest_alarm_for_auc(500, 500, limit=1.0) is None


@pytest.mark.parametrize(("sizes", "risk"), [((300, 200), 0.1), ((150, 400), 0.2), ((200, 200), 0.0)])
def test_auc_power_is_that_of_copied_shares(sizes, risk):
    """The approximation is within .05 of simulated copied shares (1,500 replicates, three standard errors .039)."""
    rng = np.random.default_rng(0)
    noticed = 0
    for _ in range(1500):
        members = np.where(rng.random(sizes[0]) < risk, 2.0, rng.random(sizes[0]))
        noticed += auc(members, rng.random(sizes[1])).interval()[0] > 0
    assert noticed / 1500 == pytest.approx(power_to_alarm_for_auc(*sizes, risk), abs=0.05)


@pytest.mark.parametrize("copied", [0, 200, 1000])
def test_auc_error_is_that_of_even_scores(copied):
    """The error is DeLong's for copies above evenly spread scores, 2,000 against 500 people, to 1 %."""
    members = np.append(np.full(copied, 2.0), (np.arange(2000 - copied) + 0.5) / (2000 - copied))
    found = auc(members, (np.arange(500) + 0.25) / 500)
    reach = ndtri(power_to_alarm_for_auc(2000, 500, copied / 2000, limit=copied / 2000 - 0.05)) + ndtri(0.975)
    assert 0.05 / reach == pytest.approx(2 * found.standard_error, rel=0.01)


def test_auc_floor_is_noticed_in_half_of_runs():
    """At the smallest noticed share the power is one half; without a leak an alarm has the level of the bound."""
    share = smallest_alarm_for_auc(700, 500)
    assert power_to_alarm_for_auc(700, 500, share) == pytest.approx(0.5, abs=1e-6)
    assert power_to_alarm_for_auc(700, 500, 0.0) == pytest.approx(0.025)
    assert power_to_alarm_for_auc(700, 500, 1.0) == pytest.approx(1.0)


def test_alarm_and_pass_agree_on_the_error_without_a_leak():
    """A perfect release passes the limit half of the time where the limit is one reach of the bound."""
    assert power_for_auc(5000, 5000, smallest_alarm_for_auc(5000, 5000)) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    "settings", [(0, 5, 0.1, 0.1), (5, 5, 1.0, 0.0), (5, 5, 0.1, 1.2), (5, 5, float("nan"), 0.1), (5, 5, 0.1, -0.5)]
)
def test_impossible_settings_are_refused(settings):
    """Sizes below one and rates outside [0, 1] are errors."""
    with pytest.raises(ConfigError, match="power needs"):
        power_to_alarm(*settings)


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_impossible_powers_are_refused(power):
    """No risk is noticed always."""
    with pytest.raises(ConfigError, match="power must"):
        smallest_alarm(50, 50, 0.1, power=power)
