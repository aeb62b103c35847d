"""Holm's procedure."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.errors import DataError
from synthprivacy.statistics.multiplicity import holm


def _step_down(p, alpha):
    """Reject by the textbook procedure: smallest first, stop at the first that fails."""
    rejected = np.zeros(len(p), dtype=bool)
    for step, place in enumerate(np.argsort(p)):
        if p[place] > alpha / (len(p) - step):
            break
        rejected[place] = True
    return rejected


def test_adjusted_values_reject_what_the_step_down_procedure_rejects():
    """An adjusted value is at most alpha exactly where Holm's procedure rejects (200 random families)."""
    rng = np.random.default_rng(0)
    for size in rng.integers(1, 12, 200):
        p = rng.random(size) ** 3
        for alpha in (0.01, 0.05, 0.3):
            np.testing.assert_array_equal(holm(p) <= alpha, _step_down(p, alpha))


def test_small_families():
    """One test is unchanged, no test is nothing, and nothing exceeds one."""
    assert holm([0.03]).tolist() == [0.03]
    assert holm([]).tolist() == []
    assert holm([0.5, 0.01, 0.7]).tolist() == pytest.approx([1.0, 0.03, 1.0])


@pytest.mark.parametrize("p", [[1.2], [-0.1], [float("nan")]])
def test_impossible_values_are_refused(p):
    """A p-value that is none is an error, not a rejection."""
    with pytest.raises(DataError, match="p-values"):
        holm(p)
