"""What a long run tells while it works: a bar on a terminal, nothing in a pipe, and steps to whoever asks in Python."""

from __future__ import annotations

import fcntl
import io
import os
import re
import signal
import struct
import sys
import termios
import threading
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import demonstration
from synthprivacy.cli import console, main
from synthprivacy.config import PlanSettings
from synthprivacy.planning import plan
from synthprivacy.selftest import tiers

TABLES = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")
QUICK = tiers.TIERS["quick"]
TINY = replace(QUICK, scenarios=QUICK.scenarios[:1], replicates=8, costly=2, parts=(), impostors=(), gates=())
SETTINGS = PlanSettings(attacks=("linkability", "memorization"), utility=("shapes",))
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What moves the cursor or changes a colour."""
DRAWN = "━╸╺\r\x1b"
RUNS = [
    ("evaluate", ("settings.toml", *TABLES), "s: linkability.halves"),
    ("explain", ("e.json", "s", *TABLES), "s: as it is"),
    ("audit", ("--generator", "copula", *TABLES[:4], "--fits", "20", "--targets", "4", "--canaries", "0"), "fits"),
    pytest.param("demo", ("--out", "demo"), "copied: membership.distance", marks=pytest.mark.slow),
    pytest.param("selftest", (), QUICK.scenarios[0], marks=pytest.mark.slow),
]


@contextmanager
def terminal(columns=100):
    """Yield a list whose only item will be what was written on a terminal that stands in for stderr."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    parts, written = [], []

    def read():
        try:
            while part := os.read(ours, 65_536):
                parts.append(part)
        except OSError:  # how a terminal ends on Linux
            return

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with open(theirs, "w", encoding="utf-8") as screen, redirect_stderr(screen):  # noqa: PTH123 - a descriptor
            yield written
    finally:
        reader.join(30)
        os.close(ours)
        written.append(b"".join(parts).decode())


