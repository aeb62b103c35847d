"""Holm's and Benjamini and Hochberg's procedures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from synthprivacy.errors import DataError
from synthprivacy.statistics.multiplicity import benjamini_hochberg, holm


def _step_down(p, alpha):
    """Reject by the textbook procedure: smallest first, stop at the first that fails."""
    rejected = np.zeros(len(p), dtype=bool)
    for step, place in enumerate(np.argsort(p)):
        if p[place] > alpha / (len(p) - step):
            break
        rejected[place] = True
    return rejected


def test_adjusted_values_reject_what_the_step_down_procedure_rejects():
    """An adjusted value is at most alpha exactly where Holm's procedure rejects (200 random families)."""
    rng = np.random.default_rng(0)
    for size in rng.integers(1, 12, 200):
        p = rng.random(size) ** 3
        for alpha in (0.01, 0.05, 0.3):
            np.testing.assert_array_equal(holm(p) <= alpha, _step_down(p, alpha))


def test_small_families():
    """One test is unchanged, no test is nothing, and nothing exceeds one."""
    assert holm([0.03]).tolist() == [0.03]
    assert holm([]).tolist() == []
    assert holm([0.5, 0.01, 0.7]).tolist() == pytest.approx([1.0, 0.03, 1.0])


@pytest.mark.parametrize("p", [[1.2], [-0.1], [float("nan")]])
@pytest.mark.parametrize("method", [holm, benjamini_hochberg])
def test_impossible_values_are_refused(method, p):
    """A p-value that is none is an error, not a rejection."""
    with pytest.raises(DataError, match="p-values"):
        method(p)


def test_false_discovery_values_are_scipys():
    """Benjamini-Hochberg values agree with scipy, ties and ones included (200 random families)."""
    rng = np.random.default_rng(1)
    for size in rng.integers(1, 12, 200):
        p = np.round(rng.random(size) ** 2, 1)
        np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), atol=1e-15)
    assert benjamini_hochberg([]).tolist() == []


def test_false_discovery_share_is_controlled_and_any_false_alarm_is_not():
    """With half of 20 tests real, false alarms are at most .10 of alarms in the mean, though some come in most runs.

    2,000 replicates; the mean share is .05, its standard error .002.
    """
    rng = np.random.default_rng(2)
    shares, any_false = [], 0
    for _ in range(2000):
        p = np.concatenate([rng.random(10), rng.random(10) * 1e-3])
        alarms = benjamini_hochberg(p) <= 0.1
        shares.append(alarms[:10].sum() / max(1, alarms.sum()))
        any_false += alarms[:10].any()
    assert np.mean(shares) == pytest.approx(0.05, abs=0.006)
    assert any_false / 2000 > 0.3


def test_false_discovery_never_asks_for_more_than_holm():
    """No Benjamini-Hochberg value is above Holm's."""
    rng = np.random.default_rng(3)
    for size in rng.integers(1, 12, 100):
        p = rng.random(size) ** 3
        assert np.all(benjamini_hochberg(p) <= holm(p) + 1e-15)
