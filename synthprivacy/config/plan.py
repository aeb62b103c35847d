"""What is decided before anyone is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synthprivacy.config.names import nearest, repeated, shown
from synthprivacy.errors import ConfigError

THREATS = ("singling_out", "linkability", "inference", "membership", "memorization")
"""What the name of an endpoint begins with."""
THREATS_ON_REQUEST = ("reconstruction", "model_inversion")
"""The same of threats that cost more or know more: they run where `attacks` names them."""
GUESSED = ("inference", "reconstruction", "model_inversion")
"""Threats that are about a secret, which may be guessed anyway."""
EASY = 0.5
"""Success on the control from which a secret counts as easy: the excess a - c is bounded instead of the risk, which divides by
a small 1 - c and so cannot pass even a perfect release."""
METHODS = (
    "linkability.pairs",
    "linkability.blocks",
    "inference.vote",
    "inference.attribution",
    "inference.learned",
    "membership.blocks",
    "membership.battery",
    "memorization.near",
    "memorization.blocks",
    "memorization.rare",
    "memorization.text",
)
"""Further attackers of the other threats, which run where `attacks` names them."""
UTILITY = (
    "shapes",
    "pairs",
    "marginals",
    "association",
    "k_way",
    "manifold",
    "constraints",
    "disclosure",
    "properties",
    "distances",
    "memorization",
    "survey",
)
"""Families of measures that run by themselves."""
UTILITY_ON_REQUEST = ("detection", "prediction", "estimates", "fairness")
"""Families that fit models: they run where `utility` names them."""
COPIES = "copies"
"""The headline, which may be a primary endpoint too."""
MOST_PRIMARY = 5
"""With more endpoints that must all pass, a perfect release hardly passes any more."""
COMPARATORS = ("holdout", "weighted", "crossfitted", "none")
"""What success on the original may be held against."""
FEWEST_TARGETS = 100
FEWEST_QUERIES = 50


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Which attacks run, how hard, and which endpoints must pass.

    Raises
    ------
    ConfigError
        If an attack or endpoint is unknown or stands twice, or a number is out of range.
    """

    attacks: tuple[str, ...] = THREATS
    primary: tuple[str, ...] | None = None
    """Endpoints that must all pass, at most five; None = not declared."""
    targets: int = 20_000
    """People attacked per side: all up to this many, else a seeded sample."""
    queries: int = 2_000
    """Predicates per singling-out endpoint."""
    confidence: float = 0.95
    """Two-sided; decisions are one-sided at ``(1 + confidence) / 2``."""
    comparator: Literal["holdout", "weighted", "crossfitted", "none"] | None = None
    """``holdout``: control people held out at random; ``weighted``: later or other people; ``crossfitted``: none, other
    training people take their place. None = a holdout wherever there is a control."""

    utility: tuple[str, ...] = UTILITY
    """Families of measures: what the release is worth, beside what it gives away."""
    together: bool = False
    """Whether several releases are judged together too: all their rows as one more release, and what changed from each to
    the next, in the order they are named in."""
    accepted: str | None = None
    """The release that was accepted last: all others are held against it."""

    def __post_init__(self) -> None:
        """Check every setting, and that they do not contradict each other."""
        _check_names("plan.attacks", self.attacks)
        _check_known("plan.attacks", self.attacks, (*THREATS, *THREATS_ON_REQUEST, *METHODS))
        _check_names("plan.utility", self.utility)
        _check_known("plan.utility", self.utility, (*UTILITY, *UTILITY_ON_REQUEST))
        if self.primary is not None:
            _check_names("plan.primary", self.primary)
            _check_primary(self.primary, self.attacks)
        for name, value, fewest in (
            ("targets", self.targets, FEWEST_TARGETS),
            ("queries", self.queries, FEWEST_QUERIES),
        ):
            if value < fewest:
                msg = f"plan.{name} must be at least {fewest}: {value}; fewer decide nothing"
                raise ConfigError(msg)
        if self.comparator is not None and self.comparator not in COMPARATORS:
            hint = nearest(self.comparator, COMPARATORS)
            msg = f"plan.comparator knows no {shown(self.comparator)}{hint}; name one of {', '.join(COMPARATORS)}"
            raise ConfigError(msg)
        if not 0.5 < self.confidence < 1.0:
            msg = f"plan.confidence must lie strictly between 0.5 and 1: {self.confidence}; the usual choice is 0.95"
            raise ConfigError(msg)


def _check_names(setting: str, names: tuple[str, ...]) -> None:
    twice = repeated(names)
    if twice is not None:
        msg = f"{setting} must name each only once: {shown(twice)} stands twice; delete one"
        raise ConfigError(msg)
    if not names:
        msg = f"{setting} must name at least one; leave the setting out for the default"
        raise ConfigError(msg)


def _check_known(setting: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            msg = f"{setting} knows no {shown(name)}{nearest(name, known)}; name some of {', '.join(known)}"
            raise ConfigError(msg)


def _check_primary(primary: tuple[str, ...], attacks: tuple[str, ...]) -> None:
    if len(primary) > MOST_PRIMARY:
        msg = f"plan.primary must name at most {MOST_PRIMARY} endpoints, since all must pass: {len(primary)}; keep those that matter most"
        raise ConfigError(msg)
    for endpoint in primary:
        attack, _, rest = endpoint.partition(".")
        if endpoint == COPIES:
            continue
        if attack not in {*THREATS, *THREATS_ON_REQUEST} or not rest:
            hint = nearest(attack, (*THREATS, *THREATS_ON_REQUEST, COPIES))
            msg = f"plan.primary knows no {shown(endpoint)}{hint}; write copies, or an endpoint such as linkability.halves"
            raise ConfigError(msg)
        if attack not in {name.partition(".")[0] for name in attacks}:
            msg = f"plan.primary must be among what runs: plan.attacks leaves {attack} out; add it, or drop {shown(endpoint)}"
            raise ConfigError(msg)
