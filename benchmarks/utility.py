"""How long utility takes: `python benchmarks/utility.py TABLE.csv --peer PYTHON --wide TABLE.parquet`.

Four rows: all families but detection and prediction, and all of them, on original, control and release of one table; columns and
pairs beside the peer's quality report in the same run; columns and pairs of a large table. The release is not a
generator's: each row takes half of its columns from one training row and half from another one of the same last column.
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
BARS = {"quick": 5.0, "all": 45.0, "wide": 20.0, "ratio": 10.0, "difference": 1e-6}
"""Seconds, times faster, and how far numbers may differ."""
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
    seconds = families(case, names)
    sizes = dict(zip(("original", "control", "release"), map(len, frames)))
    return {
        **sizes,
        "columns": len(frames[0].columns),
        "encoding": encoding,
        "seconds": seconds,
        "all": sum(seconds.values()),
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


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--wide", type=Path, help="a large table")
    parser.add_argument("--peer", default=sys.executable, help="interpreter that has the peer")
    parser.add_argument("--rows", nargs="+", default=["quick", "peer", "all", "wide"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "utility.json")
    given = parser.parse_args()
    found = json.loads(given.out.read_text()) if given.out.exists() else {}
    found["machine"] = machine()
    frames = tables(given.table)
    for row in given.rows:
        if row == "peer":
            found[row] = beside_peer(frames[0], frames[2], given.peer, given.repeats)
        elif row == "wide":
            found[row] = timed(tables(given.wide), ("shapes", "pairs"), BARS[row])
        else:
            found[row] = timed(frames, QUICK if row == "quick" else tuple(FAMILIES), BARS[row])
        found[row]["peak MiB so far"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
