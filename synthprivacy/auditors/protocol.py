"""What an auditor is, and the only way it is run: each half of the people scored by what was learned of the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Marks, Outcome, Skipped
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, FloatArray, IntArray, Table

NO_CONTROL = ("learns from people the generator never saw", "a control: people the generator never saw")


@dataclass(frozen=True, slots=True)
class Labelled:
    """People of whom the auditor knows whether they were trained on."""

    members: Table
    nonmembers: Table


class Auditor(Protocol):
    """A frozen dataclass of parameters; never an attack."""

    name: ClassVar[str]
    threat: ClassVar[str]
    """What it is assumed to know, in a sentence."""

    def fit(self, release: Table, half: Labelled, rng: np.random.Generator) -> Callable[[Table], FloatArray]:
        """Learn from a labelled half; return what scores the other half, higher = more like a member."""


def audit(auditor: Auditor, case: Case, rng: np.random.Generator, *, targets: int) -> Outcome | Skipped:
    """Return the scores of everybody, each learned from the other half of the people.

    Parameters
    ----------
    auditor : Auditor
    case : Case
    rng : numpy.random.Generator
    targets : int
        People per side; of more, a draw.
    """
    endpoint = f"audit.{auditor.name}"
    if case.control is None:
        return Skipped("audit", endpoint, *NO_CONTROL)
    columns = columns_of(case.schema)
    tables = [_drawn(table, targets, rng) for table in (case.original, case.control)]
    parts = [rng.permutation(table.people) % 2 for table in tables]
    scores = [np.empty(len(table)) for table in tables]
    for half, own in enumerate(rng.spawn(2)):
        known = Labelled(*(_half(table, part, half).select(columns) for table, part in zip(tables, parts)))
        try:
            scorer = auditor.fit(case.release.select(columns), known, own)
        except NotEnoughDataError as error:
            reason, _, needs = str(error).partition("; ")
            return Skipped("audit", endpoint, reason, needs)
        for table, part, found in zip(tables, parts, scores):
            rows = np.flatnonzero(part[table.unit] != half)
            found[rows] = scorer(table.take(rows).select(columns))
    original, control = (Marks(found, table.unit, table.weight) for found, table in zip(scores, tables))
    return Outcome("audit", endpoint, {"original": original, "control": control}, {"threat": auditor.threat})


def columns_of(schema: Schema) -> tuple[str, ...]:
    """Return the columns auditors see: every usable one."""
    return schema.attackable


def _drawn(table: Table, people: int, rng: np.random.Generator) -> Table:
    if table.people <= people:
        return table
    return table.of_people(np.sort(rng.choice(table.people, people, replace=False)))


def _half(table: Table, part: IntArray, half: int) -> Table:
    return table.of_people(np.flatnonzero(part == half))
