"""Spans of texts: runs of so many characters as hashes, and which of them few texts share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels.hashing import mix

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
KeyArray = npt.NDArray[np.uint64]

WINDOW = 8
"""Of so many spans side by side, the one with the least hash is kept."""
_STEP = np.uint64(0x9E3779B97F4A7C15)
_LAST = np.uint64(2**64 - 1)
_CHARACTERS = 1 << 20
"""Characters looked at together: what is kept of them at once stays under 100 MB."""


@dataclass(frozen=True, slots=True, repr=False)
class Spans:
    """Spans of one length of some texts."""

    keys: KeyArray
    """(spans,) hashes of their characters."""
    text: IntArray
    """(spans,) the text each belongs to, rising."""

    def __repr__(self) -> str:
        return f"<{len(self.keys)} spans>"  # never a value: tracebacks are logs


@dataclass(frozen=True, slots=True, repr=False)
class FewShare:
    """The spans that few texts share."""

    held: KeyArray
    """Their hashes, rising."""
    shared: BoolArray
    """(texts,) whether a text has one of them that another text has too."""

    def __repr__(self) -> str:
        return f"<{len(self.held)} spans that few texts share>"


def spans(texts: Sequence[str], length: int, window: int = WINDOW) -> Spans:
    """Return spans of `length` characters of some texts; of a shorter text there are none.

    Of every `window` spans side by side the one with the least hash is kept, so that two texts with a common run of
    ``length + window - 1`` characters have a common span, and a fifth of them is enough. Which ones are kept of a text
    depends on no other text.

    Parameters
    ----------
    texts : sequence of str
    length : int
        At least `window`.
    window : int
        1 keeps all.

    References
    ----------
    Schleimer, Wilkerson and Aiken (2003), Winnowing: local algorithms for document fingerprinting. Karp, Miller and
    Rosenberg (1972), Rapid identification of repeated patterns in strings, trees and arrays (hashes of twice the length).
    """
    found = [_spans(texts[part], length, window) for part in _batches(texts)]
    starts = [part.start for part in _batches(texts)]
    if not found:
        return Spans(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
    return Spans(
        np.concatenate([one.keys for one in found]),
        np.concatenate([one.text + start for one, start in zip(found, starts)]),
    )


def few_share(found: Spans, texts: int, most: int) -> FewShare:
    """Return the spans that at most so many texts have.

    Parameters
    ----------
    found : Spans
    texts : int
        Number of texts.
    most : int
        Of a text's own view, so many others.
    """
    order = np.argsort(found.keys, kind="stable")  # within a key the texts still rise
    keys, text = found.keys[order], found.text[order]
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    another = first.copy()
    another[1:] |= text[1:] != text[:-1]
    start = np.flatnonzero(first)
    holders = np.add.reduceat(another.astype(np.int64), start) if len(start) else np.zeros(0, dtype=np.int64)
    shared = np.zeros(texts, dtype=np.bool_)
    some = (holders > 1) & (holders <= most + 1)
    shared[text[np.repeat(some, np.diff(np.append(start, len(keys))))]] = True
    return FewShare(keys[start[holders <= most]], shared)


def have_span(texts: Sequence[str], length: int, held: KeyArray) -> BoolArray:
    """Return whether each text (texts,) has a span of some length that is held.

    Parameters
    ----------
    texts : sequence of str
    length : int
        As that of the spans held.
    held : ndarray of uint64
        Hashes, rising.
    """
    some = np.zeros(len(texts), dtype=np.bool_)
    if not len(held):
        return some
    found = spans(texts, length)
    order = np.argsort(found.keys)  # a rising search stays in the cache
    keys = found.keys[order]
    place = np.minimum(np.searchsorted(held, keys), len(held) - 1)
    some[found.text[order[held[place] == keys]]] = True
    return some


def _spans(texts: Sequence[str], length: int, window: int) -> Spans:
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    keys = mix(np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32) + _STEP)
    reach = 1
    while reach < length:  # two hashes side by side, the last two overlapping
        step = min(reach, length - reach)
        keys = mix(keys * _STEP + np.roll(keys, -step) + _STEP)
        reach += step
    text = np.repeat(np.arange(len(texts)), sizes)
    whole = np.arange(len(keys)) + length <= np.cumsum(sizes)[text]
    kept = np.flatnonzero(_least(np.where(whole, keys, _LAST), whole, window))
    return Spans(keys[kept], text[kept])


def _least(keys: KeyArray, whole: BoolArray, window: int) -> BoolArray:
    """Return whether each hash is the least of some window that begins at a whole span.

    A window that begins in a text ends before the next one has a whole span, as windows are no longer than spans.
    """
    least = keys.copy()
    for step in range(1, min(window, len(keys))):
        np.minimum(least[: len(keys) - step], keys[step:], out=least[: len(keys) - step])
    least[~whole] = 0
    greatest = least.copy()
    for step in range(1, min(window, len(keys))):
        np.maximum(greatest[step:], least[: len(keys) - step], out=greatest[step:])
    found: BoolArray = greatest == keys
    return found


def _batches(texts: Sequence[str]) -> Iterator[slice]:
    """Yield texts of not many more than `_CHARACTERS` characters together."""
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    batch = (np.cumsum(sizes) - sizes) // _CHARACTERS
    cuts = np.flatnonzero(np.diff(batch, prepend=-1, append=-1))
    yield from (slice(int(start), int(stop)) for start, stop in pairwise(cuts))
