"""What changed from one release to the next, and whom that gives away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from synthprivacy.asking import Asked, ask
from synthprivacy.attacks.membership_differencing import Differencing
from synthprivacy.driver import sample
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Outcome, Risk, Skipped
from synthprivacy.schemata import Schema
from synthprivacy.scoring import judge
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.encode import encode
from synthprivacy.tables.table import Case, Table

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

DIFFERENCING = "membership.differencing"
"""The endpoint of the attacker who holds consecutive releases and compares them."""


def judge_differences(
    releases: Sequence[pa.Table],
    case: Case,
    rng: np.random.Generator,
    *,
    union: pa.Table,
    targets: int,
    confidence: float = 0.95,
    jobs: int = 1,
) -> Risk | Skipped:
    """Return what comparing consecutive releases tells about who was trained on, judged like any membership score.

    Parameters
    ----------
    releases : sequence of pyarrow.Table
        Conforming frames, in the order of their publication.
    case : Case
        Original and control, encoded by all releases together.
    rng : numpy.random.Generator
    union : pyarrow.Table
        All releases, by which the case was encoded.
    targets : int
        People attacked per side.
    confidence : float
    jobs : int
        Threads; they change no answer.
    """
    sides = {"original": case.original} | ({} if case.control is None else {"control": case.control})
    knowing, drawing = (int(seed) for seed in rng.integers(2**63, size=2))
    people = {name: sample(table, targets, drawing) for name, table in sides.items()}
    attack = Differencing(jobs)
    tables = encoded_alike(releases, union, case.schema)
    found = studied(attack, tables, people, case.schema, knowing)
    return risk_of(attack, found, people, rng, confidence)


def studied(
    attack: Differencing, releases: Sequence[Table], people: Mapping[str, Table], schema: Schema, seed: int
) -> Asked | NotEnoughDataError:
    """Return what an attacker who holds all releases says about each table of people."""
    (found,) = ask([attack], releases[0], schema, people, seed, later=releases[1:])
    return found


def risk_of(
    attack: Differencing,
    found: Asked | NotEnoughDataError,
    people: Mapping[str, Table],
    rng: np.random.Generator,
    confidence: float,
) -> Risk | Skipped:
    """Return the risk behind what an attacker said, or why there is none."""
    if isinstance(found, NotEnoughDataError):
        reason, _, needs = str(found).partition("; ")
        return Skipped(attack.name, attack.endpoint, reason, needs)
    answers = {name: judge(found[name], people[name]) for name in ("original", "control") if name in people}
    outcome = Outcome(attack.name, attack.endpoint, answers, attack.parameters())
    return estimate(outcome, primary=False, confidence=confidence, rng=rng)


def encoded_alike(releases: Sequence[pa.Table], union: pa.Table, schema: Schema) -> list[Table]:
    """Return every release as the union of all encodes it, a record a row."""
    usable = tuple(column for column in schema.columns if column.name in schema.attackable)
    bare = replace(schema, columns=usable)  # neither a unit, which releases may lack, nor texts
    return [encode(original=frame, control=None, release=union, schema=bare).original for frame in releases]
