"""Frames become numbers by the release and the declared schema only: laws of the encoding and of its distances."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy.errors import SchemaError
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.schemata import conform, infer
from synthprivacy.tables.encode import encode, encode_pair
from synthprivacy.tables.read import load
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table

ROWS = 120
GRID = 1.0 / UNIT
"""Two positions are each rounded by up to half a grid step, so a column's distance is off by a step at most."""


def draw(seed, rows=ROWS, *, holes=0.1):
    """Return rows of every kind; a share of the cells is missing. `key` is never missing and tells rows apart."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(100, 30, rows),
            "count": rng.integers(0, 50, rows).astype(float),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, rows), unit="D"),
            "stay": pd.to_timedelta(rng.integers(0, 5000, rows), unit="min"),
            "colour": rng.choice(["red", "green", "blue", "Blue "], rows),
            "member": pd.array(rng.random(rows) < 0.4, dtype="boolean"),
            "icd": rng.choice(["E11.9", "E11.2", "E10", "I20.0", "I20.01", "J"], rows),
        }
    )
    return frame.mask(rng.random(frame.shape) < holes).assign(key=rng.permutation(rows * 3)[:rows] / 7)


def case_of(original, control, release, **options):
    """Return the encoded case of three frames; the schema is inferred from the original."""
    frames = {"original": original, "control": control, "release": release}
    loaded = {label: load(frame, label=label) for label, frame in frames.items() if frame is not None}
    schema = infer(loaded["original"], **options)
    tables, _ = conform(loaded, schema)
    return encode(original=tables["original"], control=tables.get("control"), release=tables["release"], schema=schema)


def pair(queries, candidates, **declared):
    """Return queries and candidates in the candidates' encoding, rows in the order given."""
    loaded = load(candidates, label="candidates")
    return encode_pair(load(queries, label="queries"), loaded, infer(loaded, declared=declared))


def distances(queries: Table, candidates: Table):
    """Return Gower's distance of every pair, (queries, candidates)."""
    index = neighbors.build(points(candidates))
    found = neighbors.nearest(index, points(queries), len(candidates))
    table = np.empty(found.steps.shape)
    np.put_along_axis(table, found.rows, found.steps / (UNIT * index.columns), axis=1)
    return table


def of_one_column(queries, candidates, **declared):
    """Return the distances of every pair of values of one column."""
    frames = (pd.DataFrame({"x": values}) for values in (queries, candidates))
    return distances(*pair(*frames, **({"x": declared} if declared else {})))


def facts(table: Table):
    """Return everything about a table's features but their values."""
    return [(f.name, f.kind, f.ordered, f.levels, f.low, f.scale, f.spread) for f in table.features]


def content(table: Table):
    """Return all values and prefixes of a table as one array per feature."""
    return [np.stack([feature.values, *feature.parts]) for feature in table.features]


WILD = {
    "number": {"amount": 1e300},
    "date": {"day": pd.Timestamp("1700-01-01")},
    "label": {"colour": "aardvark"},
    "code": {"icd": "A99.999"},
}


@pytest.mark.parametrize("side", ["original", "control"])
@pytest.mark.parametrize("wild", WILD)
def test_a_wild_value_of_a_person_changes_nothing_for_the_release_or_for_others(side, wild):
    """Scales, spreads, levels and the release's codes do not depend on who is shown."""
    tables = {"original": draw(0), "control": draw(1), "release": draw(2)}
    changed = tables | {side: tables[side].copy()}
    for column, value in WILD[wild].items():
        changed[side].loc[7, column] = value
    plain, moved = case_of(**tables), case_of(**changed)

    assert facts(moved.release) == facts(plain.release)
    for before, after in zip(content(plain.release), content(moved.release)):
        np.testing.assert_array_equal(before, after)
    apart = [distances(getattr(case, side), case.release) for case in (plain, moved)]
    keys = [getattr(case, side)["key"].values for case in (plain, moved)]
    others = [np.argsort(key)[np.sort(key) != tables[side]["key"][7]] for key in keys]
    np.testing.assert_array_equal(apart[0][others[0]], apart[1][others[1]])


