"""Area under the ROC curve, its standard error over people and its interval."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom, mannwhitneyu

from synthprivacy.errors import DataError
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.roc import Auc, auc


def _pairs(members, nonmembers):
    """One where the member is above, one half where they tie: (members, nonmembers)."""
    return (members[:, None] > nonmembers) + 0.5 * (members[:, None] == nonmembers)


def _tables():
    rng = np.random.default_rng(0)
    return {
        "continuous": (rng.normal(0.5, 1, 40), rng.normal(0, 1, 25)),
        "ties": (rng.integers(0, 4, 40).astype(float), rng.integers(0, 3, 33).astype(float)),
        "infinite": (np.array([-np.inf, 0.0, np.inf, np.inf]), np.array([-np.inf, -np.inf, 1.0])),
        "two": (np.array([0.0, 2.0]), np.array([1.0, 1.0])),
    }


@pytest.mark.parametrize("name", _tables())
def test_value_is_the_share_of_pairs(name):
    """The AUC is the mean over pairs and the Mann-Whitney statistic, ties one half."""
    members, nonmembers = _tables()[name]
    found = auc(members, nonmembers).value
    assert found == pytest.approx(_pairs(members, nonmembers).mean(), abs=1e-14)
    assert found == pytest.approx(mannwhitneyu(members, nonmembers).statistic / (members.size * nonmembers.size))


@pytest.mark.parametrize("name", _tables())
def test_standard_error_is_delongs(name):
    """The standard error is that of the structural components computed over all pairs."""
    pairs = _pairs(*_tables()[name])
    variance = pairs.mean(1).var(ddof=1) / pairs.shape[0] + pairs.mean(0).var(ddof=1) / pairs.shape[1]
    assert auc(*_tables()[name]).standard_error == pytest.approx(np.sqrt(variance), abs=1e-14)


def test_clustered_standard_error_is_obuchowskis():
    """The clustered variance is the direct sum over people of their structural components."""
    rng = np.random.default_rng(1)
    members, nonmembers = rng.integers(0, 9, 60).astype(float), rng.integers(0, 7, 45).astype(float)
    units = rng.integers(0, 20, 60), rng.integers(0, 15, 45) + 100
    pairs = _pairs(members, nonmembers)
    value, variance = pairs.mean(), 0.0
    for component, unit in zip((pairs.mean(1), pairs.mean(0)), units):
        people = np.unique(unit)
        squares = sum((component[unit == one].sum() - (unit == one).sum() * value) ** 2 for one in people)
        variance += len(people) / (len(people) - 1) * squares / len(unit) ** 2
    found = auc(members, nonmembers, *units)
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=1e-12)
    assert (found.members, found.nonmembers) == (np.unique(units[0]).size, np.unique(units[1]).size)


def test_repeating_every_row_adds_no_certainty():
    """Every person four times gives the result of every person once."""
    members, nonmembers = _tables()["continuous"]
    units = [np.repeat(np.arange(side.size), 4) for side in (members, nonmembers)]
    repeated = auc(np.repeat(members, 4), np.repeat(nonmembers, 4), *units)
    once = auc(members, nonmembers)
    assert repeated.value == pytest.approx(once.value)
    assert repeated.standard_error == pytest.approx(once.standard_error)
    assert repeated.interval() == pytest.approx(once.interval())


def test_swapping_the_sides_negates():
    """Swapping members and non-members swaps and negates the interval of 2 AUC - 1."""
    for members, nonmembers in _tables().values():
        low, high = auc(members, nonmembers).interval()
        assert auc(nonmembers, members).interval() == pytest.approx((-high, -low), abs=1e-12)


def test_forty_thousand_against_ten_thousand_is_quick():
    """Ranks, not pairs: 40,000 x 10,000 scores take well under a second."""
    rng = np.random.default_rng(0)
    members, nonmembers = rng.normal(size=40_000), rng.normal(size=10_000)
    start = time.perf_counter()
    auc(members, nonmembers, np.arange(40_000) // 2, np.arange(10_000) // 2)
    assert time.perf_counter() - start < 1.0


SLOW = [((500, 500), 0.03), ((2000, 500), 0.03), ((300, 3000), 0.04)]


@pytest.mark.parametrize(
    ("sizes", "bar"), [((100, 100), 0.025), *(pytest.param(*case, marks=pytest.mark.slow) for case in SLOW)]
)
def test_interval_covers_scores_that_nearly_all_tie(sizes, bar):
    """Two-valued scores are covered .95 and missed at either end by the bar at most; unpadded DeLong misses far more.

    By exact enumeration. The defect shown is that of a small copied share read by an exact-match attack.
    """
    n1, n2 = sizes
    worst, delong = 0.0, 0.0
    for c in (0.0, 0.001, 0.01, 0.1, 0.5):
        for gain in (0.0, 0.01, 0.02, 0.05, 0.1, 0.5):
            counts = [binom.ppf([1e-7, 1 - 1e-7], n, p) for n, p in ((n1, c + gain), (n2, c))]
            k1, k2 = (np.arange(low, high + 1) for low, high in counts)
            mass = np.outer(binom.pmf(k1, n1, c + gain), binom.pmf(k2, n2, c))
            misses = np.zeros(3)
            for (i, j), weight in np.ndenumerate(mass):
                if weight < 1e-7:
                    continue
                a, b = k1[i] / n1, k2[j] / n2
                error = 0.5 * np.sqrt(a * (1 - a) / (n1 - 1) + b * (1 - b) / (n2 - 1))
                low, high = Auc((1 + a - b) / 2, error, n1, n2).interval()
                plain = a - b + 2 * 1.959964 * error
                misses += weight * np.array([low > gain + 1e-12, high < gain - 1e-12, plain < gain - 1e-12])
            worst, delong = max(worst, *misses[:2]), max(delong, misses[2])
            assert misses[:2].sum() <= 0.05
    assert worst <= bar
    assert delong > (0.10 if n1 <= n2 else 0.03)


@pytest.mark.parametrize("truth", [0.5, 0.7, 0.95])
def test_interval_covers_continuous_scores(truth):
    """Normal scores, 100 against 60 people: either end misses at most .035.

    2,000 replicates; three standard errors at .025 are .0105.
    """
    rng = np.random.default_rng(2)
    shift = np.sqrt(2) * ndtri(truth)
    ends = np.array([auc(rng.normal(shift, 1, 100), rng.normal(0, 1, 60)).interval() for _ in range(2000)])
    assert np.mean(ends[:, 0] > 2 * truth - 1) <= 0.035
    assert np.mean(ends[:, 1] < 2 * truth - 1) <= 0.035


def test_p_value_is_calibrated_under_no_leak():
    """Equal populations, continuous or tied, are called a leak at .05 in at most .065 of samples.

    2,000 replicates of 120 against 100 people; three standard errors are .015.
    """
    rng = np.random.default_rng(6)
    for levels in (2, 10**9):
        draws = rng.integers(0, levels, (2000, 220)).astype(float)
        p = np.array([auc(row[:120], row[120:]).p_value() for row in draws])
        assert 0.02 <= np.mean(p <= 0.05) <= 0.065


def test_p_value_agrees_with_the_interval():
    """The 95 % interval is above 0 exactly where the one-sided p-value is under .025 (away from separation)."""
    rng = np.random.default_rng(7)
    for shift in np.linspace(0, 0.8, 60):
        found = auc(rng.normal(shift, 1, 80), rng.normal(0, 1, 90))
        assert (found.interval()[0] > 0) == (found.p_value() < 0.025)


@pytest.mark.parametrize("people", [2, 5, 100])
def test_complete_separation_is_bounded_by_exact_limits(people):
    """At an AUC of 1 or 0 the interval is Clopper-Pearson for the people of the smaller side, never a point."""
    low, high = auc(np.ones(people), np.zeros(people + 3)).interval()
    assert high == 1.0
    assert low == pytest.approx(2 * float(clopper_pearson(people, people, 0.95)[0]) - 1)
    assert auc(np.zeros(people), np.ones(people)).interval()[0] == -1.0


@pytest.mark.parametrize("people", [2, 100])
def test_scores_that_all_tie_say_little(people):
    """Where every score is the same the interval is about 0 and not a point."""
    low, high = auc(np.zeros(people), np.zeros(people)).interval()
    assert low < 0 < high
    assert low == pytest.approx(-high)
    assert auc(np.zeros(people), np.zeros(people)).p_value() == 0.5


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_people_are_refused(rows):
    """Fewer than two people on a side have no variance, whatever their rows."""
    with pytest.raises(DataError, match="two people"):
        auc(np.zeros(rows), np.zeros(5))
    with pytest.raises(DataError, match="two people"):
        auc(np.arange(4.0), np.zeros(5), np.zeros(4, dtype=np.int64))


def test_scores_that_are_not_numbers_are_refused():
    """A NaN has no rank and is not silently given one."""
    with pytest.raises(DataError, match="NaN"):
        auc(np.array([0.0, np.nan]), np.zeros(5))
