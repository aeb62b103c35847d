"""Who is tested: the house itself, through the door its users take."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks import ATTACKS, Attack, Budget
from synthprivacy.driver import run
from synthprivacy.results import HitsEvidence, Interval, Outcome, Rate, Risk, Skipped
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case

QUERIES = 200
"""Predicates of a singling-out attack: enough for its statistics, few enough for hundreds of replicates."""
TARGETS = 20_000
COSTLY = frozenset({"singling_out"})
"""Attacks that take most of the time of a replicate; they are read in fewer."""
NOMINAL = 0.95
ALPHA = 0.025
"""Each end of a 95 % interval, and each decision bound, may miss this often."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a subject said of one endpoint in one replicate."""

    attack: str
    value: float
    interval: Interval
    lower: float
    upper: float
    p_value: float | None
    control_rate: float | None = None
    """Success on the control, of attacks that guess."""


Readings = Mapping[str, Reading | None]
"""By endpoint; None = skipped."""
Subject = Callable[[Scenario, Case, int], Readings]
"""Reads one replicate: the scenario (for which attacks it asks), the encoded tables, a seed."""


def house(scenario: Scenario, case: Case, seed: int) -> Readings:
    """Return what this package says."""
    return {attack.endpoint: read(attack, case, seed) for attack in attacks_on(scenario, case)}


def house_quickly(scenario: Scenario, case: Case, seed: int) -> Readings:
    """Return what this package says, but for the attacks in `COSTLY`."""
    cheap = (attack for attack in attacks_on(scenario, case) if attack.name not in COSTLY)
    return {attack.endpoint: read(attack, case, seed) for attack in cheap}


def attacks_on(scenario: Scenario, case: Case) -> list[Attack]:
    """Return every registered attack the scenario asks for, as a plan would make it; one secret."""
    budget = Budget(queries=QUERIES, secrets=1)
    return [
        attack
        for kind in ATTACKS.values()
        if not scenario.attacks or kind.name in scenario.attacks
        for attack in kind.variants(case.schema, case.release, budget)
    ]


def read(attack: Attack, case: Case, seed: int) -> Reading | None:
    """Return the reading of one attack, None where it is skipped."""
    rng = stream(seed, attack.endpoint)
    outcome = run(attack, case, rng, targets=TARGETS)
    return reading_of(outcome, rng)


def reading_of(outcome: Outcome | Skipped, rng: np.random.Generator) -> Reading | None:
    """Return the house's reading of an outcome."""
    if isinstance(outcome, Skipped):
        return None
    risk = estimate(outcome, primary=True, confidence=NOMINAL, rng=rng)
    if not isinstance(risk, Risk):
        return None
    return Reading(risk.attack, risk.value, risk.interval, risk.lower, risk.upper, risk.p_value, _control_rate(risk))


def _control_rate(risk: Risk) -> float | None:
    match risk.evidence:
        case HitsEvidence(control=Rate(successes=int(successes), trials=int(trials))):
            return successes / trials
    return None


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one attack in one replicate."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
