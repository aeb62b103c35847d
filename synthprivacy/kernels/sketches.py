"""Sketches of texts: a few hashes each, by which the likest of many texts is found without comparing all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.spans import spans

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[np.uint64]

BINS = 16
"""Hashes of a sketch."""
LENGTH = 12
"""Characters of the spans a sketch is made of."""
CROWD = 20
"""A hash that more texts have says little: it is passed over."""
_NONE = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True, repr=False)
class Sketches:
    """The sketches of some texts, ready to be looked up."""

    keys: KeyArray
    """(hashes,) rising; the bin of a hash is its first four bits."""
    text: IntArray
    """(hashes,) the text each belongs to."""
    texts: int

    def __repr__(self) -> str:
        return f"<sketches of {self.texts} texts>"  # never a value: tracebacks are logs


def sketched(texts: Sequence[str]) -> Sketches:
    """Return the sketches of some texts, without the hashes of a crowd of them."""
    table = _table(texts)
    text, place = np.nonzero(table != _NONE)
    keys = table[text, place]
    order = np.argsort(keys, kind="stable")
    keys, text = keys[order], text[order]
    count = np.searchsorted(keys, keys, "right") - np.searchsorted(keys, keys, "left")
    few = count <= CROWD
    return Sketches(keys[few], text[few], len(texts))


def likest(held: Sketches, texts: Sequence[str], *, but: IntArray | None = None) -> IntArray:
    """Return for each text (texts,) the held one whose sketch agrees with its own in most hashes, -1 where none does.

    Of equally like ones the first. Agreement of a hash is as likely as the share of spans that two texts have in common.

    Parameters
    ----------
    held : Sketches
    texts : sequence of str
    but : ndarray of shape (texts,), int64, optional
        A held text that each must not find: itself.

    References
    ----------
    Broder (1997), On the resemblance and containment of documents. Li, Owen and Zhang (2012), One permutation hashing.
    """
    table = _table(texts)
    low, high = (np.searchsorted(held.keys, table, side) for side in ("left", "right"))
    counts = np.where(table == _NONE, 0, high - low).ravel()
    asked = np.repeat(np.repeat(np.arange(len(texts)), BINS), counts)
    begin = np.repeat(low.ravel() - (np.cumsum(counts) - counts), counts)
    found = held.text[begin + np.arange(len(begin))]
    if but is not None:
        other = found != but[asked]
        asked, found = asked[other], found[other]
    pairs, agree = np.unique(asked * held.texts + found, return_counts=True)
    best = np.full(len(texts), -1, dtype=np.int64)
    order = np.lexsort((-pairs, agree))  # the best comes last, and stays
    best[pairs[order] // held.texts] = pairs[order] % held.texts
    return best


def _table(texts: Sequence[str]) -> KeyArray:
    """Return the least hash (texts, bins) of each bin of each text."""
    found = spans(texts, LENGTH, 1)
    table = np.full((len(texts), BINS), _NONE)
    np.minimum.at(table, (found.text, (found.keys >> np.uint64(60)).astype(np.int64)), found.keys)
    return table
