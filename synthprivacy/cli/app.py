"""The verbs."""

from __future__ import annotations

import typer

from synthprivacy.cli import demo, evaluate, gate, init, report, split

app = typer.Typer(
    name="synthprivacy",
    help="What a synthetic table gives away about real people, and whether it may be released.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from synthprivacy import __version__

        typer.echo(f"synthprivacy {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Nothing is done before a verb is named."""


for verb, short in (
    (demo.demo, "See it find three leaks that are known."),
    (split.split, "Hold people out, before training."),
    (init.init, "Print a synthprivacy.toml to start from."),
    (evaluate.evaluate, "Attack releases and write what was found."),
    (gate.gate, "Decide: exit 0 passed, 1 failed, 3 inconclusive."),
    (report.report, "Write one HTML page from evaluations."),
):
    app.command(short_help=short)(verb)
