"""The verbs."""

from __future__ import annotations

import typer

from synthprivacy.cli import (
    audit,
    crosscheck,
    demo,
    evaluate,
    explain,
    gate,
    init,
    ledger,
    limits,
    report,
    selftest,
    split,
    verify,
)
from synthprivacy.cli.console import say
from synthprivacy.errors import ConfigError

app = typer.Typer(
    name="synthprivacy",
    help="What a synthetic table gives away about real people, and whether it may be released.",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Print the help where no verb is named, which is an error: a script that lost its verb must notice."""
    if version:
        from synthprivacy import __version__

        typer.echo(f"synthprivacy {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help())
        msg = "a verb is needed, such as `synthprivacy demo`"
        raise ConfigError(msg)


for verb, short in (
    (demo.demo, "See it at work on three releases whose leak is known."),
    (split.split, "Hold people out, before training."),
    (init.init, "Print a synthprivacy.toml to start from."),
    (evaluate.evaluate, "Attack releases and write what was found."),
    (gate.gate, "Decide: exit 0 passed, 1 failed, 3 inconclusive."),
    (verify.verify, "Is this the file that the gate let pass?"),
    (ledger.ledger, "What was judged and released, and what it adds up to."),
    (limits.limits, "What a limit means in people, and whether a control can decide it."),
    (report.report, "Write one HTML page from evaluations."),
    (explain.explain, "Why a release has its risk, and what to change."),
    (audit.audit, "Fit a generator many times: what a run of it gives away."),
    (crosscheck.crosscheck, "What anonymeter and SDMetrics say of the same people, and why it differs."),
    (selftest.selftest, "Does the evaluator tell the truth? Releases whose leak is known."),
):
    app.command(short_help=short)(verb)
