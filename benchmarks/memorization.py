"""How long memorisation takes: `python benchmarks/memorization.py TABLE.csv`.

Three rows: everything about records on a table as it is, four fifths of the people original, the rest control, and a
release of as many rows; everything about texts on simulated sentences of as many people; and a whole evaluation of two
releases, alone and together, with the people at risk: unusual ones, groups by sex, tenths, differences and pairs. The
releases are not a generator's: each row takes half of its columns from one training row and half from another one of the
same income, so that there is something to find.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
from inference import case_of, tables
from neighbors_harness import machine

import synthprivacy as sp
from synthprivacy.attacks import Budget
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies
from synthprivacy.attacks.memorization_rare import RareCopies
from synthprivacy.attacks.memorization_strings import nearly_verbatim, verbatim
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run
from synthprivacy.measures.memorization import memorization
from synthprivacy.results import Skipped
from synthprivacy.statistics.estimate import estimate

HERE = Path(__file__).parent
EVERYONE = 10**6
SECONDS, MEMORY = 45, 2_048
"""What everything of a row must keep on two cores: seconds, and MiB of the whole process."""
WORDS = 5_000
LENGTH = 35
"""Words of a text."""


def records(path):
    """Return the seconds of every attack and measure on all people of both sides, and what was found."""
    original, control, release = tables(path)
    start = time.perf_counter()
    case = case_of(original, control, release)
    seconds = {"encoding": time.perf_counter() - start}
    found = {}
    for kind in (ExactCopies, NearCopies, BlockCopies, RareCopies):
        for attack in kind.variants(case.schema, case.release, Budget(1, jobs=2)):
            start = time.perf_counter()
            outcome = run(attack, case, np.random.default_rng(0), targets=EVERYONE)
            found[attack.endpoint] = told(outcome)
            seconds[attack.endpoint] = time.perf_counter() - start
    start = time.perf_counter()
    found["measures"] = {score.metric: [score.value, score.reference] for score in memorization(case)}
    seconds["measures"] = time.perf_counter() - start
    return {
        "original": len(original),
        "control": len(control),
        "release rows": len(release),
        "seconds": {name: round(spent, 2) for name, spent in seconds.items()},
        "all": sum(seconds.values()),
        "found": found,
    }


def whole(path):
    """Return the seconds of an evaluation of two releases, alone and together, and what was found of unusual people."""
    original, control, release = tables(path)
    other = release.sample(frac=1.0, random_state=1).reset_index(drop=True).assign(age=release["age"].to_numpy())
    attacks = (
        "linkability",
        "membership",
        "memorization",
        "memorization.near",
        "memorization.blocks",
        "memorization.rare",
    )
    settings = PlanSettings(attacks=attacks, utility=("memorization",), together=True)
    schema = sp.schema(original, columns={"sex": {"role": "group"}})
    start = time.perf_counter()
    found = sp.evaluate(
        original=original,
        control=control,
        synthetic={"first": release, "second": other},
        schema=schema,
        plan=settings,
        jobs=2,
    )
    seconds = time.perf_counter() - start
    return {
        "original": len(original),
        "control": len(control),
        "release rows": [len(release), len(other)],
        "endpoints": sum(len(one.risks) + len(one.skipped) for one in found.releases),
        "all": round(seconds, 2),
        "found": {
            f"{one.name}: {risk.endpoint}": [round(end, 4) for end in (risk.value, *risk.interval)]
            for one in found.releases
            for risk in one.risks
            if "@" in risk.endpoint or "differencing" in risk.endpoint
        },
        "pairs": len(found.pairs),
    }


def told(outcome):
    """Return value and interval, or why there are none."""
    if not isinstance(outcome, Skipped):
        outcome = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))
    if isinstance(outcome, Skipped):
        return outcome.reason
    return [round(end, 4) for end in (outcome.value, *outcome.interval)]


def texts(people=39_000, held_out=9_800):
    """Return the seconds of verbatim spans and of edits on sentences of a few words in common."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.array(["".join(rng.choice(letters, rng.integers(2, 10))) for _ in range(WORDS)])
    shares = 1.0 / np.arange(1, WORDS + 1)
    original, control, release = (
        [" ".join(row) for row in rng.choice(words, (rows, LENGTH), p=shares / shares.sum())]
        for rows in (people, held_out, people)
    )
    release[: people // 10] = original[: people // 10]
    seconds, found = {}, {}
    for name, study in (("spans", verbatim), ("edits", lambda known: nearly_verbatim(known, np.random.default_rng(0)))):
        start = time.perf_counter()
        asker = study(release)
        found[name] = [round(float(asker(shown).mean()), 4) for shown in (original, control)]
        seconds[name] = round(time.perf_counter() - start, 2)
    return {
        "original": people,
        "control": held_out,
        "characters": sum(map(len, release)),
        "seconds": seconds,
        "all": sum(seconds.values()),
        "claimed of original and of control": found,
    }


ROWS = {"records": records, "texts": lambda _: texts(), "whole": whole}


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=ROWS)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "memorization.json")
    given = parser.parse_args()
    found = json.loads(given.out.read_text()) if given.out.exists() else {}
    found["machine"] = machine()
    for row in given.rows:
        found[row] = ROWS[row](given.table)
        peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
        found[row]["peak MiB so far"] = peak
        reached = found[row]["all"] <= SECONDS and peak <= MEMORY
        print(
            f"{row}: {found[row]['all']:.1f} s of {SECONDS}, {peak} MiB of {MEMORY}: {'reached' if reached else 'SHORT'}"
        )
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
