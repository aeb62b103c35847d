"""A schema survives its file, and SDV metadata is understood: laws of TOML and SDV."""

from __future__ import annotations

import json
import tomllib

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.errors import ConfigError
from synthprivacy.schemata import ORDERED, Column, Schema, declared_from_toml, from_sdv, infer, to_toml
from synthprivacy.schemata.settings import KINDS
from synthprivacy.tables.read import load

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
AWKWARD = st.sampled_from(
    [
        "a.b",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "[x]",
        "=",
        "#",
        "é",
        "e\u0301",
        "\u202e",
        " ",
        "\x00",
        "\x7f",
        "true",
        "1",
    ]
)
RANGES = st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300)).filter(lambda ends: ends[0] < ends[1])


@st.composite
def schemas(draw) -> Schema:
    """Draw a schema of any names and of any kinds, roles and ranges that may go together."""
    names = draw(st.lists(NAMES | AWKWARD, min_size=1, max_size=8, unique=True))
    columns = []
    for position, name in enumerate(names):
        kind = draw(st.sampled_from(KINDS))
        roles = (
            ["ignore"] if kind in {"identifier", "text"} else [None, "secret", "quasi_identifier", "group", "ignore"]
        )
        role = draw(st.sampled_from(["unit", *roles] if position == 0 else roles))
        bounds = draw(st.none() | RANGES) if kind in ORDERED else None
        columns.append(Column(name, kind, role, draw(NAMES), bounds))
    return Schema(tuple(columns))


@given(schemas())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_round_trip(schema):
    """Any schema, whatever its names, is the same after it was written as TOML and declared again (300 draws)."""
    frame = load(pd.DataFrame([range(len(schema.names))] * 2, columns=list(schema.names)), label="original")
    text = to_toml(schema)
    assert infer(frame, declared=declared_from_toml(tomllib.loads(text)["columns"])) == schema


@given(st.dictionaries(NAMES | AWKWARD, NAMES | AWKWARD, min_size=1))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_tables(releases):
    """The tables of a run are written as they were given, whatever their names and paths (100 draws)."""
    tables = {"original": "a.csv", "synthetic": releases}
    assert tomllib.loads(to_toml(Schema((Column("x", "number"),)), tables))["tables"] == tables


def test_layout():
    """The file is written as a person would write it, with the reason beside the kind."""
    columns = (
        Column("id", "identifier", "unit", "declared unit"),
        Column("my age", "integer", None, "whole numbers", (0.0, 110.5)),
    )
    assert to_toml(Schema(columns), {"original": "train.csv", "synthetic": {"a": "a.csv"}}) == (
        '[tables]\noriginal = "train.csv"\nsynthetic = { a = "a.csv" }\n\n'
        '[columns.id]\nkind = "identifier"  # declared unit\nrole = "unit"\n\n'
        '[columns."my age"]\nkind = "integer"  # whole numbers\nbounds = [0, 110.5]\n'
    )


def test_guessed_schema():
    """What `infer` guessed is guessed for good once it is in the file."""
    frame = load(pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "c": [1.5, None], "d": [True, False]}), label="original")
    schema = infer(frame, unit="a", secrets=["b"])
    assert infer(frame, declared=declared_from_toml(tomllib.loads(to_toml(schema))["columns"])) == schema


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[columns.a]\nkinds = 'number'", "did you mean 'kind'"),
        ("[columns.a]\nkind = 'numbr'", "did you mean 'number'"),
        ("[columns]\na = 1", "must be a table"),
        ("columns = 1", "columns must be a table"),
        ("[columns.a]\nbounds = [1, 1]", "low < high"),
    ],
)
def test_mistakes(text, rule):
    """A mistake in the file is refused before any table is read."""
    with pytest.raises(ConfigError) as caught:
        declared_from_toml(tomllib.loads(text)["columns"])
    assert rule in str(caught.value)


def sdv(tmp_path, content: object):
    """Return the path of SDV metadata with this content."""
    path = tmp_path / "metadata.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


ONE = {
    "METADATA_SPEC_VERSION": "SINGLE_TABLE_V1",
    "primary_key": "pid",
    "columns": {
        "pid": {"sdtype": "id", "regex_format": "P[0-9]{4}"},
        "age": {"sdtype": "numerical", "computer_representation": "Int64"},
        "income": {"sdtype": "numerical"},
        "job": {"sdtype": "categorical"},
        "ok": {"sdtype": "boolean"},
        "born": {"sdtype": "datetime", "datetime_format": "%Y-%m-%d"},
        "mail": {"sdtype": "email", "pii": True},
        "place": {"sdtype": "city", "pii": True},
        "visits": {"sdtype": "numerical", "decimal_places": 0},
        "zip": {"sdtype": "postcode", "pii": True},
        "odd": {"sdtype": "unknown", "pii": True},
        "new": {"sdtype": "hologram"},
    },
}
EXPECTED = {
    "pid": "identifier",
    "age": "integer",
    "income": "number",
    "job": "category",
    "ok": "boolean",
    "born": "datetime",
    "mail": "identifier",
    "place": "category",
    "visits": "integer",
    "zip": "code",
    "odd": "category",
    "new": "category",
}


@pytest.mark.parametrize(
    "content", [ONE, {"tables": {"people": ONE}, "relationships": [], "METADATA_SPEC_VERSION": "V1"}]
)
def test_sdv_types(tmp_path, content):
    """Both forms of SDV metadata give each sdtype its kind; people are identifiers, places and unknowns are not."""
    declared = from_sdv(sdv(tmp_path, content))
    assert {name: entry["kind"] for name, entry in declared.items()} == EXPECTED
    assert declared["pid"]["role"] == "identifier"
    assert "no kind here" in declared["new"]["reason"]
    frame = load(pd.DataFrame({name: ["a"] for name in EXPECTED}), label="original")
    assert infer(frame, declared=declared)["new"].reason == "hologram in SDV metadata, which has no kind here"


def test_sdv_unit(tmp_path):
    """The primary key is the unit if asked for, and only if it is one column."""
    assert from_sdv(sdv(tmp_path, ONE), primary_key="unit")["pid"]["role"] == "unit"
    for keys in (None, ["pid", "age"]):
        with pytest.raises(ConfigError, match="a unit is one column"):
            from_sdv(sdv(tmp_path, {**ONE, "primary_key": keys}), primary_key="unit")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ({"tables": {"a": ONE, "b": ONE}}, "describes 2 tables"),
        ({"tables": {}}, "describes 0 tables"),
        ({"tables": [ONE]}, "describes 0 tables"),
        ({"columns": ["a"]}, "no columns"),
        ({"columns": {"a": "numerical"}}, "no columns"),
        ({}, "no columns"),
        ([], "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ({**ONE, "primary_key": "zzz"}, "not among its columns"),
    ],
)
def test_sdv_mistakes(tmp_path, content, rule):
    """Whatever is not SDV metadata of one table is refused with the remedy."""
    with pytest.raises(ConfigError) as caught:
        from_sdv(sdv(tmp_path, content))
    assert rule in str(caught.value)
    assert str(caught.value).startswith("metadata.json")


def test_sdv_missing(tmp_path):
    """A missing file is named."""
    with pytest.raises(ConfigError, match=r"none\.json cannot be read"):
        from_sdv(tmp_path / "none.json")
