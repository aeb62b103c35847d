"""Is a risk creeping up from release to release? A control chart of its readings.

Each reading is compared with the first one, the differences are averaged with weights that fade into the past, and the
average is held against its own standard error. A slow rise, far inside the limit of any single release, is seen in time.

References
----------
Roberts (1959), Control chart tests based on geometric moving averages, section 2; Lucas and Saccucci (1990),
Exponentially weighted moving average control schemes: properties and enhancements (choice of weight and limits).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WEIGHT = 0.2
"""Of the newest difference."""
REACH = 3.0
"""Standard errors from which on the average is out of control."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One risk of one release."""

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Point:
    """The chart at one release."""

    average: float
    """Weighted mean difference from the first reading."""
    limit: float
    """``REACH`` standard errors of it."""

    @property
    def out(self) -> bool:
        """Whether the risk has moved, beyond what chance explains."""
        return abs(self.average) > self.limit


def chart(readings: Sequence[Reading], *, weight: float = WEIGHT, reach: float = REACH) -> list[Point]:
    """Return a point for every reading but the first.

    With differences ``d_t = r_t - r_1`` the average is ``z_t = w d_t + (1 - w) z_{t-1}``, ``z_1 = 0``. The readings err
    independently, but the first one is in every difference: with ``u_t`` the sum of all weights so far the variance is
    ``v_t = w² s_t² + (1 - w)² v_{t-1}`` for their own errors, plus ``u_t² s_1²``.

    Parameters
    ----------
    readings : sequence of Reading
        The same endpoint of one release after the other.
    weight, reach : float
    """
    points: list[Point] = []
    average = variance = total = 0.0
    for reading in readings[1:]:
        average = weight * (reading.value - readings[0].value) + (1.0 - weight) * average
        variance = weight**2 * reading.standard_error**2 + (1.0 - weight) ** 2 * variance
        total = weight + (1.0 - weight) * total
        points.append(Point(average, reach * math.sqrt(variance + total**2 * readings[0].standard_error ** 2)))
    return points
