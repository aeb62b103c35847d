"""The more a generator leaks, the higher it reads: over the scenarios of one family."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from synthprivacy.selftest.finding import Finding
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.selftest.subjects import Reading

FALLING = 3.0
"""Standard errors by which the mean reading may fall from one scenario to the next leakier one: chance alone exceeds
it in one comparison of seven hundred."""

ByScenario = Mapping[str, Mapping[str, Sequence[Reading | None]]]
"""Scenario → endpoint → readings."""


def monotone(scenarios: Sequence[Scenario], read: ByScenario) -> list[Finding]:
    """Return for each family and endpoint the deepest fall of the mean reading, in standard errors."""
    families: dict[str, list[Scenario]] = {}
    for scenario in sorted(scenarios, key=lambda scenario: scenario.level):
        if scenario.family and scenario.name in read:
            families.setdefault(scenario.family, []).append(scenario)
    findings = []
    for family, members in families.items():
        endpoints = sorted(set.intersection(*(set(read[member.name]) for member in members)))
        for endpoint in endpoints if len(members) > 1 else ():
            series = [_values(read[member.name][endpoint]) for member in members]
            if min(map(len, series)) > 1:
                findings.append(_finding(family, endpoint, series))
    return findings


def _finding(family: str, endpoint: str, series: Sequence[Sequence[float]]) -> Finding:
    falls = [_fall(less, more) for less, more in pairwise(series)]
    deepest, replicates = max(falls), min(map(len, series))
    return Finding(
        "monotone", f"family {family}", endpoint, deepest, None, "at most", FALLING, replicates, deepest <= FALLING
    )


def _fall(less: Sequence[float], more: Sequence[float]) -> float:
    error = math.sqrt(np.var(less, ddof=1) / len(less) + np.var(more, ddof=1) / len(more))
    fall = float(np.mean(less) - np.mean(more))
    return fall / error if error > 0 else math.copysign(math.inf, fall) if fall else 0.0


def _values(readings: Sequence[Reading | None]) -> list[float]:
    return [reading.value for reading in readings if reading is not None]
