"""Single rows: precision, recall and authenticity by their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.measures import manifold
from synthprivacy.measures.comparing.depth import remoteness
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, Feature, Table

NAN = float("nan")


def table(x, a):
    """Return a table of a number between 0 and 1 and a label."""
    number = Feature("x", "number", np.array(x, dtype=float), True, 0, 0.0, 1.0)
    return Table((Feature("a", "category", np.array(a, dtype=float), False, 9), number), np.arange(len(x)))


def drawn(rows, seed):
    """Return rows of one population."""
    rng = np.random.default_rng(seed)
    return table(rng.beta(2, 5, rows), rng.choice(4, rows, p=[0.6, 0.2, 0.1, 0.1]))


def distances(one, other):
    """Return Gower distances by pencil: missing is 1 from everything known and 0 from itself."""
    labels = [np.nan_to_num(side["a"].values, nan=-1) for side in (one, other)]
    x = [np.clip(side["x"].values, 0, 1) for side in (one, other)]
    gaps = np.abs(x[0][:, None] - x[1])
    gone = [np.isnan(values) for values in x]
    gaps = np.where(gone[0][:, None] & gone[1], 0.0, np.where(gone[0][:, None] | gone[1], 1.0, gaps))
    return ((labels[0][:, None] != labels[1]) + gaps) / 2


def by_pencil(original, release, neighbours=5):
    """Return precision, recall and authenticity from the whole matrices of distances."""
    levels = (np.arange(30) + 0.5) / 30
    between, own, within = distances(release, original), distances(original, original), distances(release, release)
    apart = np.sort(own + np.diag(np.full(len(own), np.inf)), axis=1)
    radius = apart[:, neighbours - 1]
    remote = within.mean(axis=1)

    def evenness(typical, values):
        cut = np.quantile(typical, levels, method="inverted_cdf")
        return 1 - 2 * np.mean([abs(np.mean(values <= c) - np.mean(typical <= c)) for c in cut])

    best = np.array([remote[between[:, i] <= radius[i]].min(initial=np.inf) for i in range(len(original))])
    closest = between.argmin(axis=1)
    return {
        "precision": evenness(own.mean(axis=1), between.mean(axis=1)),
        "recall": evenness(remote, best),
        "authenticity": np.mean(between.min(axis=1) > apart[closest, 0]),
    }


def scored(original, release, control=None):
    """Return the scores by metric."""
    return {score.metric: score for score in manifold(Case("release", original, control, release, Schema(())))}


def test_remoteness_is_the_mean_gower_distance():
    """It is the mean of the distances to all rows, missing values and values beyond the scale included."""
    one = table([0.1, 0.5, NAN, 7.0], [0, 1, NAN, 2])
    other = table([0.2, NAN, 0.9, 0.4, -3.0], [0, 0, 1, NAN, 5])
    assert remoteness(one, other) == pytest.approx(distances(one, other).mean(axis=1))


@pytest.mark.parametrize("seed", range(3))
def test_all_three_are_what_the_matrices_of_distances_say(seed):
    """Precision, recall and authenticity are those computed from every distance, up to the grid of distances."""
    original, release = drawn(120, 10 * seed), drawn(120, 10 * seed + 1)
    expected = by_pencil(original, release)
    found = scored(original, release)
    assert found["precision"].value == pytest.approx(expected["precision"], abs=0.01)
    assert found["recall"].value == pytest.approx(expected["recall"], abs=0.02)
    assert found["authenticity"].value == pytest.approx(expected["authenticity"], abs=0.02)


def test_what_each_of_them_is_for():
    """Odd rows cost precision, one typical row for all costs recall, copies cost authenticity, and fresh rows nothing."""
    original, control, fresh = (drawn(400, seed) for seed in range(3))
    odd = table(np.full(400, 1.0), np.full(400, 3))
    middle = table(np.full(400, np.median(original["x"].values)), np.zeros(400))
    usual = scored(original, fresh, control)
    assert scored(original, odd, control)["precision"].value < 0.2 < usual["precision"].value - 0.5
    assert scored(original, middle, control)["recall"].value < usual["recall"].value - 0.3
    assert scored(original, original, control)["authenticity"].value == 0.0
    assert usual["authenticity"].value == pytest.approx(usual["authenticity"].reference, abs=0.1)


def test_too_few_rows_are_undefined():
    """Under ten rows in a table nothing is told, and nothing fails."""
    scores = scored(drawn(9, 0), drawn(50, 1), drawn(50, 2))
    assert {score.value for score in scores.values()} == {score.reference for score in scores.values()} == {None}


def test_only_equal_numbers_of_rows_are_compared():
    """More rows of a release than of people change nothing but which of them are drawn."""
    original, control = drawn(300, 0), drawn(100, 1)
    found = scored(original, drawn(1_000, 2), control)
    assert found["precision"].interval[1] - found["precision"].interval[0] > 0.05  # of 100 rows, not of 1,000
