"""`synthprivacy split`: hold people out before training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from synthprivacy.cli.console import last_line, tell


def split(
    members: str = typer.Argument(help="All people: CSV, Parquet or Feather."),
    out: Path = typer.Option(..., help="Folder for train, control and split.json; must not hold them yet."),
    unit: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_UNIT", help="Column that says which person a row belongs to."
    ),
    limit: float = typer.Option(0.05, help="The limit you want to be able to decide."),
    share: float = typer.Option(0.2, help="Share of people held out."),
    seed: int = typer.Option(
        0, envvar="SYNTHPRIVACY_SEED", help="Another seed holds out other people; keep it from whoever trains."
    ),
    encoding: str = typer.Option("utf-8", envvar="SYNTHPRIVACY_ENCODING", help="Encoding of a CSV file."),
) -> None:
    """Split members into train and control before training: every person wholly on one side.

    Example: synthprivacy split members.parquet --unit member_id --out split
    """
    from synthprivacy.statistics.sample_size import needed_control
    from synthprivacy.tables.read import load
    from synthprivacy.tables.split import require_people, split_facts, split_rows
    from synthprivacy.tables.write import require_no_split, write_split

    require_no_split(out)
    frame = load(members, label="members", encoding=encoding)
    held_out = split_rows(frame, unit, share, seed)
    require_people(frame, held_out, unit=unit, limit=limit)
    needed = {chance: needed_control(chance, limit=limit) for chance in (0.01, 0.1, 0.3)}
    facts = split_facts(frame, held_out, unit=unit, share=share, seed=seed, limit=limit, needed=needed)
    train, control = write_split(frame, held_out, facts, out, Path(members).suffixes)
    tell(_summary(facts))
    last_line(0, f"train your generator on {train}; keep {control} from it")


def _summary(facts: Mapping[str, Any]) -> str:
    """Return who went where, and for which attacks that is enough."""
    sides = [f"{side}: {facts[side]['people']:,} people, {facts[side]['rows']:,} rows" for side in ("train", "control")]
    lines = [f"control people that a limit of {facts['limit']:g} needs, by how often a guess succeeds by chance:"]
    for need in facts["needed"]:
        people = "no number is enough" if need["people"] is None else f"{need['people']:,}"
        short = "" if need["enough"] else "  more than there are: likely to end inconclusive"
        lines.append(f"  {need['control_success']:>4.0%}  {people}{short}")
    lines.append(
        "with `evaluate --split split.json` every report says what a release proves about its generator's epsilon, as long "
        "as whoever trains knows neither split.json nor its seed"
    )
    return "\n".join([*sides, *lines])
