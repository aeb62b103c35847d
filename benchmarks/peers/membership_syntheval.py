"""SynthEval's median distance to the closest record and nearest-neighbour adversarial accuracy, under Gower's distance.

Called with the folder of the tables; prints one JSON line. It holds all distances at once, hence is given few rows.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import pandas as pd
from syntheval.metrics.privacy.metric_distance_closest_record import MedianDistanceToClosestRecord
from syntheval.metrics.privacy.metric_nn_adversarial_accuracy import NearestNeighbourAdversarialAccuracy


def main(folder):
    """Print the seconds and figures of both."""
    real, released = (pd.read_parquet(Path(folder) / f"{name}.parquet") for name in ("original", "release"))
    labels = [name for name in real if not pd.api.types.is_numeric_dtype(real[name])]
    numbers = [name for name in real if name not in labels]
    found = {}
    for name, metric in (("closest", MedianDistanceToClosestRecord), ("accuracy", NearestNeighbourAdversarialAccuracy)):
        tables = {
            "real_data": real.astype(dict.fromkeys(labels, object)),
            "synt_data": released.astype(dict.fromkeys(labels, object)),
        }
        begin = perf_counter()
        results = metric(
            **tables, cat_cols=labels, num_cols=numbers, nn_dist="gower", do_preprocessing=False
        ).evaluate()
        found[name] = {"seconds": perf_counter() - begin, **results}
    found["versions"] = {name: version(name) for name in ("syntheval", "numpy", "pandas")} | {
        "python": sys.version.split()[0]
    }
    print(json.dumps(found))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(sys.argv[1])
