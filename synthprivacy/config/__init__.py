"""synthprivacy.toml: tables, columns, plan and policy as frozen values that check themselves."""

from synthprivacy.config.plan import EASY, GUESSED, METHODS, MOST_PRIMARY, THREATS, THREATS_ON_REQUEST, PlanSettings
from synthprivacy.config.policy import Policy, Rule, policy_of_limit
from synthprivacy.config.starter import starter
from synthprivacy.config.toml import Config, TableSources, load, parse, parse_policy

__all__ = [
    "EASY",
    "GUESSED",
    "METHODS",
    "MOST_PRIMARY",
    "THREATS",
    "THREATS_ON_REQUEST",
    "Config",
    "PlanSettings",
    "Policy",
    "Rule",
    "TableSources",
    "load",
    "parse",
    "parse_policy",
    "policy_of_limit",
    "starter",
]
