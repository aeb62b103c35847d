"""The public search for the nearest rows, against its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate

STEP = 2.0**-20


def gower(one, other, scales):
    """Return the distance of two rows by the definition: mean of |difference| / scale up to 1, labels equal or not."""
    parts = []
    for name in one.index:
        missing = pd.isna(one[name]), pd.isna(other[name])
        if any(missing):
            parts.append(0.0 if all(missing) else 1.0)
        elif name in scales:
            parts.append(min(1.0, abs(one[name] - other[name]) / scales[name]))
        else:
            parts.append(float(one[name] != other[name]))
    return float(np.mean(parts))


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("jobs", [1, 2])
def test_nearest_is_the_definition(k, jobs):
    """Distances are Gower's to the grid, neighbours the nearest, in ascending order, of equal ones the smallest."""
    rng = np.random.default_rng(0)

    def table(rows):
        return pd.DataFrame(
            {
                "x": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(0, 50, rows)),
                "y": rng.normal(0, 10, rows),
                "label": rng.choice(["a", "b", None], rows, p=[0.5, 0.4, 0.1]),
            }
        )

    queries, candidates = table(60), table(150)
    scales = {"x": 40.0, "y": 60.0}
    schema = sp.schema(candidates, columns={"x": {"bounds": [5, 45]}, "y": {"bounds": [-30, 30]}})

    distances, indices = sp.nearest(queries, candidates, k, schema, jobs)

    assert (distances.shape, distances.dtype) == ((60, k), np.float64)
    assert (indices.shape, indices.dtype) == ((60, k), np.int64)
    exact = np.array([[gower(q, c, scales) for _, c in candidates.iterrows()] for _, q in queries.iterrows()])
    np.testing.assert_allclose(distances, np.sort(exact, axis=1)[:, :k], atol=2 * STEP)
    np.testing.assert_allclose(np.take_along_axis(exact, indices, axis=1), distances, atol=2 * STEP)
    assert all((np.diff(row) > 0)[np.diff(near) == 0].all() for row, near in zip(indices, distances))


def test_a_row_is_its_own_nearest():
    """In its own table every row finds itself at 0; of equal rows each finds the first."""
    frame = simulate.people(200, 0)
    doubled = pd.concat([frame, frame], ignore_index=True)

    distances, indices = sp.nearest(doubled, doubled)

    assert not distances.any()
    np.testing.assert_array_equal(indices[:, 0], np.tile(np.arange(200), 2))


@pytest.mark.parametrize(
    ("arguments", "error", "rule"),
    [
        ({"k": 0}, sp.ConfigError, "k must be a whole number of at least 1"),
        ({"k": 1.0}, sp.ConfigError, "k must be a whole number"),
        ({"k": 51}, sp.DataError, "k must be at most the number of candidates: 51 of 50"),
        ({"jobs": 0}, sp.ConfigError, "jobs must be a whole number"),
    ],
)
def test_nearest_says_what_is_wrong(arguments, error, rule):
    """A number of neighbours or threads that makes no sense is refused with the remedy."""
    frame = simulate.people(50, 0)
    with pytest.raises(error, match=rule):
        sp.nearest(frame, frame, **arguments)
