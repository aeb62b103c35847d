"""Simulated people, and the plans for releases of them."""

from __future__ import annotations

import pytest

from synthprivacy import simulate
from synthprivacy.config import PlanSettings
from synthprivacy.planning import make_plan
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load


def people(seed=0, rows=300):
    """Return simulated people."""
    return simulate.people(rows, seed)


def planned(release=None, settings=None, *, sizes=(3000, 3000), limit=0.05, **options):
    """Return the plan for a release of simulated people, of whom only the sizes are given."""
    frame = load(people() if release is None else release, label="table")
    schema = infer(frame, **options)
    case = encode(original=frame, control=None, release=frame, schema=schema)
    return make_plan(
        schema,
        case.release,
        settings or PlanSettings(),
        original_people=sizes[0],
        control_people=sizes[1],
        limit=limit,
    )


def endpoint_of(plan, name):
    """Return the endpoint of that name."""
    (found,) = [endpoint for endpoint in plan.endpoints if endpoint.name == name]
    return found


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_people, _planned, _endpoint_of = map(_fixture, (people, planned, endpoint_of))
