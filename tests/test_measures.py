"""Laws of the utility measures."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from synthprivacy.measures import MEASURES, column_pairs, column_shapes
from synthprivacy.measures import pairs as pairs_module
from synthprivacy.results.overfitting import is_about_ceiling
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, Feature, Table

NAN = float("nan")
LIKENESS = ["pairs", "shapes"]
"""Families that say how alike tables are."""


def table(kind="number", **columns):
    """Return a table of columns of one kind, sorted by name."""
    features = tuple(
        Feature(
            name,
            kind,
            np.array(columns[name], dtype=float),
            ordered=kind == "number",
            levels=0 if kind == "number" else 1000,
        )
        for name in sorted(columns)
    )
    return Table(features, np.arange(len(features[0].values)))


def beside(one, other):
    """Return one table with the columns of two."""
    return Table(tuple(sorted(one.features + other.features, key=lambda feature: feature.name)), one.unit)


def case(original, release, control=None):
    """Return the case of tables made by hand."""
    return Case("release", original, control, release, Schema(()))


def values(scores):
    """Return the value of each metric."""
    return {score.metric: score.value for score in scores}


def likenesses(scores):
    """Return the scores without those about the ceiling."""
    return [score for score in scores if not is_about_ceiling(score)]


def mixed(rows, seed, missing=0.1):
    """Return a table of two dependent numbers and two dependent categories, some missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    y = x + rng.normal(size=rows)
    a = np.floor(np.exp(rng.normal(size=rows)))
    b = (a + rng.integers(0, 3, rows)) % 5
    x[rng.random(rows) < missing] = NAN
    a[rng.random(rows) < missing] = NAN
    return beside(table(x=x, y=y), table("category", a=a, b=b))


@pytest.mark.parametrize("family", LIKENESS)
def test_a_table_is_just_like_itself(family):
    """The original scores 1 against itself, in every column and pair."""
    original = mixed(300, 0)
    scores = MEASURES[family](case(original, original, original))
    assert {score.family for score in scores} == {family}
    assert all(score.value == pytest.approx(1.0) == score.reference for score in likenesses(scores))
    assert values(scores)["mean_above"] == 0.0


@pytest.mark.parametrize("family", LIKENESS)
def test_the_reference_is_what_the_control_would_have_scored(family):
    """The reference of a score is the value that a control of the release's size gets in the place of the release."""
    original, control, release = mixed(300, 0), mixed(200, 1), mixed(200, 2)
    scores = MEASURES[family](case(original, release, control))
    swapped = MEASURES[family](case(original, control))
    expected = values(swapped)
    assert scores[0].reference == pytest.approx(expected["mean"])
    for score in likenesses(scores):
        if score.metric not in {"mean", "mean_control"}:
            assert score.reference == pytest.approx(expected[score.metric])


@pytest.mark.parametrize("family", LIKENESS)
def test_copying_helps_against_the_original_only(family):
    """A copy of the original has a perfect mean, and against the control no more than the reference."""
    original, control = mixed(300, 0), mixed(300, 1)
    mean, mean_control, *_ = MEASURES[family](case(original, original, control))
    assert mean.value == pytest.approx(1.0)
    assert mean.value > mean.reference
    assert mean_control.value == pytest.approx(mean_control.reference)


@pytest.mark.parametrize("family", LIKENESS)
def test_without_a_control_there_is_no_reference(family):
    """Without a control there is neither a reference nor a mean against it."""
    scores = MEASURES[family](case(mixed(300, 0), mixed(300, 1)))
    assert {score.reference for score in scores} == {None}
    assert "mean_control" not in values(scores)


@pytest.mark.parametrize("family", LIKENESS)
def test_text_and_identifiers_are_not_compared(family):
    """A column of free text or of identifiers changes no score."""
    original, release = mixed(300, 0), mixed(300, 1)
    expected = MEASURES[family](case(original, release))
    for kind in ("text", "identifier"):
        noise = table(kind, notes=np.arange(300.0))
        assert MEASURES[family](case(beside(original, noise), beside(release, noise))) == expected


