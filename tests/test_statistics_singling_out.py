"""Isolating predicates: size matching, alarm and interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, hypergeom

from synthprivacy.errors import DataError
from synthprivacy.results import Matches
from synthprivacy.statistics.singling_out import alarm, counts, isolated, of_queries, singling_out
from synthprivacy.statistics.size_matching import isolation_probability
from synthprivacy.statistics.trivial_isolation import trivial_isolation, weight


def _matches(matrix):
    """Predicates x people, as the sparse answer."""
    query, person = np.nonzero(matrix)
    return Matches(query.astype(np.int64), person.astype(np.int64), *matrix.shape)


def _within(places, low, high):
    """Predicates "the place lies within", counted on people."""
    return _matches((places >= low[:, None]) & (places <= high[:, None]))


def _tables(rng, n_original, n_control, *, queries=120, copied=0.0, longest=0.8):
    """People on a line; predicates are stretches of it, overlapping, of up to 2 `longest` people of the original.

    A share `copied` of the stretches is centred on a training person, the others anywhere.
    """
    original, control = rng.random(n_original), rng.random(n_control)
    centre = rng.random(queries)
    known = rng.random(queries) < copied
    centre[known] = original[rng.integers(n_original, size=known.sum())]
    reach = rng.uniform(0.05, longest, queries) / n_original
    return _within(original, centre - reach, centre + reach), _within(control, centre - reach, centre + reach)


@pytest.mark.parametrize(("size", "sample"), [(1, 1), (2, 1), (30, 30), (30, 29), (30, 7), (30, 1), (2000, 500)])
def test_isolation_probability_is_hypergeometric(size, sample):
    """The closed form is the hypergeometric probability of exactly one, for every count."""
    k = np.arange(size + 1)
    expected = hypergeom.pmf(1, size, k, sample)
    np.testing.assert_allclose(isolation_probability(k, size, sample), expected, rtol=1e-9, atol=1e-15)


def test_isolation_probability_is_stable_in_large_tables():
    """A million people: exact at one match, and no worse than 1e-9 against the independent limit at a thousand."""
    size, sample = 1_000_000, 250_000
    found = isolation_probability(np.array([0, 1, 2, 1000, size]), size, sample)
    assert found[0] == 0.0
    assert found[1] == 0.25
    assert found[2] == pytest.approx(2 * 0.25 * 750_000 / 999_999, rel=1e-14)
    terms = math.fsum(math.log((size - sample - j) / (size - 1 - j)) for j in range(999))
    assert found[3] == pytest.approx(1000 * 0.25 * math.exp(terms), rel=1e-9)
    assert found[4] == 0.0


def test_full_size_counts_only_the_isolated():
    """With nobody left out the probability is one at one match and zero elsewhere."""
    assert isolation_probability(np.array([[0, 1], [2, 50]]), 50, 50).tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_size_matching_is_unbiased_against_thinning():
    """The matched rate is the mean rate over random subsets of the larger table.

    3,000 subsets; the tolerance is four standard errors of their mean.
    """
    rng = np.random.default_rng(0)
    table, _ = _tables(rng, 400, 10, copied=0.3)
    matrix = np.zeros((table.queries, table.people), dtype=bool)
    matrix[table.query, table.person] = True
    thinned = [(matrix[:, rng.permutation(400)[:100]].sum(1) == 1).mean() for _ in range(3000)]
    matched = isolation_probability(counts(table), 400, 100).mean()
    assert matched == pytest.approx(np.mean(thinned), abs=4 * np.std(thinned) / math.sqrt(3000))


def _alarm_rate(sizes, replicates, seed):
    rng = np.random.default_rng(seed)
    return sum(alarm(*_tables(rng, *sizes), rng) <= 0.05 for _ in range(replicates))


def test_alarm_without_a_leak_is_nominal_at_unequal_sizes():
    """2,000 against 500 people from one population alarm at .05 in .05 of samples.

    400 replicates; fails where the exact 99 % limits of the rate exclude .05.
    """
    low, high = binomtest(_alarm_rate((2000, 500), 400, 0), 400).proportion_ci(0.99, method="exact")
    assert low <= 0.05 <= high


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(2000, 500), (500, 2000), (1000, 1000)])
def test_alarm_without_a_leak_is_nominal_within_two_points(sizes):
    """Within .02 of nominal in 2,000 replicates, at equal and unequal sizes."""
    assert _alarm_rate(sizes, 2000, 1) / 2000 == pytest.approx(0.05, abs=0.02)


def test_comparing_raw_shares_at_unequal_sizes_alarms_falsely():
    """Without size matching the same samples show a difference far from 0, with it none (200 replicates).

    Mean of the raw difference above ten of its standard errors, of the matched one within four.
    """
    rng = np.random.default_rng(0)
    raw, matched = [], []
    for _ in range(200):
        original, control = _tables(rng, 2000, 500)
        raw.append((isolated(original)[0] - isolated(control)[0]) / original.queries)
        matched.append(singling_out(original, control, rng).value)
    assert abs(np.mean(raw)) > 10 * np.std(raw) / math.sqrt(200)
    assert abs(np.mean(matched)) < 4 * np.std(matched) / math.sqrt(200)


@pytest.mark.parametrize("sizes", [(500, 500), (1000, 250), (250, 500)])
def test_interval_covers_no_leak(sizes):
    """The interval of a release without a leak holds 0 in at least .93 of samples, and is not a formality.

    250 replicates; three standard errors at .95 are .041. The jackknife error is .9 to 1.6 of the true one.
    """
    rng = np.random.default_rng(1)
    found = [singling_out(*_tables(rng, *sizes), rng) for _ in range(250)]
    ends = np.array([one.interval() for one in found])
    assert np.mean((ends[:, 0] <= 0) & (ends[:, 1] >= 0)) >= 0.93
    ratio = np.mean([one.standard_error for one in found]) / np.std([one.value for one in found])
    assert 0.9 <= ratio <= 1.6


def test_a_copy_is_found():
    """Stretches centred on training people alarm, and at equal sizes the value is R of plain counts."""
    rng = np.random.default_rng(2)
    original, control = _tables(rng, 500, 500, queries=400, copied=1.0, longest=0.3)
    assert alarm(original, control, rng) == 1 / 200
    found = singling_out(original, control, rng)
    assert found.interval()[0] > 0.3
    assert found.value == (isolated(original)[0] - isolated(control)[0]) / (400 - isolated(control)[0])


def test_alarm_is_one_sided():
    """Predicates that isolate control people are no leak of the original."""
    rng = np.random.default_rng(2)
    original, control = _tables(rng, 500, 500, queries=400, copied=1.0)
    assert alarm(control, original, rng) > 0.9


def test_value_is_carried_to_the_size_of_the_original():
    """An exact copy with one predicate for each of 400 people reads 1 also against 100 control people."""
    original = _matches(np.eye(400, dtype=bool))
    found = singling_out(original, _matches(np.zeros((400, 100), dtype=bool)), np.random.default_rng(0))
    assert (found.size, found.scale) == (100, 4.0)
    assert found.original_rate == pytest.approx(0.25)
    assert found.value == pytest.approx(1.0)


def test_nothing_isolated_is_not_certainty():
    """Predicates that isolate nobody leave the upper end that so few of them cannot exclude."""
    nobody = _matches(np.zeros((60, 200), dtype=bool))
    found = singling_out(nobody, nobody, np.random.default_rng(0))
    assert (found.value, found.standard_error) == (0.0, 0.0)
    assert found.interval(0.95, "clopper-pearson")[1] > 1 - 0.025 ** (1 / 60) - 1e-9
    assert alarm(nobody, nobody, np.random.default_rng(0)) == 1.0


def test_everything_isolated_is_not_certainty():
    """Predicates that isolate everybody leave the lower end that so few of them cannot exclude."""
    copy, nobody = _matches(np.eye(100, dtype=bool)), _matches(np.zeros((100, 100), dtype=bool))
    found = singling_out(copy, nobody, np.random.default_rng(0))
    assert (found.value, found.standard_error) == (1.0, pytest.approx(0.0, abs=1e-12))
    assert 0.9 < found.interval(0.95, "clopper-pearson")[0] < 0.97


def test_alarm_heeds_isolation_and_not_how_many_match():
    """Predicates that hold for two training people and one control person are no leak of the original."""
    pairs = np.repeat(np.eye(100, dtype=bool), 2, axis=1)
    single = np.eye(100, 200, dtype=bool)
    assert alarm(_matches(pairs), _matches(single), np.random.default_rng(0)) > 0.9


def test_without_a_control_it_is_the_raw_share():
    """No control: the share of predicates that isolate, with a standard error."""
    rng = np.random.default_rng(3)
    original, _ = _tables(rng, 500, 10, copied=0.5)
    found = singling_out(original, None, rng)
    assert found.value == isolated(original)[0] / original.queries
    assert found.standard_error > 0
    assert found.control_rate is None


def test_isolated_counts_predicates_and_distinct_people():
    """Two predicates on the same person isolate one person."""
    matrix = np.zeros((4, 5), dtype=bool)
    matrix[[0, 1, 2, 2], [3, 3, 0, 1]] = True
    assert isolated(_matches(matrix)) == (2, 1)


def test_saturated_control_is_told():
    """Every predicate isolating a control person leaves nothing to gain."""
    everyone = _matches(np.eye(100, dtype=bool))
    assert singling_out(everyone, everyone, np.random.default_rng(0)).saturated


def test_same_seed_same_result():
    """Groups and permutations come from the generator alone."""
    original, control = _tables(np.random.default_rng(4), 300, 200)
    for method in (singling_out, alarm):
        assert method(original, control, np.random.default_rng(9)) == method(
            original, control, np.random.default_rng(9)
        )


def test_mismatched_or_tiny_tables_are_refused():
    """Different predicates, no predicates, or fewer people than groups need, are errors."""
    rng = np.random.default_rng(0)
    table = _matches(np.eye(100, dtype=bool))
    with pytest.raises(DataError, match="same predicates"):
        singling_out(table, _matches(np.eye(101, dtype=bool)), rng)
    with pytest.raises(DataError, match="at least one"):
        singling_out(_matches(np.zeros((0, 100), dtype=bool)), None, rng)
    with pytest.raises(DataError, match="100 people"):
        singling_out(table, _matches(np.eye(99, dtype=bool)[[*range(99), 0]]), rng)


@pytest.mark.slow
@pytest.mark.parametrize("copied", [0.0, 0.3])
def test_interval_covers_other_predicates_too(copied):
    """The interval holds the mean over draws of people and of predicates in at least .95 of 300 draws of both.

    Three standard errors below .95 are .912; the measured coverage is .985 and more.
    """
    rng = np.random.default_rng(5)
    found = [singling_out(*_tables(rng, 500, 400, copied=copied), rng) for _ in range(300)]
    ends, truth = np.array([one.interval() for one in found]), np.mean([one.value for one in found])
    assert np.mean((ends[:, 0] <= truth) & (ends[:, 1] >= truth)) >= 0.95


@pytest.mark.parametrize("people", [1, 2, 30, 10_000])
def test_trivial_isolation_is_at_most_about_one_in_e(people):
    """It is the binomial chance of exactly one up to a weight of 1/n, and stays at its top, (1 - 1/n)^(n - 1), beyond."""
    top = 1.0 / people
    for light in np.linspace(0, top, 7):
        expected = people * light * (1 - light) ** (people - 1)
        assert trivial_isolation(float(light), people) == pytest.approx(expected)
    assert trivial_isolation(1.0, people) == trivial_isolation(top, people) == pytest.approx((1 - top) ** (people - 1))
    assert 1 / math.e < trivial_isolation(1.0, people) <= 1.0


def test_no_mixture_of_weights_isolates_more_without_a_leak():
    """Predicates of any weights isolate no more, in the mean, than the bound at their mean weight (2,000 mixtures)."""
    rng = np.random.default_rng(0)
    for _ in range(2_000):
        people = int(rng.integers(1, 400))
        weights = rng.beta(*rng.uniform(0.05, 3, 2), size=rng.integers(1, 20)) * rng.choice([1.0, 5 / people])
        weights = np.minimum(weights, 1.0)
        isolating = (people * weights * (1 - weights) ** (people - 1)).mean()
        assert isolating <= trivial_isolation(float(weights.mean()), people) + 1e-12


def test_trivial_isolation_is_seen_for_what_it_is():
    """Predicates of weight 1/n that know nobody isolate in .37 of cases, as the bound says, and are no leak."""
    rng = np.random.default_rng(0)
    low = rng.random(3_000) * (1 - 1 / 1_000)
    original, control = (_within(rng.random(1_000), low, low + 1 / 1_000) for _ in range(2))
    found = singling_out(original, control, rng)
    bound = trivial_isolation(weight(control), 1_000)
    assert found.control_rate == pytest.approx(1 / math.e, abs=0.04)
    assert bound == pytest.approx(1 / math.e, abs=0.002)
    assert found.interval()[0] <= 0 <= found.interval()[1]


def test_weight_is_the_mean_share_of_people():
    """Three matches of two predicates among ten people: a mean weight of .15."""
    matrix = np.zeros((2, 10), dtype=bool)
    matrix[0, :2], matrix[1, 5] = True, True
    assert weight(_matches(matrix)) == pytest.approx(0.15)


def test_some_predicates_are_counted_as_if_alone():
    """Picking predicates, in any order, is the same as never having asked the others."""
    rng = np.random.default_rng(0)
    matrix = rng.random((30, 40)) < 0.1
    chosen = np.array([7, 2, 29])
    picked, expected = of_queries(_matches(matrix), chosen), _matches(matrix[chosen])
    assert picked.queries == 3
    assert np.array_equal(counts(picked), counts(expected))
    assert isolated(picked) == isolated(expected)
