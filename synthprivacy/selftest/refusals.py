"""What cannot be judged must not pass: spoilt tables, too few people, a control that is none.

Whatever is handed in, the outcome is an error of this package, a failure, or "inconclusive". A pass is broken, and so
is any other exception: who is told ``KeyError`` mends the tables until it goes away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from synthprivacy.config import PlanSettings
from synthprivacy.errors import SynthPrivacyError
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.door import LAX, Decider, Evaluator, Tables, carded, evaluate, evaluate_with, gate, survey
from synthprivacy.selftest.finding import Finding, exact
from synthprivacy.selftest.scenario import LIMIT

PEOPLE = 120
"""Enough for every attack to be made."""
CRASHES = (
    ArithmeticError, AttributeError, EOFError, ImportError, LookupError, MemoryError, NameError, OSError, RuntimeError,
    TypeError, ValueError, Warning,
)  # fmt: skip
"""Exceptions that say nothing to whoever handed in the tables."""
SIDES = ("original", "control", "release")

Spoil = Callable[[pd.DataFrame], Any]


def _infinite(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(height_cm=frame["height_cm"].where(frame.index != 3, np.inf))


def _mixed(frame: pd.DataFrame) -> pd.DataFrame:
    odd: list[Any] = [1, "two", 3.5, None, pd.Timestamp("2020-01-01"), b"six", True, ["eight"]]
    column = np.empty(len(frame), dtype=object)
    column[:] = (odd * len(frame))[: len(frame)]
    return frame.assign(age=column)


def _nested(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(age=frame["age"].map(lambda age: {"years": age}))


SPOILS: Mapping[str, Spoil] = {
    "no rows": lambda frame: frame.iloc[:0],
    "one row": lambda frame: frame.iloc[:1],
    "29 rows": lambda frame: frame.iloc[:29],
    "90 rows": lambda frame: frame.iloc[:90],
    "nothing but missing": lambda frame: frame.mask(np.ones(frame.shape, dtype=bool)),
    "a column missing": lambda frame: frame.assign(height_cm=np.nan),
    "every second cell missing": lambda frame: frame.mask(np.indices(frame.shape).sum(axis=0) % 2 == 0),
    "all alike": lambda frame: frame.iloc[[0] * len(frame)],
    "all alike but one": lambda frame: frame.iloc[[1] + [0] * (len(frame) - 1)],
    "constant column": lambda frame: frame.assign(age=40),
    "infinite": _infinite,
    "huge numbers": lambda frame: frame.assign(height_cm=frame["height_cm"] * 1e306),
    "mixed types": _mixed,
    "nested cells": _nested,
    "complex numbers": lambda frame: frame.assign(age=frame["age"] + 1j),
    "numbers as words": lambda frame: frame.assign(age=frame["age"].astype(str)),
    "dates as numbers": lambda frame: frame.assign(registered=frame["registered"].astype("int64")),
    "a column lost": lambda frame: frame.drop(columns="sex"),
    "one column left": lambda frame: frame[["age"]],
    "no columns": lambda frame: frame[[]],
    "a column too many": lambda frame: frame.assign(more=1.5),
    "one name twice": lambda frame: frame.set_axis(["age", "age", *frame.columns[2:]], axis=1),
    "nameless columns": lambda frame: frame.set_axis(range(frame.shape[1]), axis=1),
    "no table": lambda _: "no such file.csv",
    "a number": lambda _: 7,
}
"""What may be wrong with one table."""

STAGED: Mapping[str, Callable[[Tables], Tables]] = {
    "no control": lambda tables: replace(tables, control=None),
    "control = original": lambda tables: replace(tables, control=tables.original),
    "control = original, shuffled": lambda tables: replace(tables, control=tables.original.iloc[::-1]),
    "control half original": lambda tables: replace(
        tables, control=pd.concat([tables.original.iloc[::2], tables.control.iloc[::2]])
    ),
    "release = control": lambda tables: replace(tables, release=tables.control),
    "release = original": lambda tables: replace(tables, release=tables.original),
    "original and control exchanged": lambda tables: replace(
        tables, original=tables.control, control=tables.original, release=tables.original
    ),
    "ten people": lambda tables: tables.each(lambda frame: frame.iloc[:10]),
    "90 people": lambda tables: tables.each(lambda frame: frame.iloc[:90]),
    "nobody": lambda tables: tables.each(lambda frame: frame.iloc[:0]),
    "all alike": lambda tables: tables.each(lambda frame: frame.iloc[[0] * len(frame)]),
    "all missing": lambda tables: tables.each(SPOILS["nothing but missing"]),
}
"""What may be wrong with three tables."""


def refusals(
    seed: int, *, evaluator: Evaluator = evaluate, decider: Decider = gate, thorough: bool = False
) -> list[Finding]:
    """Return whether nothing that cannot be judged passes.

    Every spoil is put on one table, in turn; `thorough` puts each on every one, and draws 60 pairs of them.
    """
    tables = published(seed)
    spoilt = [*_spoilt(tables, thorough=thorough), *_twice(tables, seed, 60 if thorough else 10)]
    spoilt += [(name, "tables", change(tables)) for name, change in STAGED.items()]
    findings = [_finding(name, what, outcome(handed_in, LIMIT, evaluator, decider)) for name, what, handed_in in spoilt]
    return [*findings, few_queries(evaluator, decider), *suspects(seed, decider)]


def published(seed: int) -> Tables:
    """Return a release that publishes everybody, blurred a little: whatever is added or lost, it must not pass."""
    tables = survey(seed, PEOPLE)
    noise = np.random.default_rng(seed).normal(0.0, 0.2, PEOPLE)
    return replace(tables, release=tables.original.assign(height_cm=tables.original["height_cm"] + noise))


def outcome(tables: Tables, limit: float, evaluator: Evaluator, decider: Decider) -> str:
    """Return the decision about some tables, "refused", or "crashed"."""
    try:
        return decider(carded(evaluator(tables, 0, 1)), limit).decision
    except SynthPrivacyError:
        return "refused"
    except CRASHES:
        return "crashed"


def few_queries(evaluator: Evaluator, decider: Decider) -> Finding:
    """Ask that an exact copy with four predicates to find does not pass, nor reads low in singling out (L8)."""
    rare = ["a", "b", *["usual"] * (PEOPLE - 2)]
    frame = pd.DataFrame({"first": rare, "second": rare[::-1]})
    tables = Tables(frame, frame.assign(first="usual", second="other"), frame.copy())
    wrong = _is_wrong(outcome(tables, LIMIT, evaluator, decider))
    try:
        risks = evaluator(tables, 0, 1).releases[0].risks
    except SynthPrivacyError:
        risks = ()
    low = sum(risk.attack == "singling_out" and risk.upper < 1.0 for risk in risks)
    return exact("fail closed", "exact copy, four predicates", "tables", wrong + low, side="at most", bar=0.0)


def suspects(seed: int, decider: Decider = gate) -> Iterator[Finding]:
    """Yield whether a control that holds training people, or other people, keeps a clean release from passing (S1, S2).

    At a limit that the release keeps: only the check of the control can stop it.
    """
    settings = PlanSettings(attacks=("memorization",), queries=50)

    def evaluator(tables: Tables, seed: int, jobs: int) -> Any:
        return evaluate_with(settings, tables, seed, jobs)

    for scenario in SCENARIOS.values():
        if scenario.spoil is not None:
            tables = Tables(*scenario.tables(seed, 0))
            yield _finding(scenario.name, "control", outcome(tables, LAX, evaluator, decider))


def _spoilt(tables: Tables, *, thorough: bool) -> Iterator[tuple[str, str, Tables]]:
    for place, (name, spoil) in enumerate(SPOILS.items()):
        for side in SIDES if thorough else (SIDES[place % 3],):
            yield name, side, replace(tables, **{side: spoil(getattr(tables, side))})


def _twice(tables: Tables, seed: int, pairs: int) -> Iterator[tuple[str, str, Tables]]:
    """Yield tables of which two are spoilt, each in a way of its own."""
    rng = np.random.default_rng([seed, pairs])
    for _ in range(pairs):
        sides = [SIDES[place] for place in sorted(rng.choice(3, 2, replace=False))]
        names = [list(SPOILS)[place] for place in rng.choice(len(SPOILS), 2, replace=False)]
        spoilt = {side: SPOILS[name](getattr(tables, side)) for side, name in zip(sides, names)}
        yield " and ".join(names), " and ".join(sides), replace(tables, **spoilt)


def _is_wrong(decision: str) -> bool:
    return decision in {"pass", "warn", "crashed"}


def _finding(name: str, what: str, decision: str) -> Finding:
    return exact("fail closed", name, what, float(_is_wrong(decision)), side="at most", bar=0.0)
