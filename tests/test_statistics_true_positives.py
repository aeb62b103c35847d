"""True positives at a fixed false-positive rate."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.errors import DataError
from synthprivacy.results import TruePositives
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.true_positives import advantage, calibration_needed, true_positives


def _half(people):
    return np.arange(people) < people // 2


@pytest.mark.parametrize(("fpr", "needed"), [(0.1, 29), (0.01, 299), (0.001, 2995)])
def test_too_few_non_members_measure_nothing(fpr, needed):
    """One calibration person fewer than ln(.05) / ln(1 - fpr) gives nothing, not zero."""
    assert calibration_needed(fpr) == needed
    calibration = np.append(np.ones(needed, dtype=bool), False)
    nonmembers = np.append(np.linspace(0, 1, needed), 0.5)
    assert true_positives(np.ones(5), nonmembers, calibration, fpr=fpr) is not None
    assert true_positives(np.ones(5), nonmembers[1:], calibration[1:], fpr=fpr) is None


def test_threshold_comes_from_the_calibration_half_alone():
    """The scores of members and of the counted non-members do not move the threshold."""
    calibration = np.repeat([True, False], [99, 50])
    nonmembers = np.concatenate([np.arange(1.0, 100.0), np.full(50, 90.5)])
    found = true_positives(np.array([90.0, 90.5, 200.0]), nonmembers, calibration, fpr=0.1)
    assert (found.successes, found.trials, found.false_positives, found.nonmembers) == (2, 3, 50, 50)


def test_marginal_false_positive_rate_is_at_most_nominal():
    """Without a leak members and fresh non-members are called in at most the nominal share, ties or not.

    2,000 replicates of 300 calibration people; the mean rate at .01 has a standard error of .0001.
    """
    rng = np.random.default_rng(0)
    for draw in (lambda n: rng.normal(size=n), lambda n: rng.integers(0, 30, n).astype(float)):
        points = [true_positives(draw(500), draw(600), _half(600), fpr=0.01) for _ in range(2000)]
        assert np.mean([point.false_positives / point.nonmembers for point in points]) <= 0.0104
        assert np.mean([point.successes / point.trials for point in points]) <= 0.0104


def test_scores_that_all_tie_call_nobody():
    """A score that says nothing finds nobody."""
    found = true_positives(np.zeros(50), np.zeros(200), _half(200), fpr=0.1)
    assert (found.successes, found.false_positives) == (0, 0)


def test_copied_people_are_found():
    """A fifth of members above everyone else is found at every rate."""
    rng = np.random.default_rng(0)
    members = np.where(np.arange(500) < 100, 10.0, rng.random(500))
    for fpr in (0.1, 0.01):
        assert true_positives(members, rng.random(1000), _half(1000), fpr=fpr).successes >= 100


def test_nobody_left_to_count_measures_nothing():
    """Calibrating on everyone leaves nothing to count."""
    assert true_positives(np.zeros(5), np.zeros(50), np.ones(50, dtype=bool), fpr=0.1) is None


def test_mask_must_fit():
    """A mask of another length is an error."""
    with pytest.raises(DataError, match="mask"):
        true_positives(np.zeros(5), np.zeros(50), np.ones(49, dtype=bool), fpr=0.1)


@pytest.mark.parametrize(("fpr", "calibrating", "members"), [(0.01, 300, 2000), (0.1, 500, 2000)])
def test_advantage_alarms_rarely_where_one_sample_alarms_often(fpr, calibrating, members):
    """Without a leak TPR - FPR is called positive in at most .025, a plain binomial against the nominal rate in a sixth.

    2,000 replicates; three standard errors at .025 are .0105.
    """
    rng = np.random.default_rng(4)
    alarms = np.zeros(2)
    for _ in range(2000):
        point = true_positives(rng.random(members), rng.random(2 * calibrating), _half(2 * calibrating), fpr=fpr)
        plain = clopper_pearson(point.successes, point.trials, 0.95)[0] > point.fpr
        alarms += advantage(point).lower > 0, plain
    assert alarms[0] / 2000 <= 0.025 + 0.0105
    assert alarms[1] / 2000 > 0.15


def test_advantage_finds_copied_people():
    """Of members a tenth are copied: TPR - FPR at 1 % is about a tenth, and its limits exclude none."""
    rng = np.random.default_rng(5)
    members = np.where(np.arange(1000) < 100, 10.0, rng.random(1000))
    found = advantage(true_positives(members, rng.random(1000), _half(1000), fpr=0.01))
    assert found.value == pytest.approx(0.1, abs=0.02)
    assert 0.0 < found.lower < found.value < found.upper


def test_advantage_is_the_excess_of_its_counts():
    """The limits are those of the difference of two proportions, by the method asked for."""
    point = TruePositives(0.1, 30, 200, 12, 90)
    for method in ("jeffreys", "clopper-pearson"):
        assert advantage(point, confidence=0.9, method=method) == excess(30, 200, 12, 90, confidence=0.9, method=method)


def test_withheld_counts_have_no_advantage():
    """A count under ten that was withheld is an error, not a nine."""
    with pytest.raises(DataError, match="withheld"):
        advantage(TruePositives(0.1, "<10", 200, 12, 90))
