"""A verdict where GitHub Actions shows it: annotations on the run.

References
----------
GitHub, Workflow commands for GitHub Actions: of each kind a step may show ten annotations.
"""

from __future__ import annotations

from synthprivacy.gating.verdict import SEVERITY, Decision, Verdict
from synthprivacy.gating.visible import visible

MOST = 10
"""Annotations of each kind."""
_KINDS: dict[Decision, str] = {"fail": "error", "inconclusive": "error", "warn": "warning"}


def to_annotations(verdict: Verdict) -> tuple[str, ...]:
    """Return one workflow command for each finding that is not a pass, the worst first; the last one counts the rest."""
    told = [
        (finding.status, release.name, finding)
        for release in verdict.releases
        for finding in release.findings
        if finding.status != "pass"
    ]
    told.sort(key=lambda item: -SEVERITY.index(item[0]))
    if not verdict.releases:
        return (_command("error", "privacy gate: inconclusive", verdict.reasons[0]),)
    lines: dict[str, list[str]] = {"error": [], "warning": []}
    for status, name, finding in told:
        about = f"{name}: {finding.endpoint or finding.rule}"
        lines[_KINDS[status]].append(
            _command(_KINDS[status], f"privacy gate: {status}", f"{about}: {finding.sentence}")
        )
    for kind, found in lines.items():
        if len(found) > MOST:
            found[MOST - 1 :] = [_command(kind, "privacy gate", f"{len(found) - MOST + 1} more; see the job summary")]
    return (*lines["error"], *lines["warning"])


def _command(kind: str, title: str, message: str) -> str:
    """Return a workflow command; what would end a property or the line is spelled as GitHub reads it back."""
    shown = visible(message)
    for character, spelled in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        shown, title = shown.replace(character, spelled), title.replace(character, spelled)
    return f"::{kind} title={title.replace(':', '%3A').replace(',', '%2C')}::{shown}"
