"""How many people a plan needs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.statistics.roc import auc
from synthprivacy.statistics.sample_size import LARGEST, needed_control, needed_for_auc, power_to_pass

GRID = [100, 200, 500, 750, 1500, 2000, 3000, 5000, 7500, 20_000, 30_000, 50_000]
"""Sizes at which power was once tabulated."""
RATES = [0.0, 0.01, 0.1, 0.3, 0.5, 0.8]
FIRST_ENOUGH = {
    0.01: [500, 2000, 20_000, None, None, None],
    0.02: [200, 750, 5000, 20_000, 50_000, None],
    0.05: [100, 200, 750, 3000, 7500, 30_000],
    0.10: [100, 100, 200, 750, 1500, 7500],
}
"""Limit: for each control rate the first size of the grid with power .8, None if there is none."""
CELLS = [(limit, c, size) for limit, row in FIRST_ENOUGH.items() for c, size in zip(RATES, row)]


@pytest.mark.parametrize(("limit", "c", "size"), CELLS)
def test_published_table_is_reproduced(limit, c, size):
    """The size needed for power .8 lies above the last size of the grid that is too small, and not above the next."""
    needed = needed_control(c, limit=limit, power=0.8) or LARGEST
    assert needed <= (size or math.inf)
    too_small = [n for n in GRID if n < (size or math.inf)]
    assert needed > max(too_small, default=0)


@pytest.mark.parametrize("scale", ["residual", "excess"])
@pytest.mark.parametrize(("sizes", "c", "limit"), [((60, 40), 0.3, 0.25), ((40, 90), 0.05, 0.1), ((50, 50), 0.0, 0.08)])
def test_power_is_the_share_of_tables_that_pass(sizes, c, limit, scale):
    """The bisection agrees with looking at every pair of counts."""
    n1, n2 = sizes
    passing = 0.0
    for k1 in range(n1 + 1):
        for k2 in range(n2 + 1):
            if scale == "residual":
                upper = residual_risk(k1, n1, k2, n2).interval(0.95, "clopper-pearson")[1]
            else:
                upper = excess(k1, n1, k2, n2).upper
            if upper <= limit:
                passing += binom.pmf(k1, n1, c) * binom.pmf(k2, n2, c)
    assert power_to_pass(n1, n2, c, limit, scale=scale) == pytest.approx(passing, abs=1e-10)


def test_power_grows_with_limit_and_size():
    """A looser limit and more people never pass less often (size: but for the saw-tooth of counts)."""
    powers = [power_to_pass(1000, 500, 0.3, limit) for limit in (0.02, 0.05, 0.1, 0.2)]
    assert powers == sorted(powers)
    assert (
        power_to_pass(8000, 8000, 0.3, 0.05) > power_to_pass(2000, 2000, 0.3, 0.05) > power_to_pass(500, 500, 0.3, 0.05)
    )


def test_excess_asks_less_than_residual_risk_of_easy_secrets():
    """Where the control succeeds often, a limit on the difference needs far fewer people."""
    assert needed_control(0.8, limit=0.05, scale="excess") < needed_control(0.8, limit=0.05) / 10


def test_hopeless_plans_say_so():
    """No size up to the largest is None, and never a number."""
    assert needed_control(0.99, limit=0.01) is None
    assert needed_for_auc(limit=1e-4) is None


def test_auc_size_passes_as_often_as_promised():
    """Scores without a leak at the size for power .8 show an upper end within the limit in .75 to .85 of samples.

    1,500 replicates at limit .2; three standard errors are .031.
    """
    rng = np.random.default_rng(0)
    people = needed_for_auc(limit=0.2, power=0.8)
    draws = rng.random((1500, 2, people))
    passed = np.mean([auc(members, others).interval()[1] <= 0.2 for members, others in draws])
    assert 0.75 <= passed <= 0.85


def test_impossible_settings_are_refused():
    """Powers and rates outside (0, 1) are errors."""
    with pytest.raises(ConfigError):
        power_to_pass(100, 0, 0.1, 0.05)
    with pytest.raises(ConfigError):
        power_to_pass(100, 100, 1.0, 0.05)
    with pytest.raises(ConfigError):
        needed_for_auc(limit=0.0)
