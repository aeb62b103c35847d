"""Fits: planned, kept, resumed, and the same on any number of processes."""

from __future__ import annotations

import math
import os
import signal
import stat
import subprocess
import sys
import time
import weakref
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
import pytest

from synthprivacy import simulate
from synthprivacy.auditing.budget import affordable, reach, seconds_of
from synthprivacy.auditing.checkpoints import checkpoints
from synthprivacy.auditing.fits import Fitting, _packed, _received, _work, run_fits
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.worlds import Worlds, coins_of
from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.generators import SmoothedBootstrap
from synthprivacy.schemata import infer
from synthprivacy.statistics.privacy_loss.two_sample import ceiling, over_thresholds
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "diagnosis", "weight_kg"]


def tables(rows=120, others=60, seed=0):
    """Return a training table, a control, and their schema."""
    frames = [simulate.people(n, rng)[COLUMNS] for n, rng in zip((rows, others), np.random.default_rng(seed).spawn(2))]
    original, control = (load(frame, label="table") for frame in frames)
    return original, control, infer(original)


@pytest.fixture(scope="module", name="prepared")
def _prepared():
    return prepare(*tables(), targets=6, seed=3)


@dataclass(frozen=True)
class Counting:
    """A bootstrap that counts its fits, and may be interrupted before one of them."""

    stop: int | None = None
    fits: list = field(default_factory=list)
    alive: list = field(default_factory=list)
    name: str = "counting"

    def __repr__(self):
        return "Counting()"

    def fit_sample(self, table, rows, seed):
        """Return rows."""
        self.alive.append(sum(one() is not None for one in self.fits))
        if len(self.fits) == self.stop:
            raise KeyboardInterrupt
        made = SmoothedBootstrap(0.1).fit_sample(table, rows, seed)
        self.fits.append(weakref.ref(made))
        return made


def same(first, second):
    """Return whether two rows of fits hold the same readings, byte for byte."""
    pairs = zip(first, second, strict=True)
    return all(np.array_equal(a.reading[name], b.reading[name]) for a, b in pairs for name in a.reading)


def test_interrupted_fits_go_on_where_they_were(prepared, tmp_path):
    """An interruption loses the fit that was running and nothing else, and the readings are those without it."""
    study, how = prepared.membership(), {"a": 1}
    whole = run_fits(study, Counting(), prepared.people, range(12), kept=checkpoints(tmp_path / "whole", how))
    kept = checkpoints(tmp_path / "broken", how)
    with pytest.raises(KeyboardInterrupt):
        run_fits(study, Counting(stop=7), prepared.people, range(12), kept=kept)
    assert kept.numbers() == frozenset(range(7))
    assert not list((tmp_path / "broken").glob(".*"))
    again = Counting()
    resumed = run_fits(study, again, prepared.people, range(12), kept=checkpoints(tmp_path / "broken", how))
    assert len(again.fits) == 5
    assert same(whole, resumed)


def test_a_checkpoint_is_whole_or_absent(tmp_path, monkeypatch):
    """A process that ends while it writes leaves no file that a resumed audit would take for a fit."""
    kept = checkpoints(tmp_path, {})
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        kept.save(0, {"x": np.zeros(3)}, 1.0)
    monkeypatch.undo()
    assert not list(tmp_path.glob(".fit-*"))
    (tmp_path / ".fit-left.tmp").write_bytes(b"half of a file")
    assert checkpoints(tmp_path, {}).numbers() == frozenset()
    assert not list(tmp_path.glob(".fit-*"))
    (tmp_path / "fit-000004.npz").write_bytes(b"damaged")
    with pytest.raises(DataError, match="checkpoint of fit 4 is damaged"):
        kept.load(4)


def test_a_folder_of_something_else_is_refused(tmp_path):
    """Fits of other tables, another seed or another generator are never mixed with these, and the error names what differs."""
    checkpoints(tmp_path / "fits", {"seed": 1, "people": "x"})
    checkpoints(tmp_path / "fits", {"seed": 1, "people": "x"})
    with pytest.raises(ConfigError, match="its people, seed differ"):
        checkpoints(tmp_path / "fits", {"seed": 2, "people": "y"})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("all of it")
    with pytest.raises(ConfigError, match="must be empty or hold the fits"):
        checkpoints(tmp_path / "other", {"seed": 1})


