"""`synthprivacy audit` and `synthprivacy.audit`: what is said, written, refused, and kept to itself."""

from __future__ import annotations

import json
import re
import stat

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.auditing import running
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.telling import told
from synthprivacy.generators import named
from synthprivacy.schemata import infer
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "diagnosis", "weight_kg"]
FITS = ("--fits", "24", "--targets", "4", "--canaries", "1")
TABLES = ("--generator", "bootstrap:h=0", "--original", "train.csv", "--control", "control.csv")


@pytest.fixture(scope="module", name="place")
def _place(tmp_path_factory):
    """Return a folder with a training table and a control; one person has words and numbers that nobody else has."""
    place = tmp_path_factory.mktemp("audit")
    for name, rows, seed in (("train", 120, 1), ("control", 60, 2)):
        frame = simulate.people(rows, seed)[COLUMNS].astype({"weight_kg": float})
        if name == "train":
            frame.loc[3, "diagnosis"] = "Vlissingen"
            frame.loc[3, "weight_kg"] = 98765.25
        frame.to_csv(place / f"{name}.csv", index=False)
    return place


@pytest.fixture(scope="module", name="done")
def _done(place, command):
    """Return one whole audit of a bootstrap."""
    extra = ("--json", "a.json", "--records", "r.json", "--resume", "kept", "--secret", "diagnosis")
    return command("audit", *TABLES, *FITS, *extra, folder=place)


def test_an_audit_ends_well_and_says_what_it_found(done, place):
    """The reach is said before, the findings after, and the last line names the outcome; a finding is no failure."""
    assert (done.code, done.last) == (0, "exit 0: audited with 24 fits; a leak was found")
    assert "24 fits, each with and without half of 4 targets, can show" in done.err
    assert "membership, 4 targets" in done.out
    assert "secret diagnosis" in done.out
    assert "canaries (improbable)" in done.out
    assert "no leak found does not mean that there is none" in done.out
    found = json.loads((place / "a.json").read_text(), parse_constant=pytest.fail)
    assert found["format"] == "synthprivacy/audit/1"
    assert (found["fits"], found["people"], found["others"], len(found["membership"]["targets"])) == (24, 120, 60, 4)
    assert [secret["column"] for secret in found["secrets"]] == ["diagnosis"]
    assert found["leaks"] is True


def test_nothing_of_a_person_is_told(done, place):
    """No label, number or row of the original is in what is printed or written, not even in the checkpoints."""
    texts = [done.out, done.err, (place / "a.json").read_text()]
    texts += [path.read_bytes().decode("latin-1") for path in (place / "kept").rglob("*") if path.is_file()]
    for text in texts:
        assert "Vlissingen" not in text
        assert not re.search(r"98.?765", text)
    assert np.float64(98765.25).tobytes() not in b"".join(path.read_bytes() for path in (place / "kept").rglob("*.npz"))


def test_records_are_written_on_demand_and_for_one_reader(done, place):
    """Rows of people are in no file but the one asked for, which says what it is and that only its owner may read it."""
    records = json.loads((place / "r.json").read_text())
    assert stat.S_IMODE((place / "r.json").stat().st_mode) == 0o600
    assert records["notice"].startswith("personal data")
    assert "personal data" in done.err
    rows = [one["row"] for one in records["records"]]
    assert len(set(rows)) == 4
    assert all(1 <= row <= 120 for row in rows)
    assert 4 in rows  # the person who stands out most is a target, and in line 4 of the table
    assert "row" not in json.loads((place / "a.json").read_text())["membership"]["targets"][0]


