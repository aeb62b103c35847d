"""All releases together against their limits: each may pass alone, and the next one be one too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthprivacy.config import Policy, ReleaseLimits
from synthprivacy.gating import Decision, Finding
from synthprivacy.gating.bounds import Bound, decided
from synthprivacy.gating.counts import plural
from synthprivacy.ledger.chain import Entry
from synthprivacy.ledger.composing import basic
from synthprivacy.ledger.totals import RELEASED, Leak, Totals, of_kind, over, totals

TOGETHER = "all releases together"
"""What the findings are about."""


@dataclass(frozen=True, slots=True)
class OverAll:
    """What the ledger says of a candidate."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def on_all_releases(
    entries: Sequence[Entry], table: str, rows: int, leak: Sequence[float] | None, policy: Policy
) -> OverAll:
    """Return the findings about a candidate together with all that went out before it.

    Parameters
    ----------
    entries : sequence of Entry
        Of the ledger so far.
    table : str
        Digest of the candidate: a table that went out already is not counted again.
    rows : int
        Of the candidate.
    leak : (lower, upper) or None
        Of the candidate; None where it cannot be read, which its own verdict says.
    policy : Policy
    """
    before = totals(entries)
    again = any(body.get("table") == table for body in of_kind(entries, RELEASED))
    limits = policy.ledger or ReleaseLimits()
    findings = [*_on_counts(before, limits, 0 if again else rows)]
    if before.releases and not again:
        findings += _on_leak(before, None if leak is None else Leak(*leak), most_of(policy))
    findings += _on_claims(before, limits)
    notes = (
        [f"{plural(before.releases, 'other table')} went out before, {plural(before.rows, 'row')}"]
        if before.releases
        else []
    )
    return OverAll(tuple(findings), tuple(notes))


def most_of(policy: Policy) -> float | None:
    """Return the most that all releases together may give away; None where the policy bounds no risk."""
    if policy.ledger is not None and policy.ledger.leak is not None:
        return policy.ledger.leak
    bounded = [rule.max for rule in policy.rules if rule.subject in {"primary", "risk"} and rule.max is not None]
    return min(bounded, default=None)


def _on_leak(before: Totals, leak: Leak | None, most: float | None) -> Iterator[Finding]:
    if most is None:
        return
    rule = f"leak of all releases ≤ {most:g}"
    if before.leak is None or leak is None:
        yield Finding(rule, TOGETHER, None, most, "inconclusive", "the leak of one of them cannot be read; evaluate it")
        return
    summed = over((before.leak, leak))
    status = decided(Bound(summed.upper, summed.lower, "leak"), most)
    words = {
        "pass": f"at most {summed.upper:.4g} of the people, with those before",
        "fail": f"at least {summed.lower:.4g} of the people, with those before, unless they leak the same people again",
    }.get(status, f"between {summed.lower:.4g} and {summed.upper:.4g} of the people, with those before")
    yield Finding(rule, TOGETHER, summed.upper, most, status, words)


def _on_counts(before: Totals, limits: ReleaseLimits, rows: int) -> Iterator[Finding]:
    counts = (("rows", before.rows + rows, limits.rows), ("gate queries", before.queries + 1, limits.queries))
    for what, count, most in counts:
        if most is not None:
            status: Decision = "pass" if count <= most else "fail"
            yield Finding(f"{what} ≤ {most:,}", TOGETHER, count, most, status, f"{count:,} {what} in all")


def _on_claims(before: Totals, limits: ReleaseLimits) -> Iterator[Finding]:
    if limits.epsilon is None or not before.releases:
        return
    rule = f"sum of epsilon ≤ {limits.epsilon:g}"
    claims = [claim for claim in before.claims if claim is not None]
    if len(claims) < len(before.claims):
        missing = len(before.claims) - len(claims)
        words = f"{missing} of {len(before.claims)} tables went out without a claim"
        yield Finding(rule, TOGETHER, None, limits.epsilon, "inconclusive", words)
        return
    epsilon = basic(claims).epsilon
    status: Decision = "pass" if epsilon <= limits.epsilon else "fail"
    yield Finding(rule, TOGETHER, epsilon, limits.epsilon, status, f"{epsilon:.4g} was claimed in all")
