"""Who is in the texts of a release: by long verbatim spans, and by texts that differ in a few characters.

Texts are compared without regard to case and to how many spaces stand between words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from synthprivacy.attacks.memorization_parts import CHANCE, LONG, RARE
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels.edits import edit_distances
from synthprivacy.kernels.sketches import Sketches, likest, sketched
from synthprivacy.kernels.spans import few_share, have_span, spans
from synthprivacy.tables.table import BoolArray, FloatArray, IntArray

LENGTHS = (16, 24, 32, 48, 64, 96, 128)
"""Characters of a span, one of these."""
FEWEST = 100
"""Different texts without which chance cannot be told."""
YARDSTICK = 4_000
"""Texts whose likest other one is sought."""
LONGEST = 200
"""Characters of a text that edits are counted in."""
FARTHEST = 0.5
"""Share of its characters that a copy may differ in, at most."""
_PAIRS = 2_000
"""Texts compared at once, those of about one length together: the longest sets what the others cost."""

Written = Sequence[str | None]
"""Texts, None where missing."""
Asker = Callable[[Written], BoolArray]
"""Answers for each text (texts,) whether it is claimed; a missing or empty one never is."""


def verbatim(release: Written, usual: Written | None = None) -> Asker:
    """Return who recognises a text by a long span that few texts of the release have, or by the whole of it.

    A span is as long as it must be for chance: the shortest length at which at most a hundredth of independent texts has
    one of those spans. Independent are the usual texts, else each text of the release against all others; what many texts
    of the release have is a phrase of the field or of a form, and says nothing. Whole texts, which may be shorter, count
    where as few of them are met by chance. A common run of 7 characters more than the length is always found.

    Parameters
    ----------
    release : sequence of str or None
    usual : sequence of str or None, optional
        Texts of people who were not trained on and are not attacked.

    Raises
    ------
    NotEnoughDataError
        If the release has too few different texts.
    """
    counted = Counter(_plain(release))
    texts = _different(counted)
    most = max(RARE - 1, len(texts) // LONG)
    others = _independent(usual)
    for length in LENGTHS:
        few = few_share(spans(texts, length), len(texts), most)
        met = few.shared if others is None else have_span(others, length, few.held)
        if met.mean() <= CHANCE:
            break
    rare = {text for text in texts if counted[text] <= most}
    if others is None:
        again = sum(counted[text] for text in texts if 1 < counted[text] <= most + 1) / len(release)
    else:
        again = sum(text in rare for text in others) / len(others)
    whole = rare if again <= CHANCE else frozenset[str]()

    def ask(shown: Written) -> BoolArray:
        asked = _plain(shown)
        equal = np.fromiter((text in whole for text in asked), dtype=np.bool_, count=len(asked))
        return equal | have_span(asked, length, few.held)

    return ask


def nearly_verbatim(release: Written, rng: np.random.Generator, usual: Written | None = None) -> Asker:
    """Return who recognises a text that differs from one of the release in fewer characters than independent texts do.

    The likest text of the release is found by sketches, and claimed if at most the share of characters must be edited that
    a hundredth of independent texts needs, and never more than half of them. Only the first 200 characters count.

    Parameters
    ----------
    release : sequence of str or None
    rng : numpy.random.Generator
        Draws the independent texts.
    usual : sequence of str or None, optional
        As `verbatim`.

    Raises
    ------
    NotEnoughDataError
        If there are too few different texts of the release.

    References
    ----------
    Levenshtein (1966), Binary codes capable of correcting deletions, insertions, and reversals.
    """
    texts = _different(_plain(release))
    held = sketched(texts)
    others = _independent(usual)
    measured = texts if others is None else others
    chosen = np.sort(rng.permutation(len(measured))[:YARDSTICK])
    asked = [measured[place] for place in chosen.tolist()]
    apart = np.sort(_apart(held, texts, asked, chosen if others is None else None))
    reach = min(FARTHEST, float(apart[math.ceil(CHANCE * len(apart)) - 1]))
    return lambda shown: _apart(held, texts, _plain(shown)) <= reach


def _plain(texts: Written) -> list[str]:
    """Return texts as they are compared; a missing one is empty."""
    return ["" if text is None else " ".join(text.split()).casefold() for text in texts]


def _independent(usual: Written | None) -> list[str] | None:
    """Return the texts of people who were not trained on, None where there are none."""
    return None if usual is None else list(filter(None, _plain(usual))) or None


def _different(release: Iterable[str]) -> list[str]:
    """Return the different texts of a release, sorted, without the empty one.

    Raises
    ------
    NotEnoughDataError
        If there are too few.
    """
    texts = sorted(set(filter(None, release)))
    if len(texts) < FEWEST:
        msg = (
            f"the release has fewer than {FEWEST} different texts in the column; more rows, or a column of another kind"
        )
        raise NotEnoughDataError(msg)
    return texts


def _apart(held: Sketches, texts: Sequence[str], asked: Sequence[str], but: IntArray | None = None) -> FloatArray:
    """Return the share of characters (asked,) to be edited into the likest text, 1 where none is like it."""
    found = likest(held, asked, but=but)
    there = np.array(sorted(np.flatnonzero(found >= 0).tolist(), key=lambda place: len(asked[place])), dtype=np.int64)
    apart = np.ones(len(asked))
    for start in range(0, len(there), _PAIRS):
        rows = there[start : start + _PAIRS]
        one, other = _cut(asked[place] for place in rows.tolist()), _cut(texts[place] for place in found[rows].tolist())
        longest = np.maximum(np.char.str_len(one), np.char.str_len(other))
        apart[rows] = edit_distances(one, other) / np.maximum(longest, 1)
    return apart


def _cut(texts: Iterable[str]) -> npt.NDArray[np.str_]:
    return np.array([text[:LONGEST].replace("\0", " ") for text in texts], dtype=np.str_)
