"""The whole explanation on one page: an evaluation and its tables in, `Explanation` out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count

from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.clock import Progress
from synthprivacy.errors import ConfigError
from synthprivacy.explaining.agreeing import as_evaluated, endpoint_of, plan_again, require_same_tables
from synthprivacy.explaining.by_column import by_column
from synthprivacy.explaining.by_group import deciles_of, groups_of, parted
from synthprivacy.explaining.by_mechanism import by_mechanism
from synthprivacy.explaining.reading import Reader, risk_or_none
from synthprivacy.explaining.values import Explanation
from synthprivacy.frames import Frames, case_of
from synthprivacy.planning import Plan
from synthprivacy.results import Evaluation, Release, Risk
from synthprivacy.schemata import shown
from synthprivacy.strata import Stratum, strata_of, vulnerability
from synthprivacy.tables.table import Case

PEOPLE = 10_000
"""People asked per side, at most: every column is read twice."""
OTHER_STEPS = 14
"""Readings besides those of columns, about."""
NEEDS_TABLES = "what goes with columns and mechanisms is read from the tables; pass original, control and the release"


def explain_frames(
    evaluation: Evaluation,
    frames: Frames,
    release: str,
    endpoint: str | None = None,
    *,
    adjust: Callable[[Case], Case] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Explanation:
    """Return why an endpoint of a release has its risk, by column, group and mechanism, and what to change.

    Everything is read by the attack of the endpoint, on the same people, with the seed of the evaluation. Where it shows
    no risk its columns are not read: a column that nothing goes through explains nothing.

    Parameters
    ----------
    evaluation : Evaluation
    frames : Frames
        The tables of the evaluation, with the release among them.
    release : str
    endpoint : str, optional
        Its worst primary one where absent.
    adjust : callable, optional
        What the comparator of the evaluation makes of the case: weights of the control.
    jobs : int
        Threads; they change nothing but the time.
    progress : callable, optional
        See `Progress`.

    Raises
    ------
    ConfigError
        If there is no such release or endpoint, or it was planned otherwise.
    DataError
        If the tables are not those of the evaluation.
    """
    found = release_of(evaluation, release)
    risk = risk_of(found, endpoint)
    notes = require_same_tables(evaluation, frames)
    frames = as_evaluated(evaluation, frames)
    plan = plan_again(evaluation, frames, jobs=jobs)
    whole, some = parted(found, risk.endpoint)
    base = endpoint_of(plan, evaluation, release, whole)
    if isinstance(base.attack, Battery):
        msg = f"{shown(base.name)} learns from the control and cannot be read again alone; explain membership.distance"
        raise ConfigError(msg)
    case = case_of(frames, release)
    case = case if adjust is None else adjust(case)
    stratum = _stratum(case, plan, some, jobs)
    targets, confidence = min(plan.settings.targets, PEOPLE), plan.settings.confidence
    reader = Reader(base, evaluation.seed, targets, confidence, stratum)
    told = partial(_tell, progress, count(), 2 * len(case.schema.attackable) + OTHER_STEPS, release)
    return replace(
        explain_case(reader, case, risk, jobs=jobs, told=told),
        groups=groups_of(found, risk.endpoint),
        deciles=deciles_of(found, risk.endpoint),
        notes=notes,
    )


def explain_case(
    reader: Reader, case: Case, risk: Risk, *, jobs: int = 1, told: Callable[[str], None] = lambda _: None
) -> Explanation:
    """Return the explanation of a risk by column and mechanism.

    Parameters
    ----------
    reader : Reader
        How the endpoint is read.
    case : Case
        With a control.
    risk : Risk
        What the evaluation found.
    jobs : int
        Threads.
    told : callable
        Called with what comes next.
    """
    told("as it is")
    read = risk_or_none(reader.read(case))
    shows = read if risk.lower > 0.0 else None
    columns, passed_over = ((), 0) if shows is None else by_column(reader, case, shows, told=told)
    sides = [case.original] if case.control is None else [case.original, case.control]
    most = max(table.people for table in sides) if reader.endpoint.attack.everyone else reader.targets
    asked = [min(most, table.people) for table in sides]
    return Explanation(
        case.name,
        risk.endpoint,
        reader.seed,
        risk,
        read,
        (asked[0], sum(asked[1:])),
        columns=columns,
        passed_over=passed_over,
        mechanisms=by_mechanism(reader, case, shows, jobs=jobs, told=told),
    )


def explain_evaluation(evaluation: Evaluation, release: str, endpoint: str | None = None) -> Explanation:
    """Return what the evaluation alone tells of an endpoint: its risk by group, and by how unusual people are.

    Parameters
    ----------
    evaluation : Evaluation
    release : str
    endpoint : str, optional
        Its worst primary one where absent.

    Raises
    ------
    ConfigError
        If there is no such release or endpoint.
    """
    found = explain_release(release_of(evaluation, release), endpoint)
    return replace(found, seed=evaluation.seed, rendering=evaluation.rendering)


def explain_release(release: Release, endpoint: str | None = None) -> Explanation:
    """Return the same of what was found about one release.

    Raises
    ------
    ConfigError
        If there is no such endpoint.
    """
    risk = risk_of(release, endpoint)
    groups, deciles = groups_of(release, risk.endpoint), deciles_of(release, risk.endpoint)
    return Explanation(
        release.name, risk.endpoint, None, risk, None, None, groups=groups, deciles=deciles, notes=(NEEDS_TABLES,)
    )


def release_of(evaluation: Evaluation, name: str) -> Release:
    """Return a release of an evaluation.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    for release in evaluation.releases:
        if release.name == name:
            return release
    there = ", ".join(shown(release.name) for release in evaluation.releases)
    raise ConfigError(f"the evaluation has no release {shown(name)}; name one of {there}")


def risk_of(release: Release, endpoint: str | None) -> Risk:
    """Return the risk to explain: of the endpoint named, else of the worst primary one.

    Raises
    ------
    ConfigError
        If there is none.
    """
    if endpoint is None:
        if release.worst is None:
            raise ConfigError(f"{shown(release.name)} has no endpoint that was judged; nothing can be explained")
        return release.worst
    for risk in release.risks:
        if risk.endpoint == endpoint:
            return risk
    there = ", ".join(shown(risk.endpoint) for risk in release.risks)
    raise ConfigError(f"{shown(release.name)} has no judged endpoint {shown(endpoint)}; name one of {there}")


def _stratum(case: Case, plan: Plan, name: str | None, jobs: int) -> Stratum | None:
    """Return the people of a stratum; None for all.

    Raises
    ------
    ConfigError
        If these tables have no such stratum.
    """
    if name is None or case.control is None:
        return None
    strata = strata_of(case, vulnerability(case.original, case.control, jobs=jobs), plan.groups)
    for stratum in strata:
        if stratum.name == name:
            return stratum
    raise ConfigError(f"these tables have no people {shown(name)}; pass the configuration of the evaluation")


def _tell(progress: Progress | None, steps: Iterator[int], of: int, release: str, what: str) -> None:
    """Report what comes next; how many steps there will be is guessed."""
    done = next(steps)
    if progress is not None:
        progress(min(done, of - 1), of, f"{release}: {what}")
