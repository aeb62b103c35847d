"""`synthprivacy split`: hold people out before training."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from synthprivacy.cli.console import last_line, say


def split(
    members: str = typer.Argument(help="All people: CSV, Parquet or Feather."),
    out: Path = typer.Option(..., help="Folder for train, control and split.json; must not hold them yet."),
    unit: str | None = typer.Option(None, help="Column that says which person a row belongs to."),
    limit: float = typer.Option(0.05, help="The limit you want to be able to decide."),
    share: float = typer.Option(0.2, help="Share of people held out."),
    seed: int = typer.Option(0, envvar="SYNTHPRIVACY_SEED"),
    encoding: str = typer.Option("utf-8", help="Encoding of a CSV file."),
) -> None:
    """Split members into train and control before training: every person wholly on one side.

    Example: synthprivacy split members.parquet --unit member_id --out split
    """
    from synthprivacy.statistics.sample_size import needed_control
    from synthprivacy.tables.read import load
    from synthprivacy.tables.split import require_people, split_facts, split_rows
    from synthprivacy.tables.write import write_split

    frame = load(members, label="members", encoding=encoding)
    held_out = split_rows(frame, unit, share, seed)
    require_people(frame, held_out, unit=unit, limit=limit)
    needed = {chance: needed_control(chance, limit=limit) for chance in (0.01, 0.1, 0.3)}
    facts = split_facts(frame, held_out, unit=unit, share=share, seed=seed, limit=limit, needed=needed)
    write_split(frame, held_out, facts, out, Path(members).suffixes)
    say(json.dumps(facts, indent=1))
    last_line(0, f"train, control and split.json are in {out}")
