"""Rules about the risks and the headline of one release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from synthprivacy.config import Policy, Rule
from synthprivacy.gating.bounds import Bound, bound_of, bound_of_copies, decided, settling
from synthprivacy.gating.policy import leveled, unread
from synthprivacy.gating.secondary import alarms
from synthprivacy.gating.verdict import Decision, Finding
from synthprivacy.results import Release, Risk

COPIES = "copies"
"""The headline, among the primary endpoints or bounded by a rule of its own."""


@dataclass(frozen=True, slots=True)
class Question:
    """One rule put to one risk."""

    rule: Rule
    risk: Risk
    standing: Literal["primary", "named", "secondary"]
    """A primary endpoint; one that a rule or the plan names; one that only ``primary.upper`` reaches, which it can fail alone."""

    @property
    def form(self) -> str:
        """Which number of the risk is meant, as `bound_of` wants it."""
        return self.rule.bound if self.rule.subject == "risk" else ""

    @property
    def limit(self) -> float:
        """The most the number may be; a rule about risks always has one."""
        return 0.0 if self.rule.max is None else self.rule.max


def on_risks(release: Release, policy: Policy, primary: tuple[str, ...], strata: tuple[str, ...] = ()) -> list[Finding]:
    """Return a finding for each rule about risks or copies and each endpoint it reaches.

    Primary endpoints are decided on their bounds. Of the others, those above their limit by Holm's correction over
    all of them fail; short of that, one that a rule names must still keep its limit to pass, as must the strata of primary
    endpoints that the plan named, and one that neither names is no obstacle.
    """
    questions = [question for rule in policy.rules for question in _questions(rule, release, policy, primary, strata)]
    tested = [question for question in questions if question.standing != "primary" and _readable(question)]
    found = alarms([(question.risk, question.form, question.limit) for question in tested])
    alarmed = [question for question, alarm in zip(tested, found) if alarm]
    findings = [_answer(question, alarm=any(question is other for other in alarmed)) for question in questions]
    for rule in policy.rules:
        if rule.subject == "copies" or (rule.subject == "primary" and COPIES in primary):
            findings.append(on_copies(rule, release))
        elif rule.subject == "risk" and not any(risk.endpoint == rule.endpoint for risk in release.risks):
            reasons = [skipped.reason for skipped in release.skipped if skipped.endpoint == rule.endpoint]
            findings.append(unread(rule, rule.endpoint, reasons[0] if reasons else "is not among the endpoints"))
    return findings


def on_copies(rule: Rule, release: Release) -> Finding:
    """Return the finding of a rule about the headline; a limit below 1 is a share of the people, else a number."""
    limit = 0.0 if rule.max is None else rule.max
    bound = bound_of_copies(release.copies, share=limit < 1.0)
    if isinstance(bound, str):
        return unread(rule, COPIES, bound)
    status = decided(bound, limit)
    return leveled(rule, Finding(str(rule), COPIES, bound.bound, limit, status, _sentence(bound, limit, status)))


def _questions(
    rule: Rule, release: Release, policy: Policy, primary: tuple[str, ...], strata: tuple[str, ...]
) -> Iterator[Question]:
    named = {other.endpoint for other in policy.rules if other.subject == "risk"}
    for risk in release.risks:
        if rule.subject == "primary" and risk.endpoint in primary:
            yield Question(rule, risk, "primary")
        elif rule.subject == "primary" and risk.endpoint not in named:
            yield Question(rule, risk, "named" if risk.endpoint in strata else "secondary")
        elif rule.subject == "risk" and risk.endpoint == rule.endpoint:
            yield Question(rule, risk, "primary" if risk.endpoint in primary else "named")


def _readable(question: Question) -> bool:
    return not isinstance(bound_of(question.risk, question.form), str)


def _answer(question: Question, *, alarm: bool) -> Finding:
    rule, risk, limit = question.rule, question.risk, question.limit
    bound = bound_of(risk, question.form)
    if question.standing == "secondary" and not alarm:
        number = None if isinstance(bound, str) else bound.bound
        sentence = "not shown to be above the limit; an endpoint that is not primary can only fail"
        return Finding(str(rule), risk.endpoint, number, limit, "pass", sentence)
    if isinstance(bound, str):
        return unread(rule, risk.endpoint, bound)
    status = decided(bound, limit)
    if question.standing == "named" and status == "fail":
        status = "fail" if alarm else "inconclusive"
    sentence = _sentence(bound, limit, status)
    if status == "inconclusive":
        sentence = f"{sentence}; {settling(risk, limit)} should settle it"
    return leveled(rule, Finding(str(rule), risk.endpoint, bound.bound, limit, status, sentence))


def _sentence(bound: Bound, limit: float, status: Decision) -> str:
    if status == "pass":
        return f"{bound.form} at most {bound.bound:.4g}, within the limit of {limit:g}"
    if status == "fail":
        return f"{bound.form} at least {bound.lower:.4g}, above the limit of {limit:g}"
    return (
        f"{bound.form} between {bound.lower:.4g} and {bound.bound:.4g}, limit {limit:g}: neither kept nor shown broken"
    )
