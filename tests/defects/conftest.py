"""Columns from which nothing can be learned, and the risks of an evaluation by name."""

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy.config import PlanSettings
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def risks(original, control, release, *, attacks, queries=500, secrets=()):
    """Return risks and skipped endpoints by name."""
    schema = sp.schema(original, secrets=secrets)
    settings = PlanSettings(attacks=attacks, queries=queries, utility=("shapes",))
    evaluation = sp.evaluate(original=original, control=control, synthetic=release, schema=schema, plan=settings)
    (found,) = evaluation.releases
    return {result.endpoint: result for result in (*found.risks, *found.skipped)}


def noise(rows, seed, **extra):
    """Return independent columns; nothing can be learned from any of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{place}": rng.normal(size=rows) for place in range(4)})
    return frame.assign(**{name: make(rng, rows) for name, make in extra.items()})


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_case_of, _risks, _noise = map(_fixture, (case_of, risks, noise))
