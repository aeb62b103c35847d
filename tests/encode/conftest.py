"""Rows of every kind, encoded, and the distances between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT
from synthprivacy.schemata import conform, infer
from synthprivacy.tables.encode import encode, encode_pair
from synthprivacy.tables.read import load
from synthprivacy.tables.space import points
from synthprivacy.tables.table import Table

ROWS = 120


def draw(seed, rows=ROWS, *, holes=0.1):
    """Return rows of every kind; a share of the cells is missing. `key` is never missing and tells rows apart."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(100, 30, rows),
            "count": rng.integers(0, 50, rows).astype(float),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, rows), unit="D"),
            "stay": pd.to_timedelta(rng.integers(0, 5000, rows), unit="min"),
            "colour": rng.choice(["red", "green", "blue", "Blue "], rows),
            "member": pd.array(rng.random(rows) < 0.4, dtype="boolean"),
            "icd": rng.choice(["E11.9", "E11.2", "E10", "I20.0", "I20.01", "J"], rows),
        }
    )
    return frame.mask(rng.random(frame.shape) < holes).assign(key=rng.permutation(rows * 3)[:rows] / 7)


def case_of(original, control, release, **options):
    """Return the encoded case of three frames; the schema is inferred from the original."""
    frames = {"original": original, "control": control, "release": release}
    loaded = {label: load(frame, label=label) for label, frame in frames.items() if frame is not None}
    schema = infer(loaded["original"], **options)
    tables, _ = conform(loaded, schema)
    return encode(original=tables["original"], control=tables.get("control"), release=tables["release"], schema=schema)


def pair(queries, candidates, **declared):
    """Return queries and candidates in the candidates' encoding, rows in the order given."""
    loaded = load(candidates, label="candidates")
    return encode_pair(load(queries, label="queries"), loaded, infer(loaded, declared=declared))


def distances(queries: Table, candidates: Table):
    """Return Gower's distance of every pair, (queries, candidates)."""
    index = neighbors.build(points(candidates))
    found = neighbors.nearest(index, points(queries), len(candidates))
    table = np.empty(found.steps.shape)
    np.put_along_axis(table, found.rows, found.steps / (UNIT * index.columns), axis=1)
    return table


def of_one_column(queries, candidates, **declared):
    """Return the distances of every pair of values of one column."""
    frames = (pd.DataFrame({"x": values}) for values in (queries, candidates))
    return distances(*pair(*frames, **({"x": declared} if declared else {})))


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_draw, _case_of, _pair, _distances, _of_one_column = map(_fixture, (draw, case_of, pair, distances, of_one_column))
