"""How long an explanation takes: `python benchmarks/explain.py TABLE.csv`.

Four fifths of a table as it is are the original, the rest the control, and a release of as many rows as the original is
made of them: each row takes half of its columns from one training row and half from another one of the same income, and
one row in fifty is a training row with nothing changed. Each endpoint is explained by itself, after one evaluation that
is not counted.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
from inference import tables
from neighbors_harness import machine

import synthprivacy as sp
from synthprivacy.config import PlanSettings

HERE = Path(__file__).parent
ENDPOINTS = (
    "linkability.halves",
    "membership.distance",
    "inference.income",
    "singling_out.multivariate",
    "memorization.copies",
)
COPIED = 50
SECONDS, MEMORY = 30.0, 2_048
"""What one explanation must keep on two cores: seconds, and MiB of the whole process."""


def copied(original, release):
    """Return the release with one row in fifty replaced by a training row."""
    rng = np.random.default_rng(1)
    rows = rng.choice(len(release), len(release) // COPIED, replace=False)
    release = release.copy()
    release.iloc[rows] = original.iloc[rng.choice(len(original), len(rows), replace=False)].to_numpy()
    return release.astype(original.dtypes.to_dict())


def explained(path, jobs):
    """Return the seconds of each endpoint, and what was named first."""
    original, control, release = tables(path)
    given = {"original": original, "control": control, "synthetic": {"mixed": copied(original, release)}}
    attacks = tuple(dict.fromkeys(endpoint.partition(".")[0] for endpoint in ENDPOINTS))
    evaluation = sp.evaluate(**given, plan=PlanSettings(attacks=attacks, utility=("shapes",)), jobs=jobs)
    rows = {}
    for endpoint in ENDPOINTS:
        wall, cpu = time.perf_counter(), time.process_time()
        found = sp.explain(evaluation, "mixed", endpoint, **given, jobs=jobs)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        rows[endpoint] = {"seconds": round(wall, 2), "CPU seconds": round(cpu, 2), "columns": len(found.columns)}
        rows[endpoint] |= {"risk": round(found.risk.value, 4), **found.to_dict()["first"]}
        print(f"{endpoint}: {wall:.1f} s, {cpu:.1f} CPU s", flush=True)
    people = {"original": len(original), "control": len(control), "release rows": len(release)}
    return people | {"jobs": jobs, "endpoints": rows}


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "explain.json")
    given = parser.parse_args()
    found = {"machine": machine(), **explained(given.table, given.jobs)}
    found["peak MiB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
    given.out.write_text(json.dumps(found, indent=2) + "\n")
    slowest = max(row["seconds"] for row in found["endpoints"].values())
    for what, reads, limit in (("seconds", slowest, SECONDS), ("peak MiB", found["peak MiB"], MEMORY)):
        print(f"{what}: {reads:g}, at most {limit:g}: {'reached' if reads <= limit else 'SHORT'}")


if __name__ == "__main__":
    main()
