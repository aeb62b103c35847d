"""`synthprivacy evaluate`: what an attacker could learn from each release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, progress_bar, say

if TYPE_CHECKING:
    from synthprivacy.config import Config
    from synthprivacy.evaluation import Frames
    from synthprivacy.results import Evaluation


def evaluate(
    config: Path | None = typer.Argument(None, help="A synthprivacy.toml; flags win over it."),
    original: str | None = typer.Option(None, help="The table the generator was trained on."),
    control: str | None = typer.Option(None, help="The holdout the generator never saw."),
    synthetic: list[str] = typer.Option([], help="A release: FILE or NAME=FILE; may be repeated."),
    unit: str | None = typer.Option(None, help="Column that says which person a row belongs to."),
    secret: list[str] = typer.Option([], help="A column an attacker may want to learn; may be repeated."),
    seed: int = typer.Option(0, min=0, envvar="SYNTHPRIVACY_SEED"),
    jobs: int = typer.Option(1, min=1, envvar="SYNTHPRIVACY_JOBS", help="Threads; they change only the time."),
    json_file: str | None = typer.Option(None, "--json", help="Write the evaluation; - for stdout. Stays inside."),
    html: Path | None = typer.Option(None, help="Write the report (counts under ten withheld)."),
    metrics: Path | None = typer.Option(None, help="Write a flat JSON of numbers for experiment trackers."),
    limit: float | None = typer.Option(None, help="Decide: the upper bound of every primary endpoint at most this."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Print the plan and stop before anyone is attacked."),
    encoding: str = typer.Option("utf-8", help="Encoding of CSV files."),
) -> int:
    """Attack the releases and write what was found; decides only where there is a policy.

    Example: synthprivacy evaluate --original train.csv --control holdout.csv --synthetic ctgan=ctgan.csv
    --json evaluation.json --html report.html
    """
    from synthprivacy.config import Config, load, policy_of_limit

    settings = Config() if config is None else load(config)
    policy = settings.policy if limit is None else policy_of_limit(limit)
    frames = _frames(settings, original, control, synthetic, unit, secret, encoding)
    if dry_run:
        from synthprivacy.evaluation import limit_of, plan_of

        typer.echo(repr(plan_of(frames, settings.plan, limit=limit_of(policy))))
        last_line(0, "planned; nobody was attacked")
        return 0
    from synthprivacy.evaluation import evaluate_frames

    with progress_bar() as progress:
        evaluation = evaluate_frames(
            frames, settings=settings.plan, policy=policy, seed=seed, jobs=jobs, progress=progress
        )
    _write(evaluation, json_file, html, metrics)
    (say if json_file == "-" else typer.echo)(repr(evaluation))
    if policy is None:
        skipped = sum(len(release.skipped) for release in evaluation.releases)
        last_line(0, f"evaluated; {skipped} endpoints skipped; no policy, so nothing was decided")
        return 0
    from synthprivacy.cli.gate import announce
    from synthprivacy.gating import decide

    return announce(decide(evaluation, policy), to_stderr=json_file == "-")


def _frames(
    settings: Config,
    original: str | None,
    control: str | None,
    synthetic: list[str],
    unit: str | None,
    secrets: list[str],
    encoding: str,
) -> Frames:
    """Return the tables: flags win over the file."""
    from synthprivacy.cli.sources import named
    from synthprivacy.config import TableSources
    from synthprivacy.errors import ConfigError
    from synthprivacy.evaluation import read_tables
    from synthprivacy.schemata import infer
    from synthprivacy.tables.read import load

    tables = settings.tables or TableSources()
    training = original or tables.original
    releases: dict[str, str | Path] = dict(named(synthetic)) or dict(tables.synthetic)
    if training is None or not releases:
        msg = "evaluate needs --original and at least one --synthetic NAME=FILE, or a synthprivacy.toml"
        raise ConfigError(msg)
    frame = load(training, label="original", encoding=encoding)
    schema = infer(frame, unit=unit, secrets=secrets, declared=settings.columns)
    return read_tables(
        original=training, control=control or tables.control, synthetic=releases, schema=schema, encoding=encoding
    )


def _write(evaluation: Evaluation, json_file: str | None, html: Path | None, metrics: Path | None) -> None:
    from synthprivacy.results.files import write_text

    if json_file == "-":
        typer.echo(evaluation.dumps(), nl=False)
    elif json_file is not None:
        path = Path(json_file)
        evaluation.to_json(path)
        timings = {stage: round(seconds, 3) for stage, seconds in evaluation.timings.items()}
        write_text(path.with_name(f"{path.stem}.timings.json"), json.dumps(timings, indent=1) + "\n")
    if html is not None:
        from synthprivacy.api import report

        report(evaluation, html)
    if metrics is not None:
        write_text(metrics, json.dumps(evaluation.metrics(), indent=1, sort_keys=True, allow_nan=False) + "\n")
