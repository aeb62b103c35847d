"""Singling out beside anonymeter on a census, and at a million people: prints figures and ratios, keeps them as JSON.

Every measurement is a process of its own. Ours is timed from encoded tables to the risk: making predicates, counting
them on original and control, permutations and interval. anonymeter is timed from its tables to its risk, with the
most attempts it may make lowered until it ends; it is given no permutation and no jackknife to do. Of our runs on the
census the fastest is told in full; the ratio is to their median.

    python benchmarks/singling_out.py --data FOLDER --peer-python PATH
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from neighbors_harness import machine

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "singling_out.json"
FORMAT = "synthprivacy/benchmark-singling-out/1"
CENSUS = {
    "original": "adults_train_reconstructed.csv.gz",
    "control": "adults_control.csv.gz",
    "release": "adults_syn_ctgan.csv.gz",
}
QUERIES, COLUMNS = 2_000, 3
PEOPLE, MANY = 1_000_000, 10_000


def main():
    """Measure, show, keep."""
    options = _options()
    kept = {
        "format": FORMAT,
        "when": datetime.now(UTC).date().isoformat(),
        "machine": machine() | {name: version(name) for name in ("scipy", "pandas", "pyarrow")},
        "load before": round(os.getloadavg()[0], 2),
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        census(options.data, folder)
        runs = [ours("census", folder) for _ in range(options.repeats)]
        found = min(runs, key=lambda run: run["seconds"]) | {"runs": [run["seconds"] for run in runs]}
        kept["census"] = {"work": f"{QUERIES:,} predicates of {COLUMNS} columns on Adult", "synthprivacy": found}
        if options.peer_python:
            theirs = peer(options.peer_python, folder, options.attempts)
            median = float(np.median(found["runs"]))
            kept["census"] |= {"anonymeter": theirs, "ratio": round(theirs["seconds"] / median, 1)}
    kept["million"] = [ours(way, options.data, options.people) for way in ("random", "greedy", "given")]
    print(json.dumps(kept, indent=1))
    show(kept)
    if options.out or options.people == PEOPLE:
        (options.out or RESULTS).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def census(data, folder):
    """Write the three tables of the census so that both read the same."""
    for name, file in CENSUS.items():
        pd.read_csv(data / file).to_parquet(folder / f"{name}.parquet")


def ours(way, *arguments):
    """Return what one of our processes measured."""
    environment = dict(os.environ, PYTHONPATH=str(HERE.parent))
    command = [sys.executable, str(HERE / "peers" / "singling_out_synthprivacy.py"), way, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def peer(python, folder, attempts):
    """Return what anonymeter's process measured."""
    program = HERE / "peers" / "singling_out_anonymeter.py"
    command = [python, str(program), str(folder), str(QUERIES), str(COLUMNS), str(attempts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def show(kept):
    """Print each bar with what was measured."""
    found = kept["census"]
    bars = [("census within 3 s", found["synthprivacy"]["seconds"], found["synthprivacy"]["seconds"] <= 3)]
    if "ratio" in found:
        bars.append(("census at least 50 times as fast as anonymeter", found["ratio"], found["ratio"] >= 50))
    random, greedy, given = kept["million"]
    for run in (random, greedy):
        told = f"{run['seconds']:.1f} s, {run['predicates']:,} of {MANY:,} ({run['tried']:,} tried)"
        bars.append((f"made at {run['people']:,} people within 10 minutes, {run['way']}", told, run["seconds"] <= 600))
    for name, seconds in given["seconds"].items():
        bars.append((f"{MANY:,} given predicates counted within 60 s, {name}", seconds, seconds <= 60))
    bars.append(("counted within 2,048 MiB", given["peak MiB"], given["peak MiB"] <= 2048))
    for bar, measured, reached in bars:
        print(f"{'reached' if reached else 'SHORT  '}  {bar}: {measured}")


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables of anonymeter's own example")
    default = os.environ.get("SYNTHPRIVACY_PEER_PYTHON")
    parser.add_argument(
        "--peer-python", default=default, help="interpreter that has anonymeter; without it, ours alone"
    )
    parser.add_argument(
        "--attempts", type=int, default=300_000, help="most attempts of anonymeter; its own: 10,000,000"
    )
    parser.add_argument(
        "--people", type=int, default=PEOPLE, help="of the large tables; kept only with --out if changed"
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs of ours on the census")
    parser.add_argument("--out", type=Path, help="where results are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
