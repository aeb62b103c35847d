"""`synthprivacy evaluate`: what an attacker could learn from each release."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synthprivacy.cli.console import last_line, progress_bar, say, tell

if TYPE_CHECKING:
    from synthprivacy.config import Config, Policy
    from synthprivacy.frames import Frames
    from synthprivacy.ledger.keeping import Trained
    from synthprivacy.results import Evaluation
    from synthprivacy.strata import Records
    from synthprivacy.tables.former import Former


def evaluate(
    config: Path | None = typer.Argument(None, help="A synthprivacy.toml; flags win over it."),
    original: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_ORIGINAL", help="The table the generator was trained on."
    ),
    control: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_CONTROL", help="People of the same kind whom the generator never saw."
    ),
    split: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_SPLIT", help="The split.json of original and control: what the releases prove."
    ),
    synthetic: list[str] = typer.Option([], help="A release: FILE or NAME=FILE; may be repeated."),
    ledger: Path | None = typer.Option(
        None, help="Attack the releases together with all tables that went out by it and are kept."
    ),
    accepted: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_ACCEPTED", help="The release accepted last: all others are held against it."
    ),
    unit: str | None = typer.Option(
        None, envvar="SYNTHPRIVACY_UNIT", help="Column that says which person a row belongs to."
    ),
    secret: list[str] = typer.Option([], help="A column an attacker may want to learn; may be repeated."),
    seed: int = typer.Option(0, min=0, envvar="SYNTHPRIVACY_SEED", help="Same tables and seed, same result."),
    jobs: int = typer.Option(1, min=1, envvar="SYNTHPRIVACY_JOBS", help="Threads; they change only the time."),
    json_file: str | None = typer.Option(None, "--json", help="Write the evaluation; - for stdout. Stays inside."),
    html: Path | None = typer.Option(None, help="Write the report (counts under ten withheld)."),
    metrics: Path | None = typer.Option(None, help="Write a flat JSON of numbers for experiment trackers."),
    limit: float | None = typer.Option(None, help="Decide: the upper bound of every primary endpoint at most this."),
    records: Path | None = typer.Option(
        None, help="Write what was found about each training person: personal data, readable by you alone."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Print the plan and stop before anyone is attacked."),
    encoding: str = typer.Option("utf-8", envvar="SYNTHPRIVACY_ENCODING", help="Encoding of CSV files."),
) -> int:
    """Attack the releases and write what was found; decides only where there is a policy.

    Example: synthprivacy evaluate --original train.csv --control holdout.csv --synthetic ctgan=ctgan.csv
    --json evaluation.json --html report.html
    """
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.cli.remembering import trained_before, went_out
    from synthprivacy.cli.sources import chosen, configured, frames_of
    from synthprivacy.config import policy_of_limit, require_nameable

    settings = configured(config)
    if accepted is not None:
        settings = replace(settings, plan=replace(settings.plan, accepted=accepted))
    policy = settings.policy if limit is None else policy_of_limit(limit)
    tables = chosen(settings, original=original, control=control, synthetic=synthetic, split=split)
    to_stdout, json_path = json_file == "-", None if json_file in {None, "-"} else Path(str(json_file))
    before = {} if ledger is None else went_out(ledger, tables.synthetic.values())
    trained = None if ledger is None else trained_before(ledger)
    outputs = (json_path, _timings(json_path), html, metrics, records)
    require_outputs(
        outputs, (config, ledger, *tables.files, *before.values(), None if trained is None else trained.path)
    )
    frames = frames_of(tables, settings, unit=unit, secrets=secret, encoding=encoding, earlier=before)
    if before:
        settings = replace(settings, plan=replace(settings.plan, together=True))
    if policy is not None:
        require_nameable(policy, frames.schema.names)
    if frames.control is None:
        _say_what_is_lost(settings)
    if dry_run:
        return _plan(frames, settings, policy)
    from synthprivacy.evaluation import evaluate_frames

    if records is not None:
        _require_names(frames, records)
    kept: list[Records] = []
    keep = None if records is None else kept.append
    former = None if trained is None else _former(trained, encoding)
    with progress_bar() as progress:
        evaluation = evaluate_frames(
            frames,
            settings=settings.plan,
            policy=policy,
            seed=seed,
            jobs=jobs,
            progress=progress,
            keep=keep,
            former=former,
        )
    _write(evaluation, json_path, html, metrics)
    if records is not None:
        _write_records(kept, records)
    if to_stdout:
        typer.echo(evaluation.dumps().encode(), nl=False)
    (say if to_stdout else tell)(repr(evaluation))
    return _conclude(evaluation, policy, to_stdout=to_stdout, json_file=json_file)


def _say_what_is_lost(settings: Config) -> None:
    """Say what can be told without a control."""
    others = settings.plan.comparator == "crossfitted"
    what = "risks are held against other training people" if others else "every risk is a raw rate"
    say(f"no control: {what}, and no gate can pass it; `synthprivacy split` makes one")


def _former(trained: Trained, encoding: str) -> Former:
    from synthprivacy.tables.former import Former
    from synthprivacy.tables.read import load

    return Former(load(trained.path, label="original of before", encoding=encoding), trained.name)


def _plan(frames: Frames, settings: Config, policy: Policy | None) -> int:
    from synthprivacy.evaluation import limit_of, plan_of

    tell(repr(plan_of(frames, settings.plan, limit=limit_of(policy))))
    last_line(0, "planned; nobody was attacked, nothing was written")
    return 0


def _conclude(evaluation: Evaluation, policy: Policy | None, *, to_stdout: bool, json_file: str | None) -> int:
    """Decide where there is a policy, else say what to do next; return the exit code."""
    if policy is not None:
        from synthprivacy.cli.gate import announce
        from synthprivacy.gating import decide
        from synthprivacy.results import Evaluation

        written = Evaluation.from_dict(evaluation.to_dict())  # decided to the digit as `gate` does from the file
        return announce(decide(written, policy), to_stderr=to_stdout)
    count = sum(len(release.skipped) for release in evaluation.releases)
    skipped = f"; {count} {'endpoint was' if count == 1 else 'endpoints were'} skipped" if count else ""
    file = "evaluation.json" if json_file in {None, "-"} else json_file
    kept = "" if json_file else f"; nothing is kept without --json {file}"
    last_line(0, f"evaluated{skipped}{kept}; to decide: synthprivacy gate {file} --limit 0.05")
    return 0


def _write(evaluation: Evaluation, json_path: Path | None, html: Path | None, metrics: Path | None) -> None:
    from synthprivacy.results.files import write_text

    if json_path is not None and (sidecar := _timings(json_path)) is not None:
        evaluation.to_json(json_path)
        timings = {stage: round(seconds, 3) for stage, seconds in evaluation.timings.items()}
        write_text(sidecar, json.dumps(timings, indent=1) + "\n")
    if html is not None:
        from synthprivacy.api import report

        report(evaluation, html)
    if metrics is not None:
        write_text(metrics, json.dumps(evaluation.metrics(), indent=1, sort_keys=True, allow_nan=False) + "\n")


def _require_names(frames: Frames, records: Path) -> None:
    """Refuse, before anybody is attacked, releases whose names cannot be part of a file's name."""
    from synthprivacy.strata import path_of

    for name in frames.synthetic:
        path_of(records, name, several=len(frames.synthetic) + len(frames.earlier) > 1)


def _write_records(found: Sequence[Records], path: Path) -> None:
    """Write what was found about each person of each release, and say what that is."""
    from synthprivacy.strata import path_of

    for one in found:
        one.write(path_of(path, one.release, several=len(found) > 1))
    say("--records are personal data: who was found out by which attack; keep them in the secure room")


def _timings(json_path: Path | None) -> Path | None:
    """Return the sidecar of an evaluation: its JSON must be the same in every run, and times are not."""
    return json_path.with_name(f"{json_path.stem}.timings.json") if json_path is not None and json_path.name else None
