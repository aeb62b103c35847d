"""`synthprivacy selftest`: does the evaluator tell the truth?"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, progress_bar, say, tell

if TYPE_CHECKING:
    from synthprivacy.selftest.finding import Finding
    from synthprivacy.selftest.running import SelfTest


class TierName(StrEnum):
    """How much is tested."""

    quick = "quick"
    nightly = "nightly"
    full = "full"


def selftest(
    tier: TierName = typer.Option(TierName.quick, help="About a minute and a half, half an hour, or some hours."),
    out: Path | None = typer.Option(None, "--json", help="Write every finding as JSON."),
    cards: Path | None = typer.Option(None, help="Folder for one validity card per attack."),
    seed: int = typer.Option(0, min=0, envvar="SYNTHPRIVACY_SEED"),
    jobs: int = typer.Option(1, min=1, envvar="SYNTHPRIVACY_JOBS", help="Processes; they change only the time."),
) -> int:
    """Judge releases whose leak is known, and say which promises were kept: exit 0 all, 1 not all.

    Example: synthprivacy selftest --tier quick --jobs 2
    """
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.results.files import write_text
    from synthprivacy.selftest.running import run_selftest
    from synthprivacy.selftest.tiers import TIERS
    from synthprivacy.selftest.writing import write_cards

    require_outputs([path for path in (out,) if path is not None])
    with progress_bar() as progress:
        found = run_selftest(TIERS[tier.value], seed=seed, jobs=jobs, progress=progress)
    if out is not None:
        write_text(out, json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    if cards is not None:
        write_cards(found.cards, cards)
    return _finish(found)


def _finish(found: SelfTest) -> int:
    """Print a line per law and every broken promise, and return the exit code."""
    from synthprivacy.selftest.impostors.rejecting import summary

    tell(_table(found.findings))
    tell(f"\n{summary(list(found.rejections))}")
    broken = [finding for finding in found.findings if not finding.passed]
    for finding in broken:
        say(str(finding))
    for missed in (one for one in found.rejections if not one.rejected):
        say(f"not rejected: {missed.impostor}")
    red = [key for key, card in found.cards.items() if not card.green]
    if red:
        say(f"no green card: {', '.join(red)}")
    if not found.passed:
        last_line(
            1, f"{len(broken)} of {len(found.findings)} promises were broken or an impostor believed, all listed above"
        )
        return 1
    last_line(0, f"all {len(found.findings)} promises were kept")
    return 0


def _table(findings: tuple[Finding, ...]) -> str:
    """Return one line per law: how often it was asked and kept, and where it came nearest to being broken."""
    rows = [("law", "asked", "kept", "hardest", "")]
    for law in dict.fromkeys(finding.law for finding in findings):
        asked = [finding for finding in findings if finding.law == law]
        worst = max(asked, key=lambda finding: finding.figure if finding.side == "at most" else -finding.figure)
        kept = sum(finding.passed for finding in asked)
        figure = f"{worst.figure:.3f} ({worst.side} {worst.bar:g})"
        rows.append((law, str(len(asked)), str(kept), figure, f"{worst.subject}, {worst.scenario}"))
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
