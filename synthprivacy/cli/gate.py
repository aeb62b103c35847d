"""`synthprivacy gate`: may it go?"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from synthprivacy.cli.console import last_line, say, tell

if TYPE_CHECKING:
    from synthprivacy.config import Policy
    from synthprivacy.gating import Verdict
    from synthprivacy.results import Evaluation


class FailOn(StrEnum):
    """Which unmet rules fail the gate."""

    error = "error"
    warn = "warn"


def gate(
    evaluation: Path = typer.Argument(help="What `evaluate --json` wrote."),
    policy: Path | None = typer.Option(None, help="A TOML file with a [policy] table."),
    limit: float | None = typer.Option(None, help="The policy of one rule: primary.upper at most this."),
    profile: str | None = typer.Option(
        None, help="A shipped policy; `synthprivacy limits` tells where they come from."
    ),
    epsilon: float | None = typer.Option(None, help="With --profile dp-claim: what the generator claims."),
    ledger: Path | None = typer.Option(None, help="Judge with a memory: spend alpha by candidates, add up releases."),
    json_file: str | None = typer.Option(None, "--json", help="Write the verdict as JSON; - for stdout."),
    junit: Path | None = typer.Option(None, help="Write a JUnit XML file, a test case per rule and endpoint."),
    md: Path | None = typer.Option(None, help="Write a Markdown summary."),
    card: Path | None = typer.Option(None, help="Write a Markdown section for a data card; it may be published."),
    attest: Path | None = typer.Option(None, help="Write an unsigned in-toto statement about --synthetic."),
    synthetic: list[str] = typer.Option([], help="With --attest: NAME=FILE, the table that was judged."),
    github: bool = typer.Option(
        False, "--github", help="Annotations and a job summary, as where GITHUB_ACTIONS is set."
    ),
    fail_on: FailOn = typer.Option(FailOn.error, help="Whether unmet warnings fail too."),
    exit_zero: bool = typer.Option(False, "--exit-zero", help="Report only: always exit 0."),
) -> int:
    """Decide from an evaluation: exit 0 passed, 1 failed, 3 inconclusive.

    Example: synthprivacy gate evaluation.json --limit 0.05 --junit gate.xml
    """
    from synthprivacy.api import gate as decided
    from synthprivacy.cli.attested import attest as attested
    from synthprivacy.cli.attested import subjects
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.cli.remembering import judged
    from synthprivacy.gating import to_json
    from synthprivacy.gating.choosing import policy_for
    from synthprivacy.results import Evaluation

    to_stdout, json_path = json_file == "-", None if json_file in {None, "-"} else Path(str(json_file))
    require_outputs(
        (json_path, junit, md, card, attest),
        (evaluation, policy, ledger, *(one.rpartition("=")[2] for one in synthetic)),
    )
    chosen = _chosen(policy, profile, epsilon)
    found = Evaluation.from_json(evaluation)
    files = [] if attest is None else subjects(found, synthetic)
    if ledger is None:
        verdict, written = decided(found, limit=limit, policy=chosen), ""
    else:
        verdict, written = judged(ledger, found, policy_for(found, limit=limit, policy=chosen))
    _write(verdict, found, json_path=json_path, junit=junit, md=md, card=card)
    if attest is not None:
        attested(attest, verdict, found, files)
    if to_stdout:
        typer.echo(to_json(verdict).encode(), nl=False)
    if github or os.environ.get("GITHUB_ACTIONS") == "true":
        _on_github(verdict, to_stderr=to_stdout)
    if written:
        say(written)
    warned: Literal["error", "warn"] = "warn" if fail_on is FailOn.warn else "error"
    return announce(verdict, fail_on=warned, exit_zero=exit_zero, to_stderr=to_stdout)


def announce(
    verdict: Verdict, *, fail_on: Literal["error", "warn"] = "error", exit_zero: bool = False, to_stderr: bool = False
) -> int:
    """Print a verdict and return its exit code."""
    from synthprivacy.gating import exit_code, to_text

    (say if to_stderr else tell)(to_text(verdict))
    code = exit_code(verdict, fail_on=fail_on, exit_zero=exit_zero)
    reason = verdict.reasons[0] if verdict.reasons else "every rule holds"
    last_line(code, f"{verdict.decision}: {reason}")
    return code


def _chosen(file: Path | None, name: str | None, epsilon: float | None) -> Policy | None:
    """Return the policy of a file or of a profile; None where neither is named."""
    from synthprivacy.config import load, profile
    from synthprivacy.errors import ConfigError

    if (name is not None and file is not None) or (name is None and epsilon is not None):
        msg = "--profile and --policy must not both be given, and --epsilon goes with --profile; drop one"
        raise ConfigError(msg)
    if name is not None:
        return profile(name, epsilon=epsilon).policy
    chosen = None if file is None else load(file).policy
    if file is not None and chosen is None:
        raise ConfigError(f"{file.name} must have a [policy] table; write [[policy.rule]], or pass --limit")
    return chosen


def _write(
    verdict: Verdict,
    evaluation: Evaluation,
    *,
    json_path: Path | None,
    junit: Path | None,
    md: Path | None,
    card: Path | None,
) -> None:
    from synthprivacy.gating import to_json, to_junit, to_markdown
    from synthprivacy.gating.card import to_card
    from synthprivacy.results.files import write_text

    for path, form in ((json_path, to_json), (junit, to_junit), (md, to_markdown)):
        if path is not None:
            write_text(path, form(verdict))
    if card is not None:
        write_text(card, to_card(verdict, evaluation))


def _on_github(verdict: Verdict, *, to_stderr: bool) -> None:
    """Print annotations, which a runner reads on either stream, and add to the summary of the job where there is one."""
    from synthprivacy.gating import to_markdown
    from synthprivacy.gating.github import to_annotations

    for line in to_annotations(verdict):
        (say if to_stderr else tell)(line)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(to_markdown(verdict))