def test_a_resumed_audit_is_the_same_audit(done, place, command):
    """From the folder of another run the same bytes come at once; another seed, generator or secret is refused by name."""
    assert done.code == 0
    extra = ("--json", "b.json", "--resume", "kept", "--secret", "diagnosis")
    again = command("audit", *TABLES, *FITS, *extra, folder=place)
    assert again.code == 0
    assert (place / "a.json").read_bytes() == (place / "b.json").read_bytes()
    other = command("audit", *TABLES, *FITS, "--seed", "1", *extra, folder=place)
    assert other.code == 2
    assert "exit 2: a resumed audit must be the same audit: its" in other.last
    assert "seed" in other.last
    changed = command("audit", "--generator", "copula", *TABLES[2:], *FITS, *extra, folder=place)
    assert "generator" in changed.last
    secret = command("audit", *TABLES, *FITS, "--resume", "kept", "--secret", "sex", folder=place)
    assert "its secrets differ" in secret.last


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (TABLES, "exit 2: an audit needs a budget of time or a number of fits; pass --budget 30m, or --fits 400"),
        ((*TABLES, "--fits", "5"), "exit 2: an audit needs at least 20 fits: 5"),
        ((*TABLES, "--budget", "soon"), "exit 2: budget must be a number and s, m or h"),
        ((*TABLES, "--fits", "20", "--targets", "70"), "exit 2: at most half of the people may be targets: 70 of 120"),
        ((*TABLES, "--fits", "20", "--json", "train.csv"), "exit 2: train.csv cannot be written: it is a file that is"),
        (("--original", "train.csv", "--generator", "coppula"), "exit 2: generator 'coppula' is unknown; did you mean"),
        ((*TABLES, "--budget", "0.01s"), "exit 2: the budget must buy at least 20 fits"),
        ((*TABLES, "--fits", "20", "--resume", "."), "exit 2: a folder to resume from must be empty or hold the fits"),
    ],
)
def test_refusals(place, command, arguments, last):
    """What cannot be done is told in one line with what to do, and exits with 2."""
    if arguments[-1] == ".":
        (place / "membership").mkdir(exist_ok=True)
        (place / "membership" / "notes.txt").write_text("something else")
    done = command("audit", *arguments, folder=place)
    assert (done.code, done.last[: len(last)]) == (2, last)


@pytest.mark.slow
def test_a_contributor_is_warned_of_and_answered(place, command):
    """The declared threat is played at 1, 4 and 16 crafted rows, after a look at the training table."""
    few = ("--fits", "20", "--targets", "4", "--canaries", "0", "--json", "-", "--promise", "0.5")
    done = command("audit", *TABLES, *few, "--contributor", folder=place)
    assert done.code == 0
    found = json.loads(done.out)
    assert [one["crafted"] for one in found["poisoned"]] == [0, 1, 4, 16]
    assert "crafted for somebody" in done.err
    assert found["canaries"] is None
    assert (found["promise"], found["broken"]) == (0.5, True)
    assert "the promise of epsilon = 0.5 is broken" in done.err
    assert "the domain of diagnosis follows the people" in done.err


def test_python_and_command_line_agree(done, place):
    """`synthprivacy.audit` finds what the command line finds, to the last digit that is written."""
    assert done.code == 0
    tables = {"original": place / "train.csv", "control": place / "control.csv"}
    schema = sp.schema(place / "train.csv", secrets=["diagnosis"])
    found = sp.audit("bootstrap:h=0", **tables, schema=schema, fits=24, targets=4, canaries=1)
    assert json.loads((place / "a.json").read_text()) == json.loads(json.dumps(found.to_dict()))
    assert "membership" in told(found)
    assert found.membership.worst.value == max(target.value for target in found.membership.targets)


def test_a_budget_is_spent_on_fits_of_which_the_first_are_timed(place, monkeypatch):
    """The first fit is timed and kept, what the rest of the budget buys is made, and its cost is said before."""
    asked, told_before, steps = [], [], []
    monkeypatch.setattr(running, "affordable", lambda *what: asked.append(what) or 20)
    original, control = (load(place / f"{name}.csv", label=name) for name in ("train", "control"))
    prepared = prepare(original, control, infer(original), targets=2, seed=0)
    how = {"announce": told_before.append, "progress": lambda *step: steps.append(step[:2])}
    found = running.run_audit(prepared, named("marginals"), running.Settings(budget=60.0, canaries=0), **how)
    assert (found.fits, len(asked)) == (20, 1)
    assert asked[0][0] > 0.0
    assert asked[0][1:] == (60.0, 1)
    assert steps[:4] == [(0, 1), (1, 1), (1, 20), (2, 20)]
    assert "the budget buys 20" in told_before[0]
