"""What the command line writes: the same bytes in every run, JSON and nothing else, no file twice."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest

TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


def files(place):
    """Return the names of everything in a folder, hidden files included."""
    return sorted(path.name for path in place.rglob("*"))


def test_json_on_stdout_is_json_and_nothing_else(folder, evaluated, command):
    """`--json -` writes the same bytes to stdout as to a file; all chatter is on stderr."""
    done = command("evaluate", *TABLES, "--json", "-", folder=folder)

    assert done.code == 0
    assert done.out == (evaluated / "e.json").read_text()
    assert "real records had been published" in done.err


def test_json_fits_the_schema_in_the_wheel(evaluated):
    """The JSON validates against the shipped JSON Schema."""
    shape = json.loads((resources.files("synthprivacy.results") / "evaluation.schema.json").read_text())
    jsonschema.validators.validator_for(shape)(shape).validate(json.loads((evaluated / "e.json").read_text()))


def test_same_bytes_in_every_run(folder, evaluated, command, tmp_path):
    """The same tables and seed give the same JSON, report and metrics on two threads as on one; times go elsewhere."""
    outputs = ("--json", tmp_path / "e.json", "--html", tmp_path / "e.html", "--metrics", tmp_path / "e.metrics.json")
    command("evaluate", *TABLES, *outputs, "--jobs", "2", folder=folder)

    for name in ("e.json", "e.html", "e.metrics.json"):
        assert (tmp_path / name).read_bytes() == (evaluated / name).read_bytes()
    timings = json.loads((tmp_path / "e.timings.json").read_text())
    assert timings
    assert all(seconds >= 0 for seconds in timings.values())
    assert all(isinstance(number, float) for number in json.loads((tmp_path / "e.metrics.json").read_text()).values())
    assert files(tmp_path) == ["e.html", "e.json", "e.metrics.json", "e.timings.json"]


def test_without_a_control_there_is_a_warning_and_no_pass(folder, command):
    """No control is allowed, is said, and passes no gate."""
    tables = ("--original", "train.csv", "--synthetic", "s=syn.csv")
    done = command("evaluate", "quick.toml", *tables, "--limit", "0.9", folder=folder)

    assert done.code == 3
    assert done.err.startswith("no control: every risk is a raw rate")


def test_no_two_outputs_in_one_file(folder, command, tmp_path):
    """Two outputs in one file, the sidecar of the times included, are refused."""
    clash = ("--json", tmp_path / "e.json", "--metrics", tmp_path / "e.timings.json")
    done = command("evaluate", *TABLES, *clash, folder=folder)

    assert done.code == 2
    assert "another output too" in done.last


@pytest.mark.parametrize("limit", [0.04, 0.05, 0.2, 0.9])
def test_the_file_alone_decides_the_same(folder, command, tmp_path, limit):
    """A decision from the JSON on its own is the decision of the process that wrote it."""
    at_once = command("evaluate", "quick.toml", *TABLES, "--limit", limit, "--json", tmp_path / "e.json", folder=folder)
    kept = command("gate", tmp_path / "e.json", folder=folder)
    later = command("gate", tmp_path / "e.json", "--limit", limit, folder=folder)

    assert at_once.code == kept.code == later.code
    assert at_once.last == kept.last == later.last
    assert at_once.out.endswith(kept.out)
    assert kept.out == later.out


def test_report_is_public_unless_asked(evaluated, command, tmp_path):
    """The report of the verb is the public one that `evaluate` writes; `--inside` says that it must stay inside."""
    public = command("report", evaluated / "e.json", "--html", tmp_path / "p.html")
    inside = command("report", evaluated / "e.json", "--html", tmp_path / "i.html", "--inside")

    assert (tmp_path / "p.html").read_bytes() == (evaluated / "e.html").read_bytes()
    assert (tmp_path / "i.html").read_bytes() != (tmp_path / "p.html").read_bytes()
    assert "must stay inside" in inside.last
    assert "inside" not in public.last
