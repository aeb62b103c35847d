"""Nearest neighbours in several selections of the columns, each query drawing with a key of its own in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synthprivacy.kernels.collectors import IntArray, KeyArray, NearestOnes
from synthprivacy.kernels.hashing import mix
from synthprivacy.kernels.index import Index, normalise
from synthprivacy.kernels.points import Points
from synthprivacy.kernels.reading import View
from synthprivacy.kernels.search import search


def draw_for_views(
    index: Index, queries: Points, views: Sequence[View], keys: KeyArray, **how: Any
) -> tuple[IntArray, IntArray]:
    """Return what `neighbors.draw_in_views` finds, each view with keys of its own.

    Who draws with one key in all views draws by what some of the views must not know.

    Parameters
    ----------
    index : Index
    queries : Points
    views : sequence of frozenset of int
        The columns each view leaves out.
    keys : ndarray of shape (views, queries), uint64

    Returns
    -------
    steps, rows : ndarray of shape (views, queries), int64
    """
    drawing = keys.ravel()
    found = NearestOnes(index, len(drawing), 1, drawing)
    search(index, normalise(queries, index.origin, index.span, index.levels), found, views=views, **how)
    points = found.points()[:, 0]
    first, last = index.first[points], index.first[points + 1]
    fraction = (mix(drawing + np.uint64(1)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    rows = index.members[first + (fraction * (last - first)).astype(np.int64)]
    return found.steps.reshape(keys.shape), rows.reshape(keys.shape)
