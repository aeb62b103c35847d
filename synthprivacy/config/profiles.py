"""Policies to start from: who receives the release, what must be shown, and where each number comes from.

No regulation names a limit for an attacker's excess success. The sources say *what* must be looked at; the numbers are
ours unless the profile says otherwise, and each profile says what it costs: how often a perfect release passes it, and how
often a leak just over its limit does (`benchmarks/profiles.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthprivacy.config.names import nearest, shown
from synthprivacy.config.policy import Policy, Rule
from synthprivacy.errors import ConfigError

CLAIMED = 1.0
"""Epsilon of the claim that ``dp-claim`` holds a release against where none is given."""
PUBLISHED = 0.09
"""Share of people of the two profiles about publication."""
NAMES = ("wp29", "consensus-2025", "dp-claim", "internal")


@dataclass(frozen=True, slots=True)
class Profile:
    """A policy with its reasons."""

    name: str
    policy: Policy
    origin: str
    """Where its limits come from, in one sentence."""
    sources: tuple[str, ...]


def profile(name: str, *, epsilon: float | None = None) -> Profile:
    """Return a shipped profile.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    epsilon : float, optional
        What the generator claims; only ``dp-claim`` takes it.

    Raises
    ------
    ConfigError
        If the name is unknown, or epsilon has no place or is not above 0.
    """
    if name not in NAMES:
        raise ConfigError(f"profile knows no {shown(name)}{nearest(name, NAMES)}; name one of {', '.join(NAMES)}")
    if epsilon is not None and (name != "dp-claim" or not 0.0 < epsilon < math.inf):
        msg = f"epsilon belongs to the profile dp-claim and must be above 0: {epsilon:g} with {name}; leave it out"
        raise ConfigError(msg)
    match name:
        case "wp29":
            return _wp29()
        case "consensus-2025":
            return _consensus()
        case "dp-claim":
            return _claim(CLAIMED if epsilon is None else epsilon)
    return _internal()


def _wp29() -> Profile:
    return Profile(
        "wp29",
        Policy(
            (Rule("primary.upper", max=PUBLISHED),),
            threats=("singling_out", "linkability", "inference"),
            recipient="anyone: the release is published openly",
            profile="wp29",
        ),
        "the Opinion asks that nobody be singled out, linked or inferred about and sets no number; 0.09 is the threshold of "
        "EMA and Health Canada for published clinical documents, carried over to these risks by us: with 0.05 a perfect "
        "release of 4,000 people passed singling out in half of all runs only",
        (
            "Article 29 Working Party, Opinion 05/2014 on Anonymisation Techniques (WP216)",
            "CNIL, letter of 13 February 2023 on Anonymeter: case by case, the controller decides",
            "EMA Policy 0070 and Health Canada, Public Release of Clinical Information: threshold of 0.09",
        ),
    )


def _consensus() -> Profile:
    return Profile(
        "consensus-2025",
        Policy(
            (Rule("primary.upper", max=PUBLISHED),),
            threats=("membership", "inference"),
            recipient="researchers who ask for the data and agree to terms of use",
            profile="consensus-2025",
        ),
        "the consensus asks for membership and attribute disclosure and against similarity metrics, which decide nothing "
        "here; 0.09 is the threshold of EMA and Health Canada for published clinical documents, carried over to these risks "
        "by us",
        (
            "Pilgram et al. (2025), A consensus privacy metrics framework for synthetic data, doi:10.1016/j.patter.2025.101320",
            "EMA Policy 0070 and Health Canada, Public Release of Clinical Information: threshold of 0.09",
        ),
    )


def _claim(epsilon: float) -> Profile:
    return Profile(
        "dp-claim",
        Policy(
            (
                Rule("membership.distance.upper", max=math.tanh(epsilon / 2.0)),
                Rule("linkability.halves.upper", max=-math.expm1(-epsilon)),
            ),
            threats=("membership", "linkability"),
            recipient=f"whoever relies on the generator's claim of epsilon = {epsilon:g}",
            profile="dp-claim",
        ),
        f"the most that epsilon = {epsilon:g} (delta = 0, one person replaced) allows: (e^ε - 1) / (e^ε + 1) for 2 AUC - 1, "
        "and 1 - e^-ε for (a - c) / (1 - c); above it the claim is doubtful and wants an audit, below it nothing is proven",
        (
            "Kairouz, Oh and Viswanath (2015), The composition theorem for differential privacy (the errors a claim allows)",
            "NIST SP 800-226 (2025), Guidelines for evaluating differential privacy guarantees",
        ),
    )


def _internal() -> Profile:
    return Profile(
        "internal",
        Policy(
            (Rule("primary.upper", max=0.1),),
            threats=("linkability", "inference"),
            recipient="colleagues under the same duties and access controls as for the original",
            profile="internal",
        ),
        "who receives the data, and under which controls, is part of the risk; 0.1, a tenth of the people and without the "
        "threat of being singled out by strangers, is ours and no substitute for those controls",
        ("ISO/IEC 27559:2022, Privacy enhancing data de-identification framework",),
    )
