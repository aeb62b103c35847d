"""Tables that mean the same become the same; tables that do not are refused together: laws of `conform`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from synthprivacy.errors import SchemaError
from synthprivacy.schemata import conform, infer
from synthprivacy.tables.read import load

ROWS = 60
DAYS = pd.date_range("2024-01-01", periods=ROWS)
TABLE = pd.DataFrame(
    {
        "age": np.random.default_rng(0).permutation(ROWS * 5)[:ROWS],
        "income": np.arange(ROWS) / 4,
        "ok": [True, False] * (ROWS // 2),
        "day": DAYS,
        "stay": pd.to_timedelta(np.arange(ROWS), unit="h"),
        "city": ["Rome", "Oslo", "Cork"] * (ROWS // 3),
        "zip": ["01234", "56789"] * (ROWS // 2),
    }
)


def conformed(original, release, **options):
    """Return the conformed original and release, and the notes."""
    frames = {"original": load(original, label="original"), "release x": load(release, label="release x")}
    tables, notes = conform(frames, infer(frames["original"], **options))
    return tables["original"], tables["release x"], notes


def problems(original, release, **options) -> list[str]:
    """Return the lines with which the release is refused."""
    with pytest.raises(SchemaError) as caught:
        conformed(original, release, **options)
    return str(caught.value).splitlines()


def test_types_follow_from_kinds():
    """Each kind has one type in every table, and a conforming table is not noted."""
    original, release, notes = conformed(TABLE, TABLE)
    assert original.equals(release)
    assert notes == ()
    assert [str(kind) for kind in original.schema.types] == [
        *("double", "double", "bool", "timestamp[us]", "duration[us]", "string", "string"),
    ]


ALIKE = {
    "column order": TABLE[TABLE.columns[::-1]],
    "int as float": TABLE.assign(age=TABLE.age.astype(float)),
    "int as uint16": TABLE.assign(age=TABLE.age.astype("uint16")),
    "number as float32": TABLE.assign(income=TABLE.income.astype("float32")),
    "category": TABLE.assign(city=TABLE.city.astype("category")),
    "coarser instants": TABLE.assign(day=TABLE.day.astype("datetime64[s]")),
    "dates": TABLE.assign(day=TABLE.day.dt.date),
    "nullable": TABLE.convert_dtypes(),
    "pyarrow": TABLE.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas(TABLE),
    "arrow": pa.Table.from_pandas(TABLE),
}


@pytest.mark.parametrize("case", ALIKE)
def test_other_forms(case):
    """Another form of the same values is the same table, without a word."""
    original, release, notes = conformed(TABLE, ALIKE[case])
    assert release.equals(original)
    assert notes == ()


NOTED = {
    "boolean as int": ("ok", TABLE.ok.astype(int)),
    "boolean as float": ("ok", TABLE.ok.astype(float)),
    "boolean as text": ("ok", TABLE.ok.astype(str)),
    "day as text": ("day", TABLE.day.dt.strftime("%Y-%m-%d")),
}


@pytest.mark.parametrize("case", NOTED)
def test_noted_forms(case):
    """A form that had to be read differently is the same table, with a note that names table and column."""
    name, values = NOTED[case]
    original, release, notes = conformed(TABLE, TABLE.assign(**{name: values}))
    assert release.equals(original)
    assert len(notes) == 1
    assert notes[0].startswith(f"release x: column {name!r} holds ")


def test_files_and_frames(tmp_path):
    """A table read from CSV, where codes keep their zeros, is the table it was written from."""
    frame = TABLE.drop(columns="stay")
    frame.to_csv(tmp_path / "t.csv", index=False)
    original, release, notes = conformed(frame, tmp_path / "t.csv")
    assert release.equals(original)
    assert notes == ()


REFUSED = {
    "missing column": (TABLE.drop(columns="city"), "column 'city' is missing"),
    "extra column": (TABLE.assign(extra=1), "column 'extra' is not in the schema"),
    "renamed column": (TABLE.rename(columns={"city": "City"}), "rename 'City'?"),
    "number as text": (TABLE.assign(age=TABLE.age.astype(str)), "'age' holds numbers stored as text"),
    "decimal comma": (TABLE.assign(income=TABLE.income.astype(str).str.replace(".", ",")), "decimal commas"),
    "words": (TABLE.assign(age=["old"] * ROWS), "'age' holds text where numbers are due"),
    "dates for numbers": (TABLE.assign(age=DAYS), "'age' holds dates where numbers are due"),
    "other numbers for booleans": (TABLE.assign(ok=range(ROWS)), "other than 0 and 1"),
    "words for booleans": (TABLE.assign(ok="yes"), "'ok' holds text where true and false are due"),
    "other dates": (TABLE.assign(day=TABLE.day.dt.strftime("%d/%m/%Y")), "ISO 8601"),
    "numbers for dates": (TABLE.assign(day=range(ROWS)), "'day' holds numbers where dates are due"),
    "numbers for durations": (TABLE.assign(stay=range(ROWS)), "'stay' holds numbers where lengths of time are due"),
    "zeros lost": (TABLE.assign(zip=TABLE.zip.astype(int)), "'zip' holds numbers, other tables hold text with leading"),
    "codes for words": (TABLE.assign(city=[0, 1, 2] * (ROWS // 3)), "numbers that other tables do not hold as text"),
    "dates for words": (TABLE.assign(city=DAYS), "'city' holds dates, other tables do not"),
    "booleans for words": (TABLE.assign(city=TABLE.ok), "'city' holds true and false, other tables do not"),
    "a zone": (TABLE.assign(day=TABLE.day.dt.tz_localize("UTC")), "'day' holds times with a time zone"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_forms(case):
    """What might mean something else is refused, naming table, column, rule and remedy."""
    release, rule = REFUSED[case]
    lines = problems(TABLE, release)
    assert rule in "\n".join(lines)
    assert all(line.startswith("release x: column ") and ";" in line for line in lines)


def test_everything_at_once():
    """All problems of all tables are in one error."""
    frames = {
        "original": load(TABLE, label="original"),
        "control": load(TABLE.drop(columns=["city", "zip"]), label="control"),
        "release x": load(TABLE.assign(age="old", extra=1, ok="yes"), label="release x"),
    }
    with pytest.raises(SchemaError) as caught:
        conform(frames, infer(frames["original"]))
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["control"] * 2 + ["release x"] * 3


def test_messages_hold_no_cell():
    """Neither errors nor notes repeat a value."""
    odd = TABLE.assign(age="SENTINEL", income="98765,4", day="SENTINEL", ok="SENTINEL")
    text = "\n".join(problems(TABLE, odd))
    assert "SENTINEL" not in text
    assert "98765" not in text


def test_zones_agree():
    """Instants are compared in UTC if every table names a zone, even one in text."""
    tokyo = TABLE.assign(day=TABLE.day.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"))
    text = TABLE.assign(day=TABLE.day.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    original, release, notes = conformed(tokyo, text)
    assert original.equals(release)
    assert original.equals(conformed(TABLE, TABLE)[0])
    assert len(notes) == 1


@pytest.mark.parametrize("empty", [None, np.nan, pd.NaT])
def test_columns_without_values(empty):
    """A column without values conforms to any kind, with a note, and any values to a column that had none."""
    blank = pd.DataFrame({name: [empty] * ROWS for name in TABLE})
    original, release, notes = conformed(TABLE, blank)
    assert release.schema.types == original.schema.types
    assert all(release[name].null_count == ROWS for name in TABLE)
    assert notes == tuple(f"release x: column {name!r} has no values" for name in TABLE)
    assert conformed(TABLE.assign(city=empty), TABLE)[1]["city"].null_count == 0


def test_missing_values_stay():
    """Missing values pass through every reading."""
    holes = TABLE.apply(lambda column: column.where(np.arange(ROWS) % 3 != 0))
    original, release, _ = conformed(
        TABLE, holes.assign(ok=holes.ok.astype("boolean").astype(str).replace("<NA>", None))
    )
    kept = np.arange(ROWS) % 3 != 0
    assert release.filter(pa.array(kept)).equals(original.filter(pa.array(kept)))
    assert all(column.null_count == ROWS // 3 for column in release.columns)


def test_integers_with_fractions():
    """A release may put fractions where the original has whole numbers: that is noted, not refused."""
    _, release, notes = conformed(TABLE, TABLE.assign(age=TABLE.age + 0.5))
    assert notes == ("release x: column 'age' holds fractions, the schema says whole numbers",)
    assert release["age"].to_pylist() == (TABLE.age + 0.5).tolist()


def test_booleans_as_numbers():
    """Where the original has 0 and 1, true and false are numbers."""
    bits = TABLE.assign(ok=TABLE.ok.astype(int))
    original, release, notes = conformed(bits, TABLE)
    assert release.equals(original)
    assert "read as 1 and 0" in notes[0]


def test_numbers_among_labels():
    """Numbers are the labels that are spelled like them, if every one of them is spelled."""
    labels = TABLE.assign(city=["1", "2", "other"] * (ROWS // 3))
    for numbers in ([1, 2, 2], [1.0, 2.0, np.nan]):
        _, release, notes = conformed(labels, TABLE.assign(city=numbers * (ROWS // 3)))
        assert set(release["city"].to_pylist()) - {None} == {"1", "2"}
        assert "read as the text" in notes[0]
    assert problems(labels, TABLE.assign(city=[1, 2, 3] * (ROWS // 3)))


def test_numbers_declared_labels():
    """Numbers of a declared category are spelled alike, whether stored whole or as decimals."""
    declared = {"age": {"kind": "category"}, "income": {"kind": "category"}, "ok": {"kind": "category"}}
    original, release, notes = conformed(TABLE, TABLE.assign(age=TABLE.age.astype(float)), declared=declared)
    assert original.equals(release)
    assert notes == ()
    assert original["age"][0].as_py() == str(TABLE.age[0])
    assert original["income"][1].as_py() == "0.25"
    assert set(original["ok"].to_pylist()) == {"true", "false"}
    large = TABLE.assign(age=np.arange(ROWS) + 10**15)
    assert conformed(large, large.astype({"age": float}), declared=declared)[1]["age"][0].as_py() == str(10**15)


def test_long_identifiers():
    """Identifiers of 19 digits stay exact."""
    ids = TABLE.assign(age=np.arange(ROWS) + 2**62)
    original = conformed(ids, ids)[0]
    assert original["age"].to_pylist() == [str(2**62 + i) for i in range(ROWS)]


def test_columns_no_attack_uses():
    """A release may lack the unit and other columns that no attack uses; original and control may not."""
    named = TABLE.assign(person=[f"p{i}" for i in range(ROWS)])
    original, release, notes = conformed(named, TABLE, unit="person")
    assert "person" in original.column_names
    assert release.column_names == list(TABLE)
    assert notes == ("release x: column 'person' is absent; no attack uses it",)
    schema = infer(load(named, label="original"), unit="person")
    with pytest.raises(SchemaError, match="control: column 'person' is missing"):
        conform({"control": load(TABLE, label="control")}, schema)


def test_hostile_names():
    """Names are compared as they are: composed and decomposed letters are two columns."""
    names = ["é", "e\u0301", "in\ncome", "*", "\u202ex", "index", "x" * 1000]
    frame = pd.DataFrame([range(len(names))] * 3, columns=names)
    original, release, _ = conformed(frame, frame[names[::-1]])
    assert original.equals(release)
    assert original.column_names == names
