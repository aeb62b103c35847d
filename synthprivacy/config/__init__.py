"""synthprivacy.toml: tables, columns, plan and policy as frozen values that check themselves."""

from synthprivacy.config.nameable import require_nameable
from synthprivacy.config.plan import (
    COPIES,
    EASY,
    GUESSED,
    METHODS,
    MOST_PRIMARY,
    THREATS,
    THREATS_ON_REQUEST,
    PlanSettings,
)
from synthprivacy.config.policy import Policy, Rule, policy_of_limit
from synthprivacy.config.profiles import NAMES as PROFILES
from synthprivacy.config.profiles import Profile, profile
from synthprivacy.config.releases import ReleaseLimits
from synthprivacy.config.starter import starter
from synthprivacy.config.toml import Config, TableSources, load, parse, parse_policy
from synthprivacy.config.waivers import Waiver

__all__ = [
    "COPIES",
    "EASY",
    "GUESSED",
    "METHODS",
    "MOST_PRIMARY",
    "PROFILES",
    "THREATS",
    "THREATS_ON_REQUEST",
    "Config",
    "PlanSettings",
    "Policy",
    "Profile",
    "ReleaseLimits",
    "Rule",
    "TableSources",
    "Waiver",
    "load",
    "parse",
    "parse_policy",
    "policy_of_limit",
    "profile",
    "require_nameable",
    "starter",
]
