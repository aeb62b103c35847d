"""Which policy an evaluation is held against: the one given, else its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthprivacy.config import Policy, parse_policy, policy_of_limit
from synthprivacy.config import profile as shipped
from synthprivacy.errors import ConfigError
from synthprivacy.results import Evaluation


def policy_for(
    evaluation: Evaluation,
    *,
    limit: float | None = None,
    policy: Policy | Mapping[str, Any] | None = None,
    profile: str | None = None,
) -> Policy:
    """Return the policy of one limit, the policy given, that of a profile, or the one kept in the evaluation.

    Raises
    ------
    ConfigError
        If there is none, or more than one.
    """
    if (limit is not None) + (policy is not None) + (profile is not None) > 1:
        msg = "limit and policy must not both be given, nor either with a profile; put the limit into the policy, or drop one"
        raise ConfigError(msg)
    if limit is not None:
        return policy_of_limit(limit)
    if profile is not None:
        return shipped(profile).policy
    if isinstance(policy, Policy):
        return policy
    chosen = policy if policy is not None else evaluation.plan.get("policy")
    if chosen is None:
        msg = "a gate needs a policy; pass limit=0.05, or policy="
        raise ConfigError(msg)
    return parse_policy(chosen)
