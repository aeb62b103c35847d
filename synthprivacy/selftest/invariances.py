"""What must not change the result: metamorphic relations on the whole evaluation.

A relation evaluates the same people twice, told in two ways. Where both say the same, no number may differ; where chance
or a unit of measurement enters, every value must stay inside the first run's interval; where the roles of original and
control are exchanged, so must be the sign of every gain.

References
----------
Chen, Cheung and Yiu (1998), Metamorphic testing: a new approach for generating next test cases, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from synthprivacy.results import Evaluation, HitsEvidence, MatchesEvidence, Risk, ScoresEvidence
from synthprivacy.selftest.door import Evaluator, Tables, evaluate, survey
from synthprivacy.selftest.finding import Finding, exact

PEOPLE = 220
"""Half of the control must still do for the rulers."""
LEAK = 0.2
"""Share of the people published: a result that is all zeros would agree with anything."""
AWKWARD = ("'; drop", "class", "lambda x", "`q` = {z}", "é", "🜁")
"""Names that break careless code, one a column."""
WITHOUT_CHANCE = ("membership.distance", "memorization.copies")
"""Endpoints that draw nothing: what means the same must read the same."""
MIRRORED = ("memorization.copies",)
"""The same where a number changes sign: the grid of distances begins at the low end, so their last steps move."""
ROUNDING = 1e-6
"""Of a value, where a unit of measurement changes the last bits of a distance."""
PREDICATES = 2.0
"""Reaches of the interval within which singling out must stay where its predicates are drawn anew. With 50 predicates
the farthest of 36 pairs of runs was 1.3 reaches apart."""
SIGN = 1e-9

Change = Callable[[pd.DataFrame], Any]


def _other_types(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"age": "float64", "smoker": "boolean", "region": "category", "sex": "category"})


SAME: Mapping[str, Change] = {
    "row index": lambda frame: frame.set_axis([7] * len(frame), axis=0),
    "column order": lambda frame: frame[list(frame.columns[::-1])],
    "other types": _other_types,
    "objects": lambda frame: frame.astype(object),
    "arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
}
"""Ways to hand in the same table."""


def invariances(seed: int, *, evaluator: Evaluator = evaluate, thorough: bool = False) -> list[Finding]:
    """Return whether the evaluation of a survey keeps every relation; `thorough` asks it of two, all columns secrets."""
    findings = []
    for number in range(2 if thorough else 1):
        tables = survey(seed + number, PEOPLE, leak=LEAK)
        tables = replace(tables, guessed=None) if thorough else tables
        plain = evaluator(tables, 0, 1)
        findings += [
            *unchanged(tables, plain, evaluator),
            *within(tables, plain, evaluator),
            exchanged(tables, plain, evaluator),
        ]
    return findings


def unchanged(tables: Tables, plain: Evaluation, evaluator: Evaluator) -> Iterator[Finding]:
    """Yield how much of the result depends on how the tables are handed in, or on the threads: nothing may."""
    told = {name: tables.each(change) for name, change in SAME.items()}
    told["row order"] = _shuffled(tables)
    for name, others in told.items():
        yield _unlike(name, _leaves(plain), _leaves(evaluator(others, 0, 1)))
    yield _unlike("two threads", _leaves(plain), _leaves(evaluator(tables, 0, 2)))
    names = dict(zip(sorted(tables.original.columns), sorted(AWKWARD)))
    renamed = evaluator(_renamed(tables, names), 0, 1)
    yield _unlike("names that sort alike", _leaves(plain, words=False), _leaves(renamed, words=False))


def within(tables: Tables, plain: Evaluation, evaluator: Evaluator) -> Iterator[Finding]:
    """Yield how far each value moves, in reaches of its interval: by what means the same, and by another seed."""
    names = list(tables.original.columns)
    permuted = dict(zip(names, [*names[3:], *names[:3]]))
    moved = evaluator(_renamed(tables, permuted), 0, 1)
    yield from _moves("permuted names", plain, moved, {new: old for old, new in permuted.items()})
    for name, change in (("exchanged labels", _relabelled), ("other units", _rescaled)):
        yield from _moves(name, plain, evaluator(tables.each(change), 0, 1))
    yield from _moves("mirrored", plain, evaluator(tables.each(_mirrored), 0, 1), same=MIRRORED)
    yield from _moves("another seed", plain, evaluator(tables, 1, 1))


def exchanged(tables: Tables, plain: Evaluation, evaluator: Evaluator) -> Finding:
    """Return how far the gains a - c are from changing sign when original and control change places."""
    swapped = _risks(evaluator(replace(tables, original=tables.control, control=tables.original), 0, 1))
    known = _risks(plain)
    off = [abs(gain(risk) + gain(swapped[name])) if name in swapped else math.nan for name, risk in known.items()]
    return exact("sign", "original and control exchanged", "every endpoint", _most(off), side="at most", bar=SIGN)


def gain(risk: Risk) -> float:
    """Return a - c of one risk: more success, or better ranks, on training people than on the control."""
    match risk.evidence:
        case HitsEvidence():
            return math.nan if risk.excess is None else risk.excess.value
        case ScoresEvidence(auc=auc):
            return 2.0 * auc - 1.0
        case MatchesEvidence(queries=queries, isolated_original=int() as here, isolated_control=int() as there):
            return (here - there) / queries
    return math.nan


def _shuffled(tables: Tables) -> Tables:
    """Return every table in an order of its own, so that nobody stands where their copy stood."""
    original, control, release = (
        frame.sample(frac=1.0, random_state=number)
        for number, frame in enumerate((tables.original, tables.control, tables.release))
    )
    return replace(tables, original=original, control=control, release=release)


def _renamed(tables: Tables, names: Mapping[str, str]) -> Tables:
    guessed = None if tables.guessed is None else names[tables.guessed]
    return replace(tables.each(lambda frame: frame.rename(columns=names)), guessed=guessed)


def _relabelled(frame: pd.DataFrame) -> pd.DataFrame:
    labels = sorted(frame["region"].dropna().unique())
    other = dict(zip(labels, [f"{place} {label}" for place, label in enumerate(reversed(labels))]))
    return frame.assign(region=frame["region"].map(other), sex=frame["sex"].map({"female": "y", "male": "x"}))


def _rescaled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(height_cm=frame["height_cm"] * 0.01 + 3.0, age=frame["age"] * 12 + 7)


def _mirrored(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(age=100 - frame["age"])


def _moves(
    name: str,
    plain: Evaluation,
    moved: Evaluation,
    back: Mapping[str, str] | None = None,
    *,
    same: tuple[str, ...] = WITHOUT_CHANCE,
) -> Iterator[Finding]:
    """Yield the move of each endpoint; one that is gone moved beyond all bounds."""
    others = {_restored(endpoint, back or {}): risk.value for endpoint, risk in _risks(moved).items()}
    for endpoint, risk in _risks(plain).items():
        value = others.get(endpoint, math.nan)
        if endpoint in same:
            yield exact("same value", name, endpoint, abs(value - risk.value), side="at most", bar=ROUNDING)
        else:
            bar = PREDICATES if risk.attack == "singling_out" else 1.0
            yield exact("inside the interval", name, endpoint, _reaches(risk, value), side="at most", bar=bar)


def _reaches(risk: Risk, value: float) -> float:
    """Return how far a value lies from that of a risk, 1 being the end of the interval on its side."""
    if value == risk.value:
        return 0.0
    reach = abs(risk.interval[1 if value > risk.value else 0] - risk.value)
    return abs(value - risk.value) / reach if reach > 0 else math.inf


def _restored(endpoint: str, back: Mapping[str, str]) -> str:
    threat, _, what = endpoint.partition(".")
    return f"{threat}.{back.get(what, what)}"


def _risks(evaluation: Evaluation) -> dict[str, Risk]:
    return {risk.endpoint: risk for risk in evaluation.releases[0].risks}


def _unlike(name: str, plain: list[Any], other: list[Any]) -> Finding:
    differing = sum(one != another for one, another in zip(plain, other)) + abs(len(plain) - len(other))
    return exact("same bytes", name, "the evaluation", differing, side="at most", bar=0.0)


def _leaves(evaluation: Evaluation, *, words: bool = True) -> list[Any]:
    """Return every number (and word) of what was found, in the order of the JSON."""
    whole = evaluation.to_dict()
    leaves = _flat([whole["releases"], [[check["check"], check["status"]] for check in whole["checks"]]])
    return [leaf for leaf in leaves if words or not isinstance(leaf, str)]


def _flat(part: Any) -> Iterator[Any]:
    match part:
        case dict():
            yield from (leaf for value in part.values() for leaf in _flat(value))
        case list() | tuple():
            yield from (leaf for value in part for leaf in _flat(value))
        case _:
            yield part


def _most(figures: list[float]) -> float:
    """Return the largest figure; NaN where one is, or where there are none."""
    return math.nan if not figures or any(map(math.isnan, figures)) else max(figures)
