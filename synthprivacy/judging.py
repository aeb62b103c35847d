"""One release judged: every endpoint of the plan, the headline, and utility beside."""

from __future__ import annotations

from dataclasses import replace

from synthprivacy.clock import Clock
from synthprivacy.driver import halves, run, stream
from synthprivacy.measures import MEASURES
from synthprivacy.planning import Endpoint, Plan
from synthprivacy.results import Release, Risk, Skipped
from synthprivacy.rulers import ladder, read, series
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case, Table

RULER = "membership.distance"
"""The endpoint whose result is read as a number of people."""


def judge_release(case: Case, plan: Plan, seed: int, clock: Clock, number: int) -> Release:
    """Return everything found about one release."""
    done = number * (len(plan.endpoints) + 2)
    reference = (
        None if case.control is None else halves(case.control, int(stream(seed, "reference").integers(2**63)))[0]
    )
    results: list[Risk | Skipped] = []
    for place, endpoint in enumerate(plan.endpoints):
        what = f"{case.name}: {endpoint.name}"
        clock.step(done + place, what)
        results.append(_attack(endpoint, case, plan, reference, seed))
        clock.stop(what)
    risks = tuple(result for result in results if isinstance(result, Risk))
    skipped = tuple(result for result in results if isinstance(result, Skipped))
    what = f"{case.name}: rulers"
    clock.step(done + len(plan.endpoints), what)
    found = Release(case.name, None, risks, skipped)
    found = _with_headline(found, case, plan, seed)
    clock.stop(what)
    what = f"{case.name}: utility"
    clock.step(done + len(plan.endpoints) + 1, what)
    scores = tuple(score for measure in MEASURES.values() for score in measure(case))
    clock.stop(what)
    return replace(found, scores=scores)


def _attack(endpoint: Endpoint, case: Case, plan: Plan, reference: Table | None, seed: int) -> Risk | Skipped:
    """Return the risk of one endpoint, or why there is none."""
    settings = plan.settings
    rng = stream(seed, endpoint.key)
    primary = endpoint.name in plan.primary
    outcome = run(endpoint.attack, case, rng, targets=settings.targets, reference=reference)
    if isinstance(outcome, Skipped):
        return replace(outcome, primary=primary)
    return estimate(outcome, primary=primary, confidence=settings.confidence, rng=rng)


def _with_headline(release: Release, case: Case, plan: Plan, seed: int) -> Release:
    """Return the release with its membership result read as a number of people."""
    risk = next((risk for risk in release.risks if risk.endpoint == RULER), None)
    attack = next((endpoint.attack for endpoint in plan.endpoints if endpoint.name == RULER), None)
    if risk is None or attack is None:
        return release
    settings = plan.settings
    ruler = ladder(attack, case, stream(seed, "ruler"), targets=settings.targets, confidence=settings.confidence)
    if isinstance(ruler, Skipped):
        missing = replace(ruler, attack="membership", endpoint="copies", primary="copies" in plan.primary)
        return replace(release, skipped=(*release.skipped, missing))
    return replace(release, copies=read(risk, ruler), series=(series(RULER, ruler),))
