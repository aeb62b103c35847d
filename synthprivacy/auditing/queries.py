"""Query counts: how many rows of a release satisfy random conjunctions of what a target's row holds.

References
----------
Meeus, Guépin, Creţu and de Montjoye (2023), Achilles' heels: vulnerable record identification in synthetic data
publishing (the query-based attack). Beside at-least and at-most, an ordered column may here be asked to lie near the
target's value, because a release that moves its records a little answers only such a question differently.
"""

from __future__ import annotations

import numpy as np

from synthprivacy.auditing.coding import Coding, FloatArray
from synthprivacy.kernels.counting import build, counts, spans
from synthprivacy.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING, Terms, of_lists

QUERIES = 128
"""A target."""
NEAR = (0.0, 0.01, 0.03, 0.1)
"""Half widths of a stretch around the target's value, in scales of the column."""


def draw_queries(targets: FloatArray, coding: Coding, rng: np.random.Generator, queries: int = QUERIES) -> Terms:
    """Return conjunctions of the values of each target, those of one target after the other.

    The number of columns is uniform over all there are, and the columns are drawn without replacement. The condition on
    an unordered column is to be equal; that on an ordered one, with equal chances, to be at most, at least, or near
    the target's value (one half width for the whole conjunction); that on a missing value, to be missing.

    Parameters
    ----------
    targets : ndarray of shape (columns, targets), float64
        Coded.
    coding : Coding
    rng : numpy.random.Generator
    queries : int
        For each target.
    """
    columns, people = targets.shape
    total = people * queries
    width = rng.integers(1, columns + 1, total)
    place = np.argsort(rng.random((total, columns)), axis=1)
    query, rank = np.nonzero(np.arange(columns) < width[:, None])
    column = place[query, rank]
    value = targets[column, query // queries]
    half = rng.choice(NEAR, total)[query] * coding.scale[column]
    rule = np.where(coding.ordered[column], rng.integers(3, size=len(query)), 3)
    rule[np.isnan(value)] = 4
    near = rule == 2  # two conditions
    operator = np.array([AT_MOST, AT_LEAST, AT_LEAST, EQUAL, MISSING])[rule]
    operand = np.where(near, value - half, value)
    return of_lists(
        total,
        np.concatenate([query, query[near]]),
        np.concatenate([column, column[near]]),
        np.concatenate([operator, np.full(int(near.sum()), AT_MOST)]),
        np.concatenate([operand, (value + half)[near]]),
    )


def query_counts(terms: Terms, release: FloatArray, targets: int) -> FloatArray:
    """Return how many rows of a coded release, (columns, rows), satisfy each conjunction, (targets, queries)."""
    index = build(list(release))
    found = counts(spans(terms, index), index)
    return found.reshape(targets, -1).astype(np.float64)
