"""Every endpoint of a plan on one release: the risk of all people, of the unusual ones, of declared groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.comparators.adjusting import with_adjusted
from synthprivacy.comparators.preparing import Prepared
from synthprivacy.driver import Ran, run_together, stream
from synthprivacy.planning import Endpoint, Plan
from synthprivacy.results import CrossFitted, Deciles, Holdout, Outcome, Risk, Series, Skipped
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.precision import precision_curves
from synthprivacy.strata import Stratum, Vulnerability, deciles, strata_of, stratified, vulnerability
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Asking:
    """What every attack on one release is asked alike."""

    plan: Plan
    seed: int
    vulnerability: Vulnerability | None
    strata: tuple[Stratum, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What one attack found."""

    result: Risk | Skipped
    outcome: Outcome | None = None
    curves: tuple[Series, ...] = ()
    strata: tuple[Risk | Skipped, ...] = ()
    deciles: Deciles | None = None


def driven(plan: Plan) -> tuple[Endpoint, ...]:
    """Return the endpoints whose attacks the driver runs: all but those of the battery, which cross-fits its own."""
    return tuple(endpoint for endpoint in plan.endpoints if not isinstance(endpoint.attack, Battery))


def teams(endpoints: Sequence[Endpoint]) -> list[tuple[Endpoint, ...]]:
    """Return the endpoints in their order, those that meet the same people and share their searches together."""
    return [
        tuple(team)
        for _, team in groupby(endpoints, key=lambda one: one.key if isinstance(one.attack, NearestGuess) else one.name)
    ]


def asking_about(compared: Prepared, plan: Plan, seed: int, *, jobs: int = 1) -> Asking:
    """Return what every attack on one release is asked alike; of strata only where there is a control."""
    case = compared.case
    if case.control is None:
        return Asking(plan, seed, None, ())
    places = vulnerability(case.original, case.control, jobs=jobs)
    return Asking(plan, seed, places, strata_of(case, places, plan.groups))


def attack_together(
    team: Sequence[Endpoint], compared: Prepared, asking: Asking, reference: Table | None
) -> list[Found]:
    """Return the risk of each endpoint with its curves, or why there is none."""
    rng, plan = stream(asking.seed, team[0].key), asking.plan
    ran = run_together(
        [endpoint.attack for endpoint in team],
        compared.case,
        rng,
        targets=plan.settings.targets,
        reference=reference,
        crossfitted=isinstance(compared.comparator, CrossFitted),
        adjusting=isinstance(compared.comparator, Holdout) and team[0].attack.name == "inference",
    )
    return [_judged(endpoint, one, asking, rng) for endpoint, one in zip(team, ran)]


def _judged(endpoint: Endpoint, ran: Ran, asking: Asking, rng: np.random.Generator) -> Found:
    primary, outcome = endpoint.name in asking.plan.primary, ran.outcome
    if isinstance(outcome, Skipped):
        return Found(replace(outcome, primary=primary))
    confidence = asking.plan.settings.confidence
    risk = estimate(outcome, primary=primary, confidence=confidence, rng=rng)
    if isinstance(risk, Skipped):
        return Found(risk, outcome)
    result, curves = with_adjusted(risk, outcome, ran.anyway), precision_curves(outcome)
    if not primary or asking.vulnerability is None:
        return Found(result, outcome, curves)
    streams = partial(stream, asking.seed)
    strata = stratified(outcome, asking.strata, confidence=confidence, streams=streams)
    parts = deciles(outcome, asking.vulnerability, confidence=confidence, streams=streams)
    return Found(result, outcome, curves, strata, parts)
