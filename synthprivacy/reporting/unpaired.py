"""Releases of different evaluations: they were attacked apart, so that only large differences can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from synthprivacy.gating.candidates import held_to
from synthprivacy.gating.counts import plural
from synthprivacy.gating.union import union_of
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.names import shown
from synthprivacy.results import Evaluation, Release, Risk

LAST = "the release accepted last"


@dataclass(frozen=True, slots=True)
class Unpaired:
    """What can be told across evaluations."""

    about: str
    sentences: tuple[str, ...]
    """One for every two releases."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One release of one evaluation."""

    name: str
    release: Release
    evaluation: Evaluation


def unpaired(entries: Sequence[Entry], accepted: Evaluation | None = None) -> Unpaired | None:
    """Return how releases of different evaluations compare at primary endpoints; None where there are none.

    Not the union of the releases of an evaluation, which holds them all and is no choice beside others.

    One is safer where its upper bound lies under the lower bound of the other. With m comparisons each bound is held to the
    (2 m)-th part of its error, so that by the union bound all claims together are wrong no more often than one bound may be,
    two-sided, whatever they have in common.

    Parameters
    ----------
    entries
        Releases of the page.
    accepted
        An evaluation that is not on the page: then all others are held against its releases, and not against each other.

    References
    ----------
    Dunn (1961), Multiple comparisons among means (the union bound).
    """
    files = [entry for entry in entries if entry.release.name != union_of(entry.evaluation)]
    sides = [_Side(entry.letter or entry.name, entry.release, entry.evaluation) for entry in files]
    if accepted is None:
        couples = [(a, b) for a, b in combinations(sides, 2) if a.evaluation is not b.evaluation]
    else:
        last = [release for release in accepted.releases if release.name != union_of(accepted)]
        others = [_Side(f"{shown(release.name)}, {LAST}", release, accepted) for release in last]
        couples = [(side, other) for side in sides for other in others]
    if not couples:
        return None
    count = sum(len(_shared(a.release, b.release)) for a, b in couples)
    return Unpaired(_about(couples, count), tuple(_sentence(a, b, 1.0 / (2.0 * max(count, 1))) for a, b in couples))


def _about(couples: Sequence[tuple[_Side, _Side]], count: int) -> str:
    same = all(a.evaluation.original.digest == b.evaluation.original.digest is not None for a, b in couples)
    people = "" if same else " Not all were made from one original table."
    return (
        "Releases of different evaluations were attacked apart, maybe with other people: they are not paired. One is called safer "
        "where its highest risk lies under the lowest of the other, by bounds that hold together for "
        f"{plural(count, 'comparison')} (Bonferroni); smaller differences are not told.{people}"
    )


def _shared(one: Release, other: Release) -> list[tuple[Risk, Risk]]:
    """Return the risks of the endpoints that are primary in both releases and mean the same."""
    theirs = {risk.endpoint: risk for risk in other.risks if risk.primary}
    mine = [risk for risk in one.risks if risk.primary and risk.endpoint in theirs]
    return [(risk, theirs[risk.endpoint]) for risk in mine if risk.estimand == theirs[risk.endpoint].estimand]


def _sentence(one: _Side, other: _Side, part: float) -> str:
    shared = _shared(held_to(one.release, part), held_to(other.release, part))
    if not shared:
        return f"{one.name} and {other.name}: no primary endpoint was judged in both."
    wins = sum(a.upper < b.lower for a, b in shared), sum(b.upper < a.lower for a, b in shared)
    said = [
        f"{better.name} is safer than {worse.name} at {won:,} of {plural(len(shared), 'primary endpoint')}"
        for won, better, worse in ((wins[0], one, other), (wins[1], other, one))
        if won
    ]
    if not said:
        return f"{one.name} and {other.name}: nobody can tell at any of {plural(len(shared), 'primary endpoint')}."
    rest = ["at the others nobody can tell"] if sum(wins) < len(shared) else []
    return f"{'; '.join([*said, *rest])}."
