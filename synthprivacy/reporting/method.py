"""Method and provenance: what was run on what, with which assumptions, so that it can be run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthprivacy.reporting.amounts import limit
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.names import listed, prose, shown
from synthprivacy.reporting.words import COMPARATORS, COMPARED, readable
from synthprivacy.results import Evaluation, TableFacts, comparator_from_dict

ITEMS = 25
"""Items of a list or mapping of the plan that are shown."""
NAMES = 12
"""Columns named in a list of what is known."""
DEPTH = 3


@dataclass(frozen=True, slots=True)
class TableRow:
    """Shape and digest of a table."""

    name: str
    rows: str
    people: str
    columns: str
    digest: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """What an attacker was assumed to know of each person, and why."""

    endpoint: str
    known: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """Everything about one evaluation that is not a result."""

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[TableRow, ...]
    assumed: tuple[Assumption, ...]
    more_assumed: int
    plan: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Estimand:
    """What the risk of some attacks means, and how it was estimated."""

    attacks: str
    estimand: str
    estimator: str


def runs(evaluations: Sequence[Evaluation]) -> tuple[Run, ...]:
    """Return the provenance of every evaluation."""
    return tuple(
        _run(evaluation, f"Evaluation {number}" if len(evaluations) > 1 else "")
        for number, evaluation in enumerate(evaluations, start=1)
    )


def notices(evaluations: Sequence[Evaluation]) -> tuple[str, ...]:
    """Return what must be said first about the people that success is held against, each once."""
    kinds = {comparator_from_dict(evaluation.comparator).kind: None for evaluation in evaluations}
    return tuple(COMPARED[kind] for kind in kinds if kind in COMPARED)


def estimands(entries: Sequence[Entry]) -> tuple[Estimand, ...]:
    """Return every estimand and estimator, with the attacks that use it."""
    users: dict[tuple[str, str], dict[str, None]] = {}
    for entry in entries:
        for risk in entry.release.risks:
            users.setdefault((risk.estimand, risk.estimator), {})[readable(risk.attack)] = None
    return tuple(
        Estimand(listed(list(attacks), ITEMS), prose(estimand), prose(estimator))
        for (estimand, estimator), attacks in users.items()
    )


def _run(evaluation: Evaluation, title: str) -> Run:
    comparator = evaluation.comparator
    facts_of_it = {key: value for key, value in comparator.items() if key not in {"kind", "ok"}}
    facts = [
        ("Seed", str(evaluation.seed)),
        ("Compared with", "; ".join([COMPARATORS[comparator_from_dict(comparator).kind], *_pairs(facts_of_it, 2)])),
        ("Confidence", _confidence(evaluation)),
        (
            "Versions",
            ", ".join(f"{shown(name)} {shown(version)}" for name, version in sorted(evaluation.versions.items())),
        ),
    ]
    tables = [_table("Original", evaluation.original)]
    if evaluation.control is not None:
        tables.append(_table("Control", evaluation.control))
    tables += [_table(shown(name), facts) for name, facts in evaluation.synthetic.items()]
    endpoints = evaluation.plan.get("endpoints", ())
    plan = {key: value for key, value in evaluation.plan.items() if key not in {"policy", "endpoints"}}
    policy = evaluation.plan.get("policy")
    return Run(
        title=title,
        facts=tuple((name, text) for name, text in facts if text),
        tables=tuple(tables),
        assumed=tuple(_assumption(endpoint) for endpoint in endpoints[:ITEMS]),
        more_assumed=max(len(endpoints) - ITEMS, 0),
        plan=(*_items(plan), ("policy", _value(policy, DEPTH) if policy else "none was given")),
    )


def _assumption(endpoint: Mapping[str, Any]) -> Assumption:
    knows, hidden = endpoint.get("knows"), endpoint.get("hidden")
    if knows is not None:
        known = listed(knows, NAMES) or "nothing"
    else:
        known = f"everything but {listed(hidden, NAMES)}" if hidden else "everything"
    return Assumption(shown(str(endpoint.get("endpoint", ""))), known, prose(str(endpoint.get("why", ""))))


def _confidence(evaluation: Evaluation) -> str:
    levels = sorted({risk.confidence for release in evaluation.releases for risk in release.risks})
    return ", ".join(limit(level) for level in levels)


def _table(name: str, facts: TableFacts) -> TableRow:
    return TableRow(
        name, f"{facts.rows:,}", f"{facts.units:,}", f"{facts.columns:,}", shown(facts.digest or "not given", 90)
    )


def _items(plan: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((shown(readable(key)), _value(value, DEPTH)) for key, value in plan.items())


def _pairs(mapping: Mapping[str, Any], depth: int) -> list[str]:
    told = [f"{shown(readable(key))}: {_value(value, depth)}" for key, value in list(mapping.items())[:ITEMS]]
    left = len(mapping) - ITEMS
    return [*told, f"{left:,} more"] if left > 0 else told


def _value(value: Any, depth: int) -> str:
    """Return strict JSON as words."""
    match value:
        case None | bool():
            return {None: "none", True: "yes", False: "no"}[value]
        case str():
            return prose(value)
        case Mapping() if depth:
            return "; ".join(_pairs(value, depth - 1)) or "none"
        case list() | tuple() if depth:
            told = ", ".join(_value(item, depth - 1) for item in value[:ITEMS])
            left = len(value) - ITEMS
            return f"{told} and {left:,} more" if left > 0 else told or "none"
        case int() | float():
            return f"{value:,}" if isinstance(value, int) else f"{value:g}"
        case _:
            return "…"
