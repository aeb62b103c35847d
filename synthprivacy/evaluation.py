"""The whole evaluation on one page: tables in, `Evaluation` out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synthprivacy.attacks.membership_differencing import Differencing
from synthprivacy.clock import Clock, Progress
from synthprivacy.comparators.preparing import prepared, prepared_again
from synthprivacy.comparators.training import training_drift
from synthprivacy.config import COPIES, PlanSettings, Policy
from synthprivacy.config.names import shown
from synthprivacy.driver import stream
from synthprivacy.errors import ConfigError
from synthprivacy.frames import Frames, case_of, in_one_order
from synthprivacy.judging import RULER, judge_release
from synthprivacy.planning import Endpoint, Plan, make_plan
from synthprivacy.planning.power import decidable
from synthprivacy.provenance import facts_of, versions
from synthprivacy.results import Check, Evaluation, Outcome, Release, Skipped
from synthprivacy.strata import Keep, groups_of, records_of
from synthprivacy.tables.checks import check_release, check_tables
from synthprivacy.tables.digest import content_digest
from synthprivacy.tables.former import Former, beside
from synthprivacy.tables.identifiers import check_identifiers
from synthprivacy.tables.table import Case
from synthprivacy.together import DIFFERENCING, TOGETHER, compare, judge_differences, union_of


def plan_of(frames: Frames, settings: PlanSettings, *, limit: float = 0.05, jobs: int = 1) -> Plan:
    """Return the plan, made from the first release and the sizes of the other tables."""
    case = case_of(frames, next(iter(frames.synthetic)))
    plan = _plan(case, settings, limit, jobs)
    return _announced(plan, case) if settings.together and len(frames.earlier) + len(frames.synthetic) > 1 else plan


def _plan(case: Case, settings: PlanSettings, limit: float, jobs: int) -> Plan:
    return make_plan(
        case.schema,
        case.release,
        settings,
        original_people=case.original.people,
        control_people=0 if case.control is None else case.control.people,
        limit=limit,
        jobs=jobs,
        groups=groups_of(case),
    )


def evaluate_frames(
    frames: Frames,
    *,
    settings: PlanSettings,
    policy: Policy | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
    keep: Keep | None = None,
    former: Former | None = None,
) -> Evaluation:
    """Return the evaluation of some conforming tables.

    Parameters
    ----------
    frames : Frames
    settings : PlanSettings
    policy : Policy, optional
        Kept beside the plan, so that a report can show the decision; nothing is decided here.
    seed : int
        The same tables, seed and version give the same bytes.
    jobs : int
        Threads; they change nothing but the time.
    progress : callable, optional
        See `Progress`.
    keep : callable, optional
        Takes what was found about each single person of each release: personal data, part of no result.
    former : Former, optional
        The training table of a release that went out before: whether the present one has drifted from it.
    """
    frames = _several(frames, settings)
    names = tuple(frames.synthetic)
    case = case_of(frames, names[0])
    tables = _facts(frames, case)
    checks = _check_people(frames, case, seed) + _check_drift(frames, former, seed)
    compared = prepared(case, settings.comparator, stream(seed, "comparator"), jobs=jobs)
    checks, comparator = checks + compared.checks, compared.comparator
    plan = _plan(case, settings, limit_of(policy), jobs)
    if policy is not None:
        plan.require_hope()
    united = settings.together and TOGETHER in names
    clock = Clock(progress, len(names) * (len(plan.endpoints) + 2) + united)
    releases: list[Release] = []
    answers: dict[str, dict[str, Outcome]] = {}
    for number, name in enumerate(names):
        if number:
            case = case_of(frames, name)
            compared = prepared_again(compared, case, stream(seed, "comparator"))
            checks += tuple(replace(check, release=name) for check in compared.checks)
        checks += _check_release(frames, case, name)
        judged = judge_release(compared, plan, seed, clock, number, inclusion=frames.inclusion, jobs=jobs)
        releases.append(judged.release)
        answers[name] = judged.answers
        if keep is not None:
            keep(records_of(compared.case, judged.vulnerability, judged.answers))
    if united:
        del answers[TOGETHER]  # it holds what the others hold, and is no choice beside them
        releases[-1] = _with_differences(releases[-1], frames, compared.case, plan, clock, seed=seed, jobs=jobs)
        plan = _announced(plan, case)
    return Evaluation(
        seed=seed,
        plan=_told(plan, frames, policy),
        versions=versions(),
        comparator=comparator.to_dict(),
        checks=checks,
        **tables,
        releases=tuple(releases),
        pairs=compare(
            answers,
            confidence=settings.confidence,
            rng=stream(seed, "pairs"),
            accepted=settings.accepted,
            primary={RULER if endpoint == COPIES else endpoint for endpoint in plan.primary},
        ),
        timings=clock.seconds,
    )


def _facts(frames: Frames, case: Case) -> dict[str, Any]:
    """Return what an evaluation tells of its tables; a key that is unfit for their digests is found before any attack."""
    control = case.control
    return {
        "original": facts_of(frames.original, case.original.people, secret=True),
        "control": None
        if frames.control is None or control is None
        else facts_of(frames.control, control.people, secret=True),
        "synthetic": {name: facts_of(frame, frame.num_rows) for name, frame in frames.synthetic.items()},
    }


def _told(plan: Plan, frames: Frames, policy: Policy | None) -> dict[str, Any]:
    """Return the plan as it is kept: with the policy, what had to be read differently, and what went out before."""
    told = plan.to_dict()
    if frames.earlier:
        told["earlier"] = {name: content_digest(frame) for name, frame in frames.earlier.items()}
    if plan.settings.accepted is not None:
        told["accepted"] = plan.settings.accepted
    return told | {"policy": None if policy is None else policy.to_dict(), "notes": [*frames.notes, *plan.notes]}


def _check_release(frames: Frames, case: Case, name: str) -> tuple[Check, ...]:
    """Return what was checked of one release."""
    identifiers = check_identifiers(
        original=frames.original,
        control=frames.control,
        release=frames.synthetic[name],
        schema=frames.schema,
        name=name,
    )
    checks = check_release(original=case.original, control=case.control, release=case.release, name=name)
    return (*checks, identifiers)


def _several(frames: Frames, settings: PlanSettings) -> Frames:
    """Return the frames as several releases need them: people in one order, all releases as one more where asked for.

    Raises
    ------
    ConfigError
        If the release that the others are held against is none of them.
    """
    if settings.accepted is not None and settings.accepted not in frames.synthetic:
        known = ", ".join(shown(name) for name in frames.synthetic)
        msg = f"plan.accepted must be one of the releases: {shown(settings.accepted)} is none; name one of {known}"
        raise ConfigError(msg)
    if len(frames.earlier) + len(frames.synthetic) < 2:
        alone = "plan.together says nothing about one release: there are no others to hold beside it"
        return replace(frames, notes=(*frames.notes, alone)) if settings.together else frames
    if settings.together:
        frames = replace(
            frames, synthetic={**frames.synthetic, TOGETHER: union_of({**frames.earlier, **frames.synthetic})}
        )
    return in_one_order(frames, next(iter(frames.synthetic)))


def _with_differences(
    release: Release, frames: Frames, case: Case, plan: Plan, clock: Clock, *, seed: int, jobs: int
) -> Release:
    """Return what was found about all releases together, with what they tell by changing from one to the next."""
    what = f"{release.name}: {DIFFERENCING}"
    clock.step(clock.steps - 1, what)
    found = judge_differences(
        [*frames.earlier.values(), *(frame for name, frame in frames.synthetic.items() if name != TOGETHER)],
        case,
        stream(seed, DIFFERENCING),
        union=frames.synthetic[TOGETHER],
        targets=plan.settings.targets,
        confidence=plan.settings.confidence,
        jobs=jobs,
    )
    clock.stop(what)
    if isinstance(found, Skipped):
        return replace(release, skipped=(*release.skipped, found))
    return replace(release, risks=(*release.risks, found))


def _announced(plan: Plan, case: Case) -> Plan:
    """Return the plan with the endpoint that only all releases together have."""
    attack, settings = Differencing(), plan.settings
    people = [min(people, settings.targets) for people in (plan.original_people, plan.control_people)]
    power, needs = decidable(attack, case.release, (people[0], people[1]), plan.limit, settings.confidence)
    endpoint = Endpoint(DIFFERENCING, attack, attack.knows(plan.schema), False, power, needs)
    return replace(plan, endpoints=(*plan.endpoints, endpoint))


def _check_people(frames: Frames, case: Case, seed: int) -> tuple[Check, ...]:
    """Return what was checked of original and control."""
    unit = frames.schema.unit
    return check_tables(
        original=case.original,
        control=case.control,
        rng=stream(seed, "checks"),
        original_ids=None if unit is None else frames.original[unit],
        control_ids=None if unit is None or frames.control is None else frames.control[unit],
    )


def _check_drift(frames: Frames, former: Former | None, seed: int) -> tuple[Check, ...]:
    """Return what was checked of the training table against the one of before, where there is one."""
    if former is None:
        return ()
    release = next(iter(frames.synthetic.values()))
    found = beside(former, original=frames.original, release=release, schema=frames.schema)
    return (training_drift(found, name=former.name, rng=stream(seed, "training_drift")),)


def limit_of(policy: Policy | None) -> float:
    """Return the limit a policy sets on the primary endpoints, else 0.05, for planning."""
    limits = [] if policy is None else [rule.max for rule in policy.rules if rule.of == "primary.upper"]
    return next((limit for limit in limits if limit is not None), 0.05)
