"""Residual risk: value, interval and its exact coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import betaincinv
from scipy.stats import binom

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.statistics import mover
from synthprivacy.statistics.proportions import clopper_pearson, jeffreys
from synthprivacy.statistics.residual_risk import residual_risk

SIZES = [(100, 100), (500, 500), (2000, 500), (1000, 1000)]
TRUTHS = [(c, risk) for c in (0.01, 0.1, 0.5, 0.9) for risk in (0.0, 0.02, 0.1, 0.5)]


def _support(n, p):
    """Return the counts that hold all but 2e-12 of a binomial's mass, and their probabilities."""
    k = np.arange(binom.ppf(1e-12, n, p), binom.isf(1e-12, n, p) + 1)
    return k, binom.pmf(k, n, p)


def _enumerate(sizes, c, risk, method):
    """Coverage and upper-end miss rate of the two-sided 95 % interval, over every pair of counts."""
    (n1, n2), a = sizes, c + risk * (1 - c)
    (k1, mass1), (k2, mass2) = _support(n1, a), _support(n2, c)
    of_original = tuple(end[:, None] for end in method(n1 - k1, n1, 0.95))
    lower, upper = mover.ratio((1 - k1 / n1)[:, None], of_original, 1 - k2 / n2, method(n2 - k2, n2, 0.95))
    mass = np.outer(mass1, mass2)
    low, high = 1 - upper, 1 - lower
    return mass[(low <= risk) & (risk <= high)].sum(), mass[high < risk].sum()


@pytest.mark.parametrize("sizes", SIZES)
def test_display_interval_covers(sizes):
    """The Jeffreys interval covers at least .93 at every point of the grid, by exact enumeration."""
    assert min(_enumerate(sizes, *truth, jeffreys)[0] for truth in TRUTHS) >= 0.93


@pytest.mark.parametrize("sizes", SIZES)
def test_decision_bound_rarely_misses(sizes):
    """The Clopper-Pearson upper end is below the truth in at most .027 of samples at every point of the grid."""
    assert max(_enumerate(sizes, *truth, clopper_pearson)[1] for truth in TRUTHS) <= 0.027


@pytest.mark.parametrize("n", [50, 100])
def test_boundary_rule_is_needed(n):
    """Bare Beta quantiles cover less than .65 beside a saturated control, the boundary rule at least .93."""

    def bare(k, n, confidence):
        tail = (1 - confidence) / 2
        return betaincinv(k + 0.5, n - k + 0.5, tail), betaincinv(k + 0.5, n - k + 0.5, 1 - tail)

    assert _enumerate((n, n), 0.99, 0.0, bare)[0] < 0.65
    assert _enumerate((n, n), 0.99, 0.0, jeffreys)[0] >= 0.93


@pytest.mark.parametrize("method", ["jeffreys", "clopper-pearson"])
def test_scalars_are_what_was_enumerated(method):
    """The public interval is the one whose coverage was enumerated."""
    limits = {"jeffreys": jeffreys, "clopper-pearson": clopper_pearson}[method]
    lower, upper = mover.ratio(np.asarray(0.8), limits(80, 100, 0.9), np.asarray(0.95), limits(190, 200, 0.9))
    assert residual_risk(20, 100, 10, 200).interval(0.9, method) == (float(1 - upper), float(1 - lower))


def test_value_is_unclipped():
    """An attack that does worse on training people shows a negative risk."""
    assert residual_risk(10, 100, 20, 100).value == pytest.approx(-0.125)
    assert residual_risk(100, 100, 20, 100).value == 1.0
    assert residual_risk(20, 100, 20, 100).value == 0.0


def test_interval_holds_the_value_and_widens_with_confidence():
    """Intervals hold their value and nest, on every pair of counts of a small table."""
    for k1 in range(13):
        for k2 in range(12):
            risk = residual_risk(k1, 12, k2, 12)
            for method in ("jeffreys", "clopper-pearson"):
                narrow, wide = risk.interval(0.8, method), risk.interval(0.95, method)
                assert wide[0] <= narrow[0] <= risk.value + 1e-12
                assert risk.value - 1e-12 <= narrow[1] <= wide[1]


def test_saturated_control_leaves_no_lower_end():
    """Where every control guess is right nothing excludes a low risk; the value counts half a control failure."""
    risk = residual_risk(90, 100, 100, 100)
    assert risk.saturated
    assert risk.value == pytest.approx(1 - 0.1 / 0.005)
    assert risk.interval()[0] == -math.inf
    assert risk.interval()[1] <= 1.0


def test_without_control_it_is_the_raw_rate():
    """No control: value and interval are those of one proportion."""
    risk = residual_risk(7, 120)
    assert risk.value == pytest.approx(7 / 120)
    lower, upper = clopper_pearson(7, 120, 0.95)
    assert risk.interval(0.95, "clopper-pearson") == pytest.approx((float(lower), float(upper)), abs=1e-15)


def test_interval_of_fractional_counts_lies_between_whole_ones():
    """Effective counts move the interval smoothly between those of whole counts."""
    ends = [residual_risk(k, 100, 10, 100).interval(0.95, "clopper-pearson") for k in (20, 20.5, 21)]
    assert ends[0][0] < ends[1][0] < ends[2][0]
    assert ends[0][1] < ends[1][1] < ends[2][1]


def test_correlation_narrows_and_restores_coverage():
    """For the same trials on both sides (correlation .7) independence covers above .985, the phi term .93 to .965.

    4,000 replicates of 200 paired trials at a = c = .3; three standard errors of the acceptance are .01.
    """
    rng = np.random.default_rng(5)
    shared = rng.random((4000, 200)) < 0.7
    common, own, other = (rng.random((4000, 200)) < 0.3 for _ in range(3))
    a, c = np.where(shared, common, own).sum(1), np.where(shared, common, other).sum(1)
    covered = {0.0: 0, 0.7: 0}
    for k1, k2 in zip(a.tolist(), c.tolist()):
        for phi in covered:
            low, high = residual_risk(k1, 200, k2, 200, correlation=phi).interval()
            covered[phi] += low <= 0.0 <= high
    assert covered[0.0] / 4000 > 0.985
    assert 0.93 <= covered[0.7] / 4000 <= 0.965


@pytest.mark.parametrize(
    "counts", [(5, 0), (11, 10), (-1, 10), (5, 10, 3, 0), (5, 10, 4, 3), (5, 10, 3), (math.nan, 5)]
)
def test_impossible_counts_are_refused(counts):
    """No risk comes from counts that cannot be."""
    with pytest.raises(DataError):
        residual_risk(*counts)


def test_impossible_correlation_is_refused():
    """A correlation beyond one is an error, not a narrower interval."""
    with pytest.raises(ConfigError, match="correlation"):
        residual_risk(5, 10, 5, 10, correlation=1.5)