def test_checkpoints_are_for_their_owner_only(tmp_path):
    """The folder and the files of fits can be read by nobody else."""
    kept = checkpoints(tmp_path / "fits", {})
    kept.save(0, {"x": np.zeros(3)}, 1.0)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (kept.folder, kept.folder / "fit-000000.npz")]
    assert modes == [0o700, 0o600]


def test_processes_change_nothing(prepared, tmp_path):
    """One process or two: the same readings, byte for byte."""
    study, generator = prepared.membership(), SmoothedBootstrap(0.1)
    made = [
        run_fits(study, generator, prepared.people, range(6), kept=checkpoints(tmp_path / str(jobs), {}), jobs=jobs)
        for jobs in (1, 2)
    ]
    assert same(*made)


def test_a_failing_generator_is_told_without_a_cell(prepared, tmp_path, capfd):
    """A process in which a generator fails sends the kind of its error, and ends without printing what may hold cells."""
    broken = SmoothedBootstrap(0.1)
    object.__setattr__(broken, "h", "words")
    ours, theirs = get_context("spawn").Pipe()
    fitting = Fitting(prepared.membership(), broken, checkpoints(tmp_path, {}))
    worker = get_context("spawn").Process(target=_work, args=(fitting, theirs))
    worker.start()
    theirs.close()
    ours.send_bytes(_packed(prepared.people))
    ours.send(0)
    with pytest.raises(DataError, match=r"the generator failed in a fit \(\w+\)"):
        _received(ours)
    worker.join(20)
    assert worker.exitcode == 1
    assert "Traceback" not in capfd.readouterr().err
    local = Counting()
    object.__setattr__(local, "name", lambda: None)
    with pytest.raises(ConfigError, match="pass jobs=1"):
        run_fits(prepared.membership(), local, prepared.people, range(4), kept=checkpoints(tmp_path, {}), jobs=2)


def test_one_release_a_process_is_in_memory(prepared, tmp_path):
    """When a fit begins, no release of an earlier one is held."""
    generator = Counting()
    run_fits(prepared.membership(), generator, prepared.people, range(8), kept=checkpoints(tmp_path, {}))
    assert generator.alive == [0] * 8


def test_progress_tells_the_time_left(prepared, tmp_path):
    """Every fit is reported, those that were kept at once."""
    told = []
    kept, study = checkpoints(tmp_path, {}), prepared.membership()
    run_fits(study, Counting(), prepared.people, range(2), kept=kept)
    run_fits(study, Counting(), prepared.people, range(4), kept=kept, progress=lambda *what: told.append(what))
    assert [what[:2] for what in told] == [(2, 4), (3, 4), (4, 4)]
    assert "left" in told[1][2]


def test_worlds_replace_one_person_and_no_other():
    """A target that stays out has its row taken by somebody of the others, nobody comes twice, and the rest stays."""
    worlds = Worlds(50, 12, np.array([3, 40, 17]), seed=1)
    for number in range(30):
        rows, coins = worlds.rows(number), worlds.coins(number)
        changed = np.flatnonzero(rows != np.arange(50))
        assert sorted(changed) == sorted(worlds.targets[~coins])
        assert (rows[changed] >= 50).all()
        assert len(set(rows.tolist())) == 50
    coins = coins_of(worlds, 2_000)
    assert np.abs(coins.mean(axis=0) - 0.5).max() < 3 * 0.5 / math.sqrt(2_000)
    assert np.abs(np.corrcoef(coins.T) - np.eye(3)).max() < 0.08
    with pytest.raises(NotEnoughDataError, match="2 for 3"):
        Worlds(50, 2, np.array([3, 40, 17]), seed=1)


