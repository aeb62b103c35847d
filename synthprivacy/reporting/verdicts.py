"""What the gate says about an evaluation under the evaluation's own policy, in the words of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synthprivacy.config import parse_policy
from synthprivacy.gating.decide import decide
from synthprivacy.gating.verdict import SEVERITY, Finding, ReleaseVerdict
from synthprivacy.reporting import amounts
from synthprivacy.reporting.names import prose, shown
from synthprivacy.reporting.words import DECISIONS, MEANINGS, NO_POLICY
from synthprivacy.results import Evaluation, Risk

MOST = 4
"""Reasons spelt out per release, and needs in all; the gate's own output has all."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding that is not a pass."""

    subject: str
    """The endpoint, score or check it is about, else the rule."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The decision about one release, and what each endpoint was held against."""

    decision: str = ""
    """One of the gate's four; empty where nothing was decided."""
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    """By endpoint."""
    reasons: tuple[Reason, ...] = ()
    more: int = 0
    """Reasons left out."""

    @property
    def word(self) -> str:
        """The decision as a word."""
        return DECISIONS.get(self.decision, amounts.NOTHING)

    def limit(self, risk: Risk) -> str:
        """Return the strictest limit of an endpoint and whether it is kept; nothing where there is none."""
        finding = self._strictest(risk)
        if finding is None or finding.limit is None:
            return ""
        text = f"{_stands(finding)} {amounts.limit(finding.limit)}"
        if finding.bound is None or finding.bound == risk.upper:
            return text
        return f"excess {amounts.percent(finding.bound, 2, 'up')} {text}"

    def drawn_limit(self, risk: Risk) -> float | None:
        """Return the limit where it is one on the endpoint's own scale, else nothing to draw."""
        finding = self._strictest(risk)
        return None if finding is None or finding.bound != risk.upper else finding.limit

    def _strictest(self, risk: Risk) -> Finding | None:
        limited = [finding for finding in self.findings.get(risk.endpoint, ()) if finding.limit is not None]
        return min(limited, key=lambda finding: finding.limit or 0.0, default=None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a whole evaluation."""

    decision: str
    word: str
    meaning: str
    needs: tuple[str, ...]
    """What would settle it."""
    standings: Mapping[str, Standing]
    """By name of the release."""
    absent: tuple[str, ...] = ()
    """Releases that should have been evaluated and were not."""

    def standing(self, release: str) -> Standing:
        """Return what was decided about a release."""
        return self.standings.get(release, Standing())


def judge(evaluation: Evaluation) -> Judgement:
    """Return the verdict under the evaluation's own policy.

    The public rendering is judged as it is printed: a verdict on withheld counts would tell them.
    """
    policy = evaluation.plan.get("policy")
    if not policy:
        return Judgement("", "No verdict", NO_POLICY, (), {})
    verdict = decide(evaluation, parse_policy(policy))
    present = {release.name for release in evaluation.releases}
    return Judgement(
        decision=verdict.decision,
        word=DECISIONS[verdict.decision],
        meaning=MEANINGS[verdict.decision],
        needs=tuple(prose(need) for need in verdict.needs[:MOST]),
        standings={release.name: _standing(release) for release in verdict.releases},
        absent=tuple(shown(release.name) for release in verdict.releases if release.name not in present),
    )


def _standing(release: ReleaseVerdict) -> Standing:
    findings: dict[str, tuple[Finding, ...]] = {}
    for finding in release.findings:
        findings[finding.endpoint] = (*findings.get(finding.endpoint, ()), finding)
    told = [finding for finding in release.findings if finding.status != "pass"]
    told.sort(key=lambda finding: -SEVERITY.index(finding.status))
    reasons = tuple(Reason(shown(finding.endpoint or finding.rule), prose(finding.sentence)) for finding in told[:MOST])
    return Standing(release.decision, findings, reasons, max(len(told) - MOST, 0))


def _stands(finding: Finding) -> str:
    """Return how a number stands to its limit; a secondary endpoint that could not fail has not kept it either."""
    if finding.bound is not None and finding.limit is not None and finding.bound <= finding.limit:
        return "within limit"
    return "above limit" if finding.status == "fail" else "undecided, limit"
