"""The peer's quality report: `python utility_sdmetrics.py FOLDER REPEATS`."""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from sdmetrics.reports.single_table import QualityReport

warnings.simplefilter("ignore")
folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
original, release = (pd.read_csv(folder / f"{name}.csv") for name in ("original", "release"))
kinds = {
    name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(original[name]) else "categorical"}
    for name in original
}
seconds = []
for _ in range(repeats):
    report = QualityReport()
    start = time.perf_counter()
    report.generate(original, release, {"columns": kinds}, verbose=False)
    seconds.append(time.perf_counter() - start)
everything = QualityReport()  # as it comes, the report leaves out pairs that are weakly related in the original
everything.real_correlation_threshold = everything.real_association_threshold = 0
everything.generate(original, release, {"columns": kinds}, verbose=False)
shapes = everything.get_details("Column Shapes")
pairs = everything.get_details("Column Pair Trends")
print(
    json.dumps(
        {
            "seconds": seconds,
            "version": version("sdmetrics"),
            "numbers": [name for name in original if kinds[name]["sdtype"] == "numerical"],
            "shapes": dict(zip(shapes["Column"], map(float, shapes["Score"]))),
            "pairs": {
                "|".join(sorted(pair)): float(s)
                for *pair, s in zip(pairs["Column 1"], pairs["Column 2"], pairs["Score"])
            },
        }
    )
)
