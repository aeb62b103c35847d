"""`synthprivacy init`: a configuration to start from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from synthprivacy.cli.console import last_line


def init(
    original: str = typer.Argument(help="The table the generator was trained on."),
    synthetic: list[str] = typer.Option([], help="A release: FILE or NAME=FILE; may be repeated."),
    control: str | None = typer.Option(None, help="People of the same kind whom the generator never saw."),
    unit: str | None = typer.Option(None, help="Column that says which person a row belongs to."),
    secret: list[str] = typer.Option([], help="A column an attacker may want to learn; may be repeated."),
    sdv_metadata: Path | None = typer.Option(None, help="Take kinds from an SDV metadata JSON file."),
    encoding: str = typer.Option("utf-8", envvar="SYNTHPRIVACY_ENCODING", help="Encoding of CSV files."),
) -> None:
    """Print a synthprivacy.toml: tables, columns with a reason per guess, plan, rules and policy.

    Paths are written as they are typed and read relative to the file: save it in the folder you are in.

    Example: synthprivacy init train.parquet --synthetic ctgan.parquet > synthprivacy.toml
    """
    from synthprivacy.cli.sources import named, overruled
    from synthprivacy.config import starter
    from synthprivacy.schemata import ORDERED, from_sdv, infer, to_toml
    from synthprivacy.tables.read import load

    releases = named(synthetic)
    declared = {} if sdv_metadata is None else overruled(from_sdv(sdv_metadata), unit, secret)
    frame = load(original, label="original", encoding=encoding)
    schema = infer(frame, unit=unit, secrets=secret, declared=declared)
    tables = {"original": original, "control": control, "synthetic": releases}
    given = {key: entry for key, entry in tables.items() if entry}
    bounds = {
        column.name: column.bounds
        for column in schema.columns
        if column.bounds is not None and column.kind in ORDERED and column.name not in schema.excluded
    }
    text = f"{_head(given)}{to_toml(schema, given)}\n{starter(bounds)}"
    typer.echo(text.encode(), nl=False)
    last_line(0, "check the guesses, above all the secrets, then: synthprivacy evaluate synthprivacy.toml")


def _head(tables: Mapping[str, object]) -> str:
    """Return comments that say how to go on, and which tables are still to be named."""
    examples = {"control": 'control = "FILE"', "synthetic": 'synthetic = { NAME = "FILE" }'}
    missing = [example for table, example in examples.items() if table not in tables]
    still = f"# still to be added to [tables]: {' and '.join(missing)}\n" if missing else ""
    return f"# synthprivacy evaluate synthprivacy.toml\n{still}\n"
