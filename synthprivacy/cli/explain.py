"""`synthprivacy explain`: why a release has its risk, and what to change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, progress_bar, say, tell

if TYPE_CHECKING:
    from synthprivacy.cli.sources import Sources
    from synthprivacy.config import Config
    from synthprivacy.explaining import Explanation
    from synthprivacy.results import Evaluation


def explain(
    evaluation: Path = typer.Argument(help="What `evaluate --json` wrote."),
    release: str = typer.Argument(help="The name of the release."),
    endpoint: str | None = typer.Argument(None, help="The endpoint to explain; the worst primary one if absent."),
    config: Path | None = typer.Option(None, help="The synthprivacy.toml of the evaluation; flags win over it."),
    original: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_ORIGINAL", help="The table the generator was trained on."
    ),
    control: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_CONTROL", help="People of the same kind whom the generator never saw."
    ),
    synthetic: list[str] = typer.Option([], help="A release: FILE or NAME=FILE; may be repeated."),
    jobs: int = typer.Option(1, min=1, envvar="SYNTHPRIVACY_JOBS", help="Threads; they change only the time."),
    inside: bool = typer.Option(False, "--inside", help="Show what may tell of fewer than ten people: stays inside."),
    json_file: str | None = typer.Option(None, "--json", help="Write the explanation; - for stdout."),
    encoding: str = typer.Option("utf-8", envvar="SYNTHPRIVACY_ENCODING", help="Encoding of CSV files."),
) -> int:
    """Read an endpoint again without each column and each way of repeating people, and say what to change.

    Example: synthprivacy explain evaluation.json ctgan --original train.csv --control holdout.csv
    --synthetic ctgan=ctgan.csv
    """
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.cli.sources import chosen, configured
    from synthprivacy.results import Evaluation

    settings = configured(config)
    tables = chosen(settings, original=original, control=control, synthetic=synthetic)
    to_stdout, path = json_file == "-", None if json_file in {None, "-"} else Path(str(json_file))
    require_outputs((path,), (evaluation, config, *tables.files))
    evaluated = Evaluation.from_json(evaluation)
    found = _explained(evaluated, tables, settings, release, endpoint, jobs, encoding)
    told = found if inside else _public(found, evaluated)
    (say if to_stdout else tell)(repr(told))
    _write(told, path, to_stdout=to_stdout)
    number = len(told.remedies)
    changes = (
        "nothing to change" if told.nothing else f"{number} {'change is' if number == 1 else 'changes are'} proposed"
    )
    last_line(0, f"explained; {changes}{'; this may tell of few people and must stay inside' if inside else ''}")
    return 0


def _explained(
    evaluation: Evaluation,
    tables: Sources,
    settings: Config,
    release: str,
    endpoint: str | None,
    jobs: int,
    encoding: str,
) -> Explanation:
    """Read the release, and the first one of the evaluation if it is at hand, which the plan was made from."""
    from dataclasses import replace

    from synthprivacy.cli.sources import frames_of
    from synthprivacy.errors import ConfigError
    from synthprivacy.explaining import declared_of, explain_tables
    from synthprivacy.schemata import shown

    if release not in tables.synthetic:
        raise ConfigError(f"explain needs the table of {shown(release)}; pass --synthetic {shown(release)}=FILE")
    wanted = {next(iter(evaluation.synthetic), release), release}
    few = {name: file for name, file in tables.synthetic.items() if name in wanted}
    settings = replace(settings, columns=declared_of(evaluation, settings.columns))
    frames = frames_of(replace(tables, synthetic=few, split=None), settings, unit=None, secrets=(), encoding=encoding)
    with progress_bar() as progress:
        return explain_tables(evaluation, frames, release, endpoint, jobs=jobs, progress=progress)


def _public(found: Explanation, evaluation: Evaluation) -> Explanation:
    """Return the explanation that may leave the house."""
    from synthprivacy.explaining import public
    from synthprivacy.rendering import score_step
    from synthprivacy.rendering.risks import mask

    people = evaluation.original.units
    release = evaluation.public()[found.release]
    return public(found, lambda risk: mask(risk, people), release, score_step)


def _write(found: Explanation, path: Path | None, *, to_stdout: bool) -> None:
    from synthprivacy.results.files import write_text

    if not to_stdout and path is None:
        return
    text = json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if to_stdout:
        typer.echo(text.encode(), nl=False)
    if path is not None:
        write_text(path, text)
