"""Our singling out: the whole attack on a census, or its parts on a million people; prints one JSON line.

Called with ``census FOLDER``, or with ``random``, ``greedy`` or ``given``, the folder of the census, and how many people
to make of it.
"""

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from neighbors_serving import peak

from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.singling_out import GREEDY_COLUMNS, SinglingOut
from synthprivacy.driver import run
from synthprivacy.kernels import counting
from synthprivacy.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING, Terms, of_lists
from synthprivacy.schemata import Column, Schema, infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Feature, Table

QUERIES, COLUMNS, MANY = 2_000, 3, 10_000
PART = 100_000
"""Records of which the predicates to be counted isolate one: among so many there are enough."""
NOISE = 0.1
"""Standard deviations of a column that are added to its resampled numbers."""


def census(folder):
    """Return the time and the risk of the whole attack."""
    frames = {name: load(Path(folder) / f"{name}.parquet", label=name) for name in ("original", "control", "release")}
    case = encode(**frames, schema=infer(frames["original"]))
    rng = np.random.default_rng(0)
    begin = perf_counter()
    outcome = run(SinglingOut(COLUMNS, QUERIES), case, rng, targets=len(case.original))
    middle = perf_counter()
    risk = estimate(outcome, primary=True, confidence=0.95, rng=rng)
    end = perf_counter()
    return {
        "seconds": end - begin,
        "making and counting": middle - begin,
        "permutations and interval": end - middle,
        "peak MiB": round(peak() / 2**20),
        "predicates": risk.evidence.queries,
        "tried": risk.evidence.drawn,
        "isolating, original": risk.evidence.isolated_original,
        "isolating, control": risk.evidence.isolated_control,
        "value": risk.value,
        "interval": list(risk.interval),
        "p": risk.p_value,
    }


def made(way, folder, people):
    """Return how long it takes to make predicates from a release of so many records."""
    release = resampled(folder, people, np.random.default_rng(0))
    schema = Schema(tuple(Column(feature.name, feature.kind) for feature in release.features))
    attack = SinglingOut(GREEDY_COLUMNS, MANY, greedy=True) if way == "greedy" else SinglingOut(COLUMNS, MANY)
    begin = perf_counter()
    found = attack.prepare(Knowledge((release,), None, schema), np.random.default_rng(1))(release)
    seconds = perf_counter() - begin
    return {
        "way": way,
        "people": people,
        "seconds": seconds,
        "predicates": found.queries,
        "tried": found.drawn,
        "peak MiB": round(peak() / 2**20),
    }


def given(folder, people):
    """Return how long it takes to count predicates that are there, rare ones and the commonest kind."""
    rng = np.random.default_rng(0)
    release, original = (resampled(folder, people, rng) for _ in range(2))
    schema = Schema(tuple(Column(feature.name, feature.kind) for feature in release.features))
    attack = SinglingOut(GREEDY_COLUMNS, MANY, greedy=True)
    part = release.take(np.arange(min(PART, people)))
    found = attack.prepare(Knowledge((part,), None, schema), rng)(original)
    rare = of_lists(found.queries, found.query, found.column, found.operator, found.operand)
    common = random_terms(release, rng)
    columns = [feature.values for feature in original.features]
    del release, part
    begin = perf_counter()
    index = counting.build(columns)
    seconds = {"index": perf_counter() - begin}
    means = {}
    for name, terms in (("isolating one of 100,000 records", rare), ("three columns of a random record", common)):
        begin = perf_counter()
        counts = counting.counts(counting.spans(terms, index), index, jobs=2)
        seconds[name], means[name] = perf_counter() - begin, float(counts.mean())
    asked = {"predicates": found.queries, "people": people}
    return asked | {"seconds": seconds, "people matched, mean": means, "peak MiB": round(peak() / 2**20)}


def random_terms(table, rng):
    """Return predicates on three random columns of random records, hardly any of which isolates anybody."""
    record = rng.integers(len(table), size=MANY)
    column = np.argsort(rng.random((MANY, len(table.features))), axis=1)[:, :COLUMNS]
    values = np.stack([feature.values[record] for feature in table.features])
    operand = values[column, np.arange(MANY)[:, None]]
    ordered = np.array([feature.ordered for feature in table.features])[column]
    operator = np.where(ordered, rng.choice([AT_MOST, AT_LEAST], operand.shape), EQUAL)
    return Terms(column, np.where(np.isnan(operand), MISSING, operator), operand)


def resampled(folder, people, rng):
    """Return people like those of the census: resampled, with noise on every number that is not 0."""
    frame = pd.read_csv(Path(folder) / "adults_train_reconstructed.csv.gz")
    rows = rng.integers(len(frame), size=people)
    features = []
    for name in sorted(frame):
        if pd.api.types.is_numeric_dtype(frame[name]):
            values = frame[name].to_numpy(dtype=np.float64)
            noise = rng.normal(0, NOISE * values.std(), people).round()
            values = values[rows] + np.where(values[rows] == 0, 0, noise)
            features.append(Feature(name, "number", values, ordered=True))
        else:
            codes, labels = pd.factorize(frame[name], sort=True)
            values = np.where(codes < 0, np.nan, codes)[rows]
            features.append(Feature(name, "category", values, ordered=False, levels=len(labels)))
    return Table(tuple(features), np.arange(people))


if __name__ == "__main__":
    task, place, *size = sys.argv[1:]
    numbers = [int(number) for number in size]
    tasks = {"census": census, "given": given}
    print(json.dumps(tasks[task](place, *numbers) if task in tasks else made(task, place, *numbers)))
