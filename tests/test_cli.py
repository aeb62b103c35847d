"""The command line: exit codes, last lines, crashes, and what the gate and the report write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from synthprivacy import simulate

TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")


@pytest.fixture
def verdicts(tmp_path, evaluation, risk):
    """Return a folder with one evaluation per decision at a limit of .05."""
    cases = {"pass": risk(upper=0.01), "fail": risk(lower=0.2, upper=0.3), "inconclusive": risk(upper=0.3)}
    for decision, found in cases.items():
        evaluation(found).to_json(tmp_path / f"{decision}.json")
    (tmp_path / "policy.toml").write_text('[[policy.rule]]\nof = "primary.upper"\nmax = 0.05\nlevel = "warn"\n')
    return tmp_path


def files(place):
    """Return the names of everything in a folder, hidden files included."""
    return sorted(path.name for path in place.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "code", "last"),
    [
        (("gate", "pass.json", "--limit", "0.05"), 0, "exit 0: pass: every rule holds"),
        (("gate", "fail.json", "--limit", "0.05"), 1, "exit 1: fail: ctgan: linkability.halves: risk at least 0.2"),
        (("gate", "inconclusive.json", "--limit", "0.05"), 3, "exit 3: inconclusive: ctgan: linkability.halves: risk"),
        (("gate", "fail.json", "--limit", "0.05", "--exit-zero"), 0, "exit 0: fail: ctgan"),
        (("gate", "fail.json", "--policy", "policy.toml"), 0, "exit 0: warn: ctgan"),
        (("gate", "fail.json", "--policy", "policy.toml", "--fail-on", "warn"), 1, "exit 1: warn: ctgan"),
        (("gate", "pass.json"), 2, "exit 2: a gate needs a policy; pass"),
        (("gate", "pass.json", "--limit", "5"), 2, "exit 2: limit must lie strictly between 0 and 1"),
        (("gate", "pass.json", "--limit", "0.05", "--policy", "policy.toml"), 2, "exit 2: limit and policy must not"),
        (("gate", "nothing.json", "--limit", "0.05"), 2, "exit 2: nothing.json cannot be read"),
        (("gate", "policy.toml", "--limit", "0.05"), 2, "exit 2: policy.toml is not strict JSON"),
        (("gate", "pass.json", "--policy", "pass.json"), 2, "exit 2: pass.json is not valid TOML at line 1"),
        (("evalute",), 2, "exit 2: No such command 'evalute'"),
        (("gate", "--limt", "1"), 2, "exit 2: No such option: --limt"),
        (("gate",), 2, "exit 2: Missing argument"),
        (("evaluate", "--seed", "x"), 2, "exit 2: Invalid value for '--seed'"),
        (("evaluate", "--jobs", "0"), 2, "exit 2: Invalid value for '--jobs'"),
        ((), 2, "exit 2: a verb is needed"),
        (("report", "pass.json", "--html", "r.html"), 0, "exit 0: r.html is written"),
        (("report", "pass.json", "--html", "pass.json"), 2, "exit 2: pass.json cannot be written: it is a file that is read"),
    ],
)  # fmt: skip
def test_exit_codes(verdicts, command, arguments, code, last):
    """Every outcome has its code, and the last line on stderr names it with the reason."""
    done = command(*arguments, folder=verdicts)

    assert (done.code, done.last[: len(last)]) == (code, last)


def test_help_and_version_are_fine(command):
    """`--help` and `--version` answer on stdout with code 0."""
    for arguments in (("--help",), ("-h",), ("gate", "--help"), ("--version",)):
        done = command(*arguments)
        assert (done.code, done.err) == (0, "")
        assert done.out


def crash_with(monkeypatch, error):
    """Let the evaluation raise an error."""

    def broken(*_, **__):
        raise error

    monkeypatch.setattr("synthprivacy.evaluation.evaluate_frames", broken)


@pytest.mark.parametrize(
    ("error", "code", "last"),
    [
        (ValueError("SECRET CELL"), 3, "exit 3: the evaluator crashed (ValueError at synthprivacy.cli.evaluate:"),
        (KeyError("SECRET CELL"), 3, "exit 3: the evaluator crashed (KeyError at synthprivacy.cli.evaluate:"),
        (MemoryError("SECRET CELL"), 3, "exit 3: out of memory"),
        (OSError(28, "No space left on device", "SECRET CELL"), 3, "exit 3: the system refused (No space left on device"),
        (KeyboardInterrupt("SECRET CELL"), 130, "exit 130: interrupted; nothing half-written was left"),
    ],
)  # fmt: skip
def test_a_crash_is_never_a_failed_gate_and_tells_no_cell(folder, tmp_path, command, monkeypatch, error, code, last):
    """A crash is 3, an interrupt 130; neither tells what an error holds, nor leaves a file."""
    crash_with(monkeypatch, error)

    done = command("evaluate", *TABLES, "--json", tmp_path / "e.json", folder=folder)

    assert (done.code, done.last[: len(last)]) == (code, last)
    assert "SECRET" not in done.err + done.out
    assert files(tmp_path) == []


@pytest.mark.parametrize("verb", ["evaluate", "split"])
def test_an_interrupt_while_writing_leaves_nothing(folder, tmp_path, command, monkeypatch, verb):
    """Stopped at the moment a file is moved to its place, nothing half-written is left."""
    moves, move = [], os.replace

    def interrupted(*paths):
        moves.append(paths)
        if verb == "evaluate" or len(moves) == 2:  # the second table of a split
            raise KeyboardInterrupt
        move(*paths)

    monkeypatch.setattr(os, "replace", interrupted)
    wanted = {
        "evaluate": ("quick.toml", *TABLES, "--json", tmp_path / "e.json"),
        "split": ("train.csv", "--out", tmp_path / "out"),
    }

    done = command(verb, *wanted[verb], folder=folder)

    assert done.code == 130
    assert moves
    assert files(tmp_path) == []


def test_ctrl_c_in_the_middle_of_a_run(tmp_path):
    """SIGINT during an attack on tables as large as Adult ends the process within seconds, code 130, no files."""
    for name, stream in zip(("train", "control", "syn"), np.random.default_rng(0).spawn(3)):
        simulate.people(30_000, stream).to_parquet(tmp_path / f"{name}.parquet")
    place = tmp_path / "out"
    place.mkdir()
    tables = [argument.replace(".csv", ".parquet") for argument in TABLES]
    command_line = [sys.executable, "-m", "synthprivacy", "evaluate", *tables, "--json", "out/e.json", "--jobs", "2"]

    with subprocess.Popen(command_line, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(6)  # beside other work the imports alone take more than three
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, err = process.communicate()

    assert time.monotonic() - started < 10
    assert process.returncode == 130
    assert err.splitlines()[-1] == "exit 130: interrupted; nothing half-written was left"
    assert files(place) == []


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="pipes end otherwise on this system")
def test_a_reader_that_goes_away_is_no_failed_gate(verdicts):
    """`… | head` ends us by the signal of a broken pipe, never with 1."""
    command_line = [sys.executable, "-m", "synthprivacy", "gate", "pass.json", "--limit", "0.05"]
    with subprocess.Popen(command_line, cwd=verdicts, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.close()
        assert process.wait() == -signal.SIGPIPE


def test_dry_run_attacks_nobody(folder, command, tmp_path, monkeypatch):
    """`--dry-run` prints the plan with what each attacker knows, and writes nothing."""
    crash_with(monkeypatch, ValueError("attacked"))

    done = command("evaluate", *TABLES, "--dry-run", "--json", tmp_path / "e.json", folder=folder)

    assert (done.code, done.last) == (0, "exit 0: planned; nobody was attacked, nothing was written")
    assert "240 training and 240 control people; limit 0.05" in done.out
    assert "inference.diagnosis" in done.out
    assert files(tmp_path) == []


@pytest.mark.parametrize("flag", ["--json", "--html", "--metrics"])
@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("no/folder/x", "there is no folder"),
        (".", "it is a folder"),
        ("train.csv", "it is a file that is read"),
        ("/dev/null", "it is no ordinary file"),
        ("pipe", "it is no ordinary file"),
    ],
)
def test_outputs_are_refused_before_anyone_is_attacked(tmp_path, folder, command, monkeypatch, flag, output, words):
    """An output that cannot be written, or would overwrite a table, is refused at once and nothing is left."""
    crash_with(monkeypatch, ValueError("attacked"))
    for table in folder.iterdir():
        (tmp_path / table.name).write_bytes(table.read_bytes())
    os.mkfifo(tmp_path / "pipe")
    before = files(tmp_path)

    done = command("evaluate", *TABLES, flag, output, folder=tmp_path)

    assert done.code == 2
    assert words in done.last
    assert files(tmp_path) == before


def test_a_link_at_the_output_is_replaced_not_followed(verdicts, command):
    """A symbolic link where an output goes becomes the file; what it pointed to stays as it was."""
    (verdicts / "precious").write_text("precious")
    for name in ("r.html", "g.xml", "g.md"):
        (verdicts / name).symlink_to("precious")

    command("report", "pass.json", "--html", "r.html", folder=verdicts)
    command("gate", "pass.json", "--limit", "0.05", "--junit", "g.xml", "--md", "g.md", folder=verdicts)

    assert (verdicts / "precious").read_text() == "precious"
    for name in ("r.html", "g.xml", "g.md"):
        assert not (verdicts / name).is_symlink()


def test_gate_writes_what_pipelines_read(verdicts, command):
    """`--junit` and `--md` tell the verdict that is printed."""
    done = command("gate", "fail.json", "--limit", "0.05", "--junit", "g.xml", "--md", "g.md", folder=verdicts)

    assert done.code == 1
    assert "gate   FAIL" in done.out
    assert ET.parse(verdicts / "g.xml").getroot().find("testsuite").get("failures") == "1"  # noqa: S314 - our own file
    assert (verdicts / "g.md").read_text().startswith("## Privacy gate: fail")


def test_report_of_several(verdicts, command):
    """Several evaluations stand side by side on one page."""
    done = command("report", "pass.json", "fail.json", "--html", "r.html", folder=verdicts)

    assert done.code == 0
    assert (verdicts / "r.html").read_text().count("ctgan") > 2