def test_what_fits_can_show_is_said_before():
    """More fits show smaller leaks and prove more; the ceiling of epsilon is that of the half that is judged."""
    few, many = reach(40, 20), reach(400, 20)
    assert few.smallest_auc > many.smallest_auc > many.smallest_auc_alone > 0.5
    assert few.half_width > many.half_width
    perfect = over_thresholds(np.ones(100), np.zeros(100), np.random.default_rng(0))
    assert few.largest_epsilon < many.largest_epsilon == perfect.ceiling < ceiling(100, 100)
    assert "cannot show smaller leaks" in str(many)
    with pytest.raises(ConfigError, match="at least 20 fits"):
        reach(10, 20)


def test_a_budget_buys_fits():
    """A budget in words, less a tenth, divided by what a fit takes; too little is refused with what is needed."""
    assert [seconds_of(text) for text in ("90s", "30m", "2h", "1.5m")] == [90, 1800, 7200, 90]
    for text in ("30", "m", "-3m", "0m", "3d"):
        with pytest.raises(ConfigError, match="budget must be a number and s, m or h"):
            seconds_of(text)
    assert affordable(1.0, 100.0, 2) == 180
    with pytest.raises(ConfigError, match=r"at 60\.0 s each it buys 0; pass --budget 24m"):
        affordable(60.0, 60.0, 1)


def test_a_control_of_the_same_people_is_refused():
    """People who are trained on anyway cannot take a target's place, whether rows or ids show who they are."""
    original, _, schema = tables()
    with pytest.raises(DataError, match="control must be other people than original"):
        prepare(original, original.slice(20, 60), schema, targets=6, seed=3)
    ids = pa.array([f"p{number}" for number in range(120)])
    known = infer(original.append_column("id", ids), unit="id")
    others = tables(60, seed=8)[0].append_column("id", ids.slice(100, 20).take(pa.array([*range(20)] * 3)))
    with pytest.raises(DataError, match="control must not"):
        prepare(original.append_column("id", ids), others, known, targets=6, seed=3)


def test_a_control_may_be_made_of_the_original():
    """Without a control a fifth of the original is set aside, once, and rows are still those of the original's file."""
    original, control, schema = tables(150)
    made = prepare(original, None, schema, targets=6, seed=3)
    assert (made.original, made.people.num_rows, made.substitutes) == (120, 150, "set aside from original")
    assert made.people.take(made.targets.rows).to_pylist() == original.take(made.rows[made.targets.rows]).to_pylist()
    with pytest.raises(NotEnoughDataError, match="at most half"):
        prepare(original, control, schema, targets=76, seed=3)
    twice = replace(schema, columns=tuple(replace(c, role="unit") if c.name == "age" else c for c in schema.columns))
    with pytest.raises(DataError, match="one row a person"):
        prepare(original, control, twice, targets=6, seed=3)


@pytest.mark.slow
def test_a_killed_audit_loses_the_fits_that_were_running(tmp_path):
    """Killed outright, an audit goes on from its folder and ends in the same bytes as one that was left alone."""
    for name, seed in (("train", 1), ("control", 2)):
        simulate.people(800, seed)[COLUMNS].to_csv(tmp_path / f"{name}.csv", index=False)
    words = ("audit", "--generator", "copula", "--original", "train.csv", "--control", "control.csv", "--fits", "40")
    command = [sys.executable, "-m", "synthprivacy", *words, "--canaries", "0", "--jobs", "2"]
    environment = {**os.environ, "SYNTHPRIVACY_KEY": "a key of these tests", "PYTHONPATH": os.pathsep.join(sys.path)}
    how = {"cwd": tmp_path, "env": environment, "stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    running = subprocess.Popen([*command, "--resume", "kept", "--json", "a.json"], start_new_session=True, **how)
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "kept").rglob("fit-*.npz"))) < 6 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").rglob("fit-*.npz")}
    assert 6 <= len(before) < 40
    assert not (tmp_path / "a.json").exists()
    assert subprocess.run([*command, "--resume", "kept", "--json", "a.json"], check=False, **how).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert subprocess.run([*command, "--json", "b.json"], check=False, **how).returncode == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
