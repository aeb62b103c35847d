"""Leaves: points that lie near each other, and the box around each leaf.

A box bounds the distance of everything in it from below, so that whole leaves need not be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.points import UNIT

IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.integer]
BoolArray = npt.NDArray[np.bool_]

_SAMPLE = 1024
_LEVELS = 256
"""A coded column with more levels than this bounds nothing: its boxes would cost more than they save."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """One box per leaf."""

    low: IntArray
    """(leaves, p)"""
    high: IntArray
    """(leaves, p)"""
    present: tuple[BoolArray, ...]
    """Per coded column: (leaves, levels) which codes occur; empty (leaves, 0) where the column bounds nothing."""
    weights: IntArray

    def bound_box(self, other: Boxes, leaf: int) -> IntArray:
        """Return the lower bound (leaves,) of the distance from any point of a leaf of `other` to each box here."""
        gaps = np.maximum(self.low - other.high[leaf], other.low[leaf] - self.high)
        total = np.clip(gaps, 0, UNIT).sum(axis=1)
        for present, others, weight in zip(self.present, other.present, self.weights):
            if present.shape[1]:
                total += weight * ~(present & others[leaf]).any(axis=1)
        return np.asarray(total, dtype=np.int64)

    def bound_points(self, leaf: int, ordered: CodeArray, codes: CodeArray) -> IntArray:
        """Return the lower bound (rows,) of the distance from each point to everything in one box."""
        gaps = np.maximum(self.low[leaf][:, None] - ordered, ordered - self.high[leaf][:, None])
        total = np.clip(gaps, 0, UNIT).sum(axis=0, dtype=np.int64)
        for present, column, weight in zip(self.present, codes, self.weights):
            if present.shape[1]:
                total += weight * ~present[leaf][column]
        return np.asarray(total, dtype=np.int64)


def leaves(ordered: IntArray, codes: CodeArray, weights: IntArray, size: int) -> list[IntArray]:
    """Return the rows of each leaf: at most `size` rows, or any number of equal ones.

    A node is cut at the column in which two of its points differ most on average: an ordered column at its
    median, a coded one between two sets of levels of about equal weight.
    """
    done: list[IntArray] = []
    open_nodes = [np.arange(ordered.shape[1], dtype=np.int64)]
    while open_nodes:
        rows = open_nodes.pop()
        cut = None if len(rows) <= size else _cut(ordered[:, rows], codes[:, rows], weights)
        if cut is None:
            done.append(rows)
        else:
            open_nodes += [rows[~cut], rows[cut]]
    return done


def boxes(ordered: IntArray, codes: CodeArray, weights: IntArray, levels: IntArray, groups: list[IntArray]) -> Boxes:
    """Return the boxes of some groups of points; `levels` (q,) are the numbers of codes of each coded column."""
    present = []
    for column, count in zip(codes, levels):
        seen = np.zeros((len(groups), count if count <= _LEVELS else 0), dtype=np.bool_)
        if seen.shape[1]:
            for leaf, rows in enumerate(groups):
                seen[leaf, column[rows]] = True
        present.append(seen)
    low = [ordered[:, rows].min(axis=1) for rows in groups]
    high = [ordered[:, rows].max(axis=1) for rows in groups]
    return Boxes(np.array(low, dtype=np.int64), np.array(high, dtype=np.int64), tuple(present), weights)


def _cut(ordered: IntArray, codes: CodeArray, weights: IntArray) -> BoolArray | None:
    """Return which rows go to the second half, or None where all points are equal."""
    step = max(1, ordered.shape[1] // _SAMPLE)
    spreads = [_spread(column[::step]) for column in ordered]
    spreads += [weight * _diversity(column[::step]) for column, weight in zip(codes, weights)]
    for column in np.argsort(-np.array(spreads), kind="stable"):
        upper = _upper_half(ordered[column]) if column < len(ordered) else _other_levels(codes[column - len(ordered)])
        if 0 < np.count_nonzero(upper) < len(upper):
            return upper
    return None


def _spread(column: IntArray) -> float:
    distances = np.abs(column - np.partition(column, len(column) // 2)[len(column) // 2])
    return float(np.minimum(distances, UNIT).mean())


def _diversity(column: CodeArray) -> float:
    shares = np.bincount(column) / len(column)
    return float(1.0 - np.square(shares).sum())


def _upper_half(column: IntArray) -> BoolArray:
    median = np.partition(column, len(column) // 2)[len(column) // 2]
    upper: BoolArray = column >= median
    return upper if not upper.all() else column > median


def _other_levels(column: CodeArray) -> BoolArray:
    counts = np.bincount(column)
    order = np.argsort(-counts, kind="stable")
    behind = np.cumsum(counts[order]) - counts[order] / 2 > len(column) / 2
    behind[0] = False
    second = np.zeros(len(counts), dtype=np.bool_)
    second[order[behind]] = True
    chosen: BoolArray = second[column]
    return chosen
