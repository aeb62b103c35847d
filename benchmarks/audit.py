"""How long an audit takes: `python benchmarks/audit.py`.

Bars: 400 fits of the Gaussian copula on 1,000 people x 10 columns, with query counts for 20 targets, in at most five
minutes on two cores, from two tables to everything that is said, although it is interrupted in the middle and gone on
with; and no more in memory than two fits: two processes fit, and the most that one of them ever held is hardly more after
400 fits than after 20. On a machine that does something else the seconds of the processors tell more than those of the
clock, and both are kept.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from neighbors_harness import machine

from synthprivacy import simulate
from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.queries import QUERIES
from synthprivacy.auditing.running import Settings, run_audit
from synthprivacy.auditing.telling import told
from synthprivacy.generators import named
from synthprivacy.schemata import infer
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
PEOPLE, OTHERS, COLUMNS, FITS, TARGETS, JOBS = 1_000, 500, 10, 400, 20, 2
LIMIT = 300.0
GROWTH = 1.1
"""Most that a process held in 400 fits, over what it held in 20."""
FEW = 20


def tables():
    """Return a training table, a control, and their schema."""
    streams = np.random.default_rng(0).spawn(2)
    frames = [simulate.people(rows, rng).iloc[:, :COLUMNS] for rows, rng in zip((PEOPLE, OTHERS), streams)]
    original, control = (load(frame, label="table") for frame in frames)
    return original, control, infer(original, secrets=["diagnosis"])


def spent(whose):
    """Return processor seconds and the most MiB any one process held."""
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**10


def audited(generator):
    """Return what one audit of 400 fits took, stopped in the middle and gone on with."""
    original, control, schema = tables()
    prepared = prepare(original, control, schema, targets=TARGETS, seed=0)
    run_audit(prepared, named(generator), Settings(fits=FEW, canaries=0, jobs=JOBS))
    few = spent(resource.RUSAGE_CHILDREN)[1]
    start, (mine, _), (theirs, _) = time.perf_counter(), spent(resource.RUSAGE_SELF), spent(resource.RUSAGE_CHILDREN)
    prepared = prepare(original, control, schema, targets=TARGETS, seed=0)
    how = Settings(fits=FITS, canaries=0, jobs=JOBS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            run_audit(prepared, named(generator), how, folder=folder, progress=interrupted)
        except KeyboardInterrupt:
            kept = len(list(folder.rglob("fit-*.npz")))
        found = run_audit(prepared, named(generator), how, folder=folder)
    seconds = time.perf_counter() - start
    ours, workers = spent(resource.RUSAGE_SELF), spent(resource.RUSAGE_CHILDREN)
    return {
        "generator": found.generator,
        "people": PEOPLE,
        "columns": COLUMNS,
        "targets": TARGETS,
        "queries": TARGETS * QUERIES,
        "fits": FITS,
        "processes": JOBS,
        "fits kept when it was interrupted": kept,
        "seconds": round(seconds, 1),
        "processor seconds": round(ours[0] - mine + workers[0] - theirs, 1),
        "peak MiB of a process that fits": {FEW: round(few), FITS: round(workers[1])},
        "peak MiB of the process that judges": round(ours[1]),
        "found": told(found).splitlines(),
    }


def interrupted(done, _, __):
    """Stop an audit in the middle, as its user would."""
    if done >= FITS // 2:
        raise KeyboardInterrupt


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generator", default="copula")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "audit.json")
    given = parser.parse_args()
    found = audited(given.generator)
    few, many = found["peak MiB of a process that fits"].values()
    bars = (
        (f"{FITS} fits in {LIMIT:g} s on two cores", found["seconds"] <= LIMIT, f"{found['seconds']} s"),
        (f"memory of a process, {FITS} fits over {FEW}, at most {GROWTH:g}", many <= GROWTH * few, f"{many / few:.2f}"),
    )
    found["bars"] = [{"bar": bar, "reached": reached, "measured": measured} for bar, reached, measured in bars]
    for bar, reached, measured in bars:
        print(f"{'reached' if reached else 'SHORT  '}  {bar}: {measured}")
    given.out.write_text(json.dumps({"machine": machine()} | found, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(found, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
