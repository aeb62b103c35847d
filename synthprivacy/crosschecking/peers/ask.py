"""Ask anonymeter or SDMetrics about some tables: run by the Python that has them, which need not have this package.

Reads one JSON document from standard input, ``{"peer", "seed", "tables", "tasks"}``, and writes one to standard output,
``{"versions", "answers"}``. Nothing is written to a file, and what the peers print is not passed on. Columns are called
``c0``, ``c1``, ...: the peers never see a name.
"""

from __future__ import annotations

import inspect
import json
import logging
import math
import os
import re
import signal
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Answer = dict[str, Any]
_EMITTED = re.compile(r"could generate only (\d+)")
_TABLE = "rows"
_NONE_LEFT_OUT = {"real_correlation_threshold": 0, "real_association_threshold": 0}


class _Heard(logging.Handler):
    """Keeps how many predicates anonymeter found, where it complains that there were too few."""

    def __init__(self) -> None:
        super().__init__()
        self.emitted: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take the number out of the complaint."""
        if (found := _EMITTED.search(record.getMessage())) is not None:
            self.emitted = int(found.group(1))


def singling_out(tables: Tables, task: Mapping[str, Any], seed: int) -> Answer:
    """Return how often predicates on one or several columns isolate somebody."""
    kind = import_module("anonymeter.evaluators").SinglingOutEvaluator
    heard, logger = _Heard(), logging.getLogger("anonymeter")
    logger.addHandler(heard)
    wanted = {"n_attacks": task["attacks"], "n_cols": task["columns"], "seed": seed, "max_attempts": task["attempts"]}
    tables_of = {"ori": tables["original"], "syn": tables["release"], "control": tables.get("control")}
    evaluator = kind(**_taken(kind, {**tables_of, **wanted}))
    evaluator.evaluate(mode="univariate" if task["columns"] == 1 else "multivariate")
    logger.removeHandler(heard)
    return {**_counted(evaluator), "emitted": heard.emitted}


def linkability(tables: Tables, task: Mapping[str, Any], _seed: int) -> Answer:
    """Return how often two halves of a record have the same nearest synthetic record."""
    evaluator = import_module("anonymeter.evaluators").LinkabilityEvaluator(
        ori=tables["people"],
        syn=tables["release"],
        aux_cols=(task["first"], task["second"]),
        n_attacks=len(tables["people"]),
        n_neighbors=1,
        control=tables.get("others"),
    )
    return _counted(evaluator.evaluate(n_jobs=1))


def inference(tables: Tables, task: Mapping[str, Any], _seed: int) -> Answer:
    """Return how often the nearest synthetic record gives a secret away."""
    evaluator = import_module("anonymeter.evaluators").InferenceEvaluator(
        ori=tables["people"],
        syn=tables["release"],
        aux_cols=task["known"],
        secret=task["secret"],
        n_attacks=len(tables["people"]),
        control=tables.get("others"),
    )
    return _counted(evaluator.evaluate(n_jobs=1))


def _counted(evaluator: Any) -> Answer:
    results, risk = evaluator.results(), evaluator.risk()
    return {
        "value": _number(risk.value),
        "interval": [_number(end) for end in risk.ci],
        "attacks": int(results.n_attacks_ori),
        "successes": _number(results.n_success),
        "control": _number(results.n_control),
        "baseline": _number(results.n_baseline),
    }


def quality(tables: Tables, _task: Mapping[str, Any], _seed: int) -> Answer:
    """Return the quality report, what its trends would be with every pair, and with numbers cut alike in both tables."""
    original, release = tables["original"], tables["release"]
    found, every = _report(original, release), _report(original, release, **_NONE_LEFT_OUT)
    properties = dict(zip(found.get_properties()["Property"], found.get_properties()["Score"]))
    details, used = every.get_details("Column Pair Trends"), found.get_details("Column Pair Trends")
    numeric = {name for name, kind in _kinds(original).items() if kind["sdtype"] == "numerical"}
    alike = import_module("sdmetrics.column_pairs.statistical").ContingencySimilarity
    common = [
        alike.compute(original[[one, two]].copy(), release[[one, two]].copy(), [({one, two} & numeric).pop()])
        if len({one, two} & numeric) == 1
        else score
        for one, two, score in zip(details["Column 1"], details["Column 2"], details["Score"])
    ]
    return {
        "shapes": _number(properties["Column Shapes"]),
        "trends": _number(properties["Column Pair Trends"]),
        "pairs": len(details),
        "used": int(used["Score"].notna().sum()),
        "every": _number(details["Score"].mean()),
        "common": _number(pd.Series(common, dtype=float).mean()),
    }


def _report(original: pd.DataFrame, release: pd.DataFrame, **changed: float) -> Any:
    """Return the quality report, by default with the thresholds that it has."""
    report = import_module("sdmetrics.reports.single_table").QualityReport()
    for name, value in changed.items():
        setattr(report, name, value)
    report.generate(original, release, {"columns": _kinds(original)}, verbose=False)
    return report


def new_rows(tables: Tables, _task: Mapping[str, Any], _seed: int) -> Answer:
    """Return the share of released rows that are new, beside the original and beside the control."""
    metric = import_module("sdmetrics.single_table").NewRowSynthesis
    return _beside(tables, lambda people: _computed(metric, real_data=people, synthetic_data=tables["rows"]))


def overfitting(tables: Tables, _task: Mapping[str, Any], _seed: int) -> Answer:
    """Return whether released rows are nearer to the original than to the control."""
    found = _computed(
        import_module("sdmetrics.single_table.privacy").DCROverfittingProtection,
        real_training_data=tables["original"],
        synthetic_data=tables["rows"],
        real_validation_data=tables["control"],
    )
    closer = found["synthetic_data_percentages"]["closer_to_training"]
    return {"score": _number(found["score"]), "closer": _number(closer), "rows": len(tables["rows"])}


def baseline(tables: Tables, _task: Mapping[str, Any], seed: int) -> Answer:
    """Return how much nearer released rows are than random ones, to the original and to the control."""
    metric = import_module("sdmetrics.single_table.privacy").DCRBaselineProtection
    seeded = type("Seeded", (metric,), {"_seed": seed})
    return _beside(tables, lambda people: _computed(seeded, real_data=people, synthetic_data=tables["rows"]))


def disclosure(tables: Tables, task: Mapping[str, Any], _seed: int) -> Answer:
    """Return how well a secret of the people attacked is protected, and of the others."""
    metric = import_module("sdmetrics.single_table").DisclosureProtection
    release, kinds = tables["release"], _kinds(tables["release"])
    known, secret = task["known"], task["secret"]
    how = {
        "known_column_names": known,
        "sensitive_column_names": [secret],
        "continuous_column_names": [name for name in (*known, secret) if kinds[name]["sdtype"] == "numerical"] or None,
    }
    sides = {"original": tables["people"], "control": tables.get("others")}
    found = {
        side: _number(metric.compute_breakdown(people, release, **how)["score"])
        for side, people in sides.items()
        if people is not None
    }
    return {"score": found["original"], "control": found.get("control"), "rows": len(tables["people"])}


def _beside(tables: Tables, compute: Callable[[pd.DataFrame], Mapping[str, Any]]) -> Answer:
    control = tables.get("control")
    return {
        "score": _number(compute(tables["original"])["score"]),
        "control": None if control is None else _number(compute(control)["score"]),
        "rows": len(tables["rows"]),
    }


def _computed(metric: Any, **tables: pd.DataFrame) -> Any:
    """Return the breakdown of a metric, whose table of columns was of another form before it knew several tables."""
    columns = {"columns": _kinds(tables["synthetic_data"])}
    named = inspect.signature(metric.compute_breakdown).parameters
    if "table_name" in named:
        return metric.compute_breakdown(**tables, metadata={"tables": {_TABLE: columns}}, table_name=_TABLE)
    return metric.compute_breakdown(**tables, metadata=columns)


def _kinds(table: pd.DataFrame) -> dict[str, dict[str, str]]:
    numeric = {name: pd.api.types.is_numeric_dtype(values) for name, values in table.items()}
    return {str(name): {"sdtype": "numerical" if number else "categorical"} for name, number in numeric.items()}


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(float(value)) else None


def _taken(function: Callable[..., Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that this version of the peer takes."""
    takes = inspect.signature(function).parameters
    return {name: value for name, value in wanted.items() if name in takes}