def test_every_table_has_the_scales_of_the_release():
    """Original, control and release share origin, scale, spread and levels, all taken from the release."""
    release = draw(2)
    case = case_of(draw(0).assign(amount=lambda frame: frame["amount"] * 50), draw(1), release)

    assert facts(case.original) == facts(case.control) == facts(case.release)
    amount, present = case.original["amount"], np.sort(release["amount"].dropna())
    low, high = (present[math.ceil(share * len(present)) - 1] for share in (0.01, 0.99))
    lower, upper = (present[math.ceil(share * len(present)) - 1] for share in (0.25, 0.75))
    assert (amount.low, amount.scale) == (low, high - low)
    assert amount.spread == pytest.approx(upper - lower)


def test_labels_of_the_release_are_coded_in_sorted_order():
    """Codes 0, 1, … are the release's labels in sorted order; larger codes are labels that only people have."""
    release, people = pd.DataFrame({"x": ["b", "a", "c", "a"]}), pd.DataFrame({"x": ["z", "a", "aa", "c"]})

    asked, offered = pair(people, release)

    assert offered["x"].levels == 3
    np.testing.assert_array_equal(offered["x"].values, [1, 0, 2, 0])
    np.testing.assert_array_equal(asked["x"].values, [4, 0, 3, 2])


def test_an_unseen_label_is_unequal_to_everything():
    """A label the release does not have is a whole mismatch with each of its labels and with missing ones."""
    apart = of_one_column(["new", "newer", "old", None], ["old", "older", None])

    np.testing.assert_array_equal(apart, [[1, 1, 1], [1, 1, 1], [0, 1, 1], [1, 1, 0]])


def test_an_unseen_label_is_one_label_on_both_sides():
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
def test_a_constant_column_is_equal_or_unequal(constant, other):
    """What is constant in the release has no scale: the same value is at distance 0, any other at 1."""
    apart = of_one_column([constant, other, None], [constant] * 4)

    np.testing.assert_array_equal(apart, [[0] * 4, [1] * 4, [1] * 4])


def test_a_column_without_values_in_the_release_is_equal_to_missing_only():
    """A release without a value in a column is at distance 0 from missing ones and at 1 from all others."""
    people = pd.DataFrame({"x": [1.0, 2.5, None], "y": [1.0, 2.0, 3.0]})
    empty = pd.DataFrame({"x": [None, None], "y": [1.0, 2.0]})
    case = case_of(people, None, empty)

    for chosen in (case.original, case.release):
        assert not chosen["x"].ordered
    apart = distances(case.original.select(("x",)), case.release.select(("x",)))
    np.testing.assert_array_equal(apart.max(axis=1), np.where(np.isnan(case.original["x"].values), 0, 1))


def test_declared_bounds_survive_a_release_without_values():
    """Declared bounds are the scale even where the release has no value to take one from."""
    people = pd.DataFrame({"x": [1.0, 2.5, None], "y": [1.0, 2.0, 3.0]})
    empty = pd.DataFrame({"x": [None, None], "y": [1.0, 2.0]})

    case = case_of(people, None, empty, declared={"x": {"bounds": [0, 10]}})

    assert (case.release["x"].ordered, case.release["x"].scale, case.release["x"].spread) == (True, 10, 0)
    assert distances(case.original.select(("x",)), case.release.select(("x",))).tolist().count([1.0, 1.0]) == 2


def test_declared_bounds_are_the_scale():
    """A difference counts as its share of the declared range, whatever the release holds; the rest is clipped to 1."""
    apart = of_one_column([0.0, 5.0, 200.0, -1.0], [0.0, 1.0, 2.0], kind="number", bounds=[0, 10])

    np.testing.assert_allclose(apart, [[0, 0.1, 0.2], [0.5, 0.4, 0.3], [1, 1, 1], [0.1, 0.2, 0.3]], atol=GRID)


