"""Names in messages: where a setting stands, what it might have meant, and never anything that breaks a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_BARE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST = 80
"""Characters of a name that are shown."""


def shown(name: str) -> str:
    """Return a name for a message: as it is where TOML needs no quotes, else quoted, escaped and cut."""
    return name if all(_BARE.fullmatch(part) for part in name.split(".")) else json.dumps(name[:LONGEST])


def dotted(keys: Iterable[str | int]) -> str:
    """Return the full key of a setting: ``policy.rule[2].of``."""
    parts = [f"[{key + 1}]" if isinstance(key, int) else f".{shown(key)}" for key in keys]
    return "".join(parts).removeprefix(".")


def nearest(name: str, known: Sequence[str]) -> str:
    """Return ``" (did you mean …?)"`` with the known name nearest to an unknown one, or nothing."""
    close = [] if name in known else get_close_matches(name, known, n=1)
    return f" (did you mean {shown(close[0])}?)" if close else ""


def repeated(names: Sequence[str]) -> str | None:
    """Return the first name that stands twice, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
