"""`synthprivacy audit`: what a generator gives away that may be fitted again and again."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, progress_bar, say, tell

if TYPE_CHECKING:
    from synthprivacy.auditing.preparing import Prepared
    from synthprivacy.auditing.results import Audit
    from synthprivacy.auditing.training_checks import TrainingCheck


class CanaryKind(StrEnum):
    """What made-up people are planted."""

    improbable = "improbable"
    random = "random"
    rare = "rare"
    token = "token"  # noqa: S105 - a word in a table, no password


def audit(
    generator: str = typer.Option(..., help="copula, cart:minbucket=5, sdv:CTGAN, cmd:COMMAND, …"),
    original: str = typer.Option(..., envvar="SYNTHPRIVACY_ORIGINAL", help="What it is trained on: a row a person."),
    control: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_CONTROL", help="People who take a target's place; else some of the original do."
    ),
    budget: str | None = typer.Option(None, help="Time for all fits, such as 30m; the first ones are timed."),
    fits: int | None = typer.Option(None, min=1, help="Fits in place of a budget: the result is then repeatable."),
    targets: int = typer.Option(20, min=1, help="People looked at, half of them the most unusual."),
    secret: list[str] = typer.Option([], help="A column an attacker may want to learn; may be repeated."),
    unit: str | None = typer.Option(None, envvar="SYNTHPRIVACY_UNIT", help="Column of the person's id."),
    rows: int | None = typer.Option(None, min=1, help="Rows of a release; as many as are trained on by default."),
    canaries: int = typer.Option(
        10, min=0, help="Made-up people planted in eight fits more, and asked for in eight again; 0 for none."
    ),
    canary_kind: CanaryKind = typer.Option(CanaryKind.improbable, help="What they are like."),
    contributor: bool = typer.Option(
        False, "--contributor", help="Somebody may add rows to what is trained on: three times the fits."
    ),
    promise: float | None = typer.Option(
        None,
        min=0.0,
        help="The epsilon it is said to keep when one person is replaced: forty fits more probe its domain.",
    ),
    resume: Path | None = typer.Option(None, help="Folder where fits are kept, and found again. It stays inside."),
    records: Path | None = typer.Option(
        None, help="Write the risk of each target with its row: personal data, readable by you alone."
    ),
    seed: int = typer.Option(0, min=0, envvar="SYNTHPRIVACY_SEED", help="Same tables, fits and seed, same result."),
    jobs: int = typer.Option(1, min=1, envvar="SYNTHPRIVACY_JOBS", help="Processes, a fit at a time each."),
    json_file: str | None = typer.Option(None, "--json", help="Write the audit; - for stdout."),
    encoding: str = typer.Option("utf-8", envvar="SYNTHPRIVACY_ENCODING", help="Encoding of CSV files."),
) -> int:
    """Fit a generator many times, with and without single people, and say what its releases give away.

    Example: synthprivacy audit --generator copula --original train.csv --control holdout.csv --budget 30m --jobs 2
    --resume audit --json audit.json
    """
    from synthprivacy.auditing.budget import seconds_of
    from synthprivacy.auditing.preparing import prepare
    from synthprivacy.auditing.running import Settings, run_audit
    from synthprivacy.auditing.training_checks import check_training
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.generators import named
    from synthprivacy.schemata import infer
    from synthprivacy.tables.read import load

    json_path = None if json_file in {None, "-"} else Path(str(json_file))
    require_outputs((json_path, records), (original, control))
    settings = Settings(
        fits=fits,
        budget=None if budget is None else seconds_of(budget),
        rows=rows,
        canaries=canaries,
        canary_kind=canary_kind.value,
        contributor=contributor,
        promise=promise,
        jobs=jobs,
    )
    made = named(generator)
    frame = load(original, label="original", encoding=encoding)
    others = None if control is None else load(control, label="control", encoding=encoding)
    schema = infer(frame, unit=unit, secrets=secret)
    if contributor:
        _warn(check_training(frame, schema))
    prepared = prepare(frame, others, schema, targets=targets, seed=seed)
    with progress_bar(left=False) as progress:
        found = run_audit(prepared, made, settings, folder=resume, progress=progress, announce=say)
    return _finish(found, prepared, json_file=json_file, records=records)


def _warn(check: TrainingCheck) -> None:
    """Say what in the training table looks as if it had been crafted, without saying which rows."""
    if check.clean:
        say("the original holds no groups of rows that look crafted for somebody")
        return
    facts = check.to_dict()
    columns = ", ".join(f"{count} rows contradict each other in {name}" for name, count in facts["conflicts"].items())
    parts = [f"near copies: {facts['near_copies']} rows", *([columns] if columns else [])]
    say(f"look at the original before training, rows may have been crafted for somebody ({'; '.join(parts)})")


def _finish(found: Audit, prepared: Prepared, *, json_file: str | None, records: Path | None) -> int:
    """Write and print what was found; finding something is no failure of the audit: `gate` decides, this tells."""
    from synthprivacy.auditing.records import write_records
    from synthprivacy.auditing.telling import told
    from synthprivacy.results.files import write_text

    text = json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if json_file is not None and json_file != "-":
        write_text(json_file, text)
    if records is not None:
        write_records(records, found.membership, prepared.rows[prepared.targets.rows])
        say("--records are personal data: what is known of which person; keep them in the secure room")
    if json_file == "-":
        typer.echo(text.encode(), nl=False)
    (say if json_file == "-" else tell)(told(found))
    last_line(0, f"audited with {found.fits} fits; {'a leak was found' if found.leaks else 'no leak was found'}")
    return 0
