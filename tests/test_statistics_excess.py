"""The plain difference of two rates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from synthprivacy.statistics import mover
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.proportions import clopper_pearson


@pytest.mark.parametrize("method", ["jeffreys", "clopper-pearson"])
@pytest.mark.parametrize("counts", [(3, 50, 1, 40), (50, 50, 0, 40), (10.5, 33.25, 7, 21), (0, 9, 0, 100)])
def test_swapping_the_tables_negates(counts, method):
    """Swapping original and control swaps and negates value and limits."""
    forth = excess(*counts, method=method)
    back = excess(*counts[2:], *counts[:2], method=method)
    assert (back.value, back.lower, back.upper) == pytest.approx((-forth.value, -forth.upper, -forth.lower), abs=1e-14)


def test_upper_end_rarely_misses():
    """The Clopper-Pearson upper end is below the truth in at most .027 of samples, by exact enumeration."""
    for n1, n2 in [(100, 100), (400, 100)]:
        k1, k2 = np.arange(n1 + 1), np.arange(n2 + 1)
        of_original = tuple(end[:, None] for end in clopper_pearson(k1, n1, 0.95))
        upper = mover.difference((k1 / n1)[:, None], of_original, k2 / n2, clopper_pearson(k2, n2, 0.95))[1]
        for c in (0.01, 0.1, 0.5, 0.9):
            for gain in (0.0, 0.02, 0.09):
                mass = np.outer(binom.pmf(k1, n1, c + gain), binom.pmf(k2, n2, c))
                assert mass[upper < gain - 1e-12].sum() <= 0.027
        assert excess(30, n1, 20, n2).upper == pytest.approx(upper[30, 20])


def test_newcombes_worked_example():
    """Wilson limits by MOVER give the published interval of 56/70 - 48/80 (Newcombe 1998, table II a, method 10)."""

    def wilson(k, n, z=1.959964):
        centre, reach = 2 * k + z * z, z * np.sqrt(z * z + 4 * k * (1 - k / n))
        return np.asarray((centre - reach) / (2 * (n + z * z))), np.asarray((centre + reach) / (2 * (n + z * z)))

    lower, upper = mover.difference(np.asarray(0.8), wilson(56, 70), np.asarray(0.6), wilson(48, 80))
    assert (float(lower), float(upper)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
