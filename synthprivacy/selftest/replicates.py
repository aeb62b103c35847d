"""Readings of many replicates, on as many processes as wanted; their number changes no reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.subjects import Reading, Readings, Subject
from synthprivacy.selftest.work import results_of

Advance = Callable[[str], None]
"""Called with the name of a scenario when a chunk of its replicates is read."""

CHUNK = 20
"""Replicates read in one go."""


def chunk_of(subject: Subject, name: str, seed: int, numbers: range) -> list[Readings]:
    """Return the readings of some replicates of a scenario."""
    scenario = SCENARIOS[name]
    return [subject(scenario, scenario.case(seed, number), number) for number in numbers]


def read_all(
    names: Iterable[str],
    replicates: int,
    *,
    costly: int = 0,
    seed: int,
    jobs: int,
    advance: Advance,
    subjects: tuple[Subject, Subject],
) -> Mapping[str, Mapping[str, Sequence[Reading | None]]]:
    """Return the readings of every scenario by endpoint, replicates in order.

    The first `costly` replicates are read by the first subject, the rest by the second, which leaves the costly attacks
    out. An endpoint that some replicates do not have is None there.
    """
    rows: dict[str, list[Readings]] = {}
    tasks = [
        (_subject(subjects, numbers, costly), name, seed, numbers)
        for name in names
        for numbers in cut(costly, replicates)
    ]
    for (_, name, _, _), readings in zip(tasks, results_of(chunk_of, tasks, jobs)):
        rows.setdefault(name, []).extend(readings)
        advance(name)
    return {name: by_endpoint(readings) for name, readings in rows.items()}


def cut(costly: int, replicates: int) -> list[range]:
    """Return the replicates in chunks, with a cut where the costly attacks stop."""
    edges = sorted({*range(0, replicates, CHUNK), min(costly, replicates), replicates})
    return [range(first, last) for first, last in pairwise(edges)]


def _subject(subjects: tuple[Subject, Subject], numbers: range, costly: int) -> Subject:
    return subjects[0] if numbers.start < costly else subjects[1]


def by_endpoint(rows: Sequence[Readings]) -> dict[str, list[Reading | None]]:
    """Return the readings of each endpoint, one a replicate."""
    endpoints = sorted({endpoint for row in rows for endpoint in row})
    return {endpoint: [row.get(endpoint) for row in rows] for endpoint in endpoints}