def test_ordered_columns_are_compared_by_kolmogorov_smirnov():
    """A number's shape is 1 minus the Kolmogorov–Smirnov statistic, ties included, missing values left out."""
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 9, 200).astype(float), np.round(rng.normal(4, 2, 150))
    one[::7] = NAN
    scores = values(column_shapes(case(table(x=one), table(x=other))))
    assert scores["column.x"] == pytest.approx(1 - stats.ks_2samp(one[~np.isnan(one)], other).statistic)


def test_numbers_apart_have_nothing_in_common():
    """Two samples of which all of one lies below the other score 0, whichever is the release."""
    low, high = table(x=[1.0, 2.0, 2.0]), table(x=[3.0, 4.0])
    assert values(column_shapes(case(low, high)))["column.x"] == 0.0
    assert values(column_shapes(case(high, low)))["column.x"] == 0.0


def test_unordered_columns_are_compared_by_total_variation():
    """A category's shape is 1 minus half the sum of differences of shares, missing values left out."""
    one = table("category", x=[0, 0, 1, NAN])
    other = table("category", x=[0, 1, 1, 2])
    assert values(column_shapes(case(one, other)))["column.x"] == pytest.approx(1 - (5 / 12 + 1 / 6 + 1 / 4) / 2)


def test_correlations_use_the_rows_where_both_are_known():
    """Two numbers are compared by their Pearson correlations over the complete rows."""
    original, release = mixed(300, 0, missing=0.3), mixed(300, 1, missing=0.3)
    expected = []
    for side in (original, release):
        known = ~np.isnan(side["x"].values)
        expected.append(stats.pearsonr(side["x"].values[known], side["y"].values[known]).statistic)
    score = values(column_pairs(case(original, release)))["pair.x|y"]
    assert score == pytest.approx(1 - abs(expected[0] - expected[1]) / 2, abs=1e-12)


def test_correlation_survives_a_large_offset():
    """Adding a constant of 10^12 to a number moves no similarity by 10^-6."""
    original, release = table(**gaussian(400, 0)), table(**gaussian(400, 1))
    moved = [
        Table((replace(side["x"], values=side["x"].values * 1000 + 1e12), side["y"]), side.unit)
        for side in (original, release)
    ]
    expected = values(column_pairs(case(original, release)))["pair.x|y"]
    assert values(column_pairs(case(*moved)))["pair.x|y"] == pytest.approx(expected, abs=1e-6)


def gaussian(rows, seed):
    """Return two correlated columns."""
    x, y = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=rows).T
    return {"x": x, "y": y}


def test_contingency_is_the_total_variation_of_the_joint_distribution():
    """Two categories are compared by joint shares, missing being a level."""
    one = table("category", a=[0, 0, 1, NAN], b=[0, 1, 1, 1])
    other = table("category", a=[0, NAN, NAN, 7], b=[0, 1, 1, NAN])
    assert values(column_pairs(case(one, other)))["pair.a|b"] == pytest.approx(1 - (0.25 * 2 + 0.25 + 0.25) / 2)


def test_bins_come_from_the_original():
    """A number beside a category is cut at the original's edges: a shifted release has nothing in common."""
    numbers, category = table(x=np.arange(100.0)), table("category", a=np.arange(100) % 2)
    shifted = table(x=np.arange(100.0) + 1000)
    score = values(column_pairs(case(beside(numbers, category), beside(shifted, category))))["pair.a|x"]
    assert score == pytest.approx(0.1)  # all of the release lies in the outermost of 10 bins


def test_many_levels_are_counted_like_few(monkeypatch):
    """Counting joint cells in place and numbering them first give the same similarities to 12 digits."""
    original, release, control = mixed(300, 0), mixed(300, 1), mixed(200, 2)
    expected = values(column_pairs(case(original, release, control)))
    monkeypatch.setattr(pairs_module, "_DENSE", 1)
    assert values(column_pairs(case(original, release, control))) == pytest.approx(expected, abs=1e-12)


def test_row_blocks_change_nothing(monkeypatch):
    """Summing moments in blocks of 64 rows or of all rows gives the same correlations to 12 digits."""
    original, release = mixed(300, 0), mixed(300, 1)
    expected = values(column_pairs(case(original, release)))
    monkeypatch.setattr(pairs_module, "_BLOCK", 64)
    assert values(column_pairs(case(original, release))) == pytest.approx(expected, abs=1e-12)


