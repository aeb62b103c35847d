"""`synthprivacy crosscheck`: the numbers of anonymeter and SDMetrics beside ours, and why they differ."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, plain, progress_bar, say, tell

if TYPE_CHECKING:
    from synthprivacy.crosschecking.values import Crosscheck


class PeerName(StrEnum):
    """Whom to compare with."""

    anonymeter = "anonymeter"
    sdmetrics = "sdmetrics"


def crosscheck(
    config: Path | None = typer.Argument(None, help="A synthprivacy.toml; flags win over it."),
    original: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_ORIGINAL", help="The table the generator was trained on."
    ),
    control: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_CONTROL", help="People of the same kind whom the generator never saw."
    ),
    synthetic: list[str] = typer.Option([], help="A release: FILE or NAME=FILE; may be repeated."),
    unit: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_UNIT", help="Column that says which person a row belongs to."
    ),
    secret: list[str] = typer.Option([], help="A column an attacker may want to learn; may be repeated."),
    peer: list[PeerName] = typer.Option([], help="Must be there; whichever are found if absent. May be repeated."),
    python: str = typer.Option("", help="Path of the Python that has them; this one if absent."),
    attacks: int = typer.Option(
        500, "--n-attacks", min=20, help="People attacked a side, predicates, and released rows asked about."
    ),
    timeout: str = typer.Option("1h", help="Time that one of them may take on one release, such as 30m."),
    seed: int = typer.Option(0, min=0, envvar="SYNTHPRIVACY_SEED", help="Same tables and seed, same result."),
    inside: bool = typer.Option(False, "--inside", help="Show what may tell of fewer than ten people: stays inside."),
    json_file: str | None = typer.Option(None, "--json", help="Write the rows; - for stdout."),
    encoding: str = typer.Option("utf-8", envvar="SYNTHPRIVACY_ENCODING", help="Encoding of CSV files."),
) -> int:
    """Ask anonymeter and SDMetrics about the same people, and say why their numbers are not ours.

    Example: synthprivacy crosscheck --original train.csv --control holdout.csv --synthetic ctgan=ctgan.csv
    --python peers/bin/python
    """
    from synthprivacy.auditing.budget import seconds_of
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.cli.sources import chosen, configured, frames_of
    from synthprivacy.crosschecking import Interpreter, crosscheck_frames

    settings = configured(config)
    tables = chosen(settings, original=original, control=control, synthetic=synthetic)
    to_stdout, path = json_file == "-", None if json_file in {None, "-"} else Path(str(json_file))
    require_outputs((path,), (config, *tables.files))
    interpreter = Interpreter(python, seconds_of(timeout))
    frames = frames_of(tables, settings, unit=unit, secrets=secret, encoding=encoding)
    if frames.control is None:
        say("no control: every risk is a raw rate, there as here; `synthprivacy split` makes one")
    with progress_bar() as progress:
        found = crosscheck_frames(
            frames,
            interpreter,
            peers=[one.value for one in peer],
            attacks=attacks,
            seed=seed,
            inside=inside,
            progress=progress,
        )
    _write(found, path, to_stdout=to_stdout)
    return _conclude(found)


def _write(found: Crosscheck, path: Path | None, *, to_stdout: bool) -> None:
    from synthprivacy.results.files import write_text

    text = json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if path is not None:
        write_text(path, text)
    if to_stdout:
        typer.echo(text.encode(), nl=False)
        say(repr(found))
    elif sys.stdout.isatty():
        _draw(found)
    else:
        tell(repr(found))


def _draw(found: Crosscheck) -> None:
    """Print tables on a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from synthprivacy.crosschecking.telling import parts, skipped_lines, title

    console = Console()
    for (release, peer), rows in parts(found).items():
        table = Table(title=Text(plain(title(found, release, peer))), show_lines=True)
        for heading in ("measure", "theirs", "ours", "why"):
            table.add_column(heading, ratio=3 if heading == "why" else 1)
        for row in rows:
            why = "\n".join((*row.reasons, f"({row.setup})"))
            cells = (f"{row.measure}\n{row.endpoint}", str(row.theirs), str(row.ours), why)
            table.add_row(*(Text(plain(cell)) for cell in cells))
        console.print(table)
    for line in skipped_lines(found):
        tell(line)


def _conclude(found: Crosscheck) -> int:
    """Say how many measures there are beside each other; a difference is no failure, nothing to compare is."""
    from synthprivacy.cli import INCONCLUSIVE, PASSED

    if not found.rows:
        last_line(INCONCLUSIVE, "nothing was compared; see above")
        return INCONCLUSIVE
    stays = "; this may tell of few people and must stay inside" if found.inside else ""
    last_line(PASSED, f"{len(found.rows)} measures beside each other, each with its reasons{stays}")
    return PASSED