@pytest.fixture(name="wide")
def _wide(monkeypatch):
    """Make the surroundings those of somebody before a terminal of 100 columns."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_INTERACTIVE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(name="small")
def _small(monkeypatch):
    """Make the demo and the self-test small."""
    monkeypatch.setattr(demonstration, "_SIMULATED", 120)
    monkeypatch.setattr(plan, "HOPELESS", 0.0)
    monkeypatch.setitem(tiers.TIERS, "quick", TINY)


def frames_of(written):
    """Return the lines that were drawn, one after the other."""
    return [line for line in re.split(r"[\r\n]+", SEQUENCE.sub("", written)) if line.strip()]


@pytest.fixture(name="place", scope="module")
def _place(folder, command, tmp_path_factory):
    """Return a folder with small tables and their evaluation."""
    place = tmp_path_factory.mktemp("progress")
    for path in folder.glob("*.csv"):
        (place / path.name).write_bytes(path.read_bytes())
    (place / "settings.toml").write_text('[plan]\nattacks = ["linkability", "memorization"]\nutility = ["shapes"]\n')
    done = command("evaluate", "settings.toml", *TABLES, "--json", "e.json", folder=place)
    assert done.code == 0, done.err
    return place


@pytest.fixture(name="on_a_terminal")
def _on_a_terminal(place, monkeypatch):
    """Return a function that runs the command line before a terminal, and what it wrote there."""

    def run(verb, *arguments):
        monkeypatch.setenv("SYNTHPRIVACY_KEY", "a key of these tests")
        monkeypatch.chdir(place)
        monkeypatch.setattr(sys, "argv", ["synthprivacy", verb, *arguments])
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        with terminal() as written, redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit):
            main()
        return written[0], out.getvalue()

    return run


@pytest.mark.parametrize(("verb", "arguments", "step"), RUNS)
@pytest.mark.usefixtures("wide", "small")
def test_a_terminal_is_shown_step_by_step(on_a_terminal, verb, arguments, step):
    """Each long verb draws a bar on stderr with the step, how many there are, and the time left; stdout has none of it."""
    written, out = on_a_terminal(verb, *arguments)

    frames = frames_of(written)
    assert any(f" {step}" in frame and re.search(r"\d+/\d+ ", frame) for frame in frames), frames[-9:]
    assert any(re.search(r"0:00:\d\d left|\d+ s left", frame) for frame in frames)
    assert frames[-1].startswith("exit ")
    assert not set(out) & set(DRAWN)


@pytest.mark.parametrize(("verb", "arguments", "step"), RUNS[:3])
@pytest.mark.usefixtures("wide")
def test_a_pipe_gets_no_bar(command, place, verb, arguments, step):
    """What is no terminal gets words and whole lines only, none of which is about a step; also where colours are forced."""
    done = command(verb, *arguments, folder=place, FORCE_COLOR="1")

    assert done.last.startswith("exit ")
    assert not set(done.err + done.out) & set(DRAWN)
    assert not re.search(r"\d/\d+ |getting ready", done.err), step


@pytest.mark.usefixtures("wide")
def test_nothing_on_a_terminal_is_obeyed_or_lost():
    """Names that are markup or commands to the terminal stand there spelled out, and a long one leaves room for the times."""
    with terminal() as written, console.progress_bar() as progress:
        progress(0, 4, "\x1b]0;owned\x07[red]a[/red] \u202eb")
        progress(1, 4, "begin")
        time.sleep(0.05)
        progress(2, 4, f"{'long ' * 60}end")
    (drawn,) = written

    assert "\x1b]" not in drawn
    assert "\x07" not in drawn
    assert r"\x1b]0;owned\x07[red]a[/red] \u202eb" in drawn
    assert max(map(len, frames_of(drawn))) <= 100
    (cut,) = {frame.rstrip()[-23:] for frame in frames_of(drawn) if "long" in frame}
    assert re.search(r"….*0:00:0\d 0:00:0\d left$", cut), cut


@pytest.mark.usefixtures("wide")
def test_ci_is_no_terminal(monkeypatch):
    """Where CI is set nobody looks: there is no bar, even if stderr says it is a terminal."""
    monkeypatch.setenv("CI", "true")
    with terminal() as written, console.progress_bar() as progress:
        assert progress is None

    assert written == [""]


def evaluate(tables, release, progress):
    """Return an evaluation."""
    return sp.evaluate(**tables, synthetic={"s": release}, plan=SETTINGS, progress=progress)


def explain(tables, release, progress):
    """Return an explanation."""
    found = evaluate(tables, release, None)
    return sp.explain(found, "s", **tables, synthetic={"s": release}, progress=progress)


def audit(tables, _release, progress):
    """Return an audit."""
    return sp.audit("bootstrap:h=0", **tables, fits=20, targets=4, canaries=0, progress=progress)


@pytest.fixture(name="tables", scope="module")
def _tables(folder):
    """Return original and control by name, and a release."""
    original, control, release = (pd.read_csv(folder / f"{name}.csv") for name in ("train", "control", "syn"))
    return {"original": original, "control": control}, release


@pytest.mark.parametrize("long", [evaluate, explain, audit])
def test_the_callback_hears_every_step(tables, long):
    """Steps never go back or beyond their number, which stands; each says something, and hearing changes no result."""
    told = []

    heard = long(*tables, lambda *step: told.append(step))

    assert len(told) > 2
    assert all(0 <= done <= total and what for done, total, what in told)
    assert all(before[0] <= after[0] and before[1] == after[1] for before, after in pairwise(told))
    assert heard.to_dict() == long(*tables, None).to_dict()


def test_a_callback_that_stops_stops_the_run(tables):
    """What a callback raises comes out as it is, so that a window with a stop button can use it."""

    def stop(_done, _total, what):
        raise LookupError(what)

    with pytest.raises(LookupError, match=r"s: "):
        evaluate(*tables, stop)
