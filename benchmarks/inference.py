"""How long attribute inference takes: `python benchmarks/inference.py TABLE.csv --peer PYTHON`.

Three rows: 15 secrets x 1,000 people a side with the nearest-record attackers, beside the peer in the same run; every
attacker for every secret on all people; the default plan on 50,000 rows x 200 columns. The release is not a generator's:
each row takes half of its columns from one training row and half from another one of the same income.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from neighbors_harness import machine

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.asking import ask
from synthprivacy.attacks import Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_attribution import Attribution
from synthprivacy.attacks.inference_learned import Learned
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run_together
from synthprivacy.schemata import infer
from synthprivacy.scoring import judge
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
TARGETS = 1_000
PAUSE = 1.0


def tables(path):
    """Return original (four fifths), control and release."""
    rng = np.random.default_rng(0)
    everyone = pd.read_csv(path)
    everyone = everyone.iloc[rng.permutation(len(everyone))].reset_index(drop=True)
    cut = round(0.8 * len(everyone))
    original, control = everyone.iloc[:cut], everyone.iloc[cut:].reset_index(drop=True)
    release = original.iloc[rng.integers(cut, size=cut)].sort_values("income").reset_index(drop=True)
    partners = original.iloc[rng.integers(cut, size=cut)].sort_values("income").reset_index(drop=True)
    mixed = [name for name in release if name != "income" and rng.random() < 0.5]
    release[mixed] = partners[mixed]
    return original, control, release


def case_of(original, control, release):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


def nearest(original, control, release):
    """Return seconds and hits of the nearest-record attackers on the first people of either side."""
    start = time.perf_counter()
    case = case_of(original.head(TARGETS), control.head(TARGETS), release)
    encoded = time.perf_counter()
    attacks = NearestGuess.variants(case.schema, case.release, Budget(1, jobs=2))
    people = {"original": case.original, "control": case.control}
    asked = ask(attacks, case.release, case.schema, people, 0)
    hits = {
        attack.secret: [int(judge(guesses[side], table).hits.sum()) for side, table in people.items()]
        for attack, guesses in zip(attacks, asked)
    }
    done = time.perf_counter()
    return {"seconds": done - start, "encoding": encoded - start, "attacks": done - encoded, "hits": hits}


def beside_peer(original, control, release, python, repeats):
    """Return our seconds and the peer's, in turns."""
    with tempfile.TemporaryDirectory() as name:
        for label, frame in (("original", original), ("control", control), ("release", release)):
            frame.to_csv(Path(name) / f"{label}.csv", index=False)
        ours = []
        for _ in range(repeats):
            time.sleep(PAUSE)
            ours.append(nearest(original, control, release))
        command = [python, str(HERE / "peers" / "inference_anonymeter.py"), name, str(TARGETS), "2"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        theirs = json.loads(done.stdout.splitlines()[-1])
        for _ in range(repeats):
            time.sleep(PAUSE)
            ours.append(nearest(original, control, release))
    ours.sort(key=lambda one: one["seconds"])
    middle = ours[len(ours) // 2]
    return {
        "secrets": len(original.columns),
        "people a side": TARGETS,
        "release rows": len(release),
        "synthprivacy": middle | {"runs": [round(one["seconds"], 3) for one in ours]},
        "anonymeter": theirs,
        "ratio": theirs["seconds"] / middle["seconds"],
        "ratio without encoding": theirs["seconds"] / middle["attacks"],
    }


def everything(original, control, release):
    """Return the seconds of every attacker for every secret, on all people of both sides."""
    case = case_of(original, control, release)
    budget = Budget(1, strong=20, jobs=2)
    seconds = {}
    for kind in (NearestGuess, Vote, Attribution, Learned):
        attacks = kind.variants(case.schema, case.release, budget)
        start = time.perf_counter()
        teams = [attacks] if kind is NearestGuess else [[attack] for attack in attacks]
        for team in teams:
            run_together(team, case, np.random.default_rng(0), targets=10**6)
        seconds[kind.__name__] = round(time.perf_counter() - start, 2)
    return {"original": len(original), "control": len(control), "seconds": seconds, "all": sum(seconds.values())}


def wide(rows=50_000, columns=200):
    """Return the seconds of the default plan on a wide table."""
    rng = np.random.default_rng(1)
    original, control, release = (
        mixed(rows if part != 1 else rows // 4, columns, stream) for part, stream in enumerate(rng.spawn(3))
    )
    start = time.perf_counter()
    found = sp.evaluate(original=original, control=control, synthetic={"release": release}, plan=PlanSettings(), jobs=2)
    seconds = time.perf_counter() - start
    longest = sorted(found.timings.items(), key=lambda item: -item[1])[:10]
    return {
        "rows": rows,
        "columns": columns,
        "endpoints": len(found.plan["endpoints"]),
        "seconds": seconds,
        "longest": {name: round(spent, 1) for name, spent in longest},
    }


def mixed(rows, columns, rng):
    """Return a wide table, half numbers and half labels of them."""
    frame = simulate.gaussian(rows, columns, rng)
    for name in frame.columns[columns // 2 :]:
        frame[name] = pd.cut(frame[name], [-np.inf, -1, 0, 1, np.inf], labels=list("abcd")).astype(str)
    return frame


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?")
    parser.add_argument("--peer", default=sys.executable, help="interpreter that has the peer")
    parser.add_argument("--rows", nargs="+", default=["peer", "everything", "wide"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "inference.json")
    given = parser.parse_args()
    found = json.loads(given.out.read_text()) if given.out.exists() else {}
    found["machine"] = machine()
    frames = tables(given.table) if given.table else None
    for row in given.rows:
        if row == "peer":
            found[row] = beside_peer(*frames, given.peer, given.repeats)
        else:
            found[row] = everything(*frames) if row == "everything" else wide()
        found[row]["peak MiB so far"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
