"""SDMetrics' `DCROverfittingProtection`, asked about the first released rows; its time is scaled to all of them.

Called with the folder of the tables and how many rows; prints one JSON line.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import pandas as pd
from sdmetrics.single_table.privacy import DCROverfittingProtection


def main(folder, rows):
    """Print the seconds, and the share of rows nearer to training rows."""
    tables = {path.stem: pd.read_parquet(path) for path in Path(folder).glob("*.parquet")}
    kinds = {
        name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(column) else "categorical"}
        for name, column in tables["original"].items()
    }
    begin = perf_counter()
    found = DCROverfittingProtection.compute_breakdown(
        real_training_data=tables["original"],
        real_validation_data=tables["control"],
        synthetic_data=tables["release"][:rows],
        metadata={"tables": {"rows": {"columns": kinds}}},
        table_name="rows",
    )
    seconds = perf_counter() - begin
    told = {
        "rows asked": rows,
        "seconds of these": seconds,
        "seconds": seconds / rows * len(tables["release"]),
        "closer to training": found["synthetic_data_percentages"]["closer_to_training"],
        "versions": {name: version(name) for name in ("sdmetrics", "numpy", "pandas")}
        | {"python": sys.version.split()[0]},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(sys.argv[1], int(sys.argv[2]))
