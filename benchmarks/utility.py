"""How long utility takes: `python benchmarks/utility.py TABLE.csv --peer PYTHON --wide TABLE.parquet`.

Four rows: all families but detection and prediction, and all of them, on original, control and release of one table; columns and
pairs beside the peer's quality report in the same run; columns and pairs of a large table. The release is not a
generator's: each row takes half of its columns from one training row and half from another one of the same last column.

Each row is a process of its own, so that its peak is its own. At the end every bar is told with what was measured: reached,
or SHORT by how much. Beside the peer there are two ratios: from two dataframes to the numbers, encoding them included, as the peer
is used alone; and between encoded tables, as in an evaluation, where tables are encoded once for everything. Seconds are those on the clock; on a machine that does something
else `cpu` says what this program took.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from neighbors_harness import machine

from synthprivacy.measures import LEARNED, MEASURES, column_pairs, column_shapes
from synthprivacy.measures import pairs as pairs_module
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
PAUSE = 1.0
FAMILIES = MEASURES | LEARNED
QUICK = tuple(name for name in FAMILIES if name not in {"detection", "prediction"})
BARS = {"quick": 5.0, "all": 45.0, "wide": 20.0, "ratio": 10.0, "difference": 1e-6, "peak MiB": 2048}
"""Seconds, times faster, how far numbers may differ, and the memory of all families."""
DEPARTURES = (
    "a number beside a label is cut at the original's ten bins in both tables; the report cuts each over its own range",
    "no pair is left out; the report by itself leaves out pairs that are weakly related in the original",
)


def tables(path):
    """Return original (four fifths), control and release."""
    rng = np.random.default_rng(0)
    everyone = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    everyone = everyone.iloc[rng.permutation(len(everyone))].reset_index(drop=True)
    cut, last = round(0.8 * len(everyone)), everyone.columns[-1]
    original, control = everyone.iloc[:cut], everyone.iloc[cut:].reset_index(drop=True)
    release, partners = (
        original.iloc[rng.integers(cut, size=cut)].sort_values(last, kind="stable").reset_index(drop=True)
        for _ in range(2)
    )
    mixed = [name for name in release if name != last and rng.random() < 0.5]
    release[mixed] = partners[mixed]
    return original, control, release


def case_of(original, control, release, *, roles=True):
    """Return the encoded case; with roles the last column is the secret, and the first one of labels says the group."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0])
    if roles:
        group = next(column.name for column in schema.columns if column.kind in {"category", "boolean"})
        secret = original.columns[-1]
        given = {secret: {"role": "secret"}, **({} if group == secret else {group: {"role": "group"}})}
        schema = infer(frames[0], declared=given)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def families(case, names):
    """Return the seconds of each family."""
    seconds = {}
    for name in names:
        start = time.perf_counter()
        FAMILIES[name](case)
        seconds[name] = time.perf_counter() - start
    return seconds


def timed(frames, names, bar):
    """Return the seconds of some families and their sum, once everything is loaded."""
    start = time.perf_counter()
    case = case_of(*frames)
    encoding = time.perf_counter() - start
    families(case_of(*(frame.head(500) for frame in frames)), names)  # what is imported when first used
    spent = time.process_time()
    seconds = families(case, names)
    spent = time.process_time() - spent
    sizes = dict(zip(("original", "control", "release"), map(len, frames)))
    return {
        **sizes,
        "columns": len(frames[0].columns),
        "encoding": encoding,
        "seconds": seconds,
        "all": sum(seconds.values()),
        "cpu": spent,
        "bar": bar,
    }


def ours(original, release):
    """Return the seconds of columns and pairs from frames to numbers, those without encoding, and the scores."""
    start = time.perf_counter()
    case = case_of(original, None, release, roles=False)
    encoded = time.perf_counter()
    scores = [*column_shapes(case), *column_pairs(case)]
    done = time.perf_counter()
    return done - start, done - encoded, {score.metric: score.value for score in scores}


