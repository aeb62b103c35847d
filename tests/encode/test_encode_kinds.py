"""Values of every kind become numbers: labels, scales, dates, codes, missing ones, and the distances between them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from synthprivacy.kernels.points import UNIT

GRID = 1.0 / UNIT
"""Two positions are each rounded by up to half a grid step, so a column's distance is off by a step at most."""


def test_labels_of_the_release_are_coded_in_sorted_order(pair):
    """Codes 0, 1, … are the release's labels in sorted order; larger codes are labels that only people have."""
    release, people = pd.DataFrame({"x": ["b", "a", "c", "a"]}), pd.DataFrame({"x": ["z", "a", "aa", "c"]})

    asked, offered = pair(people, release)

    assert offered["x"].levels == 3
    np.testing.assert_array_equal(offered["x"].values, [1, 0, 2, 0])
    np.testing.assert_array_equal(asked["x"].values, [4, 0, 3, 2])


def test_an_unseen_label_is_unequal_to_everything(of_one_column):
    """A label the release does not have is a whole mismatch with each of its labels and with missing ones."""
    apart = of_one_column(["new", "newer", "old", None], ["old", "older", None])

    np.testing.assert_array_equal(apart, [[1, 1, 1], [1, 1, 1], [0, 1, 1], [1, 1, 0]])


def test_an_unseen_label_is_one_label_on_both_sides(case_of):
    """Original and control agree on the code of a label that the release lacks, and two such labels differ."""
    frames = [pd.DataFrame({"x": [*labels, *"aabb"], "y": range(6)}) for labels in (("p", "q"), ("q", "r"), ("a", "b"))]
    case = case_of(*frames)

    code = {
        (label, place): getattr(case, label)["x"].values[getattr(case, label)["y"].values == place][0]
        for label in ("original", "control")
        for place in (0, 1)
    }

    assert code["original", 1] == code["control", 0]
    assert len(set(code.values())) == 3
    assert min(code.values()) >= case.release["x"].levels == 2


