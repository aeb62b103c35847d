"""Who gives planted secrets away when asked: `python benchmarks/audit_extraction.py`; SDV's where the extra `sdv` is there.

The bodies of the same canaries are given to generators that were trained on them among 400 simulated people, and their
secrets looked for among the answers.
"""

import argparse
import json
import time
from importlib.util import find_spec
from pathlib import Path

from neighbors_harness import machine

from synthprivacy.auditing.coding import coding_of
from synthprivacy.auditing.extraction_game import ExtractionGame, judge_extraction
from synthprivacy.generators import named
from synthprivacy.schemata import infer
from synthprivacy.simulate import people
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
PEOPLE, CANARIES, FITS = 400, 4, 8
COLUMNS = ["age", "sex", "region", "education", "diagnosis", "weight_kg"]
SPECS = (
    "marginals",
    "copula",
    "cart:minbucket=5",
    "cart:minbucket=1",
    "memoriser:0.5",
    "bootstrap:h=0.1",
    "bootstrap:h=0",
)
SDV = ("sdv:GaussianCopula", "sdv:CTGAN:epochs=100:batch_size=100")


def main():
    """Measure, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "audit_extraction.json")
    given = parser.parse_args()
    table = load(people(PEOPLE, seed=0)[COLUMNS], label="people")
    schema = infer(table)
    game = ExtractionGame(PEOPLE, coding_of(table, schema), schema, "improbable", CANARIES, 0)
    found = {}
    for spec in SPECS + (SDV if find_spec("sdv") else ()):
        start = time.process_time()
        readings = [game.read(table, named(spec), number) for number in range(FITS)]
        found[spec] = judge_extraction(readings, "improbable").to_dict()
        found[spec]["processor seconds"] = round(time.process_time() - start, 1)
        print(spec, found[spec], flush=True)
    report = {"machine": machine(), "people": PEOPLE, "given": list(game.known(table)), "found": found}
    given.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
