"""`synthprivacy report`: one HTML page from evaluations."""

from __future__ import annotations

from pathlib import Path

import typer

from synthprivacy.cli.console import last_line


def report(
    evaluations: list[Path] = typer.Argument(help="What `evaluate --json` wrote; several stand side by side."),
    html: Path | None = typer.Option(None, help="The file to write."),
    sacro: Path | None = typer.Option(
        None, help="A new folder for output checkers: report, charts, checksums; public."
    ),
    ledger: Path | None = typer.Option(
        None, help="What `gate --ledger` wrote: says which candidate of its control each release is."
    ),
    against: Path | None = typer.Option(
        None, help="The evaluation of the release accepted last: others are held against it, unpaired."
    ),
    inside: bool = typer.Option(False, "--inside", help="Show counts under ten: the page must then stay inside."),
) -> None:
    """Write one self-contained HTML file, or the record that output checkers of data agencies work with.

    Example: synthprivacy report evaluation.json --html report.html
    """
    from synthprivacy.api import report as written
    from synthprivacy.cli.counting import counted
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.errors import ConfigError
    from synthprivacy.results import Evaluation

    if html is None and sacro is None:
        msg = "a report must be written somewhere: neither --html nor --sacro was given; name a file or a folder"
        raise ConfigError(msg)
    if inside and sacro is not None:
        msg = "--sacro is for what goes out and --inside for what stays: both were given; call twice"
        raise ConfigError(msg)
    require_outputs([html], [*evaluations, ledger, against])
    read = [Evaluation.from_json(path) for path in evaluations]
    accepted = None if against is None else Evaluation.from_json(against)
    numbers = [] if ledger is None else counted(ledger, read)
    if sacro is not None:
        from synthprivacy.reporting.sacro import write_record

        write_record(read, sacro, counted=numbers, against=accepted)
    if html is not None:
        written(read, html, inside=inside, counted=numbers, against=accepted)
    places = " and ".join(str(place) for place in (html, sacro) if place is not None)
    verb = "are" if html and sacro else "is"
    last_line(0, f"{places} {verb} written{'; it holds small counts and must stay inside' if inside else ''}")
