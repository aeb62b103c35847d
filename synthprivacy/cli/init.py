"""`synthprivacy init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path

import typer


def init(
    original: str = typer.Argument(help="The table the generator was trained on."),
    synthetic: list[str] = typer.Option([], help="A release: FILE or NAME=FILE; may be repeated."),
    control: str | None = typer.Option(None, help="The holdout the generator never saw."),
    unit: str | None = typer.Option(None, help="Column that says which person a row belongs to."),
    secret: list[str] = typer.Option([], help="A column an attacker may want to learn; may be repeated."),
    sdv_metadata: Path | None = typer.Option(None, help="Take kinds from an SDV metadata JSON file."),
    encoding: str = typer.Option("utf-8", help="Encoding of CSV files."),
) -> None:
    """Print a synthprivacy.toml: tables, columns with a reason per guess, plan and policy.

    Example: synthprivacy init train.parquet --synthetic ctgan.parquet > synthprivacy.toml
    """
    from synthprivacy.cli.sources import named
    from synthprivacy.schemata import from_sdv, infer, to_toml
    from synthprivacy.tables.read import load

    declared = None if sdv_metadata is None else from_sdv(sdv_metadata)
    frame = load(original, label="original", encoding=encoding)
    schema = infer(frame, unit=unit, secrets=secret, declared=declared)
    tables: dict[str, object] = {"original": original}
    if control is not None:
        tables["control"] = control
    if synthetic:
        tables["synthetic"] = named(synthetic)
    typer.echo(to_toml(schema, tables))
