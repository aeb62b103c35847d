"""What the shipped profiles cost and catch: `python benchmarks/profiles.py --people 4000 --replicates 20`.

For each profile two figures, on simulated people whose truth is known: how often it passes a release without any leak (its
power to pass), and how often it passes one that publishes a quarter more people than its limit allows (its false passes). A
release is judged on the primary endpoints that the profile asks for, on as many control as training people. Results of
other sizes stay in the file.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from neighbors_harness import machine

from synthprivacy import simulate
from synthprivacy.config import PROFILES, PlanSettings, profile
from synthprivacy.evaluation import evaluate_frames
from synthprivacy.frames import read_tables
from synthprivacy.gating import decide
from synthprivacy.gating.worksheet import limits_of
from synthprivacy.schemata import infer
from synthprivacy.statistics.proportions import clopper_pearson
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
GUESSED = "diagnosis"
ENDPOINTS = {
    "singling_out": "singling_out.multivariate",
    "linkability": "linkability.halves",
    "inference": f"inference.{GUESSED}",
    "membership": "membership.distance",
}
BEYOND = 1.25
"""A leak that must not pass, over the limit."""
POWER, ALPHA = 0.9, 0.025
"""Bars: passes of a release without a leak, at least; of one beyond the limit, at most."""


def evaluated(people, leak, seed):
    """Return the evaluation of a release that publishes a share of its training people."""
    rng = np.random.default_rng([seed, people, round(1e6 * leak)])
    original, control, fresh = (simulate.people(people, stream) for stream in rng.spawn(3))
    release = simulate.copy_share(original, fresh, leak, rng)
    schema = infer(load(original, label="original"), secrets=(GUESSED,))
    frames = read_tables(original=original, control=control, synthetic={"release": release}, schema=schema)
    settings = PlanSettings(attacks=tuple(ENDPOINTS), primary=tuple(ENDPOINTS.values()), utility=("shapes",))
    return evaluate_frames(frames, settings=settings, seed=seed)


def judged(evaluation, name):
    """Return the decision of a profile, on the primary endpoints that it asks for."""
    policy = profile(name).policy
    primary = [ENDPOINTS[threat] for threat in policy.threats]
    releases = tuple(
        replace(release, risks=tuple(replace(risk, primary=risk.endpoint in primary) for risk in release.risks))
        for release in evaluation.releases
    )
    plan = {**evaluation.plan, "primary": primary}
    if isinstance(plan.get("strata"), list):
        plan["strata"] = [name for name in plan["strata"] if name.partition("@")[0] in primary]
    return decide(replace(evaluation, plan=plan, releases=releases), policy).decision


def rate(passes):
    """Return a share with its 95 % limits."""
    low, high = clopper_pearson(sum(passes), len(passes), 0.95)
    return {"passed": sum(passes), "of": len(passes), "interval": [round(float(low), 3), round(float(high), 3)]}


def measured(people, replicates):
    """Return power and false passes of every profile."""
    leaks = {name: round(BEYOND * max(limits_of(profile(name).policy).values()), 4) for name in PROFILES}
    passes = {(name, leak): [] for name in PROFILES for leak in (0.0, leaks[name])}
    for seed in range(replicates):
        for leak in sorted({0.0, *leaks.values()}):
            found = evaluated(people, leak, seed)
            for name in PROFILES:
                if leak in {0.0, leaks[name]}:
                    passes[name, leak].append(judged(found, name) in {"pass", "warn"})
    return {
        name: {
            "recipient": profile(name).policy.recipient,
            "limits": limits_of(profile(name).policy),
            "passes without a leak": rate(passes[name, 0.0]),
            "leak beyond the limit": leaks[name],
            "passes with it": rate(passes[name, leaks[name]]),
        }
        for name in PROFILES
    }


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[4_000])
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "profiles.json")
    given = parser.parse_args()
    found = json.loads(given.out.read_text()) if given.out.exists() else {}
    found |= {"machine": machine(), "bars": {"power": POWER, "alpha": ALPHA}}
    for people in given.people:
        start = time.process_time()
        rows = measured(people, given.replicates)
        command = f"python benchmarks/profiles.py --people {people} --replicates {given.replicates}"
        row = {"command": command, "CPU seconds": round(time.process_time() - start), "profiles": rows}
        found.setdefault("people", {})[str(people)] = row
        given.out.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(found, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
