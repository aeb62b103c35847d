"""Text that came from outside, made fit for a line of output: nothing invisible, nothing endless."""

from __future__ import annotations

import unicodedata

LONGEST = 400
"""Characters of a sentence or name that are shown."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that print nothing or move what is printed around them."""


def visible(words: str, longest: int = LONGEST) -> str:
    """Return `words` in NFC, every character visible, at most `longest` characters."""
    composed = unicodedata.normalize("NFC", words[: 4 * longest])
    shown = "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in _INVISIBLE else c for c in composed)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
