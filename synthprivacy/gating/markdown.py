"""A verdict as Markdown, for a pull request or a job summary: tables only, under the size such places take."""

from __future__ import annotations

from synthprivacy.gating.verdict import SEVERITY, Finding, Verdict
from synthprivacy.gating.visible import visible
from synthprivacy.results import statement

MOST_BYTES = 60_000
_RESERVE = 2_000
"""Bytes kept for the heading and the line about what was left out."""
_HEAD = "| release | decision | endpoint | rule | finding |\n|---|---|---|---|---|\n"


def to_markdown(verdict: Verdict) -> str:
    """Return a heading and two tables, the worst findings first; what does not fit is counted, never just dropped."""
    told = [(release.name, finding) for release in verdict.releases for finding in release.findings]
    told.sort(key=lambda item: -SEVERITY.index(item[1].status))
    rows = [_row(name, finding) for name, finding in told]
    needs = [f"- {cell(need)}\n" for need in verdict.needs]
    proven = [
        f"- {cell(release.name, 80)}: {cell(statement(release.privacy_loss), 400)}\n"
        for release in verdict.releases
        if release.privacy_loss is not None
    ]
    notes = [f"- {cell(note, 400)}\n" for note in verdict.notes]
    if not verdict.releases:
        rows = [f"| – | inconclusive | – | – | {cell(verdict.reasons[0])} |\n"]
    decisions = [f"| {cell(release.name, 80)} | {release.decision} |\n" for release in verdict.releases]
    return (
        f"## Privacy gate: {verdict.decision}\n\n"
        + _fitting("| release | decision |\n|---|---|\n", decisions, 10_000)
        + _fitting(_HEAD, rows, MOST_BYTES - _RESERVE - 36_000)
        + _fitting("Needed:\n\n", needs, 10_000)
        + _fitting("Proven:\n\n", proven, 8_000)
        + _fitting("Notes:\n\n", notes, 8_000)
    )


def cell(words: str, longest: int = 300) -> str:
    """Return text that is only text wherever it stands: no markup, no mention, no link, no end of a cell."""
    return "".join(_inert(character) for character in visible(words, longest)).replace("www", "ww<!-- -->w")


def _row(name: str, finding: Finding) -> str:
    cells = (
        cell(name, 80),
        finding.status,
        cell(finding.endpoint, 80),
        cell(finding.rule, 120),
        cell(finding.sentence),
    )
    return f"| {' | '.join(cells)} |\n"


def _inert(character: str) -> str:
    if character.isalnum() or character in " ,.;%()=≤≥–…":
        return character
    # A comment after the signs that start a mention, an issue or a link: those are looked for after decoding.
    return f"&#{ord(character)};" + ("<!-- -->" if character in "@#:/" else "")


def _fitting(head: str, rows: list[str], most: int) -> str:
    """Return as many rows under a head as fit in `most` bytes, and how many do not; nothing without rows."""
    kept, size = [], len(head.encode())
    for row in rows:
        size += len(row.encode())
        if size > most:
            break
        kept.append(row)
    left = f"\n{len(rows) - len(kept)} more not shown.\n" if len(kept) < len(rows) else ""
    return f"{head}{''.join(kept)}{left}\n" if rows else ""
