"""Interval overlap: would two tables lead to the same conclusion about a number?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.measures.learning.readings import REACH
from synthprivacy.results.risk import Interval
from synthprivacy.tables.table import FloatArray, IntArray


@dataclass(frozen=True, slots=True, repr=False)
class Estimates:
    """Numbers of one table, and what each person adds to the error of each."""

    values: FloatArray
    """(numbers,)"""
    influence: FloatArray
    """(people, numbers)"""
    least: FloatArray
    """(numbers,) the smallest error that is believed."""

    @property
    def errors(self) -> FloatArray:
        """Standard errors (numbers,), robust against several rows of one person."""
        found: FloatArray = np.maximum(np.sqrt(np.square(self.influence).sum(axis=0)), self.least)
        return found

    def __repr__(self) -> str:
        return f"<{len(self.values)} estimates of {len(self.influence)} people>"  # never a value


@dataclass(frozen=True, slots=True, repr=False)
class Overlap:
    """How far intervals overlap: 1 = the same interval, 0 = they do not meet. The constructors are `overlap` and `mean`."""

    value: float
    moved: tuple[FloatArray, FloatArray]
    """(people,) of either table: what each person adds to the error of the value."""
    crossing: tuple[FloatArray, FloatArray]
    """The same if no interval lay inside or outside of the other one, as between samples of one population."""

    @property
    def error(self) -> float:
        """Standard error, by the linear part of the value; larger than it need be where the tables nearly agree."""
        return float(np.sqrt(sum(float(np.square(side).sum()) for side in self.moved)))

    @property
    def error_by_chance(self) -> float:
        """Standard error between two samples of one population."""
        return float(np.sqrt(sum(float(np.square(side).sum()) for side in self.crossing)))

    @property
    def interval(self) -> Interval:
        """Two-sided (95 %), normal."""
        return max(0.0, self.value - REACH * self.error), min(1.0, self.value + REACH * self.error)

    def __repr__(self) -> str:
        return f"<overlap {self.value:.3f}>"


def by_person(rows: FloatArray, unit: IntArray) -> FloatArray:
    """Return the sums (people, numbers) of what the rows (rows, numbers) of each person add."""
    sums = np.zeros((int(unit.max(initial=-1)) + 1, rows.shape[1]))
    if len(unit) == len(sums):
        sums[unit] = rows
    else:
        np.add.at(sums, unit, rows)
    return sums


def overlap(one: Estimates, other: Estimates) -> Overlap | None:
    """Return the mean overlap of the 95 % intervals of the same numbers in two tables; None where there are none.

    Of intervals (l, u) and (m, v) it is the mean of the shares that their common part has in each, ``[(min(u, v) - max(l, m))
    / (u - l) + (min(u, v) - max(l, m)) / (v - m)] / 2``, and 0 where they do not meet; left as a negative number, one
    coefficient that is far off would drown all others. Two independent samples of one population overlap by .71 on
    average: ``1 - 2 / (√π · 3.92)``. Numbers of which one table knows nothing are left out.

    References
    ----------
    Karr, Kohnen, Oganian, Reiter and Sanil (2006), A framework for evaluating the utility of data altered to protect
    confidentiality (interval overlap); Snoke, Raab, Nowok, Dibben and Slavković (2018), General and specific utility
    measures for synthetic data.
    """
    reaches = [REACH * side.errors for side in (one, other)]
    known = np.all([(reach > 0) & np.isfinite(reach) for reach in reaches], axis=0)
    if not known.any():
        return None
    gap = (other.values - one.values)[known]
    first, second = (reach[known] for reach in reaches)
    common = np.minimum(np.minimum(first + second - np.abs(gap), 2.0 * first), 2.0 * second)
    share = (0.5 / first + 0.5 / second) / 2.0
    crossing = (common > 0) & (common == first + second - np.abs(gap))
    steep = np.sign(gap) * share / len(gap)
    value = float(np.mean(np.maximum(common, 0.0) * share))
    sides = [side.influence[:, known] for side in (one, other)]
    moved, chance = ([influence @ slope for influence in sides] for slope in (np.where(crossing, steep, 0.0), steep))
    return Overlap(value, (moved[0], moved[1]), (chance[0], chance[1]))


def mean(overlaps: Sequence[Overlap | None]) -> Overlap | None:
    """Return the mean of overlaps over the same two tables; None where none is defined."""
    known = [one for one in overlaps if one is not None]
    if not known:
        return None
    first, second = (np.mean([one.moved[side] for one in known], axis=0) for side in (0, 1))
    chance = [np.mean([one.crossing[side] for one in known], axis=0) for side in (0, 1)]
    return Overlap(float(np.mean([one.value for one in known])), (first, second), (chance[0], chance[1]))
