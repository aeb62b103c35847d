"""Frames become numbers by the release and the declared schema only: scales, order, people, what is shown."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy.errors import SchemaError
from synthprivacy.tables.encode import encode_pair
from synthprivacy.tables.table import Table

ROWS = 120


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
def test_a_wild_value_of_a_person_changes_nothing_for_the_release_or_for_others(side, wild, case_of, distances, draw):
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


def test_every_table_has_the_scales_of_the_release(case_of, draw):
    """Original, control and release share origin, scale, spread and levels, all taken from the release."""
    release = draw(2)
    case = case_of(draw(0).assign(amount=lambda frame: frame["amount"] * 50), draw(1), release)

    assert facts(case.original) == facts(case.control) == facts(case.release)
    amount, present = case.original["amount"], np.sort(release["amount"].dropna())
    low, high = (present[math.ceil(share * len(present)) - 1] for share in (0.01, 0.99))
    lower, upper = (present[math.ceil(share * len(present)) - 1] for share in (0.25, 0.75))
    assert (amount.low, amount.scale) == (low, high - low)
    assert amount.spread == pytest.approx(upper - lower)


def test_rows_are_in_the_order_of_their_content(case_of, draw):
    """The order of the rows of a file has no effect on the tables; repeated rows stay as many as they were."""
    frames = [pd.concat([draw(seed), draw(seed).head(9)]) for seed in range(3)]

    plain, mixed = case_of(*frames), case_of(*(frame.sample(frac=1, random_state=1) for frame in frames))

    for side in ("original", "control", "release"):
        assert len(getattr(plain, side)) == ROWS + 9
        np.testing.assert_array_equal(getattr(plain, side).unit, getattr(mixed, side).unit)
        for before, after in zip(content(getattr(plain, side)), content(getattr(mixed, side))):
            np.testing.assert_array_equal(before, after)


def test_pairs_keep_the_order_of_their_rows(draw, pair):
    """Queries and candidates of a neighbour search stay where the caller put them."""
    people, release = draw(0), draw(1)

    asked, offered = pair(people, release)

    np.testing.assert_array_equal(asked["key"].values, people["key"])
    np.testing.assert_array_equal(offered["amount"].values, release["amount"])


def test_people_are_numbered_by_their_ids_and_rows_without_one_are_people_of_their_own(case_of):
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


def test_identifiers_and_prose_are_left_out_and_names_are_sorted(case_of):
    """Only columns that can be compared are encoded, in the order of their names."""
    words = [f"note {place} says a thing or two" for place in range(30)]
    frame = pd.DataFrame({"z": range(0, 90, 3), "note": words, "patient_id": [f"P{n:04}" for n in range(30)], "b": 1.5})

    case = case_of(frame, frame, frame)

    assert case.release.names == case.original.names == ("b", "z")


def test_arrays_are_read_only(case_of, draw, pair):
    """Nothing that an attack is given can be written to, whole or in part."""
    case = case_of(draw(0), draw(1), draw(2), unit=None)
    tables = (case.original, case.control, case.release, case.original.joined(case.control), *pair(draw(0), draw(1)))

    for table in tables:
        arrays = [table.unit, *(part for f in table.features for part in (f.values, *f.parts))]
        assert not any(array.flags.writeable for array in arrays)
        with pytest.raises(ValueError, match="read-only"):
            table["icd"].parts[0][0] = 1.0


def test_tables_do_not_show_their_values(case_of, draw):
    """The text of a table, as a traceback prints it, holds its size and no cell."""
    case = case_of(draw(0), draw(1), draw(2))

    assert repr(case.original) == f"<table: {ROWS} rows, 8 features>"
    assert repr(case.original["colour"]) == f"<feature colour: category, {ROWS} rows>"


def test_without_a_control_there_is_none(case_of, draw):
    """A case without a control is encoded as any other."""
    with_control, without = case_of(draw(0), draw(1), draw(2)), case_of(draw(0), None, draw(2))

    assert without.control is None
    assert facts(without.release) == facts(with_control.release)


def test_tables_without_a_comparable_column_are_refused():
    """Two tables of identifiers cannot be compared, and the remedy is named."""
    ids = pa.table({"patient_id": [f"P{n:04}" for n in range(30)]})

    with pytest.raises(SchemaError, match="declare its kind"):
        encode_pair(ids, ids, None)
