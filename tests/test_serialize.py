"""An evaluation and its JSON are the same thing."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib.resources import files

import jsonschema
import pytest

from synthprivacy.errors import DataError
from synthprivacy.results import Evaluation

SCHEMA = json.loads(files("synthprivacy.results").joinpath("evaluation.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def at(data, path):
    """Return what stands at a path such as ``releases/0/risks``."""
    for key in path.split("/"):
        data = data[int(key) if isinstance(data, list) else key]
    return data


def test_schema_is_a_schema():
    """The schema itself is valid draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("rendering", ["inside", "public"])
def test_round_trip(everything, rendering):
    """Reading what was written gives the same JSON again, in either rendering."""
    whole = everything() if rendering == "inside" else everything().public()
    once = whole.to_dict()

    assert Evaluation.from_dict(json.loads(json.dumps(once, allow_nan=False))).to_dict() == once
    assert Evaluation.from_dict(once).dumps() == whole.dumps()


@pytest.mark.parametrize("rendering", ["inside", "public"])
def test_schema_accepts_what_is_written(everything, rendering):
    """Either rendering of an evaluation with one of each part is valid."""
    whole = everything() if rendering == "inside" else everything().public()

    assert [error.message for error in VALIDATOR.iter_errors(whole.to_dict())] == []


@pytest.mark.parametrize(
    "path",
    [
        "tables",
        "tables/original",
        "checks/0",
        "releases/0",
        "releases/0/copies",
        "releases/0/copies/perfect",
        "releases/0/risks/0",
        "releases/0/risks/0/excess",
        "releases/0/risks/0/evidence",
        "releases/0/risks/0/evidence/original",
        "releases/0/risks/4/evidence/tpr/0",
        "releases/0/risks/5/evidence/isolated",
        "releases/0/skipped/0",
        "releases/0/scores/0",
        "releases/0/series/0",
        "pairs/0",
    ],
)
def test_schema_refuses_unknown_keys(everything, path):
    """A key nobody knows is an error wherever it stands: it might be a cell of a person."""
    data = everything().to_dict()
    at(data, path)["cell"] = "O'Brien"

    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize("path", ["plan", "versions", "comparator", "releases/0/risks/0/parameters"])
def test_schema_leaves_room_where_it_must(everything, path):
    """Plan, versions, comparator and parameters may hold more than is known today."""
    data = everything().to_dict()
    at(data, path)["more"] = "1.0"

    assert VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ("releases/0/risks/0/evidence/original", "successes", "<10"),
        ("releases/0/risks/0/evidence/original", "successes", ">1990"),
        ("releases/0/risks/4/evidence/tpr/1", "false_positives", "<10"),
        ("releases/0/risks/5/evidence", "people", "<10"),
        ("releases/0/copies", "value", "<10"),
    ],
)
def test_withheld_counts_are_public_only(everything, path, key, value):
    """A withheld count is valid in the public rendering and nowhere else."""
    inside, public = everything().to_dict(), everything().public().to_dict()
    at(inside, path)[key] = value
    at(public, path)[key] = value if "copies" in path or value != ">1990" else "<10"

    assert not VALIDATOR.is_valid(inside)
    assert VALIDATOR.is_valid(public)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("releases/0/risks/0/evidence/original", "successes"),
        ("releases/0/risks/0/evidence/control", "people"),
        ("releases/0/risks/4/evidence/tpr/1", "false_positives"),
        ("releases/0/risks/5/evidence/isolated", "original"),
        ("releases/0/risks/5/evidence", "people"),
        ("releases/0/copies", "value"),
        ("pairs/0", "both"),
    ],
)
def test_small_counts_are_inside_only(everything, path, key):
    """A count of people under ten is not valid in the public rendering."""
    data = everything().public().to_dict()
    at(data, path)[key] = 3

    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize("path", ["format", "seed", "checks", "tables", "releases", "rendering"])
def test_missing_parts_are_refused(everything, path):
    """An evaluation without one of its parts is not read."""
    data = deepcopy(everything().to_dict())
    del data[path]

    assert not VALIDATOR.is_valid(data)
    with pytest.raises(DataError):
        Evaluation.from_dict(data)


def test_not_finite_is_null(everything):
    """What is not finite is null in JSON, and infinite again inside."""
    data = everything().to_dict()
    lost = data["releases"][0]["risks"][3]

    assert lost["value"] is None
    assert lost["lower"] is None
    assert Evaluation.from_dict(data)["ctgan"].risks[3].lower == float("-inf")
