"""`synthprivacy demo`: does it find what was planted?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, progress_bar, say, tell

if TYPE_CHECKING:
    from synthprivacy.demonstration import Demonstration
    from synthprivacy.results import Evaluation


class Data(StrEnum):
    """Whose tables the demo attacks."""

    simulated = "simulated"
    adult = "adult"


def demo(
    out: Path = typer.Option(Path("synthprivacy-demo"), help="Folder for report.html and evaluation.json."),
    data: Data = typer.Option(Data.simulated, help="Simulated people, or an excerpt of the Adult census table."),
    seed: int = typer.Option(0, min=0, envvar="SYNTHPRIVACY_SEED"),
    jobs: int = typer.Option(1, min=1, envvar="SYNTHPRIVACY_JOBS"),
) -> int:
    """Attack three releases whose leak is known and say which truths were found.

    Example: synthprivacy demo --out demo
    """
    from synthprivacy.config import PlanSettings, policy_of_limit
    from synthprivacy.demonstration import demonstration
    from synthprivacy.errors import DataError
    from synthprivacy.evaluation import evaluate_frames
    from synthprivacy.frames import read_tables

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{out} cannot be made a folder ({error.strerror}); pass another --out") from None
    shown = demonstration(data.value, seed)
    say(f"{len(shown.original):,} training people, {len(shown.control):,} held out, three releases")
    frames = read_tables(
        original=shown.original,
        control=shown.control,
        synthetic={name: frame for name, (frame, _) in shown.releases.items()},
        schema=None,
    )
    with progress_bar() as progress:
        evaluation = evaluate_frames(
            frames, settings=PlanSettings(), policy=policy_of_limit(0.05), seed=seed, jobs=jobs, progress=progress
        )
    return _finish(evaluation, shown, out)


def _finish(evaluation: Evaluation, shown: Demonstration, out: Path) -> int:
    """Write both files, print the table, and return 0 if every truth was found."""
    from synthprivacy.api import gate, report
    from synthprivacy.demonstration import found

    evaluation.to_json(out / "evaluation.json")
    report(evaluation, out / "report.html")
    verdicts = {verdict.name: verdict.decision for verdict in gate(evaluation).releases}
    truths = {name: found(evaluation[name], truth) for name, (_, truth) in shown.releases.items()}
    tell(_table(evaluation, shown, verdicts, truths))
    tell(f"\nopen {out / 'report.html'}")
    missed = [name for name, hit in truths.items() if not hit]
    if missed:
        last_line(3, f"not found: {', '.join(missed)}")
        return 3
    last_line(0, "all three planted truths were found")
    return 0


def _table(
    evaluation: Evaluation, shown: Demonstration, verdicts: Mapping[str, str], truths: Mapping[str, bool]
) -> str:
    from synthprivacy.results.evaluation import people

    rows = [("release", "published outright", "reads as if (at most)", "at a limit of 5 %", "truth")]
    for name, (_, truth) in shown.releases.items():
        copies = evaluation[name].copies
        reading = "-" if copies is None else f"{people(copies.value)} ({people(copies.interval[1])})"
        hit = "found" if truths[name] else "NOT FOUND"
        rows.append((name, f"{truth.published:,} of {truth.people:,}", reading, verdicts[name], hit))
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)
