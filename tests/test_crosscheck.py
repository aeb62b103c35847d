"""The verb `crosscheck` and its twin in Python, beside a stub that answers as the peers would."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from threading import Timer

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.crosschecking.sampling import drawn
from synthprivacy.errors import ConfigError
from synthprivacy.frames import read_tables

CELL = "Ehlers-Danlos, the only one"
STUB = """#!{python}
import json, os, sys, time
from pathlib import Path
mode, folder = {mode!r}, Path({folder!r})
asked = json.load(sys.stdin)
versions = {{"old": {{"anonymeter": "1.0.0"}}, "none": {{}}, "one": {{"anonymeter": "1.1.0"}}}}.get(
    mode, {{"anonymeter": "1.1.0", "sdmetrics": "0.32.0"}}
)
if asked["tasks"]:
    (folder / "asked.json").write_text(json.dumps(asked))
    (folder / "pid").write_text(str(os.getpid()))
    print({cell!r}, file=sys.stderr)
    if mode == "crash":
        sys.exit(7)
    if mode == "slow":
        time.sleep(60)
    if mode == "garbage":
        print({cell!r})
        sys.exit()

def answer(task):
    if mode == "error" and task["task"] == "linkability":
        return {{"error": "ComputeError"}}
    counts = {{"value": 0.02, "interval": [0.0, 0.06], "attacks": 120, "successes": 3, "control": 2, "baseline": 0}}
    quality = {{"shapes": 0.93, "trends": 0.8, "pairs": 10, "used": 4, "every": 0.85, "common": 0.9}}
    score = {{"score": 0.7, "control": 0.69, "closer": 0.5, "rows": 120, "emitted": None}}
    return {{**counts, **quality, **score}}

