"""A verdict as plain text, for a terminal or a log."""

from __future__ import annotations

from synthprivacy.gating.verdict import SEVERITY, Finding, ReleaseVerdict, Verdict
from synthprivacy.gating.visible import visible


def to_text(verdict: Verdict) -> str:
    """Return the verdict as lines: each release, what is not a pass, what is needed, and the decision last."""
    lines = [line for release in verdict.releases for line in _release(release)]
    lines += [f"  {visible(reason)}" for reason in verdict.reasons if not verdict.releases]
    lines += [f"needs  {visible(need)}" for need in verdict.needs]
    lines += [f"note   {note}" for note in verdict.notes]
    return "\n".join([*lines, f"gate   {verdict.decision.upper()}"])


def _release(release: ReleaseVerdict) -> list[str]:
    passed = sum(finding.status == "pass" for finding in release.findings)
    told = sorted(release.findings, key=lambda finding: -SEVERITY.index(finding.status))
    lines = [
        f"{visible(release.name, 80)}: {release.decision.upper()} ({passed} of {len(release.findings)} findings pass)"
    ]
    return lines + [_finding(finding) for finding in told if finding.status != "pass"]


def _finding(finding: Finding) -> str:
    about = "" if finding.endpoint in {"", finding.rule} else f"{visible(finding.endpoint, 80)}: "
    return f"  {finding.status}  {about}{visible(finding.sentence)} [{visible(finding.rule)}]"
