"""Single columns and pairs by published definitions, on tables small enough for pencil and paper."""

from __future__ import annotations

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from synthprivacy.measures import association, column_pairs, column_shapes, k_way, manifold, marginals
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, Feature, Table

NAN = float("nan")


def numbers(**columns):
    """Return a table of numbers."""
    return _table("number", True, columns)


def labels(**columns):
    """Return a table of labels."""
    return _table("category", False, columns)


def _table(kind, ordered, columns):
    features = tuple(
        Feature(name, kind, np.array(columns[name], dtype=float), ordered, 0 if ordered else 100, 0.0, 1.0)
        for name in sorted(columns)
    )
    return Table(features, np.arange(len(features[0].values)))


def beside(one, other):
    """Return one table with the columns of two."""
    return Table(tuple(sorted(one.features + other.features, key=lambda feature: feature.name)), one.unit)


def scored(family, original, release, control=None):
    """Return the scores of a family by metric."""
    return {score.metric: score for score in family(Case("release", original, control, release, Schema(())))}


def test_wasserstein_is_the_area_between_distribution_functions():
    """Of 0, 4 and 1, 2 the area is 1 + 2 = 3 halves, over a range of 4; scipy agrees on random numbers with ties."""
    found = scored(marginals, numbers(x=[0, 4]), numbers(x=[1, 2]))
    assert found["wasserstein.x"].value == pytest.approx(1.5 / 4)
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 9, 80).astype(float), rng.normal(4, 3, 50)
    expected = stats.wasserstein_distance(one, np.clip(other, 0, 8)) / 8  # beyond the original's range nothing is told
    assert scored(marginals, numbers(x=one), numbers(x=other))["wasserstein"].value == pytest.approx(expected)


def test_jensen_shannon_and_hellinger_of_labels():
    """Of shares (½, ½) and (1, 0) the distances are scipy's Jensen–Shannon to base 2 and √(1 - √½); missing is left out."""
    found = scored(marginals, labels(x=[0, 1, 0, 1, NAN]), labels(x=[0, 0, NAN, NAN, NAN]))
    assert found["jensen_shannon.x"].value == pytest.approx(jensenshannon([0.5, 0.5], [1.0, 0.0], base=2))
    assert found["hellinger.x"].value == pytest.approx(sqrt(1 - sqrt(0.5)))
    assert found["missingness.x"].value == pytest.approx(1 - (3 / 5 - 1 / 5))


def test_labels_apart_are_as_far_as_can_be():
    """Where the release has only labels that nobody had, both distances are 1, also when it has labels beyond its own."""
    found = scored(marginals, labels(x=[0, 0, 1]), labels(x=[5, 6, 107]))
    assert found["jensen_shannon"].value == pytest.approx(1.0)
    assert found["hellinger"].value == pytest.approx(1.0)


def test_tails_compare_the_shares_beyond_the_quantiles():
    """Of 100 people 5 lie beyond each quantile but the tie; a release with one low and no high value scores a ratio's mean."""
    original = np.arange(100.0)
    release = np.append(np.full(99, 50.0), -3.0)
    low, high = np.quantile(original, [0.05, 0.95], method="inverted_cdf")
    shares = [np.mean(original < low), np.mean(original > high)]
    found = scored(marginals, numbers(x=original), numbers(x=release))
    assert found["tails"].value == pytest.approx((0.01 / shares[0] + 0.0 / shares[1]) / 2)


def test_rare_labels_are_those_of_some_people_but_few():
    """Of labels with 985, 8 and 12 of 2,005 people only the last is rare: 8 are too few to tell, and it is there or not."""
    people = np.repeat([0, 1, 2, 3], [1_000, 985, 8, 12])
    there, gone = np.repeat([0, 3], [30, 1]), np.zeros(30)
    assert scored(marginals, labels(x=people), labels(x=there))["rare"].value == 1.0
    assert scored(marginals, labels(x=people), labels(x=gone))["rare"].value == 0.0
    assert scored(marginals, labels(x=np.zeros(50)), labels(x=gone))["rare"].value is None
    found = scored(marginals, labels(x=people), labels(x=gone), control=labels(x=people))
    assert found["rare"].reference == pytest.approx(1 - (1 - 12 / 2_005) ** 30)


