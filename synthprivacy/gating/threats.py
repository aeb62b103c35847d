"""A policy may say which threats must have been looked at: nothing passes on the one attack that finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

from synthprivacy.config import Policy
from synthprivacy.gating.verdict import Finding

LOOKED_AT = "every threat of the policy"
"""What must hold of the primary endpoints."""


def missing_threats(policy: Policy, primary: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for each threat of the policy that no primary endpoint is about."""
    for threat in policy.threats:
        if not any(endpoint.partition(".")[0] == threat for endpoint in primary):
            sentence = "no primary endpoint is about it; name one under plan.primary and evaluate again"
            yield Finding(LOOKED_AT, threat, None, None, "inconclusive", sentence)
