"""Points on segments: which points a set of rows was mixed from, two at a time.

A row that is a mixture of two points lies on the segment between them. Two rows of one segment lie in exactly one direction
from either end of it, and the lines through the rows of two segments that share an end cross there. Among three or more
coordinates that vary freely neither happens by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SMALLEST = 1e-9
"""Angles and gaps below this are zero: what is left of one after a few roundings."""
_PARALLEL = 1e-3
"""Sine of the angle below which two lines are one."""
_LINES = 32
"""Lines near a line that it may cross."""
_BLOCK = 2_048


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Points among which the nearest are looked up, by plain distance between coordinates."""

    points: FloatArray
    """(points, coordinates)"""
    tree: NearestNeighbors

    def nearest(self, asked: FloatArray, count: int) -> tuple[FloatArray, IntArray]:
        """Return the distances and places (asked, count) of the nearest points, nearest first; of fewer, all."""
        if not len(asked):
            return np.empty((0, count)), np.empty((0, count), dtype=np.int64)
        distance, place = self.tree.kneighbors(asked, min(count, len(self.points)))
        return distance, place


def neighbourhood(points: FloatArray) -> Neighbourhood:
    """Return some points (points, coordinates) ready to be looked up."""
    return Neighbourhood(points, NearestNeighbors(algorithm="kd_tree").fit(points))


def smallest_angle(points: FloatArray, rows: Neighbourhood, near: int) -> FloatArray:
    """Return the smallest angle (points,) under which each point sees two of its nearest rows, in radians.

    Nothing under `SMALLEST`, which is also the angle of a point that is a row itself.

    Parameters
    ----------
    points : ndarray of shape (points, coordinates), float64
    rows : Neighbourhood
        All different, at least two.
    near : int
        Rows that are looked at, the nearest ones.
    """
    angles = np.empty(len(points))
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        distance, chosen = rows.nearest(block, near)
        away = rows.points[chosen] - block[:, None, :]
        directions = away / np.maximum(np.sqrt((away**2).sum(axis=2, keepdims=True)), SMALLEST)
        cosines = np.einsum("pic,pjc->pij", directions, directions)
        here = np.arange(cosines.shape[1])
        cosines[:, here, here] = -np.inf
        first, second = np.unravel_index(cosines.reshape(len(block), -1).argmax(axis=1), cosines.shape[1:])
        place = np.arange(len(block))
        apart = directions[place, first] - directions[place, second]  # exact where a cosine is 1 but for rounding
        chord = np.sqrt((apart**2).sum(axis=1))
        angles[start : start + _BLOCK] = np.where(distance[:, 0] < SMALLEST, 0.0, chord)
    smallest: FloatArray = np.maximum(angles, SMALLEST)
    return smallest


def crossings(rows: Neighbourhood, near: int) -> FloatArray:
    """Return the points (crossings, coordinates) where lines through near rows cross, outside of both pairs.

    A line goes through a row and one of its nearest rows; it is compared with the lines nearest to it. Four rows of two
    segments with a common end lie in one plane, where they make up to two crossings beside the true one.

    Parameters
    ----------
    rows : Neighbourhood
        All different; three coordinates or more, since in a plane all lines cross.
    near : int
        Rows that a row is joined with.
    """
    points = rows.points
    joined = rows.nearest(points, near + 1)[1][:, 1:]
    pairs = np.sort(np.stack([np.repeat(np.arange(len(points)), joined.shape[1]), joined.ravel()], axis=1), axis=1)
    pairs = np.unique(pairs, axis=0)
    middles = neighbourhood(points[pairs].mean(axis=1))
    found = [np.empty((0, points.shape[1]))]
    for start in range(0, len(pairs), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(pairs)))
        others = middles.nearest(middles.points[block], _LINES + 1)[1]
        one, other = np.repeat(block, others.shape[1]), others.ravel()
        once = one < other
        found.append(_crossings(points, pairs[one[once]], pairs[other[once]]))
    return np.concatenate(found)


def _crossings(rows: FloatArray, one: IntArray, other: IntArray) -> FloatArray:
    """Return where the lines through pairs (lines, 2) of rows cross those through other pairs."""
    apart = (one[:, :, None] != other[:, None, :]).all(axis=(1, 2))
    one, other = one[apart], other[apart]
    (start, first, length), (begin, second, reach) = _lines(rows, one), _lines(rows, other)
    between = begin - start
    cosine = (first * second).sum(axis=1)
    sine = np.maximum(1.0 - cosine**2, _PARALLEL**2)
    along, across = (between * first).sum(axis=1), (between * second).sum(axis=1)
    here, there = (along - cosine * across) / sine, (cosine * along - across) / sine
    gap = between + there[:, None] * second - here[:, None] * first
    met = (gap**2).sum(axis=1) <= (SMALLEST * (length + reach + np.abs(here) + np.abs(there)) / np.sqrt(sine)) ** 2
    outside = ((here < 0) | (here > length)) & ((there < 0) | (there > reach)) & (1.0 - cosine**2 > _PARALLEL**2)
    hit = met & outside
    return np.asarray(start[hit] + here[hit, None] * first[hit], dtype=np.float64)


def _lines(rows: FloatArray, pairs: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the first row of each pair, the direction to the second, and how far that is."""
    start = rows[pairs[:, 0]]
    away = rows[pairs[:, 1]] - start
    length = np.sqrt((away**2).sum(axis=1))
    return start, away / np.maximum(length, SMALLEST)[:, None], length
