"""The risk of a stratum, and how risk goes with being unusual."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import ndtri

from synthprivacy.results import Deciles, HitsEvidence, Outcome, Part, Risk, Skipped
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.trend import linear_trend
from synthprivacy.strata.answers import restricted
from synthprivacy.strata.groups import LEAST, Stratum
from synthprivacy.strata.vulnerability import Vulnerability
from synthprivacy.tables.table import BoolArray, FloatArray

PARTS = (10, 5)
"""Parts that people are divided into by how unusual they are: the first number for which all are large enough."""

Streams = Callable[[str], np.random.Generator]
"""The random stream of a part, by its name."""


def stratified(
    outcome: Outcome, strata: Sequence[Stratum], *, confidence: float, streams: Streams, sizing: bool = True
) -> tuple[Risk | Skipped, ...]:
    """Return the risk of each stratum at an endpoint, or why it is too small to tell.

    Nothing is returned of attacks whose answers are not about single people: a predicate isolates in a whole table. Of people
    whose label the release does not tell, those too few to judge are left out: that there are some would be told.

    Parameters
    ----------
    outcome : Outcome
    strata : sequence of Stratum
    confidence : float
    streams : callable
    sizing : bool
        As `estimate`.
    """
    found: list[Risk | Skipped] = []
    for stratum in strata:
        some = restricted(outcome, stratum.name, {"original": stratum.original, "control": stratum.control})
        if some is None:
            return ()
        rng = streams(some.endpoint)
        risk = estimate(some, primary=False, confidence=confidence, rng=rng, least=LEAST, sizing=sizing)
        if isinstance(risk, Risk) or not stratum.unknown:
            found.append(risk)
    return tuple(found)


def deciles(outcome: Outcome, vulnerability: Vulnerability, *, confidence: float, streams: Streams) -> Deciles | None:
    """Return the risk from the least to the most unusual people; None where they are too few, or not asked one by one.

    Parameters
    ----------
    outcome : Outcome
    vulnerability : Vulnerability
    confidence : float
    streams : callable
    """
    for parts in PARTS:
        strata = [_part(vulnerability, part, parts) for part in range(parts)]
        risks = stratified(outcome, strata, confidence=confidence, streams=streams, sizing=False)
        told = [risk for risk in risks if isinstance(risk, Risk)]
        if len(told) == parts:
            return _deciles(outcome.endpoint, told, confidence)
    return None


def _part(vulnerability: Vulnerability, part: int, parts: int) -> Stratum:
    original, control = (_within(places, part, parts) for places in (vulnerability.original, vulnerability.control))
    return Stratum(f"part {part + 1} of {parts}", original, control)


def _within(places: FloatArray, part: int, parts: int) -> BoolArray:
    inside: BoolArray = np.minimum((places * parts).astype(np.int64), parts - 1) == part
    return inside


def _deciles(endpoint: str, risks: Sequence[Risk], confidence: float) -> Deciles:
    values = np.array([risk.value for risk in risks])
    widths = np.array([risk.interval[1] - risk.interval[0] for risk in risks])
    errors = widths / (2.0 * float(ndtri((1.0 + confidence) / 2.0)))
    trend = linear_trend(values, errors, confidence=confidence)
    return Deciles(endpoint, tuple(_told(risk) for risk in risks), trend.rise, trend.interval, trend.p_value)


def _told(risk: Risk) -> Part:
    evidence = risk.evidence
    if isinstance(evidence, HitsEvidence):
        return Part(risk.value, risk.interval, evidence.original, evidence.control)
    return Part(risk.value, risk.interval)