def test_what_is_undefined_is_none_and_left_out_of_the_mean():
    """A column without known values has no shape, a constant one no correlation, and no mean is spoiled by them."""
    sound = mixed(100, 0)
    odd = beside(table(empty=np.full(100, NAN), flat=np.full(100, 0.1)), sound)
    shapes = values(column_shapes(case(odd, odd)))
    assert shapes["column.empty"] is None
    assert shapes["column.flat"] == 1.0
    assert shapes["mean"] == pytest.approx(1.0)
    pairs = values(column_pairs(case(odd, odd)))
    assert pairs["pair.empty|flat"] is pairs["pair.flat|x"] is None
    assert pairs["mean"] == pytest.approx(1.0)


def test_a_correlation_over_rows_that_do_not_vary_is_undefined():
    """Where one column is constant on all rows that know the other, there is no correlation but rounding errors."""
    x = np.append(np.full(150, 0.1), np.linspace(-1e3, 1e3, 150))
    y = np.append(np.random.default_rng(0).normal(size=150), np.full(150, NAN))
    assert values(column_pairs(case(table(x=x, y=y), table(**gaussian(300, 0)))))["pair.x|y"] is None


@pytest.mark.parametrize("numbers", [[-1.7e308, 1.7e308], [1e18, 1e18], [1e16, 1e16 + 2], [5e-324, 1e-323]])
def test_numbers_at_the_edge_of_float64_do_no_harm(numbers):
    """Huge, tiny and hardly different numbers make no warning and no NaN, and a table is still like itself."""
    odd = beside(mixed(100, 0), table(extreme=np.resize(numbers, 100)))
    for family in (column_shapes, column_pairs):
        scores = family(case(odd, odd, odd))
        assert all(score.value is None or score.value == pytest.approx(1.0) for score in likenesses(scores))


def test_the_reference_is_over_what_the_release_is_judged_on():
    """A pair that is undefined for the release is left out of the mean reference too."""
    original, control, release = (mixed(300, seed) for seed in range(3))
    flat = Table(
        tuple(replace(f, values=np.zeros(300)) if f.name == "x" else f for f in release.features), release.unit
    )
    mean, _, *pairs = likenesses(column_pairs(case(original, flat, control)))
    judged = [pair.reference for pair in pairs if pair.value is not None]
    assert len(judged) == len(pairs) - 1
    assert mean.reference == pytest.approx(np.mean(judged))


@pytest.mark.parametrize("family", LIKENESS)
def test_no_columns_have_no_mean(family):
    """Where nothing can be compared the mean is None, not NaN."""
    empty = table("text", notes=np.zeros(10))
    assert values(MEASURES[family](case(empty, empty))) == {"mean": None}


def test_at_most_2000_pairs_and_the_20_least_alike_are_shown(monkeypatch):
    """Of 1,000 columns the same 2,000 pairs are compared every time, within seconds; 20 are shown, lowest first."""
    rng = np.random.default_rng(5)
    names = [f"c{number:03}" for number in range(1000)]
    sides = [table(**dict(zip(names, rng.normal(size=(1000, 200))))) for _ in range(2)]
    started = time.perf_counter()
    scores = column_pairs(case(*sides))
    assert time.perf_counter() - started < 20
    assert scores == column_pairs(case(*sides))
    shown = [score.value for score in scores if score.metric.startswith("pair.")]
    assert len(shown) == pairs_module.SHOWN
    assert shown == sorted(shown)
    monkeypatch.setattr(pairs_module, "SHOWN", 10**6)
    everything = [score.value for score in column_pairs(case(*sides))[1:]]
    assert len(everything) == pairs_module.PAIRS
    assert shown == sorted(everything)[: len(shown)]


@pytest.mark.slow
def test_measures_are_fast_enough():
    """39,000 rows × 15 columns with a control take seconds, not minutes (limit generous for a busy machine)."""
    original, release, control = (wide(39_000, 6, 9, seed) for seed in range(3))
    started = time.perf_counter()
    for measure in MEASURES.values():
        measure(case(original, release, control))
    assert time.perf_counter() - started < 10


def wide(rows, numbers, categories, seed):
    """Return a table of independent columns."""
    rng = np.random.default_rng(seed)
    return beside(
        table(**{f"n{place}": rng.normal(size=rows) for place in range(numbers)}),
        table("category", **{f"c{place}": rng.integers(0, 5 + 5 * place, rows) for place in range(categories)}),
    )
