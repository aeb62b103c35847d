"""Side by side in one run: every contender is a process that waits while another one works."""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

HERE = Path(__file__).parent
OURS = "synthprivacy"
SLOW = 20.0
"""Seconds from which on a run counts as slow."""
_PAUSE = 0.3
"""Seconds between two runs: threads that wait for more work have stopped spinning by then."""


@dataclass(frozen=True)
class Contender:
    """A way to do the work of a row."""

    name: str
    program: str
    """Which of the programs in `peers`."""
    asked: dict
    """What every request says."""
    rows: int | None = None
    """Queries it answers where it is too slow for all of them; its time is scaled to all."""
    runs: int | None = None
    """How often it runs, where it is not as often as all others."""


@dataclass
class Record:
    """What a contender did."""

    seconds: list = field(default_factory=list)
    """Of each run; for some of the queries, scaled to all."""
    spent: float = 0.0
    """Seconds the last run took, as they were."""
    parts: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    peak: int = 0
    rows: int = 0
    arrays: dict = field(default_factory=dict)
    failure: str | None = None

    def summary(self, rows):
        """Return what is kept of it, for a row of so many queries."""
        if self.failure:
            return {"not measured": self.failure}
        kept = {
            "seconds": round(median(self.seconds), 4),
            "runs": [round(seconds, 4) for seconds in self.seconds],
            "parts": {part: round(median(run[part] for run in self.parts), 4) for part in self.parts[0]},
            "peak MiB": round(self.peak / 2**20),
            "versions": self.versions,
        }
        if self.rows < rows:
            kept["measured on queries"] = self.rows
            kept["note"] = f"time of {self.rows} of {rows} queries, scaled to all; fitting is not scaled"
        return kept | ({"figures": self.figures} if self.figures else {})


class Worker:
    """A contender's process."""

    def __init__(self, program, folder, python, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), PYTHONWARNINGS="ignore")
        if program == OURS:
            environment["PYTHONPATH"] = str(HERE.parent)
        command = [python, str(HERE / "peers" / f"neighbors_{program}.py"), str(folder)]
        self._folder = folder
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.hello = self._read()

    def ask(self, **request):
        """Return the answer to a request, with its arrays."""
        print(json.dumps(request), file=self._process.stdin, flush=True)
        found = self._read()
        if "missing" not in found:
            with np.load(self._folder / found["answer"]) as arrays:
                found["arrays"] = dict(arrays)
        return found

    def close(self):
        """End the process."""
        self._process.stdin.close()
        self._process.wait()

    def _read(self):
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"missing": "an answer; the program ended"}


def race(folder, contenders, rows, *, repeats, pythons):
    """Return the record of each contender, measured in turns.

    Parameters
    ----------
    folder : Path
        Where the tables are.
    contenders : list of Contender
    rows : int
        Number of queries.
    repeats : int
        Runs of each; a peer that takes longer than `SLOW` runs three times, than three times as long once, and we run
        once where it takes six times as long.
    pythons : dict
        The interpreter of each peer, by program; under ``""`` that of all others.
    """
    records = {contender.name: Record(rows=min(contender.rows or rows, rows)) for contender in contenders}
    workers = {contender.name: _start(contender, folder, pythons, records) for contender in contenders}
    try:
        for turn in range(repeats):
            for contender in contenders:
                record = records[contender.name]
                if not record.failure and turn < _runs(contender, record, repeats):
                    time.sleep(_PAUSE)
                    _run(workers[contender.name], contender, record, rows)
    finally:
        for worker in workers.values():
            worker.close()
    return records


def machine():
    """Return what a reader needs to know of the machine; neither names nor places."""
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return {
        "cores": os.cpu_count(),
        "memory GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system(),
        "processor": platform.machine(),
        "vector extensions": simd,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def agreement(one, other, columns):
    """Return the largest difference of two mean distances, over the queries that both answered."""
    rows = min(len(one), len(other))
    return float(np.abs(one[:rows].astype(float) - other[:rows].astype(float)).max()) / columns


def _start(contender, folder, pythons, records):
    ours = contender.program == OURS
    python = sys.executable if ours else pythons.get(contender.program, pythons.get("", sys.executable))
    worker = Worker(contender.program, folder, python, contender.asked.get("threads", 1))
    record = records[contender.name]
    record.versions = worker.hello.get("versions", {})
    if "missing" in worker.hello:
        record.failure = f"lacks {worker.hello['missing']}"
    return worker


def _run(worker, contender, record, rows):
    found = worker.ask(**contender.asked, rows=record.rows)
    if "missing" in found:
        record.failure = f"lacks {found['missing']}"
        return
    scale = {"query": rows / record.rows}
    record.spent = sum(found["parts"].values())
    parts = {part: seconds * scale.get(part, 1.0) for part, seconds in found["parts"].items()}
    record.parts.append(parts)
    record.seconds.append(sum(parts.values()))
    record.peak, record.figures, record.arrays = found["peak"], found["figures"], found["arrays"]


def _runs(contender, record, repeats):
    """Return how often a contender runs: slow peers less often, we only where a run takes minutes."""
    wanted = min(repeats, contender.runs or repeats)
    if contender.program == OURS:
        return 1 if record.spent > 6 * SLOW else wanted
    return min(wanted, 1 if record.spent > 3 * SLOW else 3 if record.spent > SLOW else wanted)