def test_a_constant_or_empty_column_is_undefined_and_spoils_no_mean():
    """A number without a range has no Wasserstein distance, one without values none at all, and no mean is NaN."""
    odd = beside(numbers(flat=np.full(40, 3.0), empty=np.full(40, NAN), x=np.arange(40.0)), labels(a=np.arange(40) % 3))
    for family in (marginals, association, k_way):
        for score in scored(family, odd, odd, odd).values():
            assert score.value is None or np.isfinite(score.value)
            assert score.reference is None or np.isfinite(score.reference)
            assert score.interval is None or np.isfinite(score.interval).all()
    found = scored(marginals, odd, odd)
    assert "wasserstein.flat" not in found
    assert found["wasserstein"].value == 0.0
    assert "pair.empty|x" not in scored(association, odd, odd)


@pytest.mark.parametrize("sizes", [(50, 50, 50), (50, 0, 50), (50, 30, 0), (1, 1, 1), (0, 0, 0), (3, 2, 200)])
def test_nothing_known_and_nobody_there_do_no_harm(sizes):
    """Empty labels and numbers, huge numbers, constants and tables of nobody give finite numbers or None, and no warning."""

    def side(rows, seed):
        rng = np.random.default_rng(seed)
        huge = rng.choice([-1.7e308, 1.7e308], rows)
        columns = numbers(empty=np.full(rows, NAN), x=rng.normal(size=rows), flat=np.full(rows, 2.0), huge=huge)
        return beside(columns, labels(gone=np.full(rows, NAN), a=rng.integers(0, 3, rows), one=np.zeros(rows)))

    original, control, release = (side(rows, seed) for seed, rows in enumerate(sizes))
    for family in (column_shapes, column_pairs, marginals, association, k_way, manifold):
        for held_out in (control, None):
            for score in scored(family, original, release, held_out).values():
                told = [score.value, score.reference, *(score.interval or ())]
                assert all(value is None or np.isfinite(value) for value in told), score


def test_columns_that_are_not_there_have_no_scores():
    """Without a column to compare the means are None, and there are no joint distributions."""
    empty = _table("text", False, {"notes": np.zeros(10)})
    assert {score.value for score in scored(marginals, empty, empty, empty).values()} == {None}
    assert scored(association, empty, empty, empty)["mean"].value is None
    assert scored(k_way, empty, empty, empty)["two_way"].value is None


def test_association_of_labels_is_cramers_v():
    """The difference of V is scipy's, over the rows where both labels are known."""
    rng = np.random.default_rng(4)
    a = rng.integers(0, 3, 200)
    one, other = labels(a=a, b=(a + rng.integers(0, 2, 200)) % 4), labels(a=rng.integers(0, 3, 200), b=a)
    one["b"].values[::9] = NAN
    expected = []
    for side in (one, other):
        known = ~np.isnan(side["b"].values)
        cells = stats.contingency.crosstab(side["a"].values[known], side["b"].values[known]).count
        expected.append(stats.contingency.association(cells, method="cramer"))
    assert scored(association, one, other)["pair.a|b"].value == pytest.approx(abs(expected[0] - expected[1]))


def test_association_of_a_number_with_labels_is_the_correlation_ratio():
    """Groups 0, 0 and 2, 2 explain all of a number, groups 0, 2 and 0, 2 nothing: a difference of 1."""
    group = labels(a=[0, 0, 1, 1])
    found = scored(association, beside(numbers(x=[0, 0, 2, 2]), group), beside(numbers(x=[0, 2, 0, 2]), group))
    assert found["pair.a|x"].value == pytest.approx(1.0)


def test_association_of_numbers_is_the_absolute_correlation():
    """A correlation that turns round keeps its strength: a difference of 0."""
    x = np.random.default_rng(5).normal(size=50)
    assert scored(association, numbers(x=x, y=x), numbers(x=x, y=-x))["pair.x|y"].value == pytest.approx(0.0)


def test_the_matrix_holds_every_two_of_the_ten_worst_columns():
    """Where ten of 14 columns that depend on each other are exchanged, the matrix is about every two of these ten."""
    rng = np.random.default_rng(6)
    names = [f"c{place:02}" for place in range(14)]
    common = rng.normal(size=300)
    columns = {name: common + rng.normal(size=300) for name in names}
    wrong = sorted(rng.choice(names, 10, replace=False).tolist())
    release = {name: rng.permutation(values) if name in wrong else values for name, values in columns.items()}
    found = scored(association, numbers(**columns), numbers(**release))
    assert {metric for metric in found if "." in metric} == {f"pair.{a}|{b}" for a, b in combinations(wrong, 2)}


