"""Max-T adjusted p-values and simultaneous lower ends."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.statistics.max_t import critical_value, max_t, simultaneous_lower
from synthprivacy.statistics.multiplicity import holm

TESTS = 8


def _correlated(rng, rows, correlation):
    common, own = rng.normal(size=(rows, 1)), rng.normal(size=(rows, TESTS))
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own


def _by_definition(observed, null, *, step_down):
    """Return adjusted p-values test by test, largest first, each against the maximum over those not yet passed."""
    order, adjusted, before = np.argsort(-observed, kind="stable"), np.empty(observed.size), 0.0
    for step, test in enumerate(order):
        rivals = order[step:] if step_down else order
        reached = sum(max(row[rivals]) >= observed[test] for row in null)
        before = adjusted[test] = max(before, (1 + reached) / (1 + len(null)))
    return adjusted


@pytest.mark.parametrize("step_down", [True, False])
def test_adjusted_values_are_those_of_the_definition(step_down):
    """The running maxima give what going through the tests one by one gives (50 random families, some tied)."""
    rng = np.random.default_rng(0)
    for size in rng.integers(1, 9, 50):
        observed, null = np.round(rng.normal(1, 1, size), 1), np.round(rng.normal(size=(60, size)), 1)
        expected = _by_definition(observed, null, step_down=step_down)
        np.testing.assert_allclose(max_t(observed, null, step_down=step_down), expected)


def test_one_test_is_its_permutation_p_value():
    """Alone a test keeps its p-value, which is never zero; no test is nothing."""
    assert max_t([2.5], np.arange(99.0)[:, None] / 10).tolist() == [0.75]
    assert max_t([99.0], np.zeros((99, 1))).tolist() == [0.01]
    assert max_t([], np.zeros((9, 0))).tolist() == []


def test_any_false_alarm_is_rare_and_a_leak_is_found_more_often_than_by_holm():
    """Eight tests at correlation .8: any false alarm in at most .05, and one real leak is found oftener than by Holm.

    1,000 replicates of 999 draws; three standard errors at .05 are .021.
    """
    rng = np.random.default_rng(1)
    false, found = np.zeros(2), np.zeros(3)
    leak = np.eye(TESTS)[0] * 2.5
    for _ in range(1000):
        null, observed = _correlated(rng, 999, 0.8), _correlated(rng, 1, 0.8)[0]
        false += [(max_t(observed, null, step_down=step) <= 0.05).any() for step in (True, False)]
        p = (1 + (null >= observed + leak).sum(0)) / 1000
        steps = [max_t(observed + leak, null, step_down=step)[0] <= 0.05 for step in (True, False)]
        found += [*steps, holm(p)[0] <= 0.05]
    assert np.all(false / 1000 <= 0.05 + 0.021)
    assert np.all(false / 1000 >= 0.05 - 0.021)
    assert found[0] >= found[1] > found[2] + 50


def test_stepping_down_never_loses():
    """A step-down value is never above the single-step one, and is below where a great leak leads the family."""
    rng = np.random.default_rng(2)
    null = _correlated(rng, 500, 0.3)
    observed = np.append(9.0, rng.normal(1.5, 1, TESTS - 1))
    single, stepped = max_t(observed, null, step_down=False), max_t(observed, null)
    assert np.all(stepped <= single)
    assert np.any(stepped < single)


def test_permuted_labels_alarm_as_often_as_claimed():
    """Exact whatever the data: heavy-tailed correlated scores, labels permuted, any alarm at .1 in at most .1.

    400 replicates of 99 permutations; three standard errors are .045.
    """
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(400):
        scores = rng.standard_cauchy((40, 1)) + rng.standard_cauchy((40, 4))
        labels = np.array([rng.permutation(40) < 15 for _ in range(100)]).astype(float)
        statistics = labels @ scores
        alarms += (max_t(statistics[0], statistics[1:]) <= 0.1).any()
    assert alarms / 400 <= 0.1 + 0.045


def test_lower_ends_hold_all_at_once():
    """All lower ends lie below their truths in at least .90 of samples, and separate ones in far fewer.

    600 replicates of 500 draws; three standard errors at .9 are .037.
    """
    rng = np.random.default_rng(4)
    truth, error = np.linspace(-1, 1, TESTS), np.linspace(0.5, 2, TESTS)
    together = separate = 0
    for _ in range(600):
        null, value = _correlated(rng, 500, 0.3), truth + error * _correlated(rng, 1, 0.3)[0]
        together += np.all(simultaneous_lower(value, error, null, confidence=0.9) <= truth)
        separate += np.all(value - 1.2816 * error <= truth)
    assert 0.9 - 0.037 <= together / 600 <= 0.9 + 0.037
    assert separate / 600 < 0.75


def test_critical_value_is_an_order_statistic():
    """Of 19 maxima the largest is exceeded by a twentieth of exchangeable ones; 18 are too few to say."""
    null = np.arange(19.0)[:, None] - [0.0, 3.0]
    assert critical_value(null, confidence=0.95) == 18.0
    assert critical_value(null, confidence=0.5) == 9.0
    with pytest.raises(NotEnoughDataError, match="at least 19"):
        critical_value(null[1:], confidence=0.95)


def test_impossible_replicates_are_refused():
    """Shapes that do not fit, NaN and impossible confidence are errors."""
    for observed, null in (([1.0, 2.0], np.zeros((9, 3))), ([np.nan], np.zeros((9, 1)))):
        with pytest.raises(DataError, match="one number a test"):
            max_t(observed, null)
    for null in (np.zeros((0, 1)), np.full((9, 1), np.nan), np.zeros(9)):
        with pytest.raises(DataError, match="replicates"):
            max_t([1.0], null)
    with pytest.raises(DataError, match="standard error"):
        simultaneous_lower([1.0], [-1.0], np.zeros((99, 1)))
    with pytest.raises(ConfigError, match="confidence"):
        critical_value(np.zeros((99, 1)), confidence=1.0)