print(json.dumps({{"versions": versions, "answers": [answer(task) for task in asked["tasks"]]}}))
"""
TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


@pytest.fixture(scope="module")
def frames():
    """Return original, control and release of 150 people each; one of them has a diagnosis of their own."""
    made = [
        simulate.people(150, stream)[["age", "sex", "diagnosis", "registered"]]
        for stream in np.random.default_rng(3).spawn(3)
    ]
    made[0].loc[0, "diagnosis"] = CELL
    return dict(zip(("original", "control", "synthetic"), made))


@pytest.fixture
def peer(tmp_path):
    """Return a Python that is none: it answers as the peers would, or fails as the mode says."""

    def make(mode="well"):
        path = tmp_path / f"python-{mode}"
        path.write_text(STUB.format(python=sys.executable, mode=mode, folder=str(tmp_path), cell=CELL))
        path.chmod(0o700)
        return str(path)

    return make


def few(frames, python, **settings):
    """Return the crosscheck of a few people."""
    schema = sp.schema(frames["original"], secrets=["diagnosis"])
    return sp.crosscheck(**frames, schema=schema, python=python, **({"attacks": 120} | settings))


def test_every_measure_has_a_row_with_both_sides_and_a_reason(frames, peer):
    """Each attack and metric of theirs with a counterpart here has one row: theirs, ours, and why they differ."""
    found = few(frames, peer(), inside=True)

    assert [(row.peer, row.endpoint) for row in found.rows] == [
        ("anonymeter", "singling_out.univariate"),
        ("anonymeter", "singling_out.multivariate"),
        ("anonymeter", "linkability.halves"),
        ("anonymeter", "inference.diagnosis"),
        ("sdmetrics", "shapes.mean"),
        ("sdmetrics", "pairs.mean"),
        ("sdmetrics", "memorization.copies"),
        ("sdmetrics", "membership.distance"),
        ("sdmetrics", "distances.closest_share"),
        ("sdmetrics", "inference.diagnosis"),
    ]
    assert all(row.reasons and row.theirs.value is not None for row in found.rows)
    assert found.skipped == ()
    assert found.versions["anonymeter"] == "1.1.0"


def test_the_verb_prints_and_writes_the_same(frames, peer, tmp_path, command):
    """The table on stdout names each measure; the JSON is what Python returns; a difference is no failure."""
    for name, file in {"original": "train", "control": "control", "synthetic": "syn"}.items():
        frames[name].to_csv(tmp_path / f"{file}.csv", index=False)
    flags = ("--secret", "diagnosis", "--python", peer(), "--n-attacks", "120", "--json", "x.json")

    done = command("crosscheck", *TABLES, *flags, folder=tmp_path)

    written = json.loads((tmp_path / "x.json").read_text())
    assert done.code == 0, done.err
    assert "NewRowSynthesis / memorization.copies" in done.out
    assert done.last == "exit 0: 10 measures beside each other, each with its reasons"
    assert written["format"] == "synthprivacy/crosscheck/1"
    assert [row["endpoint"] for row in written["rows"]][3] == "inference.diagnosis"
    schema = sp.schema(tmp_path / "train.csv", secrets=["diagnosis"])
    paths = {"original": tmp_path / "train.csv", "control": tmp_path / "control.csv"}
    again = sp.crosscheck(**paths, synthetic={"s": tmp_path / "syn.csv"}, schema=schema, python=peer(), attacks=120)
    assert again.to_dict() == written


def test_only_what_is_told_of_ten_is_told_outside(frames, peer):
    """Outside, a number of theirs that rests on three successes is withheld and no reason is read off it; inside it is shown."""
    outside = {(row.peer, row.endpoint): row for row in few(frames, peer()).rows}["anonymeter", "linkability.halves"]
    inside = {row.endpoint: row for row in few(frames, peer("one"), inside=True).rows}["linkability.halves"]

    assert outside.theirs.value is None
    assert outside.theirs.note == "withheld: fewer than ten of 120"
    assert "shown inside alone" in outside.reasons[0]
    assert inside.theirs.value == 0.02


def test_the_peers_get_columns_without_names_and_no_more_than_attacks_use(frames, peer, tmp_path):
    """Columns go under numbers, identifiers and free text stay here, and SDMetrics gets labels that are no text."""
    named = {name: frame.assign(person=[f"P{row:05}" for row in range(150)]) for name, frame in frames.items()}
    few(named, peer(), peers=["sdmetrics"])
    asked = (tmp_path / "asked.json").read_text()

    assert "diagnosis" not in asked
    assert "P00001" not in asked
    assert CELL not in asked
    assert set(json.loads(asked)["tables"]["people"]) == {"c0", "c1", "c2", "c3"}


def test_both_attack_the_same_people(frames):
    """As many rows of either side are drawn, all rows of a person together, the same for the same seed."""
    people = {name: pd.concat([frame, frame]).assign(who=[*range(150), *range(150)]) for name, frame in frames.items()}
    people["synthetic"] = people["synthetic"].drop(columns="who")
    tables = read_tables(**people, schema=sp.schema(people["original"], unit="who"))
    some, again, other = (drawn(tables, "synthetic", 60, seed) for seed in (0, 0, 1))

    assert some.frames.original.num_rows == some.frames.control.num_rows == 60
    assert len(set(some.frames.original["who"].to_pylist())) == 30
    assert some.frames.original.equals(again.frames.original)
    assert not some.frames.original.equals(other.frames.original)
    assert some.rows.num_rows == 60


@pytest.mark.parametrize(
    ("mode", "settings", "rule"),
    [
        ("none", {}, "anonymeter is not in this Python; install anonymeter there"),
        ("one", {"peers": ["sdmetrics"]}, "sdmetrics is not in this Python; install"),
        ("old", {}, "anonymeter 1.0.0 runs text of a table as code; install 1.1 or later"),
        ("well", {"peers": ["syntheval"]}, "a peer must be anonymeter or sdmetrics, not syntheval"),
        ("well", {"attacks": 3}, "attacks must be a whole number of at least 20: 3"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_remedy(frames, peer, mode, settings, rule):
    """A peer that was named and is missing, no peer at all, one that runs cells as code: each is refused, and says what to do."""
    with pytest.raises(ConfigError, match=rule):
        few(frames, peer(mode), **settings)


def test_a_python_that_is_none_is_refused(frames, tmp_path):
    """A path that cannot be started is refused without a trace of it."""
    with pytest.raises(ConfigError, match="cannot be started"):
        few(frames, str(tmp_path / "absent"))


def test_a_peer_that_nobody_named_is_skipped(frames, peer):
    """Without a name whichever are found are asked, and the other one is listed with what would help."""
    found = few(frames, peer("one"))

    assert {row.peer for row in found.rows} == {"anonymeter"}
    assert [(skipped.attack, skipped.needs[:17]) for skipped in found.skipped] == [("sdmetrics", "install sdmetrics")]
    assert "sdmetrics: skipped" in repr(found)


@pytest.mark.parametrize(
    ("mode", "settings", "why"),
    [
        ("crash", {}, "it ended with exit code 7"),
        ("garbage", {}, "it gave an answer of another form"),
        ("slow", {"timeout": 0.5}, "it took longer than 0.5 seconds"),
    ],
)
def test_what_a_failing_peer_prints_is_not_passed_on(frames, peer, capfd, mode, settings, why):
    """A peer that crashes, babbles or hangs is a skipped row that says how, and no cell that it printed is told."""
    found = few(frames, peer(mode), peers=["anonymeter"], **settings)

    assert not found.rows
    assert why in found.skipped[0].reason
    assert CELL not in json.dumps(found.to_dict()) + repr(found) + "".join(capfd.readouterr())


def test_an_error_in_one_measure_leaves_the_others(frames, peer):
    """A metric that fails is a row that names the kind of error; all others have their numbers."""
    rows = {row.endpoint: row for row in few(frames, peer("error"), peers=["anonymeter"], inside=True).rows}

    assert rows["linkability.halves"].theirs.note == "ended with ComputeError"
    assert rows["linkability.halves"].ours.value is not None
    assert rows["inference.diagnosis"].theirs.value == 0.02


def test_nothing_to_compare_is_inconclusive(folder, peer, command):
    """Where every peer failed the verb ends with 3, not 0."""
    done = command("crosscheck", *TABLES, "--python", peer("crash"), "--n-attacks", "60", folder=folder)

    assert done.code == 3
    assert done.last == "exit 3: nothing was compared; see above"


def test_an_interrupt_ends_the_peer_and_leaves_no_file(frames, peer, tmp_path, monkeypatch):
    """Ctrl-C while a peer works ends it, and no table is left anywhere, because none was written."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    python = peer("slow")
    seen = []

    def interrupt():
        while not (tmp_path / "pid").exists():
            time.sleep(0.01)
        seen.extend((tmp_path / "temporary").iterdir())
        os.kill(os.getpid(), signal.SIGINT)

    timer = Timer(0.0, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        few(frames, python)
    timer.join()

    assert not seen
    assert not list((tmp_path / "temporary").iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_without_a_control_raw_rates_stand_beside_each_other(frames, peer, tmp_path):
    """Nobody held out: what needs a control is not asked, and no table of one is sent."""
    found = few({name: frames[name] for name in ("original", "synthetic")}, peer(), inside=True)

    assert "distances.closest_share" not in {row.endpoint for row in found.rows}
    assert not {"control", "others"} & set(json.loads((tmp_path / "asked.json").read_text())["tables"])