SMALL = st.lists(st.integers(0, 4), min_size=3, max_size=30)


@settings(max_examples=30, deadline=None)
@given(one=SMALL, other=SMALL)
def test_distances_are_symmetric_and_in_range(one, other):
    """Jensen–Shannon, Hellinger and missingness of labels are the same both ways round, and lie between 0 and 1."""
    there, back = (scored(marginals, labels(x=a), labels(x=b)) for a, b in ((one, other), (other, one)))
    for metric in ("jensen_shannon", "hellinger", "missingness"):
        assert there[metric].value == pytest.approx(back[metric].value, abs=1e-9)
        assert 0.0 <= there[metric].value <= 1.0


@settings(max_examples=30, deadline=None)
@given(one=SMALL, other=SMALL, factor=st.sampled_from([0.5, 3.0]), shift=st.integers(-9, 9))
def test_scales_and_names_change_nothing(one, other, factor, shift):
    """An affine change of a number, and a permutation of labels, change no score of marginals and joint distributions."""

    def side(values, *, changed):
        x = np.array(values) * factor + shift if changed else np.array(values)
        a = 4 - np.array(values) if changed else np.array(values)
        return beside(numbers(x=x, y=np.arange(len(x))), labels(a=a))

    plain, changed = ((side(one, changed=flag), side(other, changed=flag)) for flag in (False, True))
    for family in (marginals, k_way, association):
        before, after = scored(family, *plain), scored(family, *changed)
        for metric in (metric for metric in before if "." not in metric):
            assert after[metric].value == (
                None if before[metric].value is None else pytest.approx(before[metric].value, abs=1e-9)
            )


def test_intervals_are_those_of_the_jackknife():
    """Beside an original of 6,000 the interval of a release of 60 has the width of leaving out one row after the other."""
    rng = np.random.default_rng(8)

    def side(rows, tilt):
        a = rng.choice(3, rows, p=[0.5 + tilt, 0.3, 0.2 - tilt])
        x = a + rng.normal(tilt, 1.0, rows)
        b = np.where(rng.random(rows) < 0.6 - 2 * tilt, a, rng.integers(0, 3, rows))
        return beside(numbers(x=x, y=(0.5 + 2 * tilt) * x + rng.normal(size=rows)), labels(a=a, b=b))

    original, release = side(6_000, 0.0), side(60, 0.1)
    metrics = {
        column_pairs: ("pair.a|b", "pair.x|y", "mean"),
        association: ("pair.a|b", "pair.a|x", "pair.b|y", "pair.x|y", "mean"),
        marginals: ("wasserstein.x", "jensen_shannon.a", "hellinger.b"),
        k_way: ("two_way",),
    }
    for family, names in metrics.items():
        left = [scored(family, original, release.take(np.delete(np.arange(60), row))) for row in range(60)]
        whole = scored(family, original, release)
        for name in names:
            jackknife = np.std([found[name].value for found in left]) * sqrt(59)
            reach = max(abs(whole[name].value - end) for end in whole[name].interval)  # one end may be cut
            assert reach / 1.96 == pytest.approx(jackknife, rel=0.2), name


def test_rows_of_one_person_widen_the_intervals():
    """Every row four times, for the same people, leaves every score as it is and its interval as wide as of one each."""
    rng = np.random.default_rng(7)
    a = rng.integers(0, 3, 100)
    one, release = labels(a=a, b=(a + rng.integers(0, 2, 100)) % 3), labels(a=rng.integers(0, 3, 100), b=a)
    four = Table(tuple(f.take(np.repeat(np.arange(100), 4)) for f in one.features), np.repeat(np.arange(100), 4))
    alone = Table(four.features, np.arange(400))
    for family in (marginals, k_way, association):
        for metric, score in scored(family, one, release).items():
            if score.interval is not None and metric != "subsample_equivalent":
                assert scored(family, four, release)[metric].interval == pytest.approx(score.interval)
    narrow = scored(k_way, alone, release)["two_way"].interval
    assert narrow[1] - narrow[0] < np.ptp(scored(k_way, four, release)["two_way"].interval)
