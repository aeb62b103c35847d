"""The membership battery on a census and on 300,000 people, and closest-record figures beside those of peers.

Every measurement is a process of its own. The battery is timed from encoded tables to all risks and the best score's
adjusted p-value, on two threads. Peers are given the same tables; SDMetrics answers some of the rows and its time is
scaled, SynthEval, which holds all distances at once, is given few.

    python benchmarks/membership.py --sdmetrics-python PATH --syntheval-python PATH
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
from neighbors_harness import machine
from neighbors_tables import adult, census, like

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "membership.json"
FORMAT = "synthprivacy/benchmark-membership/1"
ADULT = {"original": "train_reconstructed", "control": "control", "release": "syn_ctgan"}
MANY, CONTROL = 300_000, 60_000
TARGETS = 20_000
"""People asked for a side, as by default in a plan; of the large tables fewer are attacked, and the intervals are theirs."""
ASKED, FEW = 50, 6_000
"""Rows SDMetrics is asked about, and rows of SynthEval's tables."""


def main():
    """Measure, show, keep."""
    options = _options()
    kept = {
        "format": FORMAT,
        "when": datetime.now(UTC).date().isoformat(),
        "machine": machine() | {name: version(name) for name in ("scipy", "scikit-learn", "pandas", "pyarrow")},
        "load before": round(os.getloadavg()[0], 2),
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tables = {name: adult(file) for name, file in ADULT.items()}
        whole, few = written(folder / "adult", tables), written(folder / "few", tables, FEW)
        kept["adult"] = ours("battery", whole, len(tables["original"]), 2)
        kept["shares"] = {"synthprivacy": ours("shares", whole, 2)}
        kept["closest"] = {"rows": FEW, "synthprivacy": ours("closest", few)}
        if options.sdmetrics_python:
            kept["shares"]["sdmetrics"] = peer(options.sdmetrics_python, "sdmetrics", whole, ASKED)
        if options.syntheval_python:
            kept["closest"]["syntheval"] = peer(options.syntheval_python, "syntheval", few)
        if options.rows:
            kept["large"] = ours("battery", large(folder / "large", options.rows), TARGETS, 2)
    compare(kept)
    print(json.dumps(kept, indent=1))
    show(kept)
    if options.out or options.rows == MANY:
        (options.out or RESULTS).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def written(folder, tables, rows=None):
    """Write tables, or their first rows, and return where they are."""
    folder.mkdir()
    for name, table in tables.items():
        table[:rows].to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def large(folder, rows):
    """Write a census of four fifths training and a fifth control people, and a release like the training people."""
    rng = np.random.default_rng(0)
    everyone = census()
    order = rng.permutation(len(everyone))
    held_out = min(CONTROL, rows // 5)
    control = everyone.iloc[order[:held_out]]
    original = everyone.iloc[order[held_out : held_out + rows]]
    return written(folder, {"original": original, "control": control, "release": like(original, rows, rng)})


def ours(way, *arguments):
    """Return what one of our processes measured."""
    environment = dict(os.environ, PYTHONPATH=str(HERE.parent))
    command = [sys.executable, str(HERE / "peers" / "membership_synthprivacy.py"), way, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def peer(python, name, *arguments):
    """Return what a peer's process measured."""
    command = [python, str(HERE / "peers" / f"membership_{name}.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(kept):
    """Add how much faster we are than each peer that was there, and how far apart the figures are."""
    shares, closest = kept["shares"], kept["closest"]
    if "sdmetrics" in shares:
        shares["ratio"] = round(shares["sdmetrics"]["seconds"] / shares["synthprivacy"]["seconds"], 1)
    if "syntheval" in closest:
        own, other = closest["synthprivacy"], closest["syntheval"]
        closest["ratio"] = round(sum(other[name]["seconds"] for name in ("closest", "accuracy")) / own["seconds"], 1)
        closest["differs by"] = {
            "mDCR": abs(own["mDCR"] / other["closest"]["mDCR"] - 1),
            "accuracy": abs(own["accuracy"] - other["accuracy"]["avg"]),
        }


def show(kept):
    """Print each bar with what was measured."""
    bars = [
        ("Adult within 120 s", kept["adult"]["seconds"], kept["adult"]["seconds"] <= 120),
        ("Adult within 2,048 MiB", kept["adult"]["peak MiB"], kept["adult"]["peak MiB"] <= 2048),
    ]
    if "large" in kept:
        told = f"{kept['large']['seconds']} s, {kept['large']['people attacked a side, at most']:,} attacked a side"
        bars.append(("300,000 people within 10 minutes", told, kept["large"]["seconds"] <= 600))
    for name, least, of in (("SDMetrics", 500, kept["shares"]), ("SynthEval", 20, kept["closest"])):
        if "ratio" in of:
            bars.append((f"at least {least} times as fast as {name}", of["ratio"], of["ratio"] >= least))
    for bar, measured, reached in bars:
        print(f"{'reached' if reached else 'SHORT  '}  {bar}: {measured}")


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for peer_name in ("sdmetrics", "syntheval"):
        parser.add_argument(f"--{peer_name}-python", help=f"interpreter that has {peer_name}; without it, ours alone")
    parser.add_argument("--rows", type=int, default=MANY, help="of the large tables; 0 leaves them out")
    parser.add_argument("--out", type=Path, help="where results are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
