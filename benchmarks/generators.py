"""How long a fit and a release take: `python benchmarks/generators.py`, and with `--sdv` what SDV takes.

Two tables: 1,000 simulated people in 10 columns, and the 6,000 rows of Adult that the package ships, in 15 columns; a
release has as many rows as its table. Figures are processor seconds of one process, the median of `--repeats` fits after a
first one that is not counted, so that imports and caches are warm.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from neighbors_harness import machine

from synthprivacy.generators import Bins, Domain, DPHistogram, DPPairs, Labels, named
from synthprivacy.samples import adult
from synthprivacy.simulate import people
from synthprivacy.tables.read import load

HERE = Path(__file__).parent
OURS = (
    "marginals",
    "copula",
    "cart",
    "cart:minbucket=1:minsplit=2",
    "bootstrap:h=0.1",
    "smote:k=5",
    "memoriser:rho=0.1",
)
SDV = ("sdv:GaussianCopula", "sdv:CTGAN:epochs=10", "sdv:TVAE:epochs=10", "sdv:CopulaGAN:epochs=10")
TEN = (
    "age", "sex", "region", "education", "occupation", "household income", "weight_kg", "systolic", "diagnosis", "smoker",
)  # fmt: skip


def declared(table):
    """Return a domain for a table: a benchmark may look at it, a generator may not."""

    def possible(values):
        if pa.types.is_string(values.type) or pa.types.is_boolean(values.type):
            labels = pc.unique(values.cast(pa.string()).drop_null()).to_pylist()
            return Labels(tuple(sorted(labels)), missing=values.null_count > 0)
        numbers = values.drop_null().cast(pa.float64()).to_numpy()
        return Bins(float(numbers.min()), float(numbers.max()), 12, missing=values.null_count > 0)

    return Domain.of({name: possible(table[name]) for name in table.column_names})


def seconds(generator, table, repeats):
    """Return the processor seconds of a fit with its release."""
    spent = []
    for seed in range(repeats + 1):
        start = time.process_time()
        generator.fit_sample(table, len(table), seed)
        spent.append(time.process_time() - start)
    return statistics.median(spent[1:])


def main():
    """Print a row for each generator, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sdv", action="store_true", help="SDV too, where it is installed")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "generators.json")
    asked = parser.parse_args()
    tables = {
        "1,000 x 10": load(people(1_000, np.random.default_rng(0))[list(TEN)], label="original"),
        "Adult, 6,000 x 15": load(adult(), label="original"),
    }
    found = {place: {} for place in tables}
    print(f"| generator | {' | '.join(tables)} |\n|---|{'---|' * len(tables)}")
    for spec in (*OURS, "dp-histogram", "dp-pairs", *(SDV if asked.sdv else ())):
        row = []
        for place, whole in tables.items():
            table = whole
            if spec == "dp-histogram":  # all cells of a few columns: more do not fit
                table = whole.select([name for name in whole.column_names if name in {"age", "sex", "education"}])
                generator = DPHistogram(1.0, declared(table))
            else:
                generator = DPPairs(1.0, declared(table)) if spec == "dp-pairs" else named(spec)
            found[place][generator.name] = seconds(generator, table, asked.repeats)
            row.append(f"{1_000 * found[place][generator.name]:,.1f} ms")
        print(f"| {generator.name} | {' | '.join(row)} |", flush=True)
    asked.out.write_text(
        json.dumps({"machine": machine(), "processor seconds": found}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
