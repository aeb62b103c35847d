"""A pass is worth no more than the smallest leak the run would have noticed."""

from __future__ import annotations

from collections.abc import Sequence

from synthprivacy.config import Policy, Rule
from synthprivacy.gating.bounds import finite, number
from synthprivacy.gating.policy import leveled, unread
from synthprivacy.gating.verdict import Finding
from synthprivacy.results import Floor, Release

FLOOR = "detection floor"
"""The smallest number of published people that a primary endpoint would have noticed."""
LIMITED = frozenset({"primary", "copies", "risk"})
"""Subjects of rules that promise a leak below their limit."""


def on_floor(release: Release, policy: Policy, findings: Sequence[Finding]) -> list[Finding]:
    """Return a finding for each rule about risks: would a leak of the size of its limit have been noticed?

    A bound under the limit is no promise where the attacks tell published people from nobody: copies of common records
    drown. The limit is read as a share of the training people, whatever number the rule bounds (an excess is at most the
    share published), and one of ``copies.upper`` from 1 on as a number of people. A release that fails already is not
    asked: its leak was noticed.
    """
    if any(finding.status == "fail" for finding in findings):
        return []
    return [_finding(rule, release.floor) for rule in policy.rules if rule.subject in LIMITED]


def _finding(rule: Rule, floor: Floor | None) -> Finding:
    if floor is None or not finite(floor.of) or floor.of < 1:
        return unread(rule, FLOOR, "the smallest leak this run would have noticed was not measured; evaluate again")
    limit = 0.0 if rule.max is None else rule.max
    share = limit < 1.0
    allowed = limit * floor.of if share else limit
    if floor.people is None:
        sentence = (
            f"this run would not have noticed a leak of all {floor.of:,} people, more than the limit of {allowed:,.0f}"
        )
        return leveled(rule, Finding(str(rule), FLOOR, None, limit, "inconclusive", sentence))
    people = number(floor.people, at_least=False)
    if not finite(people):
        return unread(rule, FLOOR, "has no finite number of people")
    bound = people / floor.of if share else people
    if bound > limit:
        unseen = people - 1.0
        sentence = (
            f"this run would not have noticed a leak of {unseen:,.0f} people, more than the limit of {allowed:,.0f}"
        )
        return leveled(rule, Finding(str(rule), FLOOR, bound, limit, "inconclusive", sentence))
    sentence = f"a leak of {people:,.0f} people would have been noticed, within the limit of {allowed:,.0f}"
    return Finding(str(rule), FLOOR, bound, limit, "pass", sentence)
