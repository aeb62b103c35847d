"""The candidates of a search: distinct points in leaves, once exact and once as a coarse image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.boxes import Boxes, CoarseBoxes, boxes, coarse_boxes
from synthprivacy.kernels.hashing import mix
from synthprivacy.kernels.image import Grain, SmallArray, grain_of
from synthprivacy.kernels.partition import Partition, partition
from synthprivacy.kernels.points import UNIT, Points

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LEAF = 512
"""Points a leaf holds at most; twice as many where there are more than `MANY`."""
MANY = 200_000
_ABSENT = -3 * UNIT
"""Position of a missing value: a whole mismatch away from every candidate and every clipped query."""


@dataclass(frozen=True, slots=True, repr=False)
class Index:
    """Distinct candidates in leaves."""

    origin: IntArray
    span: IntArray
    """(p,) lowest position and range of the candidates in each ordered column."""
    levels: IntArray
    """(q,) number of candidate codes; queries use one more for "unseen" and both one more for "missing"."""
    weights: IntArray
    """(q,) grid steps of a mismatch."""
    partition: Partition
    starts: IntArray
    """(leaves + 1,) first point of each leaf."""
    boxes: Boxes
    coarse: CoarseBoxes
    constant: BoolArray
    """(p + q, leaves) whether all points of a leaf agree in a column, as far as the image shows."""
    values: IntArray
    """(p + q, leaves) what they agree on, in grains or codes."""
    grain: Grain
    ordered: SmallArray
    """(p, points) positions above `origin`, in grains."""
    codes: tuple[SmallArray, ...]
    """Per coded column: (points,), each in the smallest type that holds it."""
    positions: npt.NDArray[np.integer]
    """(points, p) positions above `origin`, in grid steps: rows of the exact table."""
    labels: SmallArray
    """(points, q) codes: rows of the exact table."""
    members: IntArray
    """(rows,) candidate rows, grouped by point, ascending within a point."""
    first: IntArray
    """(points + 1,) where the members of each point start."""
    columns: int
    """Number of columns of the table, the divisor of the mean."""

    def __repr__(self) -> str:
        return f"<index: {self.points} points>"  # never a value: tracebacks are logs

    @property
    def points(self) -> int:
        """Number of distinct candidates."""
        return len(self.first) - 1

    @property
    def leaves(self) -> int:
        """Number of leaves."""
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True, repr=False)
class Normal:
    """Points above the origin of an index."""

    ordered: IntArray
    """(p, rows)"""
    codes: IntArray
    """(q, rows)"""


def build(candidates: Points, *, leaf: int | None = None) -> Index:
    """Return the index of some candidates; equal ones are held once.

    Parameters
    ----------
    candidates : Points
    leaf : int, optional
        Points a leaf holds at most; it changes the time of a search, never its answer.
    """
    origin, span = _range(candidates)
    levels = candidates.codes.max(axis=1, initial=-1) + 1
    normal = normalise(candidates, origin, span, levels)
    point_of_row, one_of_point = distinct(normal)
    ordered, codes = normal.ordered[:, one_of_point], normal.codes[:, one_of_point]
    parts = partition(
        ordered, codes, candidates.weights, levels + 2, leaf or (LEAF if len(one_of_point) <= MANY else 2 * LEAF)
    )
    order = np.concatenate(parts.leaves)
    starts = np.concatenate([[0], np.cumsum([len(points) for points in parts.leaves])]).astype(np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    point_of_row = rank[point_of_row]
    ordered, codes = ordered[:, order], codes[:, order]
    grain, small = grain_of(span, candidates.weights), narrow(codes, levels)
    around = boxes(ordered, codes, candidates.weights, levels + 2, starts)
    coarse, first = grain.coarse(ordered), starts[:-1]
    return Index(
        origin=origin,
        span=span,
        levels=levels,
        weights=candidates.weights,
        partition=parts,
        starts=starts,
        boxes=around,
        coarse=coarse_boxes(around, grain),
        constant=np.concatenate([_agree(coarse, first), _agree(codes, first)]),
        values=np.concatenate([coarse[:, first], codes[:, first]]).astype(np.int64),
        grain=grain,
        ordered=coarse,
        codes=small,
        positions=np.ascontiguousarray(fitting(ordered.T, span)),
        labels=labels(small, codes),
        members=np.argsort(point_of_row, kind="stable").astype(np.int64),
        first=np.concatenate([[0], np.cumsum(np.bincount(point_of_row, minlength=len(order)))]).astype(np.int64),
        columns=candidates.columns,
    )


def normalise(points: Points, origin: IntArray, span: IntArray, levels: IntArray) -> Normal:
    """Return positions above the candidates' origin, and codes with "unseen" and "missing" as levels of their own.

    A position further than UNIT from the candidates' range is moved to UNIT from it: its distance to every
    candidate is a whole mismatch before and after.
    """
    ordered = np.clip(points.ordered - origin[:, None], -UNIT, span[:, None] + UNIT)
    ordered[points.missing] = _ABSENT
    codes = np.minimum(points.codes, levels[:, None])
    codes[points.codes < 0] = 0
    codes += (points.codes < 0) * (levels[:, None] + 1)
    return Normal(ordered, codes)


def fitting(positions: IntArray, span: IntArray) -> npt.NDArray[np.integer]:
    """Return positions as int32 where every difference fits."""
    return positions.astype(np.int32) if int(span.max(initial=0)) < 1 << 29 else positions


def narrow(codes: IntArray, levels: IntArray) -> tuple[SmallArray, ...]:
    """Return each column of codes in the smallest type that holds it, "unseen" and "missing" included."""
    return tuple(column.astype(np.min_scalar_type(int(count) + 1)) for column, count in zip(codes, levels))


def labels(small: tuple[SmallArray, ...], codes: IntArray) -> SmallArray:
    """Return codes as rows (rows, q), in the smallest type that holds all of them."""
    widest = np.result_type(np.uint8, *(column.dtype for column in small))
    return np.ascontiguousarray(codes.T.astype(widest))


def distinct(points: Normal) -> tuple[IntArray, IntArray]:
    """Return the distinct point of each row, and one row of each distinct point (the first)."""
    rows = points.ordered.shape[1]
    keys = np.zeros(rows, dtype=np.uint64)
    for column in (*points.ordered, *points.codes):
        keys = mix(keys + column.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    same = (np.array_equal(column, column[first[group]]) for column in (*points.ordered, *points.codes))
    return (group, first) if all(same) else _distinct_slowly(points)


def _distinct_slowly(points: Normal) -> tuple[IntArray, IntArray]:
    """Return the same without hashing, for tables in which two different rows have one hash."""
    table = np.concatenate([points.ordered, points.codes])
    _, first, group = np.unique(table, axis=1, return_index=True, return_inverse=True)
    return group.reshape(-1), first


def _agree(columns: SmallArray, first: IntArray) -> BoolArray:
    """Return whether all points of a leaf are equal in each column (columns, leaves)."""
    return np.equal(np.minimum.reduceat(columns, first, axis=1), np.maximum.reduceat(columns, first, axis=1))


def _range(points: Points) -> tuple[IntArray, IntArray]:
    """Return the lowest present position and the range of each ordered column."""
    largest = np.iinfo(np.int64).max
    low = np.where(points.missing, largest, points.ordered).min(axis=1, initial=largest)
    high = np.where(points.missing, -largest, points.ordered).max(axis=1, initial=-largest)
    empty = low > high
    return np.where(empty, 0, low), np.where(empty, 0, high - low)
