"""What all releases add up to: people who leaked, rows, claims, questions asked of the same people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthprivacy.gating.bounds import Bound, bound_of, bound_of_copies, finite
from synthprivacy.ledger.chain import Entry
from synthprivacy.ledger.composing import Claim
from synthprivacy.results import Release

JUDGED, RELEASED = "judged", "released"
"""Kinds of entries: a candidate was judged by a gate; a table went out."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Share of the training people given away: decision bounds."""

    lower: float
    upper: float


def leak_of(release: Release, primary: Sequence[str]) -> Leak | None:
    """Return the largest decision bounds among the primary endpoints of a release; None where one cannot be read."""
    bounds: list[Bound] = []
    for endpoint in primary:
        if endpoint == "copies":
            read = [bound_of_copies(release.copies, share=True)]
        else:
            read = [bound_of(risk, "") for risk in release.risks if risk.endpoint == endpoint]
        bounds += [bound for bound in read if isinstance(bound, Bound)]
        if not read or any(isinstance(bound, str) for bound in read):
            return None
    if not bounds:
        return None
    return Leak(_share(max(bound.lower for bound in bounds)), _share(max(bound.bound for bound in bounds)))


def over(leaks: Iterable[Leak]) -> Leak:
    """Return the share of people given away by at least one of several releases.

    From below ``1 - prod(1 - leak)``, as if each release gave away people independently of the others: one that gives away the
    same people again adds less, which only the joint attack (``plan.together``) can tell. From above the plain sum, which
    nothing exceeds, not even releases made to give away others each time.
    """
    kept = list(leaks)
    return Leak(1.0 - math.prod(1.0 - leak.lower for leak in kept), min(1.0, math.fsum(leak.upper for leak in kept)))


@dataclass(frozen=True, slots=True)
class Totals:
    """All that went out, and all that was asked."""

    releases: int
    rows: int
    leak: Leak | None
    """None where the leak of a release that went out was never measured."""
    claims: tuple[Claim | None, ...]
    """One of each release; None without a claim."""
    queries: int
    """Releases judged by a gate, again and again included: each answer tells something of the training people."""


def totals(entries: Sequence[Entry]) -> Totals:
    """Return what the entries add up to; a table that went out twice counts once."""
    out = {str(body.get("table")): body for body in of_kind(entries, RELEASED)}
    leaks = [_leak(body) for body in out.values()]
    known = [leak for leak in leaks if leak is not None]
    return Totals(
        releases=len(out),
        rows=sum(int(body["rows"]) for body in out.values() if finite(body.get("rows"))),
        leak=over(known) if len(known) == len(leaks) else None,
        claims=tuple(_claim(body.get("claim")) for body in out.values()),
        queries=len(of_kind(entries, JUDGED)),
    )


def of_kind(entries: Sequence[Entry], kind: str) -> list[Mapping[str, Any]]:
    """Return the bodies of the entries of a kind, in order."""
    return [entry.body for entry in entries if entry.kind == kind]


def _leak(body: Mapping[str, Any]) -> Leak | None:
    match body.get("leak"):
        case [int() | float() as lower, int() | float() as upper]:
            return Leak(_share(lower), _share(upper))
    return None


def _claim(given: object) -> Claim | None:
    match given:
        case [int() | float() as epsilon, int() | float() as delta]:
            return Claim(epsilon, delta)
    return None


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
