"""Audits that are killed outright, at any moment: what is lost is less than one fit a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

JOBS = 2
KILLS = 3
PROGRAM = """
import sys
import time
from dataclasses import dataclass
from pathlib import Path
import numpy as np
import pyarrow as pa
from synthprivacy.auditing.checkpoints import checkpoints
from synthprivacy.auditing.fits import run_fits
from synthprivacy.generators import IndependentMarginals

@dataclass(frozen=True)
class Slow:
    begun: Path

    def read(self, people, generator, number):
        (self.begun / str(number)).touch()
        time.sleep(0.1)
        return {"number": np.array([number])}

if __name__ == "__main__":
    place = Path(sys.argv[1])
    people, kept = pa.table({"x": [1, 2]}), checkpoints(place / "kept", {})
    run_fits(Slow(place / "begun"), IndependentMarginals(), people, range(1_000), kept=kept, jobs=int(sys.argv[2]))
"""


def killed(place, rng, *, everybody):
    """Return how many fits were begun and not kept by a run that was killed with SIGKILL, alone or with its processes."""
    before = len(list((place / "kept").glob("fit-*.npz")))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, place / "audit.py", place, str(JOBS)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as running:
        deadline = time.monotonic() + 60
        while len(list((place / "kept").glob("fit-*.npz"))) < before + JOBS and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.3))
        (os.killpg if everybody else os.kill)(running.pid, signal.SIGKILL)
        assert running.stdout.read() == b""  # until the last of its processes is gone, without a word
    begun = {int(path.name) for path in (place / "begun").iterdir()}
    kept = {int(path.stem.removeprefix("fit-")) for path in (place / "kept").glob("fit-*.npz")}
    assert len(kept) >= before + JOBS
    return len(begun - kept)


@pytest.mark.slow
@pytest.mark.parametrize("everybody", [False, True], ids=["who counts", "everybody"])
def test_a_kill_loses_at_most_the_fit_of_a_process(tmp_path, everybody):
    """Killed alone, the process that counts loses no fit: the others keep theirs. Killed together, each loses one at most."""
    (tmp_path / "begun").mkdir()
    (tmp_path / "audit.py").write_text(PROGRAM, encoding="utf-8")
    rng = np.random.default_rng(0)
    lost = 0
    for kill in range(KILLS):
        missing = killed(tmp_path, rng, everybody=everybody)
        assert missing <= (JOBS if everybody else 0), (kill, missing)
        lost += missing
    assert not list((tmp_path / "kept").glob(".*")) or everybody
    assert lost > 0 or not everybody
