"""Does an audit tell the truth? `python benchmarks/audit_truth.py`: what it says beside the best that could be done.

Smoothed bootstraps of several bandwidths h and a Gaussian copula are audited, and for each target the AUC of the exact
likelihood ratio (`optimal_attack`) is had over as many other fits of the same game. It bounds every attacker: the lower end
of an audit's interval may lie above it in as many of the audits as its level says, one in forty. The copula is fitted
without the column of labels, where its law is not had exactly. Risks are ``2 AUC - 1``, as an audit states them.

Without a blur the optimum is lower than with little of it: noise is as wide as the people are spread, and tells of those who
stand out by its width alone. For the same reason their risk does not fall to nothing however wide the noise is.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from neighbors_harness import machine
from optimal_attack import Blurred, of_copula, optimum, population
from scipy.stats import binomtest, spearmanr

from synthprivacy.auditing.preparing import prepare
from synthprivacy.auditing.running import Settings, run_audit
from synthprivacy.generators import GaussianCopula, SmoothedBootstrap
from synthprivacy.schemata import infer
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
PEOPLE, OTHERS, TARGETS, FITS, RELEASES = 250, 125, 8, 400, 600
BANDWIDTHS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 6.4)


def judged(generator, density, tables, releases):
    """Return what an audit says of each target, and the truth."""
    start = time.process_time()
    prepared = prepare(*tables, infer(tables[0]), targets=TARGETS, seed=0)
    risk = run_audit(prepared, generator, Settings(fits=FITS, canaries=0)).membership
    best = optimum(prepared, generator, density(prepared.coding.ordered), range(FITS, FITS + releases))
    targets = [
        {
            "chosen": target.chosen,
            "optimal": 2.0 * truth.value - 1.0,
            "optimal interval": truth.interval(),
            "audit": target.value,
            "audit interval": target.interval,
            "above": target.interval[0] > 2.0 * truth.value - 1.0,
            "above, but for the error of the optimum": target.interval[0] > truth.interval()[1],
        }
        for target, truth in zip(risk.targets, best)
    ]
    print(f"{generator.name}, {time.process_time() - start:.0f} s", flush=True)
    return targets


def told(found):
    """Return a Markdown table: a row for each generator, a column for each target, the optimum beside the audit."""
    places = [f"{number} ({one['chosen'][0]})" for number, one in enumerate(next(iter(found.values())), start=1)]
    lines = [f"| generator | {' | '.join(places)} | mean |", f"|---|{'---|' * (len(places) + 1)}"]
    for name, targets in found.items():
        cells = [
            f"{one['optimal']:.2f} / {one['audit']:.2f} [{one['audit interval'][0]:.2f}, {one['audit interval'][1]:.2f}]"
            for one in targets
        ]
        means = [np.mean([one[side] for one in targets]) for side in ("optimal", "audit")]
        lines.append(f"| {name} | {' | '.join(cells)} | {means[0]:.3f} / {means[1]:.3f} |")
    return "\n".join(lines)


def summed(found):
    """Return the rank correlations over bandwidths, and how often an audit said more than is true."""
    blurred = [targets for name, targets in found.items() if name.startswith("bootstrap")]
    optimal, audit = (
        np.array([[one[side] for one in targets] for targets in blurred]) for side in ("optimal", "audit")
    )
    every = [one for targets in found.values() for one in targets]
    above = sum(one["above"] for one in every)
    ranked = {
        f"rank correlation over {which}": {
            "means over targets": spearmanr(one.mean(axis=1), other.mean(axis=1))[0],
            "each target by itself": spearmanr(one.ravel(), other.ravel())[0],
        }
        for which, one, other in (("all bandwidths", optimal, audit), ("those above 0", optimal[1:], audit[1:]))
    }
    return ranked | {
        "audits": len(every),
        "lower ends above the optimum": above,
        "of which beyond its own error": sum(one["above, but for the error of the optimum"] for one in every),
        "p-value of so many, of one in forty": binomtest(above, len(every), 0.025, alternative="greater").pvalue,
    }


def main():
    """Measure, print, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=RELEASES)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "audit_truth.json")
    given = parser.parse_args()
    sides = zip((PEOPLE, OTHERS), np.random.default_rng(0).spawn(2))
    tables = [load(population(rows, rng), label="table") for rows, rng in sides]
    found = {}
    for h in BANDWIDTHS:
        one = SmoothedBootstrap(h)
        found[one.name] = judged(one, lambda ordered, h=h: Blurred(h, ordered), tables, given.releases)
    numbers = [table.drop_columns(["label"]) for table in tables]
    found["copula"] = judged(GaussianCopula(), lambda _: of_copula, numbers, given.releases)
    summary = summed(found)
    print(told(found), json.dumps(summary, indent=1), sep="\n\n")
    kept = {
        "machine": machine(),
        "people": PEOPLE,
        "fits of an audit": FITS,
        "fits of the optimum": given.releases,
        "risks": "2 AUC - 1",
        "summary": summary,
        "generators": found,
    }
    given.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
