"""How much is tested: in every change, every night, and for a version."""

from __future__ import annotations

from dataclasses import dataclass

from synthprivacy.selftest.catalogue import QUICK, SCENARIOS
from synthprivacy.selftest.decisions import ADULT
from synthprivacy.selftest.impostors import IMPOSTORS
from synthprivacy.selftest.subjects import EVERY, USUAL

PARTS = ("contract", "invariances", "refusals", "damages")


@dataclass(frozen=True, slots=True)
class Tier:
    """One amount of testing."""

    name: str
    scenarios: tuple[str, ...]
    replicates: int
    """Of every scenario."""
    costly: int
    """Of them, those in which the costly attacks are read too."""
    gates: tuple[tuple[int, float, int], ...]
    """(training people, control people per training person, replicates) of whole evaluations."""
    thorough: bool
    attackers: tuple[str, ...] = EVERY
    """Attackers that read the scenarios, by key."""
    parts: tuple[str, ...] = PARTS
    """Laws about single tables."""
    impostors: tuple[str, ...] = tuple(IMPOSTORS)
    """Estimators known to be wrong that must be rejected."""


TIERS: dict[str, Tier] = {
    tier.name: tier
    for tier in (
        Tier("quick", QUICK, 40, 20, ((500, 1.0, 20),), thorough=False, attackers=USUAL),
        Tier("nightly", tuple(SCENARIOS), 400, 60, ((4_000, 1.0, 40),), thorough=True),
        Tier("full", tuple(SCENARIOS), 400, 60, ((4_000, 1.0, 40), (ADULT, 0.5, 40)), thorough=True),
    )
}
"""Every tier by its name: about a minute and a half, half an hour, an hour and a half on two cores. The last is the
second with the gate at the size of a census table."""