@pytest.mark.parametrize(
    ("constant", "other"),
    [(3.5, 3.6), ("a", "b"), (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")), (True, False)],
    ids=["number", "label", "date", "boolean"],
)
def test_a_constant_column_is_equal_or_unequal(constant, other, of_one_column):
    """What is constant in the release has no scale: the same value is at distance 0, any other at 1."""
    apart = of_one_column([constant, other, None], [constant] * 4)

    np.testing.assert_array_equal(apart, [[0] * 4, [1] * 4, [1] * 4])


def test_a_column_without_values_in_the_release_is_equal_to_missing_only(case_of, distances):
    """A release without a value in a column is at distance 0 from missing ones and at 1 from all others."""
    people = pd.DataFrame({"x": [1.0, 2.5, None], "y": [1.0, 2.0, 3.0]})
    empty = pd.DataFrame({"x": [None, None], "y": [1.0, 2.0]})
    case = case_of(people, None, empty)

    for chosen in (case.original, case.release):
        assert not chosen["x"].ordered
    apart = distances(case.original.select(("x",)), case.release.select(("x",)))
    np.testing.assert_array_equal(apart.max(axis=1), np.where(np.isnan(case.original["x"].values), 0, 1))


def test_declared_bounds_survive_a_release_without_values(case_of, distances):
    """Declared bounds are the scale even where the release has no value to take one from."""
    people = pd.DataFrame({"x": [1.0, 2.5, None], "y": [1.0, 2.0, 3.0]})
    empty = pd.DataFrame({"x": [None, None], "y": [1.0, 2.0]})

    case = case_of(people, None, empty, declared={"x": {"bounds": [0, 10]}})

    assert (case.release["x"].ordered, case.release["x"].scale, case.release["x"].spread) == (True, 10, 0)
    assert distances(case.original.select(("x",)), case.release.select(("x",))).tolist().count([1.0, 1.0]) == 2


def test_declared_bounds_are_the_scale(of_one_column):
    """A difference counts as its share of the declared range, whatever the release holds; the rest is clipped to 1."""
    apart = of_one_column([0.0, 5.0, 200.0, -1.0], [0.0, 1.0, 2.0], kind="number", bounds=[0, 10])

    np.testing.assert_allclose(apart, [[0, 0.1, 0.2], [0.5, 0.4, 0.3], [1, 1, 1], [0.1, 0.2, 0.3]], atol=GRID)


def test_one_wild_value_of_the_release_does_not_stretch_its_scale(of_one_column):
    """With 1 % of wild values the scale is that of the other 99 %: distances are clipped, not squeezed."""
    plain = np.linspace(0, 99, 100)
    wild = np.append(plain[:-1], 1e12)

    apart, stretched = (of_one_column([0.0, 49.0], values) for values in (plain, wild))

    np.testing.assert_allclose(stretched[:, :99], apart[:, :99], atol=GRID)
    np.testing.assert_array_equal(stretched[:, 99], [1, 1])


def test_a_nearly_constant_column_has_its_full_range(of_one_column):
    """Where the percentiles coincide, the few other values make the scale."""
    apart = of_one_column([0.0, 3.0, 10.0], [0.0] * 199 + [10.0])

    np.testing.assert_allclose(apart[:, [0, 199]], [[0, 1], [0.3, 0.7], [1, 0]], atol=GRID)


def test_the_spread_is_the_interquartile_range_else_the_standard_deviation(pair):
    """The unit of tolerances is robust, and positive for any column that varies."""
    some = {"x": [*range(1, 9)], "y": [0.0] * 7 + [8.0], "z": [*range(8)]}
    _, offered = pair(pd.DataFrame(some), pd.DataFrame(some))

    assert offered["x"].spread == 6 - 2
    assert offered["y"].spread == pytest.approx(np.std(some["y"]))


@pytest.mark.parametrize("numbers", [[-1.7e308, 0, 1.7e308] * 50, [0.0] * 149 + [1.7e308]], ids=["both", "one"])
def test_the_largest_numbers_have_finite_scales(numbers, distances, pair):
    """Ranges beyond the largest float do not overflow: scale and spread stay finite, distances within 0 and 1."""
    _, offered = pair(pd.DataFrame({"x": numbers}), pd.DataFrame({"x": numbers}))

    assert np.isfinite([offered["x"].low, offered["x"].scale, offered["x"].spread]).all()
    apart = distances(offered, offered)
    assert ((apart >= 0) & (apart <= 1)).all()
    np.testing.assert_array_equal(np.diag(apart), 0)


def test_instants_and_lengths_of_time_are_quantities(of_one_column):
    """Days and hours have distances in proportion to the declared or observed range."""
    days, hours = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(11), unit="D"), np.arange(11.0)
    by_day = of_one_column([days[0], days[4] + pd.Timedelta("12h")], days)
    by_hour = of_one_column(pd.to_timedelta([0, 4.5], unit="h"), pd.to_timedelta(hours, unit="h"))

    expected = np.abs(np.array([[0.0], [4.5]]) - hours) / 10
    np.testing.assert_allclose(by_day, expected, atol=GRID)
    np.testing.assert_allclose(by_hour, expected, atol=GRID)


def test_truths_are_labels(of_one_column):
    """True and false are equal or unequal, in whatever words the release says them."""
    apart = of_one_column([True, False, None], ["true", "false", "true"], kind="boolean")

    np.testing.assert_array_equal(apart, [[0, 1, 0], [1, 0, 1], [1, 1, 1]])


@pytest.mark.parametrize(
    ("code", "share"),
    [
        ("E11.9", 0),
        ("E11.2", 1 / 5),
        ("E10.9", 3 / 5),
        ("I20.0", 1),
        ("E11", 2 / 5),
        ("E11.99", 1 / 5),
        ("E1", 3 / 5),
    ],
)
def test_a_code_differs_by_the_share_of_its_prefixes(code, share, of_one_column):
    """Codes are compared prefix by prefix as far as the release's longest code reaches, the last time as a whole."""
    apart = of_one_column([code], ["E11.9", "X99.9"], kind="code")

    np.testing.assert_allclose(apart, [[share, 1]], atol=GRID)


def test_long_codes_differ_in_eight_steps_at_most(of_one_column):
    """Codes are told apart by their first seven prefixes and as a whole."""
    apart = of_one_column(["1234567890", "1234567891", "1234560000"], ["1234567890", "9999999999"], kind="code")

    np.testing.assert_allclose(apart[:, 0], [0, 1 / 8, 2 / 8], atol=GRID)
    np.testing.assert_array_equal(apart[:, 1], 1)


def test_missing_is_equal_to_missing_only(distances, draw, pair):
    """In a column of any kind two missing values are at distance 0, a missing and a present one at 1."""
    asked, offered = pair(draw(0), draw(1))

    for name in offered.names:
        apart = distances(asked.select((name,)), offered.select((name,)))
        mine, theirs = np.isnan(asked[name].values)[:, None], np.isnan(offered[name].values)
        assert name == "key" or (mine & theirs).any()
        np.testing.assert_array_equal(apart[mine & theirs], 0)
        np.testing.assert_array_equal(apart[mine ^ theirs], 1)


def gower(one, other, kinds, scales):
    """Return the distance of two rows straight from Gower's definition, a code by its prefixes."""
    total = 0.0
    for name, kind in kinds.items():
        mine, theirs = one[name], other[name]
        if pd.isna(mine) or pd.isna(theirs):
            total += pd.isna(mine) != pd.isna(theirs)
        elif kind == "ordered":
            total += min(abs(mine - theirs) / scales[name], 1)
        elif kind == "code":
            depth = scales[name]
            shares = [mine[:length] != theirs[:length] for length in range(1, depth)]
            total += (sum(shares) + (mine != theirs)) / depth
        else:
            total += mine != theirs
    return total / len(kinds)


@pytest.mark.parametrize("holes", [0, 0.1, 0.6])
def test_distances_follow_the_definition(holes, distances, draw, pair):
    """The points of tables of every kind lie as far apart as Gower's definition says of their cells."""
    people, release = draw(3, 60, holes=holes), draw(4, 50, holes=holes)
    kinds = {
        **dict.fromkeys(("amount", "count", "day", "key", "stay"), "ordered"),
        **dict.fromkeys(("colour", "member"), "label"),
        "icd": "code",
    }
    scales = {"icd": int(release["icd"].str.len().max())}
    for name in (name for name, kind in kinds.items() if kind == "ordered"):
        present = np.sort(release[name].dropna())
        scales[name] = present[math.ceil(0.99 * len(present)) - 1] - present[math.ceil(0.01 * len(present)) - 1]

    apart = distances(*pair(people, release))

    rows = [frame.to_dict("records") for frame in (people, release)]
    expected = [[gower(one, other, kinds, scales) for other in rows[1]] for one in rows[0]]
    np.testing.assert_allclose(apart, expected, atol=GRID)


def test_minus_zero_is_zero(pair):
    """The two zeros of floating point are one value: rows that hold them are copies of each other."""
    asked, offered = pair(pd.DataFrame({"x": [-0.0, 1.0]}), pd.DataFrame({"x": [0.0, 2.0]}))

    assert asked.keys()[0] == offered.keys()[0]
