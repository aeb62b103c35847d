"""The box around each leaf: it bounds the distance of everything in it from below, so that most leaves are never read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.image import Grain
from synthprivacy.kernels.points import UNIT

IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.integer]
BoolArray = npt.NDArray[np.bool_]

LEVELS = 256
"""A coded column with more levels than this bounds nothing: its boxes would cost more than they save."""


@dataclass(frozen=True, slots=True, repr=False)
class Boxes:
    """One box per group of points."""

    low: IntArray
    """(p, groups)"""
    high: IntArray
    """(p, groups)"""
    absent: tuple[BoolArray, ...]
    """Per coded column: (groups, levels) which codes do not occur; (groups, 0) where the column bounds nothing."""
    weights: IntArray
    """(q,) grid steps of a mismatch."""

    def __repr__(self) -> str:
        return f"<boxes: {self.low.shape[1]} groups>"  # never a value: tracebacks are logs

    def from_box(self, other: Boxes, group: int, without: frozenset[int] = frozenset()) -> IntArray:
        """Return the lower bound (groups,) of the distance from any point of one box of `other` to each box here.

        Parameters
        ----------
        other : Boxes
        group : int
        without : frozenset of int
            Columns that do not count: ordered ones from 0, coded ones behind them.
        """
        ordered = [column for column in range(len(self.low)) if column not in without]
        gaps = np.maximum(
            self.low[ordered] - other.high[ordered, group, None], other.low[ordered, group, None] - self.high[ordered]
        )
        total: IntArray = np.clip(gaps, 0, UNIT).sum(axis=0)
        for column, (absent, others, weight) in enumerate(zip(self.absent, other.absent, self.weights), len(self.low)):
            if absent.shape[1] and column not in without:
                total += weight * absent[:, ~others[group]].all(axis=1)
        return total


def boxes(ordered: CodeArray, codes: CodeArray, weights: IntArray, levels: IntArray, starts: IntArray) -> Boxes:
    """Return the boxes of points that lie group by group.

    Parameters
    ----------
    ordered : ndarray of shape (p, rows)
    codes : ndarray of shape (q, rows)
    weights, levels : ndarray of shape (q,), int64
        Grid steps of a mismatch, and number of codes, of each coded column.
    starts : ndarray of shape (groups + 1,), int64
        First row of each group, none of them empty.
    """
    group = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    absent = []
    for column, count in zip(codes, levels):
        none = np.ones((len(starts) - 1, count if count <= LEVELS else 0), dtype=np.bool_)
        if none.shape[1]:
            none[group, column] = False
        absent.append(none)
    low = np.minimum.reduceat(ordered, starts[:-1], axis=1).astype(np.int64)
    high = np.maximum.reduceat(ordered, starts[:-1], axis=1).astype(np.int64)
    return Boxes(low, high, tuple(absent), weights)


@dataclass(frozen=True, slots=True, repr=False)
class CoarseBoxes:
    """The same boxes in grains, to be compared with many points at once."""

    low: CodeArray
    """(p, groups)"""
    high: CodeArray
    """(p, groups)"""
    absent: tuple[CodeArray, ...]
    """Per coded column: (levels, groups) what a code costs that does not occur; (0, groups) where nothing is bounded."""
    unit: int
    """Grains of a whole mismatch."""

    def __repr__(self) -> str:
        return f"<boxes: {self.low.shape[1]} groups>"

    def cost(self, column: int, groups: IntArray, values: CodeArray) -> CodeArray:
        """Return what a column costs each point at least against each box (rows, groups), in grains.

        Parameters
        ----------
        column : int
            An ordered column, from 0, or a coded one behind them.
        groups : ndarray of shape (groups,), int64
        values : ndarray of shape (rows,)
            Positions in grains, or codes.
        """
        if column < len(self.low):
            points = values[:, None]
            below: CodeArray = self.low[column, groups] - points
            np.maximum(below, points - self.high[column, groups], out=below)
            np.clip(below, 0, self.unit, out=below)
            return below
        absent = self.absent[column - len(self.low)]
        if not len(absent):
            return np.zeros((len(values), len(groups)), dtype=absent.dtype)
        costs: CodeArray = np.take(absent[:, groups], values, axis=0)
        return costs


def coarse_boxes(exact: Boxes, grain: Grain) -> CoarseBoxes:
    """Return boxes in the grains of an image."""
    costs = (none.T * (int(weight) >> grain.shift) for none, weight in zip(exact.absent, exact.weights))
    absent = tuple(cost.astype(grain.delta, order="C") for cost in costs)
    return CoarseBoxes(grain.coarse(exact.low), grain.coarse(exact.high), absent, grain.unit)
