"""Exposure of planted secrets."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binomtest, kstest

from synthprivacy.errors import DataError
from synthprivacy.statistics.exposure import exposure, rank_of


def test_bits():
    """A secret ranked first of 1,024 has 10 bits, the last none, the middle one."""
    found = exposure([1, 1024, 512], 1024)
    assert found.bits == pytest.approx((10.0, 0.0, 1.0))
    assert found.ceiling == (10.0, 10.0, 10.0)
    assert found.mean == pytest.approx(11 / 3)


@pytest.mark.parametrize("sizes", [(2,), (7,), (100,), (2, 2), (3, 8), (20, 20), (2, 3, 4), (6, 6, 6)], ids=str)
def test_p_value_is_valid_for_few_candidates(sizes):
    """Over all equally likely ranks, the p-value is at most t with a chance of at most t, for every t it takes."""
    ranks = itertools.product(*(range(1, size + 1) for size in sizes))
    p = np.sort([exposure(rank, sizes).p_value for rank in ranks])
    assert (np.searchsorted(p, p + 1e-12, side="right") / p.size <= p + 1e-9).all()


@pytest.mark.parametrize("secrets", [1, 5, 30])
def test_p_value_is_uniform_for_many_candidates(secrets):
    """Ranks among a million give uniform p-values and 1.443 bits on average (2,000 replicates)."""
    ranks = np.random.default_rng(0).integers(1, 10**6 + 1, (2000, secrets))
    found = [exposure(rank, 10**6) for rank in ranks]
    assert kstest([each.p_value for each in found], "uniform").pvalue > 0.001
    assert np.mean([each.mean for each in found]) == pytest.approx(1 / math.log(2), abs=0.1)


@pytest.mark.parametrize("levels", [1, 3, 1000])
def test_no_leak_no_alarm_however_scores_tie(levels):
    """Scores that know nothing, tied or not, alarm in at most 5 % of 1,000 replicates of 5 secrets; constant ones never."""
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(1000):
        scores = rng.integers(0, levels, (5, 50)).astype(float)
        alarms.append(exposure(rank_of(scores[:, 0], scores[:, 1:]), 50).p_value <= 0.05)
    assert binomtest(sum(alarms), 1000).proportion_ci(0.98).low <= 0.05
    assert levels > 1 or not any(alarms)


def test_memorised_secrets_are_found_the_more_the_more_there_are():
    """The power to see 30 secrets among 1,000 candidates rises with the share memorised, to certainty at a half."""
    rng = np.random.default_rng(2)
    power = []
    for share in (0.0, 0.1, 0.2, 0.5):
        ranks = np.where(rng.random((300, 30)) < share, 1, rng.integers(1, 1001, (300, 30)))
        power.append(np.mean([exposure(rank, 1000).p_value <= 0.05 for rank in ranks]))
    assert power == sorted(power)
    assert power[0] <= 0.09
    assert power[2] >= 0.8
    assert power[3] == 1.0


def test_a_tie_counts_against_the_secret():
    """Equal scores put the secret last among them."""
    alternatives = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [9.0, 9.0, 1.0]])
    assert rank_of(np.array([2.0, 0.0, 10.0]), alternatives).tolist() == [3, 4, 1]


def test_impossible_ranks_and_scores_are_refused():
    """Ranks outside their candidates, shapes that do not fit and NaN are errors."""
    for rank, candidates in (([0], 5), ([6], 5), ([], 5)):
        with pytest.raises(DataError, match="rank"):
            exposure(rank, candidates)
    with pytest.raises(DataError, match="row of alternatives"):
        rank_of(np.zeros(2), np.zeros((3, 4)))
    with pytest.raises(DataError, match="NaN"):
        rank_of(np.zeros(1), np.array([[np.nan]]))