def beside_peer(original, release, python, repeats):
    """Return our seconds and the peer's, in turns, and how far the numbers are apart."""
    with tempfile.TemporaryDirectory() as name:
        for label, frame in (("original", original), ("release", release)):
            frame.to_csv(Path(name) / f"{label}.csv", index=False)
        frames = [pd.read_csv(Path(name) / f"{label}.csv") for label in ("original", "release")]
        seconds = [_paused(*frames)[:2] for _ in range(repeats)]
        command = [python, str(HERE / "peers" / "utility_sdmetrics.py"), name, str(repeats)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        theirs = json.loads(done.stdout.splitlines()[-1])
        seconds += [_paused(*frames)[:2] for _ in range(repeats)]
    pairs_module.SHOWN = 10**6  # every pair has a score
    scores = ours(*frames)[2]
    middle, alone = np.median(seconds, axis=0).tolist()
    slow = float(np.median(theirs["seconds"]))
    return {
        "original": len(original),
        "release": len(release),
        "columns": len(original.columns),
        "synthprivacy": {"seconds": middle, "without encoding": alone, "runs": [round(one, 3) for one, _ in seconds]},
        "sdmetrics": {
            "seconds": slow,
            "runs": [round(one, 3) for one in theirs["seconds"]],
            "version": theirs["version"],
        },
        "ratio": slow / middle,
        "ratio without encoding": slow / alone,
        "largest difference": _apart(theirs, scores),
        "departures": DEPARTURES,
        "bars": {name: BARS[name] for name in ("ratio", "difference")},
    }


def _paused(original, release):
    time.sleep(PAUSE)
    return ours(original, release)


def _apart(theirs, scores):
    """Return the largest differences by what is compared, and how many numbers each is over."""
    numbers = frozenset(theirs["numbers"])
    apart = {}
    for name, value in theirs["shapes"].items():
        apart.setdefault("columns", []).append((scores[f"column.{name}"], value))
    for name, value in theirs["pairs"].items():
        kinds = len(numbers & frozenset(name.split("|")))
        kind = ("two labels", "a number and a label (departure)", "two numbers")[kinds]
        apart.setdefault(kind, []).append((scores[f"pair.{name}"], value))
    return {
        kind: {"largest": max(abs(a - b) for a, b in both if a is not None and math.isfinite(b)), "numbers": len(both)}
        for kind, both in apart.items()
    }


def measured(row, given):
    """Return what was measured of one row."""
    if row == "wide":
        found = timed(tables(given.wide), ("shapes", "pairs"), BARS[row])
    elif row == "peer":
        original, _, release = tables(given.table)
        found = beside_peer(original, release, given.peer, given.repeats)
    else:
        found = timed(tables(given.table), QUICK if row == "quick" else tuple(FAMILIES), BARS[row])
    found["peak MiB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
    return found


def in_its_own_process(row, given):
    """Return what a process that does nothing else measures of one row."""
    paths = [given.table, *(["--wide", given.wide] if given.wide else [])]
    options = ["--peer", given.peer, "--repeats", given.repeats, "--only", row]
    command = [sys.executable, __file__, *map(str, [*paths, *options])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def bars(found):
    """Yield each bar: what it is about, what was measured, the bar, and whether it is reached."""
    for row in ("quick", "all", "wide"):
        if row in found:
            seconds, peak = found[row]["all"], found[row]["peak MiB"]
            yield f"{row}: seconds", seconds, BARS[row], seconds <= BARS[row]
            yield f"{row}: peak MiB", peak, BARS["peak MiB"], peak <= BARS["peak MiB"]
    if "peer" in found:
        for ratio in ("ratio without encoding", "ratio"):
            yield f"peer: {ratio}", found["peer"][ratio], BARS["ratio"], found["peer"][ratio] >= BARS["ratio"]
        for kind, apart in found["peer"]["largest difference"].items():
            if "departure" not in kind:
                largest = apart["largest"]
                yield f"peer: largest difference, {kind}", largest, BARS["difference"], largest <= BARS["difference"]


def main():
    """Measure, write what was measured, and tell which bars are reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--wide", type=Path, help="a large table")
    parser.add_argument("--peer", default=sys.executable, help="interpreter that has the peer")
    parser.add_argument("--rows", nargs="+", default=["quick", "peer", "all", "wide"])
    parser.add_argument("--only", help="measure one row here and print it")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "utility.json")
    given = parser.parse_args()
    if given.only:
        print(json.dumps(measured(given.only, given)))
        return
    found = json.loads(given.out.read_text()) if given.out.exists() else {}
    found["machine"] = machine()
    for row in given.rows:
        if row == "wide" and given.wide is None:
            print("wide: not measured, no --wide")
            continue
        found[row] = in_its_own_process(row, given)
        found["bars"] = [
            {"bar": what, "measured": value, "limit": limit, "reached": reached}
            for what, value, limit, reached in bars(found)
        ]
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    for what, value, limit, reached in bars(found):
        print(f"{'reached' if reached else 'SHORT  '}  {what}: {value:.3g} (bar {limit:g})")


if __name__ == "__main__":
    main()
