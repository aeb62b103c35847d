"""Readings: a number together with what it would have been had other people been drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from synthprivacy.results.risk import Interval
from synthprivacy.tables.table import BoolArray, FloatArray, IntArray

REPLICATES = 200
"""A standard error from so many is itself right to about 5 %."""
CONFIDENCE = 0.95
REACH = float(ndtri((1.0 + CONFIDENCE) / 2.0))


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """A number over people; the public constructors are the functions of this file."""

    values: FloatArray
    """(1 + REPLICATES,) what was read, then the same with people drawn again."""

    @property
    def value(self) -> float:
        """What was read."""
        return float(self.values[0])

    @property
    def error(self) -> float:
        """Standard error over people."""
        return float(self.values[1:].std())

    def interval(self, low: float, high: float) -> Interval:
        """Return the two-sided normal interval (95 %), within the range of the number."""
        reach = REACH * self.error
        return max(low, self.value - reach), min(high, self.value + reach)

    def __repr__(self) -> str:
        return f"<reading {self.value:.4f} ± {self.error:.4f}>"


def weights(unit: IntArray, seed: int) -> FloatArray:
    """Return how often each row counts, shape (1 + REPLICATES, rows): once, then Poisson times its person.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap methods and their application, section 3.8 (clusters are drawn, not rows).
    """
    people = int(unit.max(initial=-1)) + 1
    drawn = np.random.default_rng(seed).poisson(1.0, (REPLICATES, people))
    return np.concatenate([np.ones((1, len(unit))), drawn[:, unit].astype(np.float64)])


def auc(scores: FloatArray, positive: BoolArray, weight: FloatArray) -> Reading:
    """Return the area under the ROC curve of some scores, ties counting one half; one half where a side is empty."""
    order = np.argsort(scores, kind="stable")
    ordered, yes = scores[order], positive[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, dtype=np.int64)
    if not len(starts):
        return Reading(np.full(len(weight), 0.5))
    placed = weight[:, order]
    high = np.add.reduceat(placed * yes, starts, axis=1)
    low = np.add.reduceat(placed * ~yes, starts, axis=1)
    won = (high * (np.cumsum(low, axis=1) - low / 2.0)).sum(axis=1)
    pairs = high.sum(axis=1) * low.sum(axis=1)
    return Reading(np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), 0.5))


def explained(told: FloatArray, truth: FloatArray, weight: FloatArray) -> Reading:
    """Return the share of a number's variance that is told (R²), no lower than -1; 0 where there is no variance."""
    total = weight.sum(axis=1)
    middle = (weight @ truth) / np.where(total > 0, total, 1.0)
    off = weight @ np.square(truth - told)
    spread = weight @ np.square(truth) - total * middle**2
    known = spread > 1e-12 * np.maximum(total, 1.0)
    return Reading(np.where(known, np.maximum(1.0 - off / np.where(known, spread, 1.0), -1.0), 0.0))


def share(hit: BoolArray | FloatArray, weight: FloatArray) -> Reading:
    """Return the mean over rows; 0 where nobody was drawn."""
    total = weight.sum(axis=1)
    return Reading((weight @ hit.astype(np.float64)) / np.where(total > 0, total, 1.0))


def widened(reading: Reading, variance: float) -> Reading:
    """Return a reading with so many times its variance."""
    return Reading(reading.value + np.sqrt(variance) * (reading.values - reading.value))


def minus(one: Reading, other: Reading) -> Reading:
    """Return the difference of two readings; paired where they were made with the same weights."""
    return Reading(one.values - other.values)


def mean(readings: Sequence[Reading | None]) -> Reading | None:
    """Return the mean of the readings that are defined; None if there are none."""
    known = [reading.values for reading in readings if reading is not None]
    return Reading(np.mean(known, axis=0)) if known else None
