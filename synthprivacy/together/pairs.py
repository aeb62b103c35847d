"""Releases two by two, on the same people: whom either gives away, and which of the two is safer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Marks, Matches, Outcome
from synthprivacy.statistics.estimate import QUERIES_NEEDED
from synthprivacy.statistics.multiplicity import holm
from synthprivacy.statistics.paired_risks import RiskDifference, risk_difference
from synthprivacy.statistics.paired_scores import isolation_difference, score_difference
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED

Met = Mapping[str, Outcome]
"""By endpoint, what became of the attacks on one release."""
_SIDES = ("original", "control")


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two releases at one endpoint."""

    a: str
    b: str
    endpoint: str
    counts: Mapping[str, Any]
    """People found with both, with one only, with neither; empty where people are not found one by one."""
    difference: RiskDifference | None


def compare(
    releases: Mapping[str, Met],
    *,
    confidence: float = 0.95,
    rng: np.random.Generator | None = None,
    accepted: str | None = None,
    primary: Collection[str] = (),
) -> tuple[dict[str, Any], ...]:
    """Return the comparison of every two releases at every endpoint that both were asked at, as strict JSON.

    At endpoints of guesses ``both``, ``only_a``, ``only_b`` and ``neither`` count training people about whom at least one guess
    was right with one release, and with the other; ``control`` counts control people alike. ``difference`` is the risk of a
    less that of b: ``value``, ``interval`` (for display), ``lower`` and ``upper`` (decision limits), and the two-sided
    ``p_value`` with the one that Holm's correction over all comparisons makes of it, ``adjusted_p``. ``safer`` is ``a`` or
    ``b`` where that is small enough to say so at this confidence, else None: then nobody can tell.

    Comparisons with the accepted release at primary endpoints, declared before anybody was seen, are a family of their own:
    ``against_accepted`` says which side is ``accepted``, with the ``adjusted_p`` and ``safer`` of Holm's correction over these.

    Parameters
    ----------
    releases : mapping of str to mapping of str to Outcome
        By release, in order, then by endpoint: answers about the same people in the same order.
    confidence : float
        Two-sided, within (0, 1).
    rng : numpy.random.Generator, optional
        Draws jackknife groups; without it endpoints of predicates are not compared.
    accepted : str, optional
        The release that all others are held against.
    primary : collection of str
        Endpoints at which they are.

    Raises
    ------
    DataError
        If two releases were held to different people.
    """
    pairs = [pair for a, b in combinations(releases, 2) for pair in _pairs((a, releases[a]), (b, releases[b]), rng)]
    p_values = {id(pair): pair.difference.p_value() for pair in pairs if pair.difference is not None}
    family = [pair for pair in pairs if accepted in {pair.a, pair.b} and pair.endpoint in primary]
    adjusted, against = _holm(pairs, p_values), _holm(family, p_values)
    told = []
    for pair in pairs:
        mine = id(pair)
        one = _told(pair, p_values.get(mine, 1.0), adjusted.get(mine, 1.0), confidence)
        if mine in against:
            side = "a" if pair.a == accepted else "b"
            safer = _safer(pair, against[mine], confidence)
            one["against_accepted"] = {"accepted": side, "adjusted_p": against[mine], "safer": safer}
        told.append(one)
    return tuple(told)


def _holm(pairs: Iterable[_Pair], p_values: Mapping[int, float]) -> dict[int, float]:
    """Return the p-values of some pairs, corrected for there being so many; of those that have one."""
    tested = {id(pair): p_values[id(pair)] for pair in pairs if id(pair) in p_values}
    return dict(zip(tested, holm(list(tested.values())).tolist()))


