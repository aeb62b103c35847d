"""What the gate says about an evaluation under the evaluation's own policy, in the words of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synthprivacy.config import parse_policy
from synthprivacy.gate.decide import decide
from synthprivacy.gate.verdict import SEVERITY, Finding, Verdict
from synthprivacy.report import amounts
from synthprivacy.report.names import prose, shown
from synthprivacy.report.words import DECISIONS, MEANINGS, NO_POLICY
from synthprivacy.results import Evaluation, Risk

MOST = 12
"""Reasons and needs spelt out; the gate's own output has all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The decision about one release, and what each endpoint was held against."""

    decision: str = ""
    """One of the gate's four; empty where nothing was decided."""
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    """By endpoint."""

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
class Reason:
    """One finding that is not a pass."""

    release: str
    subject: str
    """The endpoint, score or check it is about, else the rule."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a whole evaluation."""

    decision: str
    word: str
    meaning: str
    reasons: tuple[Reason, ...]
    needs: tuple[str, ...]
    more: int
    """Reasons left out."""
    standings: Mapping[str, Standing]
    """By name of the release."""

    def standing(self, release: str) -> Standing:
        """Return what was decided about a release."""
        return self.standings.get(release, Standing())


def judge(evaluation: Evaluation) -> Judgement:
    """Return the verdict under the evaluation's own policy.

    The public rendering is judged as it is printed: a verdict on withheld counts would tell them.
    """
    policy = evaluation.plan.get("policy")
    if not policy:
        return Judgement("", "No verdict", NO_POLICY, (), (), 0, {})
    verdict = decide(evaluation, parse_policy(policy))
    reasons = _reasons(verdict)
    return Judgement(
        decision=verdict.decision,
        word=DECISIONS[verdict.decision],
        meaning=MEANINGS[verdict.decision],
        reasons=reasons[:MOST],
        needs=tuple(prose(need) for need in verdict.needs[:MOST]),
        more=max(len(reasons) - MOST, 0),
        standings=_standings(verdict),
    )


def _reasons(verdict: Verdict) -> tuple[Reason, ...]:
    """Return the findings that are not a pass, the worst first."""
    told = [
        (finding.status, Reason(shown(release.name), shown(finding.endpoint or finding.rule), prose(finding.sentence)))
        for release in verdict.releases
        for finding in release.findings
        if finding.status != "pass"
    ]
    return tuple(reason for _, reason in sorted(told, key=lambda item: -SEVERITY.index(item[0])))


def _standings(verdict: Verdict) -> dict[str, Standing]:
    standings = {}
    for release in verdict.releases:
        findings: dict[str, tuple[Finding, ...]] = {}
        for finding in release.findings:
            findings[finding.endpoint] = (*findings.get(finding.endpoint, ()), finding)
        standings[release.name] = Standing(release.decision, findings)
    return standings


def _stands(finding: Finding) -> str:
    """Return how a number stands to its limit; a secondary endpoint that could not fail has not kept it either."""
    if finding.bound is not None and finding.limit is not None and finding.bound <= finding.limit:
        return "within limit"
    return "above limit" if finding.status == "fail" else "undecided, limit"
