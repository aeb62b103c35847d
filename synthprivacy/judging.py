"""One release judged: every endpoint of the plan, the headline, and utility beside."""

from __future__ import annotations

from dataclasses import replace

from synthprivacy.clock import Clock
from synthprivacy.comparators.preparing import Prepared
from synthprivacy.driver import halves, run, stream
from synthprivacy.measures import MEASURES
from synthprivacy.planning import Endpoint, Plan
from synthprivacy.proof import prove
from synthprivacy.results import CrossFitted, PrivacyLoss, Release, Risk, Skipped
from synthprivacy.rulers import Ladder, joint, ladder, read, ruler, series
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case, Table

RULER = "membership.distance"
"""The endpoint whose result is read as a number of people."""


def judge_release(
    compared: Prepared, plan: Plan, seed: int, clock: Clock, number: int, *, inclusion: float | None = None
) -> Release:
    """Return everything found about one release; what it proves only with the chance of a person to be trained on."""
    case = compared.case
    done = number * (len(plan.endpoints) + 2)
    reference = (
        None if case.control is None else halves(case.control, int(stream(seed, "reference").integers(2**63)))[0]
    )
    results: list[Risk | Skipped] = []
    for place, endpoint in enumerate(plan.endpoints):
        what = f"{case.name}: {endpoint.name}"
        clock.step(done + place, what)
        results.append(_attack(endpoint, compared, plan, reference, seed))
        clock.stop(what)
    risks = tuple(result for result in results if isinstance(result, Risk))
    skipped = tuple(result for result in results if isinstance(result, Skipped))
    what = f"{case.name}: rulers"
    clock.step(done + len(plan.endpoints), what)
    found = Release(case.name, None, risks, skipped)
    found = _with_headline(found, case, plan, seed)
    found = replace(found, privacy_loss=_proof(case, plan, seed, inclusion))
    clock.stop(what)
    what = f"{case.name}: utility"
    clock.step(done + len(plan.endpoints) + 1, what)
    scores = tuple(score for measure in MEASURES.values() for score in measure(case))
    clock.stop(what)
    return replace(found, scores=scores)


def _attack(endpoint: Endpoint, compared: Prepared, plan: Plan, reference: Table | None, seed: int) -> Risk | Skipped:
    """Return the risk of one endpoint, or why there is none."""
    settings = plan.settings
    rng = stream(seed, endpoint.key)
    primary = endpoint.name in plan.primary
    crossfitted = isinstance(compared.comparator, CrossFitted)
    outcome = run(
        endpoint.attack, compared.case, rng, targets=settings.targets, reference=reference, crossfitted=crossfitted
    )
    if isinstance(outcome, Skipped):
        return replace(outcome, primary=primary)
    return estimate(outcome, primary=primary, confidence=settings.confidence, rng=rng)


def _proof(case: Case, plan: Plan, seed: int, inclusion: float | None) -> PrivacyLoss | None:
    """Return what the release proves about its generator; None where no coins told control from original."""
    if inclusion is None:
        return None
    attacks = [endpoint.attack for endpoint in plan.endpoints]
    settings, rng = plan.settings, stream(seed, "proof")
    return prove(attacks, case, inclusion, rng, targets=settings.targets, confidence=settings.confidence)


def _with_headline(release: Release, case: Case, plan: Plan, seed: int) -> Release:
    """Return the release with every risk read as a number of people, and with the smallest leak noticed."""
    rulers = {risk.endpoint: _ruler(risk, case, plan, seed) for risk in release.risks}
    made = {endpoint: ruler for endpoint, ruler in rulers.items() if isinstance(ruler, Ladder)}
    risks = tuple(
        replace(risk, copies=read(risk, made[risk.endpoint])) if risk.endpoint in made else risk
        for risk in release.risks
    )
    primary = {RULER if endpoint == "copies" else endpoint for endpoint in plan.primary}
    noticing = {risk.endpoint: (risk, made.get(risk.endpoint)) for risk in risks if risk.endpoint in primary}
    floor = None if case.control is None else joint(noticing, case.original.people)
    release = replace(release, risks=risks, floor=floor)
    match rulers.get(RULER):
        case Ladder() as found:
            copies = next(risk.copies for risk in risks if risk.endpoint == RULER)
            return replace(release, copies=copies, series=(series(RULER, found),))
        case Skipped() as why:
            missing = replace(why, attack="membership", endpoint="copies", primary="copies" in plan.primary)
            return replace(release, skipped=(*release.skipped, missing))
    return release


def _ruler(risk: Risk, case: Case, plan: Plan, seed: int) -> Ladder | Skipped | None:
    """Return the ruler of one endpoint: rung by rung for the headline, made from few people for all others."""
    endpoint = next((endpoint for endpoint in plan.endpoints if endpoint.name == risk.endpoint), None)
    if endpoint is None or case.control is None:
        return None
    settings, rng = plan.settings, stream(seed, f"ruler of {endpoint.key}")
    if endpoint.name == RULER:
        return ladder(endpoint.attack, case, rng, targets=settings.targets, confidence=settings.confidence)
    return ruler(endpoint.attack, case, risk, rng, targets=settings.targets, confidence=settings.confidence)
