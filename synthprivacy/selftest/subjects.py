"""Who is tested: the house itself, through the door its users take."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks import ATTACKS, ON_REQUEST, Attack, Budget
from synthprivacy.driver import run
from synthprivacy.results import HitsEvidence, Interval, Outcome, Rate, Risk, Skipped
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case

QUERIES = 200
"""Predicates of a singling-out attack: enough for its statistics, few enough for hundreds of replicates."""
TARGETS = 20_000
USUAL = tuple(ATTACKS)
"""Attackers of a plan that nobody made by hand, by key."""
EVERY = (*ATTACKS, *ON_REQUEST)
"""Attackers that a plan may name, by key."""
COSTLY = frozenset({"singling_out", *ON_REQUEST})
"""Attackers that take most of the time of a replicate, all together; they are read in fewer."""
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
    key: str = ""
    """Which attacker of the house it was; empty for an impostor."""


Readings = Mapping[str, Reading | None]
"""By endpoint; None = skipped."""
Subject = Callable[[Scenario, Case, int], Readings]
"""Reads one replicate: the scenario (for which attacks it asks), the encoded tables, a seed."""


@dataclass(frozen=True, slots=True)
class House:
    """The package itself: what its attackers and statistics say."""

    keys: tuple[str, ...] = USUAL
    """Attackers that read."""

    def __call__(self, scenario: Scenario, case: Case, seed: int) -> Readings:
        """Return what every attacker that the scenario asks for says."""
        made = attacks_on(scenario, case, self.keys)
        return {attack.endpoint: read(attack, case, seed, key) for key, attack in made}

    def quickly(self) -> House:
        """Return the house without the attackers in `COSTLY`."""
        return House(tuple(key for key in self.keys if key not in COSTLY))


def attacks_on(scenario: Scenario, case: Case, keys: Sequence[str] = USUAL) -> list[tuple[str, Attack]]:
    """Return every attack the scenario asks for with the key of its kind, as a plan would make it; one secret."""
    budget = Budget(queries=QUERIES, secrets=1)
    return [
        (key, attack)
        for key, kind in (ATTACKS | ON_REQUEST).items()
        if key in keys and (not scenario.attacks or kind.name in scenario.attacks)
        for attack in kind.variants(case.schema, case.release, budget)
    ]


def read(attack: Attack, case: Case, seed: int, key: str = "") -> Reading | None:
    """Return the reading of one attack, None where it is skipped."""
    rng = stream(seed, attack.endpoint)
    outcome = run(attack, case, rng, targets=TARGETS)
    return reading_of(outcome, rng, key)


def reading_of(outcome: Outcome | Skipped, rng: np.random.Generator, key: str = "") -> Reading | None:
    """Return the house's reading of an outcome."""
    if isinstance(outcome, Skipped):
        return None
    risk = estimate(outcome, primary=True, confidence=NOMINAL, rng=rng)
    if not isinstance(risk, Risk):
        return None
    bounds = (risk.interval, risk.lower, risk.upper)
    return Reading(risk.attack, risk.value, *bounds, risk.p_value, _control_rate(risk), key)


def _control_rate(risk: Risk) -> float | None:
    match risk.evidence:
        case HitsEvidence(control=Rate(successes=int(successes), trials=int(trials))):
            return successes / trials
    return None


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one attack in one replicate."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
