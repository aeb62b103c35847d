"""Releases two by two, on the same people: whom either gives away, and which of the two is safer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Outcome
from synthprivacy.statistics.multiplicity import holm
from synthprivacy.statistics.paired_risks import RiskDifference, risk_difference
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED

Met = Mapping[str, Outcome]
"""By endpoint, what became of the attacks on one release."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two releases at one endpoint."""

    a: str
    b: str
    endpoint: str
    original: tuple[Hits, Hits]
    control: tuple[Hits, Hits] | None
    difference: RiskDifference | None


def compare(releases: Mapping[str, Met], *, confidence: float = 0.95) -> tuple[dict[str, Any], ...]:
    """Return the comparison of every two releases at every endpoint of guesses, as strict JSON.

    ``both``, ``only_a``, ``only_b`` and ``neither`` count training people about whom at least one guess was right with one
    release, and with the other; ``control`` counts control people alike. ``difference`` is the risk of a less that of b:
    ``value``, ``interval`` (for display), ``lower`` and ``upper`` (Clopper-Pearson limits), and the two-sided ``p_value`` with
    the one that Holm's correction over all comparisons makes of it, ``adjusted_p``. ``safer`` is ``a`` or ``b`` where that is
    small enough to say so at this confidence, else None: then nobody can tell.

    Parameters
    ----------
    releases : mapping of str to mapping of str to Outcome
        By release, in order, then by endpoint: answers about the same people in the same order.
    confidence : float
        Two-sided, within (0, 1).

    Raises
    ------
    DataError
        If two releases were held to different people.
    """
    pairs = [pair for a, b in combinations(releases, 2) for pair in _pairs((a, releases[a]), (b, releases[b]))]
    tested = [pair for pair in pairs if pair.difference is not None]
    p_values = {id(pair): pair.difference.p_value() for pair in tested if pair.difference is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())).tolist()))
    return tuple(_told(pair, p_values.get(id(pair), 1.0), adjusted.get(id(pair), 1.0), confidence) for pair in pairs)


def _pairs(one: tuple[str, Met], other: tuple[str, Met]) -> list[_Pair]:
    """Return two releases at every endpoint that was asked with both, and has people enough."""
    (a, first), (b, second) = one, other
    found = []
    for endpoint in first:
        if endpoint not in second:
            continue
        sides = {side: _hits(first[endpoint], second[endpoint], side) for side in ("original", "control")}
        original, control = sides["original"], sides["control"]
        if original is None or len(original[0].trials) < PEOPLE_NEEDED:
            continue
        if control is not None and len(control[0].trials) < PEOPLE_NEEDED:
            control = None
        difference = None if control is None else risk_difference(*zip(original, control))
        found.append(_Pair(a, b, endpoint, original, control, difference))
    return found


def _hits(one: Outcome, other: Outcome, side: str) -> tuple[Hits, Hits] | None:
    match one.answers.get(side), other.answers.get(side):
        case Hits() as first, Hits() as second:
            if not _same_people(one, other, side, (first, second)):
                msg = f"{one.endpoint} must be about the same people with every release to compare them; attack all of them with one seed and plan"
                raise DataError(msg)
            return first, second
    return None


def _same_people(one: Outcome, other: Outcome, side: str, hits: tuple[Hits, Hits]) -> bool:
    """Return whether people are the same, as far as it was kept who they are."""
    shown = one.people.get(side), other.people.get(side)
    known = [(shown[0], shown[1]), (hits[0].person, hits[1].person), (hits[0].trials, hits[1].trials)]
    return all(first is None or second is None or np.array_equal(first, second) for first, second in known)


def _told(pair: _Pair, p_value: float, adjusted: float, confidence: float) -> dict[str, Any]:
    told: dict[str, Any] = {"a": pair.a, "b": pair.b, "endpoint": pair.endpoint, **_fourfold(pair.original)}
    told |= {"control": None if pair.control is None else _fourfold(pair.control), "difference": None, "safer": None}
    if pair.difference is None:
        return told
    value = pair.difference.value
    lower, upper = pair.difference.interval(confidence, "clopper-pearson")
    told["difference"] = {
        "value": value,
        "interval": list(pair.difference.interval(confidence)),
        "lower": lower,
        "upper": upper,
        "confidence": confidence,
        "p_value": p_value,
        "adjusted_p": adjusted,
    }
    if adjusted <= 1.0 - confidence:
        told["safer"] = "a" if value < 0.0 else "b"
    return told


def _fourfold(pair: tuple[Hits, Hits]) -> dict[str, int]:
    """Return how many people were found with both releases, with one only, and with neither."""
    first, second = (side.hits > 0 for side in pair)
    counts = {"both": first & second, "only_a": first & ~second, "only_b": ~first & second, "neither": ~first & ~second}
    return {name: int(people.sum()) for name, people in counts.items()}
