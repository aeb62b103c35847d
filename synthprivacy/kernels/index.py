"""The candidates of a search: distinct points in leaves, in the smallest whole numbers that hold them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.partition import Boxes, boxes, leaves
from synthprivacy.kernels.points import UNIT, Points

IntArray = npt.NDArray[np.int64]

LEAF = 512
_ABSENT = -3 * UNIT
"""Position of a missing value: a whole mismatch away from every candidate and every clipped query."""


@dataclass(frozen=True, slots=True, repr=False)
class Index:
    """Distinct candidates in leaves."""

    ordered: npt.NDArray[np.integer]
    """(p, points) positions above `origin`, leaf by leaf, int32 where they fit."""
    codes: npt.NDArray[np.integer]
    """(q, points)"""
    origin: IntArray
    span: IntArray
    """(p,) lowest position and range of the candidates in each ordered column."""
    levels: IntArray
    """(q,) number of candidate codes; queries use one more for "unseen" and both one more for "missing"."""
    weights: IntArray
    boxes: Boxes
    starts: IntArray
    """(leaves + 1,) first point of each leaf."""
    members: IntArray
    """(rows,) candidate rows, grouped by point, ascending within a point."""
    first: IntArray
    """(points + 1,) where the members of each point start."""
    columns: int

    def __repr__(self) -> str:
        return f"<index: {len(self.first) - 1} points>"  # never a value: tracebacks are logs


def build(candidates: Points) -> Index:
    """Return the index of some candidates; equal ones are held once."""
    origin, span = _range(candidates)
    levels = candidates.codes.max(axis=1, initial=-1) + 1
    ordered, codes = normalise(candidates, origin, span, levels)
    point_of_row, one_of_point = _distinct(ordered, codes)
    groups = leaves(ordered[:, one_of_point], codes[:, one_of_point], candidates.weights, LEAF)
    order = np.concatenate(groups)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    point_of_row = rank[point_of_row]
    chosen = one_of_point[order]
    starts = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)
    inside = [np.arange(start, stop) for start, stop in itertools.pairwise(starts)]
    ordered, codes = ordered[:, chosen], codes[:, chosen]
    return Index(
        ordered=np.ascontiguousarray(narrow(ordered, span, candidates.columns)),
        codes=np.ascontiguousarray(narrow_codes(codes, levels)),
        origin=origin,
        span=span,
        levels=levels,
        weights=candidates.weights,
        boxes=boxes(ordered, codes, candidates.weights, levels + 2, inside),
        starts=starts,
        members=np.argsort(point_of_row, kind="stable").astype(np.int64),
        first=np.concatenate([[0], np.cumsum(np.bincount(point_of_row, minlength=len(order)))]).astype(np.int64),
        columns=candidates.columns,
    )


def _range(points: Points) -> tuple[IntArray, IntArray]:
    """Return the lowest present position and the range of each ordered column."""
    largest = np.iinfo(np.int64).max
    low = np.where(points.missing, largest, points.ordered).min(axis=1, initial=largest)
    high = np.where(points.missing, -largest, points.ordered).max(axis=1, initial=-largest)
    empty = low > high
    return np.where(empty, 0, low), np.where(empty, 0, high - low)


def normalise(points: Points, origin: IntArray, span: IntArray, levels: IntArray) -> tuple[IntArray, IntArray]:
    """Return positions above the candidates' origin, and codes with "unseen" and "missing" as levels of their own.

    A position further than UNIT from the candidates' range is moved to UNIT from it: its distance to every
    candidate is a whole mismatch before and after.
    """
    ordered = np.clip(points.ordered - origin[:, None], -UNIT, span[:, None] + UNIT)
    ordered[points.missing] = _ABSENT
    codes = np.minimum(points.codes, levels[:, None])
    codes = np.where(points.codes < 0, levels[:, None] + 1, codes)
    return ordered, codes


def narrow(ordered: IntArray, span: IntArray, columns: int) -> npt.NDArray[np.integer]:
    """Return positions as int32 where every difference, and the sum of a row's clipped ones, fits."""
    fits = int(span.max(initial=0)) < 1 << 29 and columns < 1 << 11
    return ordered.astype(np.int32) if fits else ordered


def narrow_codes(codes: IntArray, levels: IntArray) -> npt.NDArray[np.integer]:
    """Return codes in the smallest type that holds them."""
    most = int(levels.max(initial=0)) + 2
    return codes.astype(np.uint8 if most <= 256 else np.uint16 if most <= 65536 else np.int32)


def _distinct(ordered: IntArray, codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return the point of each row, and one row of each point (the first)."""
    rows = ordered.shape[1]
    group = np.zeros(rows, dtype=np.int64)
    for column in (*ordered, *codes):
        values = np.unique(column, return_inverse=True)[1].reshape(-1)
        group = np.unique(group * (int(values.max(initial=0)) + 1) + values, return_inverse=True)[1].reshape(-1)
    first = np.full(int(group.max(initial=-1)) + 1, rows, dtype=np.int64)
    np.minimum.at(first, group, np.arange(rows))
    return group, first
