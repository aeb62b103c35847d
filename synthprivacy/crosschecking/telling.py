"""A crosscheck as text: one block a row, theirs and ours side by side, the reasons below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from synthprivacy.schemata import shown

if TYPE_CHECKING:
    from synthprivacy.crosschecking.values import Crosscheck, Row

WIDTH = 110


def told(found: Crosscheck) -> str:
    """Return the whole crosscheck as text without colours."""
    return "\n".join(_lines(found))


def title(found: Crosscheck, release: str, peer: str) -> str:
    """Return the heading of what one peer says of one release."""
    return (
        f"{shown(release)}: {peer} {found.versions.get(peer, '')} beside synthprivacy {found.versions['synthprivacy']}"
    )


def parts(found: Crosscheck) -> dict[tuple[str, str], list[Row]]:
    """Return the rows by release and peer."""
    made: dict[tuple[str, str], list[Row]] = {}
    for row in found.rows:
        made.setdefault((row.release, row.peer), []).append(row)
    return made


def _lines(found: Crosscheck) -> Iterator[str]:
    for (release, peer), rows in parts(found).items():
        yield title(found, release, peer)
        for row in rows:
            yield f"  {row.measure} / {shown(row.endpoint)}"
            yield f"    theirs {row.theirs}    ours {row.ours}"
            yield from _wrapped(row.setup, "    ", "    ")
            for reason in row.reasons:
                yield from _wrapped(reason, "    - ", "      ")
    yield from skipped_lines(found)


def skipped_lines(found: Crosscheck) -> Iterator[str]:
    """Yield a line for every peer that was not asked, or did not answer."""
    for skipped in found.skipped:
        yield from _wrapped(f"{skipped.attack}: skipped, {skipped.reason}; {skipped.needs}", "", "  ")


def _wrapped(text: str, first: str, later: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=later)
