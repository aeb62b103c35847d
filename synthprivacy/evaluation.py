"""The whole evaluation on one page: tables in, `Evaluation` out."""

from __future__ import annotations

from dataclasses import replace

from synthprivacy.clock import Clock, Progress
from synthprivacy.comparators.preparing import WEIGHTS, prepared
from synthprivacy.config import PlanSettings, Policy
from synthprivacy.driver import stream
from synthprivacy.frames import Frames, case_of
from synthprivacy.judging import judge_release
from synthprivacy.planning import Plan, make_plan
from synthprivacy.provenance import facts_of, versions
from synthprivacy.results import Check, Evaluation, Release
from synthprivacy.tables.checks import check_release, check_tables
from synthprivacy.tables.identifiers import check_identifiers
from synthprivacy.tables.table import Case


def plan_of(frames: Frames, settings: PlanSettings, *, limit: float = 0.05, jobs: int = 1) -> Plan:
    """Return the plan, made from the first release and the sizes of the other tables."""
    return _plan(case_of(frames, next(iter(frames.synthetic))), settings, limit, jobs)


def _plan(case: Case, settings: PlanSettings, limit: float, jobs: int) -> Plan:
    return make_plan(
        case.schema,
        case.release,
        settings,
        original_people=case.original.people,
        control_people=0 if case.control is None else case.control.people,
        limit=limit,
        jobs=jobs,
    )


def evaluate_frames(
    frames: Frames,
    *,
    settings: PlanSettings,
    policy: Policy | None = None,
    seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
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
    """
    names = tuple(frames.synthetic)
    case = case_of(frames, names[0])
    checks = _check_people(frames, case, seed)
    compared = prepared(case, settings.comparator, stream(seed, "comparator"), jobs=jobs)
    checks, comparator = checks + compared.checks, compared.comparator
    plan = _plan(case, settings, limit_of(policy), jobs)
    if policy is not None:
        plan.require_hope()
    clock = Clock(progress, len(names) * (len(plan.endpoints) + 2))
    releases: list[Release] = []
    for number, name in enumerate(names):
        if number:
            case = case_of(frames, name)
            compared = prepared(case, settings.comparator, stream(seed, "comparator"), jobs=jobs)
            checks += tuple(replace(check, release=name) for check in compared.checks if check.check == WEIGHTS)
        checks += check_release(original=case.original, control=case.control, release=case.release, name=name)
        checks += (
            check_identifiers(
                original=frames.original,
                control=frames.control,
                release=frames.synthetic[name],
                schema=frames.schema,
                name=name,
            ),
        )
        releases.append(judge_release(compared, plan, seed, clock, number, inclusion=frames.inclusion))
    return Evaluation(
        seed=seed,
        plan=plan.to_dict()
        | {"policy": None if policy is None else policy.to_dict(), "notes": [*frames.notes, *plan.notes]},
        versions=versions(),
        comparator=comparator.to_dict(),
        checks=checks,
        original=facts_of(frames.original, case.original.people, secret=True),
        control=None
        if frames.control is None or case.control is None
        else facts_of(frames.control, case.control.people, secret=True),
        synthetic={name: facts_of(frame, frame.num_rows) for name, frame in frames.synthetic.items()},
        releases=tuple(releases),
        timings=clock.seconds,
    )


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


def limit_of(policy: Policy | None) -> float:
    """Return the limit a policy sets on the primary endpoints, else 0.05, for planning."""
    limits = [] if policy is None else [rule.max for rule in policy.rules if rule.of == "primary.upper"]
    return next((limit for limit in limits if limit is not None), 0.05)
