"""What a release must satisfy: rules, each a bound on one number of the evaluation."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal

from synthprivacy.config.names import nearest, shown
from synthprivacy.config.plan import THREATS, THREATS_ON_REQUEST, UTILITY, UTILITY_ON_REQUEST
from synthprivacy.config.releases import ReleaseLimits
from synthprivacy.config.vocabulary import is_score
from synthprivacy.config.waivers import Waiver
from synthprivacy.errors import ConfigError

BOUNDS = (".excess.upper", ".upper", ".value")
"""Numbers of an endpoint that a rule may bound."""
GRAMMAR = (
    "ENDPOINT.upper, ENDPOINT.value, ENDPOINT.excess.upper, primary.upper, copies.upper, checks.NAME or FAMILY.METRIC"
)
RISKS = (*THREATS, *THREATS_ON_REQUEST)
"""First words of what bounds a risk."""
FAMILIES = (*UTILITY, *UTILITY_ON_REQUEST, "battery")
"""First words of what bounds a score."""
MISTYPED = 0.8
"""Likeness (`difflib`) from which an unknown first word of ``….upper`` is taken for a mistyped attack."""

Subject = Literal["primary", "copies", "check", "risk", "score"]
Level = Literal["error", "warn"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of an evaluation and its limit.

    `of` is ``primary.upper``, ``copies.upper``, ``checks.NAME``, ``ENDPOINT.value|upper|excess.upper``, or
    ``FAMILY.METRIC`` for a score: whatever does not begin with the name of an attack. Risks are bounded from above by
    `max`; a score by `min` where higher is better; a check takes no number, it must be ok.

    Raises
    ------
    ConfigError
        If `of` is not of this form, or a limit is missing, superfluous or out of range.
    """

    of: str
    max: float | None = None
    """Within (0, 1) for a risk. For ``copies.upper`` a share of the people below 1, a number of people from 1 on."""
    min: float | None = None
    level: Level = "error"
    """Whether missing the limit blocks the release or only warns."""

    def __post_init__(self) -> None:
        """Check the form and the limits."""
        limits = [limit for limit in (self.min, self.max) if limit is not None]
        below = math.inf if self.subject == "copies" else 1.0
        match self.subject:
            case "check":
                wrong, wanted = (
                    bool(self.min or self.max),
                    "takes no limit, the check must be ok; leave max and min out",
                )
            case "score":
                wrong = not limits
                wanted = "needs a limit; write min where higher is better, max where lower is better"
            case "primary" | "risk" | "copies":
                wrong = self.min is not None or self.max is None or not 0.0 < self.max < below
                wanted = f"needs a max above 0 and below {below:g}, and no min; write for example max = 0.05"
        if wrong or not all(map(math.isfinite, limits)):
            msg = f"the rule on {shown(self.of)} {wanted}"
            raise ConfigError(msg)

    @property
    def subject(self) -> Subject:
        """What kind of number is bounded."""
        attack, _, rest = self.of.partition(".")
        if self.of == "primary.upper":
            return "primary"
        if self.of == "copies.upper":
            return "copies"
        if attack == "checks" and rest:
            return "check"
        if attack in RISKS and self.bound and self.endpoint != attack:
            return "risk"
        if attack in RISKS and is_score(self.of, None):
            return "score"  # of how memorised a release looks, which is no attack
        mistyped = self.bound and get_close_matches(attack, RISKS, 1, MISTYPED)
        if not attack or not rest or mistyped or attack in {*RISKS, "primary", "copies"}:
            msg = f"the rule on {shown(self.of)} bounds nothing{nearest(attack, RISKS)}; write {GRAMMAR}"
            raise ConfigError(msg)
        if attack not in FAMILIES:
            hint = nearest(attack, (*FAMILIES, *RISKS, "checks"))
            msg = f"the rule on {shown(self.of)} is of no family of scores{hint}; name one of {', '.join(FAMILIES)}"
            raise ConfigError(msg)
        return "score"

    @property
    def bound(self) -> str:
        """Which number of an endpoint is meant: the end of `of`, empty if it is none of them."""
        return next((bound for bound in BOUNDS if self.of.endswith(bound)), "")

    @property
    def endpoint(self) -> str:
        """The endpoint of a rule on a risk: `of` without its end."""
        return self.of.removesuffix(self.bound)

    def __str__(self) -> str:
        limits = [f"{sign} {limit:g}" for sign, limit in (("≥", self.min), ("≤", self.max)) if limit is not None]
        return f"{self.of} {'ok' if self.subject == 'check' else ' and '.join(limits)}"


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules that must all hold.

    Raises
    ------
    ConfigError
        If there is none: a policy without rules would let everything pass. If a waiver is of no rule, or a threat is
        unknown.
    """

    rules: tuple[Rule, ...]
    waivers: tuple[Waiver, ...] = ()
    ledger: ReleaseLimits | None = None
    """Limits on all releases together, where there is a ledger; None = the defaults."""
    threats: tuple[str, ...] = ()
    """Threats that at least one primary endpoint must be about."""
    recipient: str = ""
    """Who receives the release."""
    profile: str = ""
    """The profile the policy came from."""

    def __post_init__(self) -> None:
        """Refuse the empty policy, and words in it that mean nothing."""
        if not self.rules:
            msg = 'policy must have at least one rule; write [[policy.rule]], of = "primary.upper", max = 0.05'
            raise ConfigError(msg)
        ruled = tuple(rule.of for rule in self.rules)
        for setting, names, known in (
            ("policy.waiver", [waiver.of for waiver in self.waivers], ruled),
            ("policy.threats", self.threats, RISKS),
        ):
            for name in names:
                if name not in known:
                    msg = f"{setting} knows no {shown(name)}{nearest(name, known)}; name one of {', '.join(map(shown, known))}"
                    raise ConfigError(msg)

    def to_dict(self) -> dict[str, Any]:
        """Return the policy as strict JSON, in the form of the file: what an evaluation's plan keeps."""
        rules = [asdict(rule) for rule in self.rules]
        given = {
            "waiver": [waiver.to_dict() for waiver in self.waivers],
            "ledger": {} if self.ledger is None else self.ledger.to_dict(),
            "threats": list(self.threats),
            "recipient": self.recipient,
            "profile": self.profile,
        }
        return {"rule": [{key: value for key, value in rule.items() if value is not None} for rule in rules]} | {
            key: value for key, value in given.items() if value
        }


def policy_of_limit(limit: float) -> Policy:
    """Return the policy that bounds every primary endpoint by `limit`.

    Raises
    ------
    ConfigError
        If the limit is not within (0, 1).
    """
    if not 0.0 < limit < 1.0:
        msg = f"limit must lie strictly between 0 and 1, where 0 is no leak and 1 is total: {limit}; a common choice is 0.05"
        raise ConfigError(msg)
    return Policy((Rule("primary.upper", max=limit),))