def frame(columns: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table of numbers and of labels."""
    kinds = {"whole": "int64", "number": "float64", "label": "object"}
    return pd.DataFrame(
        {name: pd.Series(column["values"], dtype=kinds[column["kind"]]) for name, column in columns.items()}
    )


TASKS: Mapping[str, Callable[[Tables, Mapping[str, Any], int], Answer]] = {
    "singling_out": singling_out,
    "linkability": linkability,
    "inference": inference,
    "quality": quality,
    "new_rows": new_rows,
    "overfitting": overfitting,
    "baseline": baseline,
    "disclosure": disclosure,
}


def versions() -> dict[str, str]:
    """Return the versions of the peers that are there."""
    found = {}
    for name in ("anonymeter", "sdmetrics"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def answer(asked: Mapping[str, Any]) -> list[Answer]:
    """Return the answer to each task, or the kind of error it ended with, never its message: that may hold cells."""
    tables = {name: frame(columns) for name, columns in asked["tables"].items()}
    answers = []
    with ThreadPoolExecutor(1) as pool:
        for task in asked["tasks"]:
            np.random.seed(asked["seed"])  # noqa: NPY002 - the stream that the peers draw from
            work = pool.submit(TASKS[task["task"]], tables, task, asked["seed"])
            error = work.exception()
            answers.append(work.result() if error is None else {"error": type(error).__name__})
    return answers


def end_with_parent() -> None:
    """End this process when the one that asked is gone, however it went."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, daemon=True).start()


def main() -> None:
    """Answer one request."""
    end_with_parent()
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the peers print must not be taken for the answer
    asked = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    json.dump({"versions": versions(), "answers": answer(asked)}, channel, allow_nan=False)
    channel.flush()


if __name__ == "__main__":
    main()
