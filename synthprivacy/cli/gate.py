"""`synthprivacy gate`: may it go?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from synthprivacy.cli.console import last_line, say, tell

if TYPE_CHECKING:
    from synthprivacy.gating import Verdict


class FailOn(StrEnum):
    """Which unmet rules fail the gate."""

    error = "error"
    warn = "warn"


def gate(
    evaluation: Path = typer.Argument(help="What `evaluate --json` wrote."),
    policy: Path | None = typer.Option(None, help="A TOML file with a [policy] table."),
    limit: float | None = typer.Option(None, help="The policy of one rule: primary.upper at most this."),
    junit: Path | None = typer.Option(None, help="Write a JUnit XML file, a test case per rule and endpoint."),
    md: Path | None = typer.Option(None, help="Write a Markdown summary."),
    fail_on: FailOn = typer.Option(FailOn.error, help="Whether unmet warnings fail too."),
    exit_zero: bool = typer.Option(False, "--exit-zero", help="Report only: always exit 0."),
) -> int:
    """Decide from an evaluation: exit 0 passed, 1 failed, 3 inconclusive.

    Example: synthprivacy gate evaluation.json --limit 0.05 --junit gate.xml
    """
    from synthprivacy.api import gate as decided
    from synthprivacy.cli.outputs import require_outputs
    from synthprivacy.config import load
    from synthprivacy.errors import ConfigError
    from synthprivacy.results import Evaluation

    require_outputs((junit, md), (evaluation, policy))
    chosen = None if policy is None else load(policy).policy
    if policy is not None and chosen is None:
        raise ConfigError(f"{policy.name} must have a [policy] table; write [[policy.rule]], or pass --limit")
    verdict = decided(Evaluation.from_json(evaluation), limit=limit, policy=chosen)
    _write(verdict, junit, md)
    return announce(verdict, fail_on="warn" if fail_on is FailOn.warn else "error", exit_zero=exit_zero)


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


def _write(verdict: Verdict, junit: Path | None, md: Path | None) -> None:
    from synthprivacy.gating import to_junit, to_markdown
    from synthprivacy.results.files import write_text

    if junit is not None:
        write_text(junit, to_junit(verdict))
    if md is not None:
        write_text(md, to_markdown(verdict))
