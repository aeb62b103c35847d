"""People of mixed kinds, the places of their strata, and what was answered about them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.linkability import Halves
from synthprivacy.driver import run, stream
from synthprivacy.schemata import infer
from synthprivacy.strata import groups_of, strata_of, vulnerability
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load


def streams(name):
    """Return the stream of a part."""
    return stream(0, name)


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], unit=declared.pop("unit", None), declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def mixed(rows, seed):
    """Return two numbers, some missing, and two label columns."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=rows).round(2),
            "b": rng.exponential(size=rows).round(2),
            "c": rng.choice(list("xyz"), rows),
            "d": rng.choice(list("pqrst"), rows),
        }
    )
    frame.loc[rng.random(rows) < 0.1, "a"] = np.nan
    return frame


@pytest.fixture(scope="module")
def asked():
    """Return a case of which 30 % of one group are copied, and the outcome of linkability on a sample of people."""
    people = [simulate.people(1_500, seed).assign(g="many") for seed in (20, 21, 22)]
    for frame in people:
        frame.loc[::5, "g"] = "few"
    few = people[0][people[0]["g"] == "few"]
    release = pd.concat([people[2].iloc[90:], few.sample(90, random_state=0)], ignore_index=True)
    case = case_of(*people[:2], release, g={"role": "group"})
    usable = [name for name in case.schema.attackable if name != "g"]
    outcome = run(Halves(tuple(usable[::2]), tuple(usable[1::2])), case, stream(0, "x"), targets=1_200)
    places = vulnerability(case.original, case.control)
    return case, outcome, strata_of(case, places, groups_of(case)), places


@pytest.fixture(scope="module")
def places():
    """Return how unusual 4,000 and 2,000 people are."""
    case = case_of(mixed(4_000, 30), mixed(2_000, 31), mixed(500, 32))
    return vulnerability(case.original, case.control)


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_streams, _case_of, _mixed = map(_fixture, (streams, case_of, mixed))
