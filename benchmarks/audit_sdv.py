"""What SDV's synthesizers leak: `python benchmarks/audit_sdv.py`, in an environment with the extra `sdv`.

Audits of the Gaussian copula and of CTGAN, trained on simulated people, with our copula and a plain bootstrap beside them:
the same people, targets and coins for all. Kept are the whole audits, which hold nothing about anybody.
"""

import argparse
import json
import time
from pathlib import Path

from neighbors_harness import machine

import synthprivacy as sp
from synthprivacy.simulate import people

HERE = Path(__file__).parent
PEOPLE, OTHERS = 400, 200
COLUMNS = ["age", "sex", "region", "education", "diagnosis", "weight_kg"]
SPECS = {"sdv:GaussianCopula": 80, "sdv:CTGAN:epochs=100:batch_size=100": 40, "copula": 80, "bootstrap:h=0": 80}
"""Fits of each."""


def main():
    """Audit, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(SPECS))
    parser.add_argument("--out", type=Path, default=HERE / "results" / "audit_sdv.json")
    given = parser.parse_args()
    members, others = people(PEOPLE, seed=0)[COLUMNS], people(OTHERS, seed=1)[COLUMNS]
    found = json.loads(given.out.read_text()) if given.out.exists() else {}
    found |= {"machine": machine(), "people": PEOPLE, "columns": COLUMNS}
    for spec in given.only:
        start = time.perf_counter()
        audit = sp.audit(spec, original=members, control=others, fits=SPECS[spec], canaries=0, seed=0, jobs=2)
        found[spec] = {"seconds": round(time.perf_counter() - start, 1), "audit": audit.to_dict()}
        given.out.write_text(json.dumps(found, indent=1) + "\n")
        print(f"{spec}, {found[spec]['seconds']} s\n{audit}\n", flush=True)


if __name__ == "__main__":
    main()