def _pairs(one: tuple[str, Met], other: tuple[str, Met], rng: np.random.Generator | None) -> Iterator[_Pair]:
    """Yield two releases at every endpoint that was asked with both, and has people enough."""
    (a, first), (b, second) = one, other
    for endpoint in first:
        if endpoint not in second:
            continue
        sides = [_both(first[endpoint], second[endpoint], side) for side in _SIDES]
        match sides:
            case [(Hits(), Hits()) as original, control]:
                yield from _found(a, b, endpoint, original, control)
            case [(Marks() as mine, Marks() as yours), (Marks() as others, Marks() as theirs)]:
                if min(_people(mine), _people(others)) >= PEOPLE_NEEDED:
                    yield _Pair(a, b, endpoint, {}, score_difference((mine, others), (yours, theirs)))
            case [(Matches() as mine, Matches() as yours), (Matches() as others, Matches() as theirs)] if (
                rng is not None
            ):
                if _can_be_counted(mine, yours, others, theirs):
                    yield _Pair(a, b, endpoint, {}, isolation_difference((mine, others), (yours, theirs), rng))


def _found(a: str, b: str, endpoint: str, original: tuple[Hits, Hits], control: Any) -> Iterator[_Pair]:
    """Yield two releases by the people that guesses were right about."""
    if len(original[0].trials) < PEOPLE_NEEDED:
        return
    counts: dict[str, Any] = {**_fourfold(original), "control": None}
    match control:
        case (Hits() as one, Hits() as other) if len(one.trials) >= PEOPLE_NEEDED:
            counts["control"] = _fourfold((one, other))
            difference = risk_difference((original[0], one), (original[1], other))
            yield _Pair(a, b, endpoint, counts, difference)
        case _:
            yield _Pair(a, b, endpoint, counts, None)


def _people(marks: Marks) -> int:
    return len(np.unique(marks.unit))


def _can_be_counted(*matches: Matches) -> bool:
    """Return whether predicates are enough, of people enough, none of whom has a weight."""
    return all(one.people >= PEOPLE_NEEDED and one.queries >= QUERIES_NEEDED and one.weight is None for one in matches)


def _both(one: Outcome, other: Outcome, side: str) -> tuple[Any, Any]:
    """Return the answers made with two releases about one side, None where there are none.

    Raises
    ------
    DataError
        If they are about different people.
    """
    answers = one.answers.get(side), other.answers.get(side)
    if not _same_people(one, other, side, answers):
        msg = f"{one.endpoint} must be about the same people with every release to compare them; attack all of them with one seed and plan"
        raise DataError(msg)
    return answers


def _same_people(one: Outcome, other: Outcome, side: str, answers: tuple[Any, Any]) -> bool:
    """Return whether people are the same, as far as it was kept who they are."""
    known: list[tuple[Any, Any]] = [(one.people.get(side), other.people.get(side))]
    match answers:
        case Hits() as first, Hits() as second:
            known += [(first.person, second.person), (first.trials, second.trials)]
        case Marks() as mine, Marks() as yours:
            known.append((np.unique(mine.unit), np.unique(yours.unit)))
        case Matches() as here, Matches() as there:
            known.append((np.array(here.people), np.array(there.people)))
    return all(first is None or second is None or np.array_equal(first, second) for first, second in known)


def _safer(pair: _Pair, adjusted: float, confidence: float) -> str | None:
    """Return the side with the lower risk, None where the corrected p-value is too large to say so."""
    if pair.difference is None or adjusted > 1.0 - confidence:
        return None
    return "a" if pair.difference.value < 0.0 else "b"


def _told(pair: _Pair, p_value: float, adjusted: float, confidence: float) -> dict[str, Any]:
    told: dict[str, Any] = {"a": pair.a, "b": pair.b, "endpoint": pair.endpoint, **pair.counts}
    told |= {"difference": None, "safer": _safer(pair, adjusted, confidence)}
    if pair.difference is None:
        return told
    lower, upper = pair.difference.interval(confidence, "clopper-pearson")
    told["difference"] = {
        "value": pair.difference.value,
        "interval": list(pair.difference.interval(confidence)),
        "lower": lower,
        "upper": upper,
        "confidence": confidence,
        "p_value": p_value,
        "adjusted_p": adjusted,
    }
    return told


def _fourfold(pair: tuple[Hits, Hits]) -> dict[str, int]:
    """Return how many people were found with both releases, with one only, and with neither."""
    first, second = (side.hits > 0 for side in pair)
    counts = {"both": first & second, "only_a": first & ~second, "only_b": ~first & second, "neither": ~first & ~second}
    return {name: int(people.sum()) for name, people in counts.items()}
