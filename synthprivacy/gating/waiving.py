"""Waivers of the policy: what was missed and why somebody let it go is told, and the verdict is a warning at best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from synthprivacy.config import Policy, Waiver
from synthprivacy.gating.verdict import Finding, ReleaseVerdict


def waived(verdict: ReleaseVerdict, policy: Policy, today: date | None = None) -> ReleaseVerdict:
    """Return the verdict with every unmet rule that a waiver names as a warning that says so.

    Only rules of the policy can be waived. What must hold before any rule is applied (a comparator that can pass, checks
    without which nothing was judged, attacks that were tested) is no rule, and stays as it is. An expired waiver is void.

    Parameters
    ----------
    verdict : ReleaseVerdict
    policy : Policy
    today : date, optional
        By the clock, in UTC. The clock and not `SOURCE_DATE_EPOCH`: a build of an old state must not revive a waiver.
    """
    if not policy.waivers:
        return verdict
    now = datetime.now(UTC).date() if today is None else today
    findings = tuple(_waived(finding, policy, now) for finding in verdict.findings)
    return replace(verdict, findings=findings, notes=(*verdict.notes, *_notes(verdict, policy, now)))


def _waived(finding: Finding, policy: Policy, today: date) -> Finding:
    if finding.status not in {"fail", "inconclusive"}:
        return finding
    for waiver in policy.waivers:
        if today <= waiver.expires and _is_about(waiver, finding, policy):
            words = f"waived until {waiver.expires} by {waiver.owner} ({waiver.reason}), {finding.status}: {finding.sentence}"
            return replace(finding, status="warn", sentence=words)
    return finding


def _notes(verdict: ReleaseVerdict, policy: Policy, today: date) -> Iterator[str]:
    for waiver in policy.waivers:
        of = f"{waiver.of} {waiver.endpoint}".strip()
        if today > waiver.expires:
            yield f"the waiver of {of} by {waiver.owner} expired on {waiver.expires} and is void"
        elif not any(
            _is_about(waiver, finding, policy) and finding.status in {"fail", "inconclusive"}
            for finding in verdict.findings
        ):
            yield f"the waiver of {of} by {waiver.owner} was not needed"


def _is_about(waiver: Waiver, finding: Finding, policy: Policy) -> bool:
    rules = {str(rule) for rule in policy.rules if rule.of == waiver.of}
    return finding.rule in rules and waiver.endpoint in {"", finding.endpoint}
