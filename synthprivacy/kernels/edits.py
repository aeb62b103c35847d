"""Edit distances of many pairs of short texts at once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Texts = npt.NDArray[np.str_]


def edit_distances(first: Texts, second: Texts) -> IntArray:
    """Return the fewest characters (pairs,) that must be inserted, deleted or replaced to turn one text into the other.

    Parameters
    ----------
    first, second : ndarray of str, shape (pairs,)
        Without the character NUL. Work is the product of the longest lengths times the pairs.

    Notes
    -----
    One entry of the table of all prefixes is worked out for all pairs at once: a few thousand pairs stay in the cache.

    References
    ----------
    Wagner and Fischer (1974), The string-to-string correction problem, section 3.
    """
    one, other = _characters(first), _characters(second)
    lengths = [(letters != 0).sum(axis=0) for letters in (one, other)]
    place = np.arange(len(other) + 1, dtype=np.int16)[:, None]
    row = np.repeat(place, len(first), axis=1)
    found = row[lengths[1], np.arange(len(first))].copy()
    for step, letter in enumerate(one):
        best = np.minimum(row[1:] + 1, row[:-1] + (other != letter))
        row[1:] = best
        row[0] = step + 1
        for before, here in pairwise(row):
            np.minimum(here, before + 1, out=here)
        ends = lengths[0] == step + 1
        found[ends] = row[lengths[1][ends], np.flatnonzero(ends)]
    distances: IntArray = found.astype(np.int64)
    return distances


def _characters(texts: Texts) -> npt.NDArray[np.uint32]:
    """Return code points (longest, pairs); 0 behind the end."""
    longest = max(texts.dtype.itemsize // 4, 1)
    points = (
        np.ascontiguousarray(texts).view(np.uint32).reshape(len(texts), -1) if len(texts) else np.zeros((0, longest))
    )
    return np.ascontiguousarray(points.T, dtype=np.uint32)
