"""Limits of one proportion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics.proportions import clopper_pearson, jeffreys, limits

N = 37
COUNTS = np.arange(N + 1)


def test_clopper_pearson_is_scipys_exact_interval():
    """For whole counts the limits are those of an independent implementation."""
    lower, upper = clopper_pearson(COUNTS, N, 0.95)
    for k in COUNTS:
        expected = binomtest(int(k), N).proportion_ci(0.95, method="exact")
        assert (lower[k], upper[k]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_jeffreys_is_the_beta_quantile_inside_and_the_boundary_outside():
    """The limits are Beta(k + 1/2, n - k + 1/2) quantiles, but 0 at no success and 1 at no failure."""
    lower, upper = jeffreys(COUNTS, N, 0.9)
    posterior = beta(COUNTS + 0.5, N - COUNTS + 0.5)
    np.testing.assert_allclose(lower[1:], posterior.ppf(0.05)[1:], atol=1e-12)
    np.testing.assert_allclose(upper[:-1], posterior.ppf(0.95)[:-1], atol=1e-12)
    assert (lower[0], upper[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("method", [jeffreys, clopper_pearson])
def test_successes_and_failures_mirror(method):
    """Counting failures gives exactly one minus the limits of counting successes."""
    lower, upper = method(COUNTS, N, 0.95)
    mirrored = method(N - COUNTS, N, 0.95)
    np.testing.assert_array_equal(upper, 1.0 - mirrored[0])
    np.testing.assert_allclose(lower, 1.0 - mirrored[1], atol=1e-15)


@pytest.mark.parametrize("method", [jeffreys, clopper_pearson])
@pytest.mark.parametrize("confidence", [0.05, 0.5, 0.95, 0.999])
def test_fractional_counts_lie_inside_their_limits_and_between_their_neighbours(method, confidence):
    """Limits grow with the count and hold the rate, also between whole counts and for tiny ones."""
    counts = np.concatenate([[0.0, 1e-9, 1e-4], np.arange(0.1, N, 0.1), [N - 1e-9, N]])
    lower, upper = method(counts, N, confidence)
    assert np.all((lower <= counts / N + 1e-15) & (counts / N <= upper + 1e-15))
    assert np.all(np.diff(lower) >= 0)
    assert np.all(np.diff(upper) >= 0)


def test_clopper_pearson_never_misses_more_than_nominal():
    """Either end misses the true rate in at most 2.5 % of samples, by exact enumeration."""
    lower, upper = clopper_pearson(COUNTS, N, 0.95)
    for p in np.linspace(0.001, 0.999, 200):
        mass = binom.pmf(COUNTS, N, p)
        assert mass[upper < p].sum() <= 0.025
        assert mass[lower > p].sum() <= 0.025


@pytest.mark.parametrize(("k", "n"), [(1, 0), (-1, 10), (11, 10), (np.nan, 10)])
def test_impossible_counts_are_refused(k, n):
    """No limits come from counts that cannot be."""
    with pytest.raises(DataError, match="proportion"):
        jeffreys(k, n, 0.95)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_impossible_confidence_is_refused(confidence):
    """A confidence is a share, not a percentage."""
    with pytest.raises(ConfigError, match="confidence"):
        clopper_pearson(1, 10, confidence)


def test_method_is_chosen_by_name():
    """`limits` is the two methods by name and nothing else."""
    assert limits(3, 10, 0.95, "jeffreys") == jeffreys(3, 10, 0.95)
    assert limits(3, 10, 0.95, "clopper-pearson") == clopper_pearson(3, 10, 0.95)
    with pytest.raises(ConfigError, match="method"):
        limits(3, 10, 0.95, "wald")
