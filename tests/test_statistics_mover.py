"""MOVER against its defining equations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq

from synthprivacy.statistics import mover

RATES = [0.02, 0.3, 0.5, 0.97]


def _pair(value, down, up):
    return np.asarray(value), (np.asarray(value - down), np.asarray(value + up))


def _by_bisection(q1, limits1, q2, limits2, phi):
    """Solve "the limit of q1 - t q2 is 0" for t, straight from the definition."""

    def lower_limit(t):
        r, s = q1 - limits1[0], t * (limits2[1] - q2)
        return q1 - t * q2 - np.sqrt(r**2 + s**2 - 2 * phi * r * s)

    def upper_limit(t):
        r, s = limits1[1] - q1, t * (q2 - limits2[0])
        return q1 - t * q2 + np.sqrt(r**2 + s**2 - 2 * phi * r * s)

    return brentq(lower_limit, 0, q1 / q2, xtol=1e-13), brentq(upper_limit, q1 / q2, 1e6, xtol=1e-13)


@pytest.mark.parametrize("phi", [0.0, 0.4, -0.3, 0.9])
@pytest.mark.parametrize(("q1", "q2"), list(itertools.product(RATES, RATES)))
def test_ratio_solves_its_definition(q1, q2, phi):
    """The closed form is the root of the defining equation, also with correlated estimates."""
    first, second = _pair(q1, 0.7 * q1, 0.6 * (1 - q1)), _pair(q2, 0.5 * q2, 0.9 * (1 - q2))
    lower, upper = mover.ratio(*first, *second, phi)
    expected = _by_bisection(*first, *second, phi)
    assert (float(lower), float(upper)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("nudge", [0.0, 1e-15, -1e-15, 1e-9])
def test_lower_limit_is_smooth_where_the_divisors_upper_limit_is_twice_its_value(nudge):
    """At u2 = 2 q2 the textbook form is 0/0; the limit is that of its neighbours."""
    near = mover.ratio(*_pair(0.3, 0.1, 0.1), *_pair(0.2, 0.1, 0.2 + 1e-6))
    at = mover.ratio(*_pair(0.3, 0.1, 0.1), *_pair(0.2, 0.1, 0.2 + nudge))
    assert float(at[0]) == pytest.approx(float(near[0]), rel=1e-4)


@pytest.mark.parametrize("reach", [0.1, 0.2, 0.4])
def test_lower_limit_is_0_where_the_dividend_is_0(reach):
    """No failure at all gives a lower limit of 0, whatever the divisor."""
    lower, upper = mover.ratio(*_pair(0.0, 0.0, 0.1), *_pair(0.2, 0.1, reach))
    assert float(lower) == 0.0
    assert 0.0 < float(upper) < np.inf


def test_upper_limit_is_infinite_where_the_divisor_may_be_0():
    """A divisor without a positive lower limit leaves the ratio unbounded."""
    assert float(mover.ratio(*_pair(0.3, 0.1, 0.1), *_pair(0.2, 0.2, 0.1))[1]) == np.inf
    assert float(mover.ratio(*_pair(0.3, 0.1, 0.1), *_pair(0.0, 0.0, 0.1))[1]) == np.inf


def test_difference_of_independent_estimates_adds_squares():
    """Lower and upper reach are the root sum of squares of the reaches that work that way."""
    lower, upper = mover.difference(*_pair(0.5, 0.3, 0.04), *_pair(0.2, 0.03, 0.4))
    assert float(lower) == pytest.approx(0.3 - 0.5)
    assert float(upper) == pytest.approx(0.3 + 0.05)


def test_full_correlation_subtracts_reaches():
    """With correlation 1 the reaches of a difference subtract."""
    lower, upper = mover.difference(*_pair(0.5, 0.3, 0.04), *_pair(0.2, 0.03, 0.4), 1.0)
    assert (float(lower), float(upper)) == pytest.approx((0.3 - 0.1, 0.3 + 0.01))


def test_arrays_are_scalars_side_by_side():
    """Vectorised limits equal those of each scalar."""
    q1, q2 = (np.array(x) for x in zip(*itertools.product(RATES, RATES)))
    lower, upper = mover.ratio(*_pair(q1, 0.5 * q1, 0.1), *_pair(q2, 0.5 * q2, 0.3))
    for i, (one, other) in enumerate(zip(q1, q2)):
        scalar = mover.ratio(*_pair(one, 0.5 * one, 0.1), *_pair(other, 0.5 * other, 0.3))
        assert (lower[i], upper[i]) == (float(scalar[0]), float(scalar[1]))
