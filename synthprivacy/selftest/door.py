"""The door a user takes: three frames in, an evaluation and a verdict out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthprivacy.config import PlanSettings, policy_of_limit
from synthprivacy.evaluation import evaluate_frames
from synthprivacy.frames import read_tables
from synthprivacy.gating import Verdict, decide
from synthprivacy.results import Evaluation
from synthprivacy.schemata import infer
from synthprivacy.simulate import copy_share, people
from synthprivacy.tables.read import load

SETTINGS = PlanSettings(queries=100)
"""Everything runs, and no longer than it must."""
LAX = 0.9
"""A limit that every release without a leak keeps: only what is wrong otherwise can stop it."""
COLUMNS = ["age", "height_cm", "region", "registered", "sex", "smoker"]
"""Of every kind one, with and without missing values."""


@dataclass(frozen=True, slots=True, repr=False)
class Tables:
    """What a user hands in, of whatever type."""

    original: Any
    control: Any
    release: Any
    guessed: str | None = None
    """The declared secret; None = none is declared, so every column is one."""

    def each(self, change: Callable[[Any], Any]) -> Tables:
        """Return the tables, each changed alike."""
        control = None if self.control is None else change(self.control)
        return replace(self, original=change(self.original), control=control, release=change(self.release))


Evaluator = Callable[[Tables, int, int], Evaluation]
"""(tables, seed, threads) → evaluation."""
Decider = Callable[[Evaluation, float], Verdict]
"""(evaluation, limit) → verdict."""


def evaluate(tables: Tables, seed: int, jobs: int) -> Evaluation:
    """Return the house's evaluation."""
    return evaluate_with(SETTINGS, tables, seed, jobs)


def evaluate_with(settings: PlanSettings, tables: Tables, seed: int, jobs: int) -> Evaluation:
    """Return the house's evaluation, planned in another way."""
    known = None
    if tables.guessed is not None:
        known = infer(load(tables.original, label="original"), secrets=(tables.guessed,))
    frames = read_tables(original=tables.original, control=tables.control, synthetic=tables.release, schema=known)
    return evaluate_frames(frames, settings=settings, seed=seed, jobs=jobs)


def gate(evaluation: Evaluation, limit: float) -> Verdict:
    """Return the house's verdict."""
    return decide(evaluation, policy_of_limit(limit))


def carded(evaluation: Evaluation) -> Evaluation:
    """Return the evaluation as if the self-test had passed: it cannot wait for the validity cards that it writes."""
    endpoints = [{**entry, "card": "green"} for entry in evaluation.plan["endpoints"]]
    return replace(evaluation, plan={**evaluation.plan, "endpoints": endpoints})


def survey(seed: int, rows: int, *, leak: float = 0.0) -> Tables:
    """Return people of a survey, a few of them alike, and a release that publishes a share of them."""
    rng = np.random.default_rng([seed, rows])
    doubles = np.r_[: rows - rows // 30, : rows // 30]
    original, control, fresh = (people(rows, stream).loc[doubles, COLUMNS] for stream in rng.spawn(3))
    tables = Tables(original, control, fresh).each(lambda frame: frame.reset_index(drop=True))
    return replace(tables, release=copy_share(tables.original, tables.release, leak, rng), guessed="region")