def test_one_wild_value_of_the_release_does_not_stretch_its_scale():
    """With 1 % of wild values the scale is that of the other 99 %: distances are clipped, not squeezed."""
    plain = np.linspace(0, 99, 100)
    wild = np.append(plain[:-1], 1e12)

    apart, stretched = (of_one_column([0.0, 49.0], values) for values in (plain, wild))

    np.testing.assert_allclose(stretched[:, :99], apart[:, :99], atol=GRID)
    np.testing.assert_array_equal(stretched[:, 99], [1, 1])


def test_a_nearly_constant_column_has_its_full_range():
    """Where the percentiles coincide, the few other values make the scale."""
    apart = of_one_column([0.0, 3.0, 10.0], [0.0] * 199 + [10.0])

    np.testing.assert_allclose(apart[:, [0, 199]], [[0, 1], [0.3, 0.7], [1, 0]], atol=GRID)


def test_the_spread_is_the_interquartile_range_else_the_standard_deviation():
    """The unit of tolerances is robust, and positive for any column that varies."""
    some = {"x": [*range(1, 9)], "y": [0.0] * 7 + [8.0], "z": [*range(8)]}
    _, offered = pair(pd.DataFrame(some), pd.DataFrame(some))

    assert offered["x"].spread == 6 - 2
    assert offered["y"].spread == pytest.approx(np.std(some["y"]))


@pytest.mark.parametrize("numbers", [[-1.7e308, 0, 1.7e308] * 50, [0.0] * 149 + [1.7e308]], ids=["both", "one"])
def test_the_largest_numbers_have_finite_scales(numbers):
    """Ranges beyond the largest float do not overflow: scale and spread stay finite, distances within 0 and 1."""
    _, offered = pair(pd.DataFrame({"x": numbers}), pd.DataFrame({"x": numbers}))

    assert np.isfinite([offered["x"].low, offered["x"].scale, offered["x"].spread]).all()
    apart = distances(offered, offered)
    assert ((apart >= 0) & (apart <= 1)).all()
    np.testing.assert_array_equal(np.diag(apart), 0)


def test_instants_and_lengths_of_time_are_quantities():
    """Days and hours have distances in proportion to the declared or observed range."""
    days, hours = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(11), unit="D"), np.arange(11.0)
    by_day = of_one_column([days[0], days[4] + pd.Timedelta("12h")], days)
    by_hour = of_one_column(pd.to_timedelta([0, 4.5], unit="h"), pd.to_timedelta(hours, unit="h"))

    expected = np.abs(np.array([[0.0], [4.5]]) - hours) / 10
    np.testing.assert_allclose(by_day, expected, atol=GRID)
    np.testing.assert_allclose(by_hour, expected, atol=GRID)


def test_truths_are_labels():
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
def test_a_code_differs_by_the_share_of_its_prefixes(code, share):
    """Codes are compared prefix by prefix as far as the release's longest code reaches, the last time as a whole."""
    apart = of_one_column([code], ["E11.9", "X99.9"], kind="code")

    np.testing.assert_allclose(apart, [[share, 1]], atol=GRID)


def test_long_codes_differ_in_eight_steps_at_most():
    """Codes are told apart by their first seven prefixes and as a whole."""
    apart = of_one_column(["1234567890", "1234567891", "1234560000"], ["1234567890", "9999999999"], kind="code")

    np.testing.assert_allclose(apart[:, 0], [0, 1 / 8, 2 / 8], atol=GRID)
    np.testing.assert_array_equal(apart[:, 1], 1)


def test_missing_is_equal_to_missing_only():
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
def test_distances_follow_the_definition(holes):
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


def test_minus_zero_is_zero():
    """The two zeros of floating point are one value: rows that hold them are copies of each other."""
    asked, offered = pair(pd.DataFrame({"x": [-0.0, 1.0]}), pd.DataFrame({"x": [0.0, 2.0]}))

    assert asked.keys()[0] == offered.keys()[0]


