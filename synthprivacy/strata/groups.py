"""Which people make a stratum: the most unusual, and the declared groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from synthprivacy.errors import SchemaError
from synthprivacy.results.strata import OUTLIERS
from synthprivacy.strata.vulnerability import Vulnerability
from synthprivacy.tables.encode import mark_of
from synthprivacy.tables.table import BoolArray, Case, Feature, FloatArray, IntArray, Table

UNUSUAL = 0.05
"""Share of all people who make it up."""
MOST = 20
"""Groups that one column makes at most: of the most frequent labels of the release."""
LEAST = 30
"""People a side below which nothing is said of a group."""
FEW = 10
"""People a side of whom nobody may learn that there are any (as in `rendering.counts`)."""
OTHERS = "other labels"
"""Everybody of a group column whose label is not among them, be it in the release or not."""
MISSING = "missing"
QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
"""Groups of a column of many numbers, dates or durations: cut at the quartiles of the release."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who share a label, a number or a quarter in a column declared as a group."""

    column: str
    label: str
    share: float
    """Of the rows of the release in which the column is filled in."""
    number: float | None = None
    """The number shared, of a column of few numbers; None for labels and quarters."""

    @property
    def name(self) -> str:
        """What stands after the ``@`` of an endpoint."""
        return f"{self.column}={self.label}"


@dataclass(frozen=True, slots=True, repr=False)
class Stratum:
    """Some of the people, training and control."""

    name: str
    """What stands after the ``@`` of an endpoint."""
    original: BoolArray
    """(people,)"""
    control: BoolArray
    """(people,)"""
    unknown: bool = False
    """Whether it is of people whose label the release does not tell."""

    def __repr__(self) -> str:
        return f"<stratum {self.name}>"


def groups_of(case: Case) -> tuple[Group, ...]:
    """Return the groups that the declared columns make, by what the release holds.

    Parameters
    ----------
    case : Case

    Raises
    ------
    SchemaError
        If two groups have one name, which an equals sign in the name of a column can bring about.
    """
    columns = [name for name in sorted(case.schema.with_role("group")) if name in case.release.names]
    groups = tuple(group for name in columns for group in _groups(case, case.release[name]))
    twice = len(groups) - len({group.name for group in groups})
    if twice:
        msg = f"groups must have different names: {twice} of {len(groups)} are called like another one; rename the group columns that have a = in their names"
        raise SchemaError(msg)
    return groups


def strata_of(case: Case, vulnerability: Vulnerability, groups: Sequence[Group] = ()) -> tuple[Stratum, ...]:
    """Return the stratum of unusual people, then every group, then whoever has another label of its column, or none.

    A person with several rows belongs to the group of the first one in which the column is filled in. Where fewer than `FEW`
    people of a side are left over of whom nothing is said, because their label is not known or they have none, they count with the
    group that most rows of the release are of: else the groups would add up to everybody or not, and so tell that somebody is there.

    Parameters
    ----------
    case : Case
    vulnerability : Vulnerability
    groups : sequence of Group
        In the order of their columns; of this release or of another one of the same source.
    """
    unusual = Stratum(OUTLIERS, vulnerability.original > 1.0 - UNUSUAL, vulnerability.control > 1.0 - UNUSUAL)
    columns = groupby(groups, key=lambda group: group.column)
    return (unusual, *(stratum for name, members in columns for stratum in _strata(case, name, list(members))))


def _groups(case: Case, feature: Feature) -> Iterator[Group]:
    present = feature.values[~np.isnan(feature.values)]
    values, counts = np.unique(present, return_counts=True)
    if feature.ordered and len(values) > MOST:
        yield from (Group(feature.name, quarter, 1.0 / len(QUARTERS)) for quarter in QUARTERS)
        return
    kept = np.sort(np.argsort(-counts, kind="stable")[:MOST])
    for value, count in zip(values[kept].tolist(), counts[kept].tolist()):
        share = count / len(present)
        if feature.ordered:
            yield Group(feature.name, f"{value:g}", share, value)
        else:
            yield Group(feature.name, case.labels[feature.name][int(value)], share)


def _strata(case: Case, column: str, groups: Sequence[Group]) -> Iterator[Stratum]:
    tables = (case.original, *(() if case.control is None else (case.control,)))
    values = [_of_people(table, column) for table in tables]
    inside = [[_holds(case, group, side) for side in values] for group in groups]
    taken = [np.any([sides[place] for sides in inside], axis=0) for place in range(len(tables))]
    nobody = [np.isnan(side) for side in values]
    others = [~by & ~none for by, none in zip(taken, nobody)]
    left = _left_over(others, nobody)
    largest = max(groups, key=lambda group: group.share)
    for group, sides in zip(groups, inside):
        whole = [side | more for side, more in zip(sides, left)] if group is largest else sides
        yield Stratum(group.name, whole[0], whole[1])
    for name, sides in ((OTHERS, others), (MISSING, nobody)):
        yield Stratum(_unlike(f"{column}={name}", groups), sides[0], sides[1], unknown=True)


def _left_over(*unknown: list[BoolArray]) -> list[BoolArray]:
    """Return who of each side (people,) is in none of the parts that something is said of, where they are few; else nobody."""
    silent = [sides for sides in unknown if min(np.count_nonzero(side) for side in sides) < LEAST]
    left = [
        np.any([sides[place] for sides in silent] or [np.zeros_like(side)], axis=0)
        for place, side in enumerate(unknown[0])
    ]
    return [side if np.count_nonzero(side) < FEW else np.zeros_like(side) for side in left]


def _unlike(name: str, groups: Sequence[Group]) -> str:
    """Return a name that no group has: a release may well have a label ``missing``."""
    names = {group.name for group in groups}
    while name in names:
        name += "*"
    return name


def _holds(case: Case, group: Group, values: FloatArray) -> BoolArray:
    """Return who of some people, by their values (people,), belongs to a group."""
    feature = case.release[group.column]
    sought = group.number if feature.ordered else _code(case, group, feature)
    if feature.ordered and group.number is None and group.label in QUARTERS:
        present = feature.values[~np.isnan(feature.values)]
        cuts = np.quantile(present, [0.25, 0.5, 0.75], method="inverted_cdf")
        sought = QUARTERS.index(group.label)
        values = np.where(np.isnan(values), np.nan, np.searchsorted(cuts, values, side="left"))
    inside: BoolArray = np.zeros(len(values), dtype=np.bool_) if sought is None else values == sought
    return inside


def _code(case: Case, group: Group, feature: Feature) -> float | None:
    """Return the code of a label, which this release need not have; None where nobody has it."""
    labels = case.labels.get(group.column, ())
    if group.label in labels:
        return float(labels.index(group.label))
    strange: IntArray = np.flatnonzero(feature.unseen == mark_of(group.label))
    return float(feature.levels + strange[0]) if len(strange) else None


def _of_people(table: Table, column: str) -> FloatArray:
    """Return the value (people,) of each person's first row in which there is one, NaN where there is none."""
    values = table[column].values
    found = np.full(table.people, np.nan)
    rows = np.flatnonzero(~np.isnan(values))[::-1]
    found[table.unit[rows]] = values[rows]  # of a person's rows the first one is written last
    return found
