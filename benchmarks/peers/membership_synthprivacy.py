"""Our membership battery on encoded tables, and our closest-record shares: prints one JSON line.

Called with ``battery FOLDER TARGETS JOBS`` or ``shares FOLDER JOBS``; the folder holds original, control and release as
Parquet.
"""

import json
import sys
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pyarrow.compute as pc
from neighbors_serving import peak

from synthprivacy.attacks.membership_battery import METHODS
from synthprivacy.battery import DISTANCE, run_battery
from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.results import Risk
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode, encode_pair
from synthprivacy.tables.read import load
from synthprivacy.tables.space import points


def tables(folder):
    """Return the three tables as frames."""
    return {name: load(Path(folder) / f"{name}.parquet", label=name) for name in ("original", "control", "release")}


def battery(folder, targets, jobs):
    """Return the time and the readings of every score."""
    frames = tables(folder)
    case = encode(**frames, schema=infer(frames["original"]))
    del frames
    rows = {
        name: len(table)
        for name, table in (("original", case.original), ("control", case.control), ("release", case.release))
    }
    begin, spent = perf_counter(), process_time()
    found = run_battery(case, 0, targets=int(targets), jobs=int(jobs))
    return {
        "rows": rows,
        "people attacked a side, at most": max(
            max(risk.evidence.members, risk.evidence.nonmembers) for risk in found.results if isinstance(risk, Risk)
        ),
        "seconds": round(perf_counter() - begin, 1),
        "seconds of all cores": round(process_time() - spent, 1),
        "peak MiB": round(peak() / 2**20),
        "best": found.best,
        "adjusted p": found.adjusted,
        "readings": {risk.endpoint: reading(risk) for risk in found.results if isinstance(risk, Risk)},
    }


def scores(folder, targets, jobs):
    """Return the seconds of all cores that each score takes alone."""
    case = encode(**tables(folder), schema=infer(tables(folder)["original"]))
    seconds = {}
    for method in (DISTANCE, *METHODS):
        begin, spent = perf_counter(), process_time()
        run_battery(case, 0, targets=int(targets), methods=(method,), jobs=int(jobs))
        seconds[method] = [round(perf_counter() - begin, 2), round(process_time() - spent, 2)]
    return {"seconds, and of all cores": seconds}


def reading(risk):
    """Return what one score reads."""
    return {
        "auc": round(risk.evidence.auc, 4),
        "interval": [round((1 + end) / 2, 4) for end in risk.interval],
        "people": [risk.evidence.members, risk.evidence.nonmembers],
        "tpr": {f"{p.fpr:g}": [p.successes, p.trials, p.false_positives, p.nonmembers] for p in risk.evidence.tpr},
    }


def shares(folder, jobs):
    """Return the share of released rows nearer to training rows than to held-out ones, on as many of either."""
    frames = tables(folder)
    declared = {
        name: {"bounds": [pc.min(column).as_py(), pc.max(column).as_py()]}
        for name, column in zip(frames["original"].column_names, frames["original"].columns)
        if not isinstance(pc.min(column).as_py(), str)
    }
    begin = perf_counter()
    case = encode(**frames, schema=infer(frames["original"], declared=declared))
    asked = points(case.release)
    near = [
        neighbors.nearest_steps(neighbors.build(points(table)), asked, jobs=int(jobs))
        for table in (case.original, case.control)
    ]
    seconds = perf_counter() - begin
    return {
        "seconds": seconds,
        "rows": [len(case.original), len(case.control), len(case.release)],
        "closer to training": float(np.mean(near[0] < near[1])),
        "peak MiB": round(peak() / 2**20),
    }


def closest(folder):
    """Return SynthEval's median distance to the closest record and its adversarial accuracy, and their time.

    Numbers are scaled by the range of the two tables compared, as SynthEval does; a warm run before is not counted.
    """
    frames = {name: load(Path(folder) / f"{name}.parquet", label=name) for name in ("original", "release")}
    for _ in range(2):
        begin = perf_counter()
        real, released = _points(frames, ("original", "release"), ("original", "release"))
        by_real, by_release = neighbors.build(real), neighbors.build(released)
        mutual = neighbors.nearest_steps(by_real, released) / UNIT
        to_release = neighbors.nearest_steps(by_release, real) / UNIT
        own = [_apart(frames, name) for name in ("original", "release")]
        seconds = perf_counter() - begin
    median = float(np.median(mutual) / np.median(own[0]))
    accuracy = float(np.mean(to_release > own[0]) + np.mean(mutual > own[1])) / 2
    return {"seconds": seconds, "mDCR": median, "accuracy": accuracy}


def _apart(frames, name):
    """Return the distance of each row of a table to the nearest other one, numbers scaled by its own range."""
    _, own = _points(frames, (name, name), (name,))
    return neighbors.nearest(neighbors.build(own), own, 2).steps[:, 1] / UNIT


def _points(frames, pair, of):
    """Return two tables in the order of their rows, numbers scaled by the range of some tables."""
    ends = {
        name: [f(ends_of(frames[table][name]).as_py() for table in of) for f, ends_of in ((min, pc.min), (max, pc.max))]
        for name in frames["original"].column_names
    }
    declared = {name: {"bounds": both} for name, both in ends.items() if not isinstance(both[0], str)}
    schema = infer(frames[pair[1]], declared=declared)
    return (points(table) for table in encode_pair(frames[pair[0]], frames[pair[1]], schema))


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    print(json.dumps({"battery": battery, "scores": scores, "shares": shares, "closest": closest}[task](*rest)))
