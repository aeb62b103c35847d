"""Area under the ROC curve, its standard error over people and its interval."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.special import expit, logit, ndtri
from scipy.stats import binom, mannwhitneyu

from synthprivacy.errors import DataError
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.statistics.roc import auc


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


SHARES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.98, 1.0)


def _two_valued(k1, k2, sizes, *, padding=4.0, outwards=1.0):
    """Return the 95 % interval where so many of the people on each side have the higher of two scores."""
    (n1, n2), smaller, z = sizes, min(sizes), ndtri(0.975)
    a, c = k1 / n1, k2 / n2
    value = (1 + a - c) / 2
    variance = 0.25 * (a * (1 - a) / (n1 - 1) + c * (1 - c) / (n2 - 1))
    variance = variance + padding * (value**2 + (1 - value) ** 2) / (smaller * (smaller - 1))
    third = (a * (1 - a) * (1 - 2 * a) / n1**2 - c * (1 - c) * (1 - 2 * c) / n2**2) / 8
    low, high = clopper_pearson(np.clip(value * smaller, 0, smaller), smaller, 0.95)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance) / (value * (1 - value))
        shift = outwards * third / variance**1.5 * (2 * z**2 + 1) / 6
        down, up = (
            expit(logit(value) + error * reach) for reach in (np.minimum(shift, 0) - z, np.maximum(shift, 0) + z)
        )
    inside = (value > 0) & (value < 1)
    low, high = np.where(inside, np.maximum(low, down), low), np.where(inside, np.minimum(high, up), high)
    return 2 * low - 1, 2 * high - 1


def _delong(k1, k2, sizes):
    """Return the plain symmetrical interval from the same variance."""
    a, c = k1 / sizes[0], k2 / sizes[1]
    reach = ndtri(0.975) * np.sqrt(a * (1 - a) / (sizes[0] - 1) + c * (1 - c) / (sizes[1] - 1))
    return a - c - reach, a - c + reach


def _worst_misses(sizes, method):
    """Return the largest share of samples that miss at the lower end, at the upper end, and at either, over all pairs of shares."""
    worst = np.zeros(3)
    for a in SHARES:
        for c in SHARES:
            ends = [binom.ppf([1e-9, 1 - 1e-9], n, p) for n, p in zip(sizes, (a, c))]
            ranges = [np.arange(max(low, 0), high + 1) for low, high in ends]
            mass = np.outer(binom.pmf(ranges[0], sizes[0], a), binom.pmf(ranges[1], sizes[1], c))
            low, high = method(ranges[0][:, None], ranges[1][None, :], sizes)
            below, above = mass[low > a - c + 1e-12].sum(), mass[high < a - c - 1e-12].sum()
            worst = np.maximum(worst, [below, above, below + above])
    return worst


@pytest.mark.parametrize("sizes", [(100, 100), (300, 3000), (40, 70)])
def test_scalars_are_what_is_enumerated(sizes):
    """The public interval of two-valued scores is the one enumerated below."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        share = rng.random() ** 4
        counts = [rng.binomial(n, share) for n in sizes]
        sides = [(np.arange(n) < k).astype(float) for n, k in zip(sizes, counts)]
        ends = [float(end) for end in _two_valued(np.asarray(counts[0]), np.asarray(counts[1]), sizes)]
        assert auc(*sides).interval() == pytest.approx(ends, abs=1e-12)


@pytest.mark.parametrize("sizes", [(100, 100), (500, 500), (2000, 500), (1000, 1000), (300, 3000), (3000, 300)])
def test_interval_covers_scores_of_two_values(sizes):
    """Either end misses at most .027 and both at most .05, by exact enumeration over all pairs of shares.

    The defect is that of plain DeLong, beside which a small copied share is read by an exact-match attack.
    """
    *ends, both = _worst_misses(sizes, _two_valued)
    assert max(ends) <= 0.027
    assert both <= 0.05
    assert max(_worst_misses(sizes, _delong)) > 0.1


def test_skewness_is_needed():
    """Without the shift by the skewness the same padding misses in more than .027 of samples, 500 against 2,000."""
    assert max(_worst_misses((500, 2000), lambda *counts: _two_valued(*counts, outwards=0.0))[:2]) > 0.027


@pytest.mark.parametrize("sizes", [(100, 100), pytest.param((300, 3000), marks=pytest.mark.slow)])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_interval_covers_a_copied_share(sizes, share):
    """Copies above everybody, the others without ties: either end misses at most .027, but for chance.

    2,000 replicates; three standard errors at .025 are .0105.
    """
    rng = np.random.default_rng(8)
    ends = np.empty((2000, 2))
    for row in ends:
        members = np.where(rng.random(sizes[0]) < share, 2.0, rng.random(sizes[0]))
        row[:] = auc(members, rng.random(sizes[1])).interval()
    assert np.mean(ends[:, 0] > share) <= 0.027 + 0.0105
    assert np.mean(ends[:, 1] < share) <= 0.027 + 0.0105


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


@pytest.mark.parametrize("few", [20, 25, 30])
def test_p_value_is_the_level_at_which_the_lower_end_reaches_one_half(few):
    """The skewness that moves the lower end outwards is in the p-value too: few controls above, many members."""
    found = auc((np.arange(3000) < 400).astype(float), (np.arange(300) < few).astype(float))
    assert found.third_moment < 0
    assert found.interval(1 - 2 * found.p_value())[0] == pytest.approx(0, abs=1e-9)


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
