"""One release judged: every endpoint of the plan, the headline, and utility beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from synthprivacy.attacking import Found, asking_about, attack_together, driven, teams
from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.battery import BLOCKS, DISTANCE, BatteryResult, run_battery
from synthprivacy.clock import Clock
from synthprivacy.comparators.preparing import Prepared
from synthprivacy.driver import halves, met, stream
from synthprivacy.measures import LEARNED, MEASURES, histograms
from synthprivacy.planning import Plan
from synthprivacy.proof import prove
from synthprivacy.results import Outcome, PrivacyLoss, Release, Risk, Skipped
from synthprivacy.rulers import Ladder, guess_rulers, joint, ladder, read, ruler, series
from synthprivacy.strata import Vulnerability, population_risks
from synthprivacy.tables.table import Case

RULER = "membership.distance"
"""The endpoint whose result is read as a number of people."""


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """A release, and the answers about single people that it rests on."""

    release: Release
    answers: dict[str, Outcome]
    """By endpoint."""
    vulnerability: Vulnerability | None
    """How unusual each person is."""


def judge_release(
    compared: Prepared,
    plan: Plan,
    seed: int,
    clock: Clock,
    number: int,
    *,
    inclusion: float | None = None,
    jobs: int = 1,
) -> Judged:
    """Return everything found about one release; what it proves only with the chance of a person to be trained on."""
    case = compared.case
    asking = asking_about(compared, plan, seed, jobs=jobs)
    done = number * (len(plan.endpoints) + 2)
    reference = (
        None if case.control is None else halves(case.control, int(stream(seed, "reference").integers(2**63)))[0]
    )
    results: list[Risk | Skipped] = []
    found_each: list[Found] = []
    for team in teams(driven(plan)):
        judged: list[Found] = []
        for place, endpoint in enumerate(team):  # the first takes the time of all
            what = f"{case.name}: {endpoint.name}"
            clock.step(done + len(results), what)
            judged = judged or attack_together(team, compared, asking, reference)
            results.append(judged[place].result)
            clock.stop(what)
        found_each += judged
    battery = _battery(case, plan, seed, clock, done + len(results))
    results += battery.results
    outcomes = {one.outcome.endpoint: one.outcome for one in found_each if one.outcome}
    risks = tuple(result for result in results if isinstance(result, Risk))
    skipped = tuple(result for result in results if isinstance(result, Skipped))
    what = f"{case.name}: rulers"
    clock.step(done + len(plan.endpoints), what)
    found = Release(case.name, None, risks, skipped, series=tuple(curve for one in found_each for curve in one.curves))
    found = _with_headline(found, case, plan, seed)
    found = _with_strata(replace(found, privacy_loss=_proof(case, plan, seed, inclusion)), found_each)
    clock.stop(what)
    what = f"{case.name}: utility"
    clock.step(done + len(plan.endpoints) + 1, what)
    families = {*plan.settings.utility, *(("distances",) if battery.results else ())}
    wanted = (measure for family, measure in (MEASURES | LEARNED).items() if family in families)
    scores = tuple(score for measure in wanted for score in measure(case))
    drawn = histograms(case) if "shapes" in families else ()
    clock.stop(what)
    told = outcomes if "survey" in families else {}
    population = population_risks(told, case, confidence=plan.settings.confidence)
    release = replace(found, scores=(*scores, *battery.scores, *population), series=(*found.series, *drawn))
    return Judged(release, outcomes, asking.vulnerability)


def _with_strata(release: Release, found: Sequence[Found]) -> Release:
    """Return the release with what was found about strata, after all that was found about everybody."""
    strata = [one for each in found for one in each.strata]
    return replace(
        release,
        risks=(*release.risks, *(one for one in strata if isinstance(one, Risk))),
        skipped=(*release.skipped, *(one for one in strata if isinstance(one, Skipped))),
        deciles=tuple(each.deciles for each in found if each.deciles is not None),
    )


def _battery(case: Case, plan: Plan, seed: int, clock: Clock, done: int) -> BatteryResult:
    """Return what the scores of the battery found, which the plan's other attacks neither share nor change.

    The distance, on whole rows and on blocks of columns, runs beside them to be one of those the best is held to; its
    endpoints are the driver's.
    """
    made = [endpoint.attack for endpoint in plan.endpoints if isinstance(endpoint.attack, Battery)]
    if not made:
        return BatteryResult((), {})
    place = {attack.endpoint: number for number, attack in enumerate(made)}

    @contextmanager
    def stage(endpoint: str) -> Iterator[None]:
        what = f"{case.name}: battery, {endpoint}"
        clock.step(done + place.get(endpoint, 0), what)
        yield
        clock.stop(what)

    found = run_battery(
        case,
        seed,
        targets=plan.settings.targets,
        methods=(DISTANCE, BLOCKS, *(attack.method for attack in made)),
        primary=plan.primary,
        confidence=plan.settings.confidence,
        jobs=made[0].jobs,
        stage=stage,
    )
    return replace(found, results=tuple(result for result in found.results if result.endpoint in place))


def _proof(case: Case, plan: Plan, seed: int, inclusion: float | None) -> PrivacyLoss | None:
    """Return what the release proves about its generator; None where no coins told control from original."""
    if inclusion is None:
        return None
    attacks = [endpoint.attack for endpoint in plan.endpoints]
    settings, rng = plan.settings, stream(seed, "proof")
    return prove(attacks, case, inclusion, rng, targets=settings.targets, confidence=settings.confidence)


def _with_headline(release: Release, case: Case, plan: Plan, seed: int) -> Release:
    """Return the release with every risk read as a number of people, and with the smallest leak noticed."""
    rulers = _rulers(release.risks, case, plan, seed)
    made = {endpoint: one for endpoint, one in rulers.items() if isinstance(one, Ladder)}
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
            return replace(release, copies=copies, series=(*release.series, series(RULER, found)))
        case Skipped() as why:
            missing = replace(why, attack="membership", endpoint="copies", primary="copies" in plan.primary)
            return replace(release, skipped=(*release.skipped, missing))
    return release


def _rulers(risks: Sequence[Risk], case: Case, plan: Plan, seed: int) -> dict[str, Ladder | Skipped]:
    """Return the ruler of each endpoint: rung by rung for the headline, made from few people for all others."""
    if case.control is None:
        return {}
    found = {risk.endpoint: risk for risk in risks}
    settings = plan.settings
    options: dict[str, Any] = {"targets": settings.targets, "confidence": settings.confidence}
    rulers: dict[str, Ladder | Skipped] = {}
    for team in teams([endpoint for endpoint in driven(plan) if endpoint.name in found]):
        rng = stream(seed, f"ruler of {team[0].key}")
        attacks, risks_of_team = [endpoint.attack for endpoint in team], [found[endpoint.name] for endpoint in team]
        if team[0].name == RULER:
            made: Sequence[Ladder | Skipped] = [ladder(attacks[0], case, rng, **options)]
        elif len(team) > 1:
            made = guess_rulers(attacks, case, risks_of_team, rng, **options)
        else:
            made = [ruler(attacks[0], met(attacks[0], case), risks_of_team[0], rng, **options)]
        rulers |= {endpoint.name: one for endpoint, one in zip(team, made)}
    return rulers
