"""The record for output checkers: everything that goes out, nothing that may not, and sums that hold."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.reporting import render
from synthprivacy.reporting.sacro import VERSION, write_record
from synthprivacy.results import Deciles, Evaluation
from synthprivacy.results.deciles import Part

HOSTILE = "../../$x$<b>\u202e\u4e2d"


@pytest.fixture(scope="module", name="found")
def _found(risk, scores, release, evaluation):
    """Return an evaluation with a small count and hostile names."""
    parts = tuple(Part(0.1, (0.0, 0.2)) for _ in range(5))
    return evaluation(
        releases=[
            release(
                risk("linkability.halves", (7, 2_000), (3, 2_000)),
                risk(f"{HOSTILE}.a"),
                scores(tpr=[(0.1, 600, 2_000, 110, 1_000), (0.01, 240, 2_000, 3, 1_000)]),
                name=HOSTILE,
                deciles=(Deciles(f"{HOSTILE}.a", parts, 0.1, (0.0, 0.2), 0.1),),
            )
        ]
    )


@pytest.fixture(scope="module", name="checked")
def _checked(found, tmp_path_factory):
    """Return the folder of the record."""
    place = tmp_path_factory.mktemp("checked") / "out"
    write_record([found], place)
    return place


def files_of(record):
    """Return the names of all files that a record lists."""
    return [file["name"] for output in record["results"].values() for file in output["files"]]


def test_every_file_is_listed_and_summed(checked):
    """The record names each file once, no other lies beside it, and the checksums are those of the files."""
    record = json.loads((checked / "results.json").read_text(encoding="utf-8"))
    names = files_of(record)
    there = sorted(path.relative_to(checked).as_posix() for path in checked.rglob("*") if path.is_file())

    assert record["version"] == VERSION
    assert len(names) == len(set(names))
    assert there == sorted([*names, *(f"checksums/{name}.txt" for name in [*names, "results.json"]), "results.json"])
    for name in [*names, "results.json"]:
        told = (checked / "checksums" / f"{name}.txt").read_text(encoding="ascii")
        assert told == hashlib.sha256((checked / name).read_bytes()).hexdigest()


def test_the_record_has_what_its_readers_ask_for(checked):
    """Each entry has the fields that ACRO reads back, and waits for a person: none is passed."""
    results = json.loads((checked / "results.json").read_text(encoding="utf-8"))["results"]

    fields = {"uid", "status", "type", "properties", "files", "outcome", "command", "summary", "timestamp", "comments"}
    for name, entry in results.items():
        assert entry["uid"] == name
        assert fields | {"exception"} == set(entry)
        assert (entry["status"], entry["type"]) == ("review", "custom")
        assert all(set(file) == {"name", "sdc"} for file in entry["files"])


def test_only_the_public_rendering_goes_out(found, checked):
    """Report and numbers are those of the public rendering, byte for byte, and charts are PNG without a word of metadata."""
    assert (checked / "report.html").read_text(encoding="utf-8") == render(found.public())
    assert Evaluation.from_json(checked / "evaluation-1.json").to_dict() == found.public().to_dict()
    charts = sorted(checked.glob("chart-*.png"))
    assert len(charts) >= 4
    for chart in charts:
        content = chart.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert b"tEXt" not in content


def test_names_of_files_come_from_nobodys_data(checked):
    """An attack or release may be called anything: files are numbered."""
    assert all(name.replace("-", "").replace(".", "").isalnum() for name in files_of(_record(checked)))
    assert "\u202e" not in (checked / "results.json").read_text(encoding="utf-8")


def test_same_evaluation_same_record(found, checked, tmp_path):
    """The record of the same evaluation is the same, byte for byte."""
    write_record([found], tmp_path / "again")

    for path in (path for path in checked.rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(checked)).read_bytes(), path.name


def test_a_date_comes_only_from_outside(evaluation, risk, tmp_path, monkeypatch):
    """A time stands in the record where SOURCE_DATE_EPOCH gives one."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")

    write_record([evaluation(risk())], tmp_path / "dated")

    assert {entry["timestamp"] for entry in _record(tmp_path / "dated")["results"].values()} == {
        "1970-01-02T00:00:00+00:00"
    }


def test_a_folder_with_files_is_refused(found, tmp_path):
    """What lay there before would go out unchecked: the folder must be new or empty."""
    (tmp_path / "train.csv").write_text("age\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="new or empty"):
        write_record([found], tmp_path)
    with pytest.raises(DataError, match="cannot be written"):
        write_record([found], tmp_path / "train.csv" / "out")


def test_command_writes_the_record_or_says_why_not(evaluated, command, tmp_path):
    """`report --sacro` writes the record; without any place, or with --inside, it is an error of usage."""
    source = evaluated / "e.json"

    done = command("report", source, "--sacro", tmp_path / "out")
    neither = command("report", source)
    both = command("report", source, "--sacro", tmp_path / "other", "--inside")

    assert done.code == 0, done.err
    assert "report.html" in files_of(_record(tmp_path / "out"))
    assert (neither.code, both.code) == (2, 2)
    assert "--sacro" in neither.last
    assert "--inside" in both.last
    assert not Path(tmp_path / "other").exists()


def _record(place):
    return json.loads((place / "results.json").read_text(encoding="utf-8"))
