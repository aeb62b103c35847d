"""`synthprivacy report`: one HTML page from evaluations."""

from __future__ import annotations

from pathlib import Path

import typer

from synthprivacy.cli.console import last_line


def report(
    evaluations: list[Path] = typer.Argument(help="What `evaluate --json` wrote; several stand side by side."),
    html: Path = typer.Option(..., help="The file to write."),
    inside: bool = typer.Option(False, "--inside", help="Show counts under ten: the page must then stay inside."),
) -> None:
    """Write one self-contained HTML file.

    Example: synthprivacy report evaluation.json --html report.html
    """
    from synthprivacy.api import report as written
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.results import Evaluation

    require_outputs([html], evaluations)
    written([Evaluation.from_json(path) for path in evaluations], html, inside=inside)
    last_line(0, f"{html} is written{'; it holds small counts and must stay inside' if inside else ''}")
