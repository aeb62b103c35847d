"""What must hold of the readings of one endpoint on one scenario, replicate by replicate.

Each law returns one finding, or None where it asks nothing of the scenario. Adding a law is one function and one entry
of `LAWS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from synthprivacy.selftest.finding import Finding, share
from synthprivacy.selftest.scenario import LIMIT, Scenario
from synthprivacy.selftest.subjects import ALPHA, NOMINAL, Reading

Law = Callable[[Scenario, str, float, Sequence[Reading]], Finding | None]
"""(scenario, endpoint, true residual risk, readings) → finding."""

READ_LESS = (
    "inference.vote.", "inference.attribution.", "inference.boosting.", "inference.logistic.", "linkability.pairs",
    "membership.blocks",
)  # fmt: skip
"""Endpoints that read less than the share that was copied: a single copy is outvoted, or one candidate of several."""

TINY = 1e-9
"""Rounding of a share."""
BIAS = 0.01
SURE = 2.576
"""Standard errors of a mean that chance exceeds in one run of a hundred."""
NOTICED = 0.8


def coverage(scenario: Scenario, endpoint: str, truth: float, readings: Sequence[Reading]) -> Finding:
    """Ask that the 95 % interval holds the truth in 95 % of replicates."""
    held = [reading.interval[0] - TINY <= truth <= reading.interval[1] + TINY for reading in readings]
    return _share("coverage", scenario, endpoint, held, at_least=NOMINAL)


def false_alarm(scenario: Scenario, endpoint: str, truth: float, readings: Sequence[Reading]) -> Finding | None:
    """Ask that, without a leak, the lower decision bound lies above 0 in 2.5 % of replicates at most."""
    if truth > 0:
        return None
    return _share("false alarm", scenario, endpoint, [reading.lower > TINY for reading in readings], at_most=ALPHA)


def false_rejection(scenario: Scenario, endpoint: str, truth: float, readings: Sequence[Reading]) -> Finding | None:
    """Ask that, without a leak, the p-value is at most .025 in 2.5 % of replicates at most."""
    known = [reading.p_value for reading in readings if reading.p_value is not None]
    if truth > 0 or not known:
        return None
    return _share("false rejection", scenario, endpoint, [p <= ALPHA for p in known], at_most=ALPHA)


def false_pass(scenario: Scenario, endpoint: str, truth: float, readings: Sequence[Reading]) -> Finding | None:
    """Ask that, with a leak at the limit or above, the upper decision bound keeps the limit in 2.5 % of replicates at most."""
    if truth < LIMIT:
        return None
    return _share("false pass", scenario, endpoint, [reading.upper <= LIMIT for reading in readings], at_most=ALPHA)


def bias(scenario: Scenario, endpoint: str, truth: float, readings: Sequence[Reading]) -> Finding | None:
    """Ask that the mean estimate lies within .01 of a copied share, as far as the replicates tell."""
    if scenario.family != "copies" or not endpoint.startswith(("linkability", "inference")):
        return None
    values = np.array([reading.value for reading in readings])
    off = float(values.mean() - truth)
    error = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.inf
    passed = abs(off) - SURE * error <= BIAS
    interval = (off - SURE * error, off + SURE * error)
    return Finding("bias", scenario.name, endpoint, off, interval, "at most", BIAS, len(values), passed)


def alarm_power(scenario: Scenario, endpoint: str, truth: float, readings: Sequence[Reading]) -> Finding | None:
    """Ask that a leak of three in ten people is noticed in four of five replicates."""
    if truth < 0.3:
        return None
    return _share("power to alarm", scenario, endpoint, [r.lower > 0 for r in readings], at_least=NOTICED)


LAWS: tuple[Law, ...] = (coverage, false_alarm, false_rejection, false_pass, bias, alarm_power)
"""Every law on single scenarios."""


def findings_of(scenario: Scenario, endpoint: str, readings: Sequence[Reading | None]) -> list[Finding]:
    """Return what every law finds of one endpoint; skipped replicates say nothing, and fewer than 20 are no test."""
    judged = [reading for reading in readings if reading is not None]
    if len(judged) < 20 or judged[0].attack not in scenario.truth:
        return []
    truth = scenario.truth[judged[0].attack]
    if truth > 0 and endpoint.startswith(READ_LESS):
        return []
    found = (law(scenario, endpoint, truth, judged) for law in LAWS)
    return [finding for finding in found if finding is not None]


def _share(
    law: str,
    scenario: Scenario,
    endpoint: str,
    hits: Sequence[bool],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Finding:
    count, of = sum(hits), len(hits)
    if at_least is not None:
        return share(law, scenario.name, endpoint, count, of, side="at least", bar=at_least)
    return share(law, scenario.name, endpoint, count, of, side="at most", bar=at_most or 0.0)
