"""anonymeter's `SinglingOutEvaluator`: asked for so many predicates, its cap on attempts lowered so that it ends.

Called with the folder of the tables, the number of predicates, of columns, and of attempts; prints one JSON line.
"""

import json
import logging
import sys
import warnings
from importlib.metadata import version
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

import pandas as pd
from anonymeter.evaluators import SinglingOutEvaluator


def main(folder, queries, columns, attempts):
    """Evaluate, and print the seconds, what was asked and how often it succeeded."""
    said = SimpleQueue()
    logging.getLogger("anonymeter").addHandler(QueueHandler(said))
    tables = {path.stem: pd.read_parquet(path) for path in Path(folder).glob("*.parquet")}
    tables = {name: table.astype(dict.fromkeys(labels(table), object)) for name, table in tables.items()}
    begin = perf_counter()
    evaluator = SinglingOutEvaluator(
        ori=tables["original"],
        syn=tables["release"],
        control=tables["control"],
        n_attacks=queries,
        n_cols=columns,
        max_attempts=attempts,
        seed=0,
    ).evaluate(mode="multivariate")
    risk = evaluator.risk()
    seconds = perf_counter() - begin
    results = evaluator.results()
    found = {
        "seconds": seconds,
        "attempts at most": attempts,
        "predicates asked": results.n_attacks_ori,
        "isolating, original": results.n_success,
        "isolating, control": results.n_control,
        "value": risk.value,
        "interval": list(risk.ci),
        "said": [said.get().getMessage() for _ in range(said.qsize())],
        "versions": {name: version(name) for name in ("anonymeter", "numpy", "pandas", "polars")}
        | {"python": sys.version.split()[0]},
    }
    print(json.dumps(found))


def labels(table):
    """Return the columns of text."""
    return [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(sys.argv[1], *map(int, sys.argv[2:5]))
