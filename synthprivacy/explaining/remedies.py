"""What to change, in a sentence each, with the effect that was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synthprivacy.explaining.mechanisms import WORDS
from synthprivacy.explaining.values import ByColumn, Explanation, Mechanism, accounted, best, fall, material
from synthprivacy.results import Risk
from synthprivacy.schemata import shown

ENOUGH = 0.5
"""A coarser column is proposed instead of none where it takes at least this share of what its absence takes."""
COLUMNS = 3
"""Columns that something is proposed about, at most."""
MECHANISMS = 3
"""Mechanisms that something is proposed about, at most."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change, and the endpoint's risk after it."""

    of: Literal["column", "mechanism"]
    name: str
    """The column, or the mechanism."""
    change: str
    """What to do."""
    after: Risk | None
    """None where it was not measured, or nothing can be attacked any more."""
    indirect: bool
    """Whether the change is one of the generator: what is measured then is the release without the rows that show it."""
    gone: bool = False
    """Whether nothing can be attacked any more."""


def remedies(explanation: Explanation) -> tuple[Remedy, ...]:
    """Return what to change, that which leaves least of the risk first; empty where there is nothing to explain.

    Of a risk only what takes a material part of it is changed. Where the endpoint shows none, the generator is
    changed against every mechanism that is evident. A change of a column is one of the file: its effect on this attack
    is the one measured, but as the largest of many it is likelier to be too large than too small. A change of the generator
    cannot be tried on a file: measured is the release without the rows that show the mechanism. Rows that are made well in
    their place can hide what the others still show, and leave less; rows that repeat people otherwise leave more.
    """
    read = explanation.read
    columns = [one for one in explanation.columns if one.gone or material(read, best(one))]
    proposed = [_of_column(one, read) for one in columns[:COLUMNS]]
    evident = [one for one in explanation.mechanisms if one.evident and one.rows != 0.0]
    if explanation.excess:
        evident = [one for one in evident if one.gone or material(read, one.left)]
    proposed += [_of_mechanism(one) for one in evident[:MECHANISMS]]
    return tuple(sorted(proposed, key=lambda one: _left(one, read)))


def _of_column(one: ByColumn, read: Risk | None) -> Remedy:
    """Return the change of a column: coarser where that does enough, else none of it."""
    whole, part = fall(read, one.without), fall(read, one.coarser)
    if part is not None and material(read, one.coarser) and (whole is None or part >= ENOUGH * whole):
        return Remedy("column", one.column, f"release {shown(one.column)} {one.how}", one.coarser, indirect=False)
    change = f"leave {shown(one.column)} out of the release"
    return Remedy("column", one.column, change, one.without, indirect=False, gone=one.gone)


def _of_mechanism(one: Mechanism) -> Remedy:
    return Remedy("mechanism", one.name, WORDS[one.name].remedy, one.left, indirect=True, gone=one.gone)


def _left(remedy: Remedy, read: Risk | None) -> float:
    """Return what is left of the risk after a change; all of it where that was not measured."""
    if remedy.gone:
        return 0.0
    if remedy.after is not None:
        return remedy.after.value
    return float("inf") if read is None else read.value


def share(explanation: Explanation, mechanism: Mechanism) -> float | None:
    """Return the share of the endpoint's risk that goes with a mechanism, at least none and at most all of it."""
    found = accounted(explanation.read, mechanism)
    return None if found is None else min(max(found, 0.0), 1.0)
