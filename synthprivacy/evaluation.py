"""The whole evaluation on one page: tables in, `Evaluation` out."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.config import PlanSettings, Policy
from synthprivacy.driver import halves, run
from synthprivacy.errors import DataError, SchemaError
from synthprivacy.measures import MEASURES
from synthprivacy.planning import Endpoint, Plan, make_plan
from synthprivacy.provenance import facts_of, versions
from synthprivacy.results import Check, Evaluation, Release, Risk, Skipped
from synthprivacy.rulers import ladder, read, series
from synthprivacy.schemata import Schema, conform, infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.checks import check_release, check_tables
from synthprivacy.tables.encode import encode
from synthprivacy.tables.identifiers import check_identifiers
from synthprivacy.tables.read import load
from synthprivacy.tables.table import Case, Table

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what comes next."""

RULER = "membership.distance"
"""The endpoint whose result is read as a number of people."""


@dataclass(frozen=True, slots=True, repr=False)
class Frames:
    """The tables of one evaluation, conforming to one schema."""

    original: pa.Table
    control: pa.Table | None
    synthetic: Mapping[str, pa.Table]
    schema: Schema
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<frames: {self.original.num_rows} rows, {len(self.synthetic)} releases>"  # arrow's own shows cells


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds per stage, and where to report progress."""

    progress: Progress | None
    steps: int
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, done: int, what: str) -> None:
        """Report what comes next."""
        if self.progress is not None:
            self.progress(done, self.steps, what)
        self.seconds[what] = -time.perf_counter()

    def stop(self, what: str) -> None:
        """Note how long a stage took."""
        self.seconds[what] += time.perf_counter()


def read_tables(
    *,
    original: object,
    control: object | None,
    synthetic: object | Mapping[str, object],
    schema: Schema | None,
    encoding: str = "utf-8",
) -> Frames:
    """Return the tables as conforming frames; the schema is inferred from the original where none is given.

    Raises
    ------
    DataError
        If a table cannot be read, or there is no release.
    SchemaError
        If the tables do not describe the same columns: everything that differs, at once.
    """
    releases = synthetic if isinstance(synthetic, Mapping) else {"synthetic": synthetic}
    if not releases:
        msg = "synthetic must hold at least one table; name one as NAME=FILE"
        raise DataError(msg)
    _refuse_same_file(
        {"original": original, "control": control} | {f"release {name}": releases[name] for name in releases}
    )
    frames = {"original": load(original, label="original", encoding=encoding)}
    if control is not None:
        frames["control"] = load(control, label="control", encoding=encoding)
    names = {str(name): f"release {name}" for name in releases}
    for name, label in names.items():
        frames[label] = load(releases[name], label=label, encoding=encoding)
    known = infer(frames["original"]) if schema is None else schema
    if len(known.attackable) < 2:
        msg = f"the tables must share at least 2 columns that an attacker could use: {len(known.attackable)}; add columns, or declare the kind of those left out"
        raise SchemaError(msg)
    conforming, notes = conform(frames, known)
    synthetic_frames = {name: conforming[label] for name, label in names.items()}
    return Frames(conforming["original"], conforming.get("control"), synthetic_frames, known, notes)


def _refuse_same_file(sources: Mapping[str, object]) -> None:
    """Refuse one file in two places: almost surely a mistake, and one that can hide a leak."""
    seen: dict[Path, str] = {}
    for label, source in sources.items():
        if isinstance(source, str | os.PathLike):
            path = Path(source).resolve()
            if path in seen:
                raise DataError(f"{seen[path]} and {label} must not be the same file; pass two different tables")
            seen[path] = label


def plan_of(frames: Frames, settings: PlanSettings, *, limit: float = 0.05, jobs: int = 1) -> Plan:
    """Return the plan, made from the first release and the sizes of the other tables."""
    return _plan(case_of(frames, next(iter(frames.synthetic))), settings, limit, jobs)


def case_of(frames: Frames, name: str) -> Case:
    """Return the encoded case of one release."""
    return encode(
        original=frames.original,
        control=frames.control,
        release=frames.synthetic[name],
        schema=frames.schema,
        name=name,
    )


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
    plan = _plan(case, settings, limit_of(policy), jobs)
    clock = Clock(progress, len(names) * (len(plan.endpoints) + 2))
    releases: list[Release] = []
    for number, name in enumerate(names):
        case = case if number == 0 else case_of(frames, name)
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
        releases.append(_release(case, plan, seed, clock, number))
    return Evaluation(
        seed=seed,
        plan=plan.to_dict()
        | {"policy": None if policy is None else policy.to_dict(), "notes": [*frames.notes, *plan.notes]},
        versions=versions(),
        comparator={"kind": "none" if frames.control is None else "holdout"},
        checks=checks,
        original=facts_of(frames.original, case.original.people, secret=True),
        control=None
        if frames.control is None or case.control is None
        else facts_of(frames.control, case.control.people, secret=True),
        synthetic={name: facts_of(frame, frame.num_rows) for name, frame in frames.synthetic.items()},
        releases=tuple(releases),
        timings=clock.seconds,
    )


def _release(case: Case, plan: Plan, seed: int, clock: Clock, number: int) -> Release:
    """Return everything found about one release."""
    done = number * (len(plan.endpoints) + 2)
    reference = (
        None if case.control is None else halves(case.control, int(_stream(seed, "reference").integers(2**63)))[0]
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
    rng = _stream(seed, endpoint.key)
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
    ruler = ladder(attack, case, _stream(seed, "ruler"), targets=settings.targets, confidence=settings.confidence)
    if isinstance(ruler, Skipped):
        missing = replace(ruler, attack="membership", endpoint="copies", primary="copies" in plan.primary)
        return replace(release, skipped=(*release.skipped, missing))
    return replace(release, copies=read(risk, ruler), series=(series(RULER, ruler),))


def _check_people(frames: Frames, case: Case, seed: int) -> tuple[Check, ...]:
    """Return what was checked of original and control."""
    unit = frames.schema.unit
    return check_tables(
        original=case.original,
        control=case.control,
        rng=_stream(seed, "checks"),
        original_ids=None if unit is None else frames.original[unit],
        control_ids=None if unit is None or frames.control is None else frames.control[unit],
    )


def _stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one part: the order of the parts, and the columns' names, change nothing."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def limit_of(policy: Policy | None) -> float:
    """Return the limit a policy sets on the primary endpoints, else 0.05, for planning."""
    limits = [] if policy is None else [rule.max for rule in policy.rules if rule.of == "primary.upper"]
    return next((limit for limit in limits if limit is not None), 0.05)
