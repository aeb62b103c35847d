"""Rules about checks and scores, and what a rule's level makes of a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synthprivacy.config import Rule
from synthprivacy.config.names import nearest
from synthprivacy.errors import PolicyError
from synthprivacy.gating.bounds import Bound, decided, finite
from synthprivacy.gating.verdict import Decision, Finding
from synthprivacy.results import Check, Score

_CHECKS: tuple[tuple[str, Decision, str], ...] = (
    ("failed", "fail", "the check failed"),
    ("warn", "warn", "the check warns"),
    ("ok", "pass", "the check is ok"),
)
"""Status of a check, what it means for a rule, and in words; the worst first."""


def on_check(rule: Rule, checks: Sequence[Check]) -> Finding:
    """Return the finding of a rule that a check be ok: a warning warns, a failure fails, the worst of several counts.

    A check that did not run is inconclusive.
    """
    for found, status, words in _CHECKS:
        for check in checks:
            if rule.of == f"checks.{check.check}" and check.status == found:
                return leveled(rule, Finding(str(rule), rule.of, None, None, status, f"{words}: {check.detail}"))
    return unread(rule, rule.of, f"was not checked{nearest(rule.of, [f'checks.{check.check}' for check in checks])}")


def on_score(rule: Rule, scores: Sequence[Score]) -> Finding:
    """Return the finding of a rule about a score, by the end of its interval on the bad side.

    Raises
    ------
    PolicyError
        If the rule bounds the score only on the side on which it is good.
    """
    score = next((score for score in scores if f"{score.family}.{score.metric}" == rule.of), None)
    if score is None:
        known = [f"{score.family}.{score.metric}" for score in scores]
        return unread(rule, rule.of, f"is not among the scores{nearest(rule.of, known)}")
    side, limit = ("min", rule.min) if score.better == "higher" else ("max", rule.max)
    if limit is None:
        msg = f"the rule on {rule.of} must set {side}, because {score.better} is better; write {side} = …"
        raise PolicyError(msg)
    if score.reason is not None:
        return unread(rule, rule.of, f"is not defined: {score.reason}")
    low, high = (score.value, score.value) if score.interval is None else score.interval
    if not (finite(score.value) and finite(low) and finite(high)) or low is None or high is None:
        return unread(rule, rule.of, "has no finite value or interval")
    # With the sign turned round, "at least" is "at most".
    bound = Bound(high, low, "score") if side == "max" else Bound(-low, -high, "score")
    status = decided(bound, limit if side == "max" else -limit)
    sentence = f"score from {low:.4g} to {high:.4g}, wanted at {'most' if side == 'max' else 'least'} {limit:g}"
    return leveled(rule, Finding(str(rule), rule.of, high if side == "max" else low, limit, status, sentence))


def unread(rule: Rule, endpoint: str, reason: str) -> Finding:
    """Return the finding about a number that is not there."""
    return leveled(rule, Finding(str(rule), endpoint, None, rule.max, "inconclusive", reason))


def leveled(rule: Rule, finding: Finding) -> Finding:
    """Return the finding as the rule's level has it: what only warns does not block."""
    return replace(finding, status="warn") if rule.level == "warn" and finding.status != "pass" else finding
