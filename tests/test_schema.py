"""A schema guesses kinds with reasons, takes declarations as they are, and refuses contradictions: laws of `infer`."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthprivacy.errors import ConfigError
from synthprivacy.schemata import Schema, infer
from synthprivacy.tables.read import load

DATA = Path(__file__).parents[2] / "shared" / "data"
ROWS = 200


def schema_of(columns: dict[str, object], **options) -> Schema:
    """Return the schema of columns."""
    return infer(load(pd.DataFrame(columns), label="original"), **options)


def guess(values, name: str = "x") -> tuple[str, str]:
    """Return kind and reason of one column."""
    column = schema_of({name: values})[name]
    return column.kind, column.reason


def draw(size: int = ROWS) -> np.random.Generator:
    """Return whole numbers that neither count nor identify rows."""
    return np.random.default_rng(1).permutation(size * 7)[:size]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False, None], "boolean"),
        (["True", "false", None], "boolean"),
        ([dt.date(2024, 1, 31), None, None], "datetime"),
        (["2024-01-31", "2024-02-29 10:00", None], "datetime"),
        (["2024-01-31", "soon", None], "category"),
        (pd.to_timedelta([1, 2, 3], unit="D"), "duration"),
        ([1, 2, 2], "integer"),
        ([1.0, 2.0, None], "integer"),
        ([1.5, 2.0, None], "number"),
        ([None, None, None], "category"),
        ([np.nan] * 3, "category"),
        (["a", "b", "c"], "category"),
    ],
)
def test_kinds_follow_from_values(values, kind):
    """Booleans, dates, durations, numbers and few labels are recognised, whether stored as such or as text."""
    assert guess(values)[0] == kind


def test_few_rows_are_never_identified():
    """Under 20 rows, different values prove no identifier."""
    assert guess([f"n{i}" for i in range(19)])[0] == "category"
    assert guess(range(19), "id")[0] == "integer"


def test_unique_text():
    """Nearly unique text identifies, unless it is sentences."""
    names = [f"o{i}" for i in range(ROWS)]
    assert guess(names) == ("identifier", "text with 200 distinct values in 200 rows")
    assert guess(names[:195] + ["same"] * 5)[0] == "identifier"
    assert guess(names[:100] + ["same"] * 100)[0] == "category"
    assert guess([f"came with case {name}" for name in names])[0] == "text"


def test_varied_text():
    """Text that repeats now and then is a category, or free text if it is sentences."""
    names = [f"o{i % 130}" for i in range(ROWS)]
    assert guess(names)[0] == "category"
    assert guess([f"came with case {name}" for name in names])[0] == "text"


def test_stored_categories():
    """What the source stores as categories is a category, however many there are."""
    assert guess(pd.Series([f"o{i}" for i in range(ROWS)], dtype="category"))[0] == "category"


@pytest.mark.parametrize(
    "name", ["id", "ID", "patient_id", "memberId", "userid", "uuid", "case no", "ssn", "record key"]
)
def test_named_identifiers(name):
    """Distinct whole numbers identify rows if their name says so."""
    assert guess(draw(), name)[0] == "identifier"
    assert guess(draw() // 2, name)[0] == "integer"


@pytest.mark.parametrize("name", ["income", "paid", "humid", "no_of_children", "number_of_beds", "x", "keys", "é"])
def test_amounts(name):
    """Distinct whole numbers with another name are amounts; distinct decimals always are."""
    assert guess(draw(), name)[0] == "integer"
    assert guess(draw().astype(float), "id")[0] == "integer"


def test_counters():
    """Whole numbers that count the rows without a gap, in any order, identify them."""
    assert guess(np.random.default_rng(0).permutation(ROWS) + 1000)[0] == "identifier"


@pytest.mark.parametrize(
    "name", ["icd10", "ICD_10_CM", "atc", "zip", "zipcode", "PostalCode", "post postcode", "nace2"]
)
def test_codes(name):
    """Text named like a hierarchical code is a code, even if nearly unique; numbers of that name are not."""
    assert guess([f"E{i}" for i in range(ROWS)], name)[0] == "code"
    assert guess(draw(), name)[0] == "integer"


def test_reasons_hold_no_values():
    """A schema may be shown: neither its reasons nor its representation hold a cell."""
    rare = "RARE987654321"
    schema = schema_of({"a": ["x"] * 199 + [rare], "b": draw() + 987654321, "c": [f"{rare}{i}" for i in range(ROWS)]})
    assert rare not in repr(schema)
    assert "987654321" not in repr(schema)
    assert "text with 2 distinct values in 200 rows" in repr(schema)


def test_decimal_commas():
    """Numbers with decimal commas are refused by column, unless they are declared to be labels."""
    commas = {"x": ["1,5", None, "2,25"], "y": ["1,5", "2", "3"]}
    with pytest.raises(ConfigError, match="'x' holds numbers with decimal commas") as caught:
        schema_of(commas)
    assert "'y'" not in str(caught.value)
    assert schema_of(commas, declared={"x": {"kind": "category"}})["x"].kind == "category"


def test_row_order():
    """The order of rows changes nothing."""
    frame = pd.DataFrame({"a": [f"o{i} b c" for i in range(ROWS)], "b": draw(), "c": range(ROWS)})
    shuffled = frame.sample(frac=1, random_state=0)
    assert repr(infer(load(frame, label="o"))) == repr(infer(load(shuffled, label="o")))


PEOPLE = {
    "id": [f"p{i}" for i in range(ROWS)],
    "age": draw(),
    "job": ["a", "b"] * (ROWS // 2),
    "weight": np.linspace(0.5, 2, ROWS),
    "note": [f"came with case {i}" for i in range(ROWS)],
    "born": pd.date_range("1940-01-01", periods=ROWS),
}


def test_roles():
    """Only the user gives roles, except that an identifier is one; attacks use what is neither left out nor prose."""
    declared = {"weight": {"role": "weight"}, "born": {"role": "ignore"}}
    schema = schema_of(PEOPLE, unit="id", secrets=["job"], declared=declared)
    assert (schema.unit, schema.secrets, schema.with_role("weight")) == ("id", ("job",), ("weight",))
    assert schema.names == tuple(PEOPLE)
    assert schema.attackable == ("age", "job")
    assert set(schema.excluded) == {"id", "weight", "note", "born"}
    assert schema_of(PEOPLE)["id"].role == "identifier"
    assert schema_of(PEOPLE).unit is None


def test_unit_of_numbers():
    """A unit is kept as names: its kind is identifier, even where numbers repeat."""
    assert schema_of({"person": [1, 1, 2]}, unit="person")["person"].kind == "identifier"


def test_declarations_win():
    """A declared kind, role or range is taken as it is, with the reason that it was declared."""
    declared = {"id": {"kind": "category", "role": "quasi_identifier"}, "age": {"bounds": [0, 110]}}
    schema = schema_of(PEOPLE, declared=declared)
    assert (schema["id"].kind, schema["id"].role, schema["id"].reason) == ("category", "quasi_identifier", "declared")
    assert (schema["age"].kind, schema["age"].bounds) == ("integer", (0.0, 110.0))


def test_bounds_of_dates():
    """Dates as bounds are microseconds since 1970 in UTC; a zone is respected, its absence means UTC."""
    tokyo = dt.timezone(dt.timedelta(hours=9))
    bounds = [dt.date(1970, 1, 2), dt.datetime(1970, 1, 3, 9, tzinfo=tokyo)]
    assert schema_of(PEOPLE, declared={"born": {"bounds": bounds}})["born"].bounds == (86_400e6, 2 * 86_400e6)


MISTAKES = {
    "unknown column": ({"declared": {"jop": {"kind": "category"}}}, "'jop' is not in the table; did you mean 'job'"),
    "unknown unit": ({"unit": "idd"}, "did you mean 'id'"),
    "unknown secret": ({"secrets": ["zzzz"]}, "choose from 'id', 'age'"),
    "secrets as one string": ({"secrets": "job"}, "must be a list"),
    "unknown key": ({"declared": {"age": {"bound": [0, 1]}}}, "did you mean 'bounds'"),
    "unknown kind": ({"declared": {"age": {"kind": "numeric"}}}, "did you mean 'number'"),
    "unknown role": ({"declared": {"age": {"role": "secrets"}}}, "did you mean 'secret'"),
    "no settings": ({"declared": {"age": "number"}}, "must be a table"),
    "two units": ({"unit": "id", "declared": {"age": {"role": "unit"}}}, "one column is the unit"),
    "unit is secret": ({"unit": "id", "secrets": ["id"]}, "declared unit and secret"),
    "secret is ignored": ({"secrets": ["job"], "declared": {"job": {"role": "ignore"}}}, "declared ignore and secret"),
    "secret identifier": ({"secrets": ["id"]}, "its kind is identifier"),
    "secret prose": ({"secrets": ["note"]}, "its kind is text"),
    "known identifier": ({"declared": {"id": {"role": "quasi_identifier"}}}, "declare its kind"),
    "weight of text": ({"declared": {"job": {"role": "weight"}}}, "a weight is a number"),
    "bounds of a category": ({"declared": {"job": {"bounds": [0, 1]}}}, "bounds belong to"),
    "bounds reversed": ({"declared": {"age": {"bounds": [2, 1]}}}, "low < high"),
    "bounds infinite": ({"declared": {"age": {"bounds": [0, float("inf")]}}}, "finite"),
    "bounds of one": ({"declared": {"age": {"bounds": [0]}}}, "[low, high]"),
    "bounds of text": ({"declared": {"age": {"bounds": ["0", "1"]}}}, "[low, high]"),
    "bounds huge": ({"declared": {"age": {"bounds": [0, 10**400]}}}, "finite"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake):
    """A declaration that cannot be meant is refused with the rule and the remedy or the nearest name."""
    options, rule = MISTAKES[mistake]
    with pytest.raises(ConfigError) as caught:
        schema_of(PEOPLE, **options)
    assert rule in str(caught.value)


def test_mistakes_together():
    """All mistakes of one kind are told at once."""
    with pytest.raises(ConfigError) as caught:
        schema_of(PEOPLE, unit="x", secrets=["y"], declared={"z": {}, "age": {"kind": "k", "role": "r", "b": 1}})
    assert len(str(caught.value).splitlines()) == 6


def test_hostile_names():
    """A name is only a name, and is cut and made visible where it is shown."""
    schema = schema_of({"a\nb": [1], "\u202ec": [1], "d" * 1000: [1]})
    assert len(repr(schema).splitlines()) == 4
    assert "\u202e" not in repr(schema)
    assert max(map(len, repr(schema).splitlines())) < 140


def test_unknown_name():
    """Asking for a column that is not there is a KeyError, as in any mapping."""
    with pytest.raises(KeyError):
        schema_of({"a": [1]})["b"]


def test_light_import():
    """The types of a schema load no dataframe library."""
    code = "import synthprivacy.schemata, sys; sys.exit(any(m in sys.modules for m in ('pyarrow', 'pandas', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(not DATA.exists(), reason="the benchmark tables are not beside the project")
def test_real_tables():
    """Tables of the field are read and described within seconds, with the kinds their documentation gives."""
    start = time.perf_counter()
    adult = infer(load(DATA / "adult_anonymeter" / "adults_train_reconstructed.csv.gz", label="original"))
    assert time.perf_counter() - start < 2
    assert {adult[name].kind for name in ("age", "fnlwgt", "hr_per_week")} == {"integer"}
    assert {adult[name].kind for name in ("education", "country", "income")} == {"category"}
    census = infer(load(DATA / "census_income_kdd.parquet", label="original"))
    assert time.perf_counter() - start < 10
    assert len(census.attackable) == len(census.names) == 42
