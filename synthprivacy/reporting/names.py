"""Names and sentences that came from data, made fit to be read: visible, normalised, cut."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

NAME_LENGTH = 80
"""Characters of a name that are shown."""
PROSE_LENGTH = 600
"""Characters of a reason or a detail that are shown."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that print nothing or move what is printed around them: controls, bidi marks, surrogates, gaps."""


def shown(name: str, length: int = NAME_LENGTH) -> str:
    """Return `name` as it may stand on a page: NFC, every character visible, at most `length` characters.

    Escaping for HTML is the template's work.
    """
    # Normalising first a stretch of the raw name keeps a name of any length cheap.
    text = unicodedata.normalize("NFC", name[: 4 * length])
    visible = "".join(_visible(character) for character in text)
    return visible if len(visible) <= length else visible[: length - 1] + "…"


def prose(text: str) -> str:
    """Return a sentence that may quote a name, as it may stand on a page."""
    return shown(text, PROSE_LENGTH)


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Return names as an enumeration that says how many it leaves out."""
    head = ", ".join(shown(name) for name in names[:most])
    left = 0 if most is None else len(names) - most
    return f"{head} and {left:,} more" if left > 0 else head


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    return f"⟨U+{ord(character):04X}⟩"
