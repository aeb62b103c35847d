"""The peer's attribute inference, one secret after the other: `python inference_anonymeter.py FOLDER TARGETS JOBS`."""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from anonymeter.evaluators import InferenceEvaluator

folder, targets, jobs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
original, control, release = (pd.read_csv(folder / f"{name}.csv") for name in ("original", "control", "release"))
found = {}
start = time.perf_counter()
for secret in original.columns:
    known = [name for name in original if name != secret]
    evaluator = InferenceEvaluator(
        original.head(targets), release, aux_cols=known, secret=secret, n_attacks=targets, control=control.head(targets)
    )
    results = evaluator.evaluate(n_jobs=jobs).results()
    found[secret] = [int(results.n_success), int(results.n_control)]
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "hits": found, "version": version("anonymeter")}))
