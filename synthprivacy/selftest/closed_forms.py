"""Intervals in closed form, by exact enumeration: every pair of counts that can come, with its probability."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from synthprivacy.selftest.finding import Finding, exact
from synthprivacy.statistics import mover
from synthprivacy.statistics.proportions import Method, limits

FloatArray = npt.NDArray[np.float64]
Ends = tuple[FloatArray, FloatArray]
IntervalMethod = Callable[[FloatArray, int, FloatArray, int], Ends]
"""(hits on the original, (k,); people; hits on the control, (m,); people) → lower and upper ends, (k, m), at 95 %."""

SIZES = ((100, 100), (500, 500), (2_000, 500), (1_000, 1_000))
CONTROL_RATES = (0.01, 0.1, 0.5, 0.9)
RISKS = (0.0, 0.02, 0.1, 0.5)
"""The grid of decision 1 of the specification: 64 points."""
DISPLAY_COVERAGE = 0.93
DECISION_MISS = 0.027
NEGLIGIBLE = 1e-12
"""Probability left out at either end of a binomial."""


def ours(method: Method) -> IntervalMethod:
    """Return the house's interval of the residual risk: MOVER-R with limits of one kind."""

    def interval(hits: FloatArray, people: int, control_hits: FloatArray, control_people: int) -> Ends:
        failures, control_failures = people - hits, control_people - control_hits
        low, high = limits(failures, people, 0.95, method)
        lower, upper = mover.ratio(
            (failures / people)[:, None],
            (np.asarray(low)[:, None], np.asarray(high)[:, None]),
            control_failures / control_people,
            limits(control_failures, control_people, 0.95, method),
        )
        return 1.0 - upper, 1.0 - lower

    return interval


def enumerated(method: IntervalMethod, sizes: tuple[int, int], c: float, risk: float) -> tuple[float, float, float]:
    """Return the coverage of an interval, and how often its upper and its lower end miss the truth.

    Parameters
    ----------
    method : IntervalMethod
    sizes : (people of the original, people of the control)
    c : float
        Success rate on the control.
    risk : float
        True residual risk; the rate on the original is ``c + risk * (1 - c)``.
    """
    (hits, mass), (control_hits, control_mass) = (
        _support(people, rate) for people, rate in zip(sizes, (c + risk * (1.0 - c), c))
    )
    lower, upper = method(hits, sizes[0], control_hits, sizes[1])
    together = np.outer(mass, control_mass)
    under, over = float(together[upper < risk].sum()), float(together[lower > risk].sum())
    return float(together.sum()) - under - over, under, over


def on_grid(method: IntervalMethod) -> tuple[float, float]:
    """Return the smallest coverage over the grid, and how often at worst the upper end misses the truth."""
    found = [enumerated(method, *point) for point in product(SIZES, CONTROL_RATES, RISKS)]
    return min(coverage for coverage, _, _ in found), max(under for _, under, _ in found)


def findings() -> list[Finding]:
    """Return whether shown intervals cover, and decision bounds hold, at every point of the grid."""
    shown, decided = on_grid(ours("jeffreys")), on_grid(ours("clopper-pearson"))
    return [
        exact("coverage", "enumeration", "interval shown", shown[0], side="at least", bar=DISPLAY_COVERAGE),
        exact("decision miss", "enumeration", "decision bound", decided[1], side="at most", bar=DECISION_MISS),
    ]


def _support(people: int, rate: float) -> tuple[FloatArray, FloatArray]:
    counts = np.arange(binom.ppf(NEGLIGIBLE, people, rate), binom.isf(NEGLIGIBLE, people, rate) + 1)
    return counts, np.asarray(binom.pmf(counts, people, rate))