def test_rows_are_in_the_order_of_their_content():
    """The order of the rows of a file has no effect on the tables; repeated rows stay as many as they were."""
    frames = [pd.concat([draw(seed), draw(seed).head(9)]) for seed in range(3)]

    plain, mixed = case_of(*frames), case_of(*(frame.sample(frac=1, random_state=1) for frame in frames))

    for side in ("original", "control", "release"):
        assert len(getattr(plain, side)) == ROWS + 9
        np.testing.assert_array_equal(getattr(plain, side).unit, getattr(mixed, side).unit)
        for before, after in zip(content(getattr(plain, side)), content(getattr(mixed, side))):
            np.testing.assert_array_equal(before, after)


def test_pairs_keep_the_order_of_their_rows():
    """Queries and candidates of a neighbour search stay where the caller put them."""
    people, release = draw(0), draw(1)

    asked, offered = pair(people, release)

    np.testing.assert_array_equal(asked["key"].values, people["key"])
    np.testing.assert_array_equal(offered["amount"].values, release["amount"])


def test_people_are_numbered_by_their_ids_and_rows_without_one_are_people_of_their_own():
    """Rows of one id are one person, wherever they stand; a release has no people, every row is one."""
    frame = pd.DataFrame({"who": ["b", "a", None, "b", None, "c"], "x": [1.0, 2, 3, 4, 5, 6], "y": [*"pqrstu"]})
    case = case_of(frame, frame.iloc[::-1], frame, unit="who")

    person = dict(zip(case.original["x"].values, case.original.unit))
    assert case.original.people == case.control.people == 5
    assert person[2.0] == 0
    assert person[1.0] == person[4.0] == 1
    assert person[6.0] == 2
    assert {person[3.0], person[5.0]} == {3, 4}
    assert case.release.people == 6
    assert case.original.names == ("x", "y")


def test_identifiers_and_prose_are_left_out_and_names_are_sorted():
    """Only columns that can be compared are encoded, in the order of their names."""
    words = [f"note {place} says a thing or two" for place in range(30)]
    frame = pd.DataFrame({"z": range(0, 90, 3), "note": words, "patient_id": [f"P{n:04}" for n in range(30)], "b": 1.5})

    case = case_of(frame, frame, frame)

    assert case.release.names == case.original.names == ("b", "z")


def test_arrays_are_read_only():
    """Nothing that an attack is given can be written to, whole or in part."""
    case = case_of(draw(0), draw(1), draw(2), unit=None)
    tables = (case.original, case.control, case.release, case.original.joined(case.control), *pair(draw(0), draw(1)))

    for table in tables:
        arrays = [table.unit, *(part for f in table.features for part in (f.values, *f.parts))]
        assert not any(array.flags.writeable for array in arrays)
        with pytest.raises(ValueError, match="read-only"):
            table["icd"].parts[0][0] = 1.0


def test_tables_do_not_show_their_values():
    """The text of a table, as a traceback prints it, holds its size and no cell."""
    case = case_of(draw(0), draw(1), draw(2))

    assert repr(case.original) == f"<table: {ROWS} rows, 8 features>"
    assert repr(case.original["colour"]) == f"<feature colour: category, {ROWS} rows>"


def test_without_a_control_there_is_none():
    """A case without a control is encoded as any other."""
    with_control, without = case_of(draw(0), draw(1), draw(2)), case_of(draw(0), None, draw(2))

    assert without.control is None
    assert facts(without.release) == facts(with_control.release)


def test_tables_without_a_comparable_column_are_refused():
    """Two tables of identifiers cannot be compared, and the remedy is named."""
    ids = pa.table({"patient_id": [f"P{n:04}" for n in range(30)]})

    with pytest.raises(SchemaError, match="declare its kind"):
        encode_pair(ids, ids, None)
