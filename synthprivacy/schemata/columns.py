"""Column kinds and roles: what the values of a column are, and what they mean for privacy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from synthprivacy.schemata.constraint import Constraint

Kind = Literal["number", "integer", "category", "boolean", "datetime", "duration", "code", "text", "identifier"]
Role = Literal["unit", "identifier", "quasi_identifier", "secret", "weight", "group", "ignore"]
"""What a column means for privacy. A *weight* says how many people of the population a row of a survey stands for: no attacker
knows it or guesses it, every risk is that of the people in the training table, each counted once, and the scores of the family
``survey`` tell of the population, the risk of the people found out among them. A release may lack it."""

ORDERED: frozenset[Kind] = frozenset({"number", "integer", "datetime", "duration"})
"""Kinds whose values have distances; all others are equal or unequal."""

ZONE = b"synthprivacy.zone"
"""Key in the metadata of an arrow field of instants: the source named a time zone."""

_LEFT_OUT_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "unit": "it says who a row belongs to",
        "identifier": "it identifies a person by itself",
        "weight": "it is a survey weight",
        "ignore": "declared to be ignored",
    }
)
_LEFT_OUT_KINDS: Mapping[str, str] = MappingProxyType(
    {"identifier": "it identifies a person by itself", "text": "free text is not compared"}
)
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its values are, what it means for privacy, and why we think so."""

    name: str
    kind: Kind
    role: Role | None = None
    reason: str = field(default="declared", compare=False)
    """Why the kind was chosen; two columns that differ in nothing else are equal."""
    bounds: tuple[float, float] | None = None
    """Declared range of an ordered column: the scale of its distances. Datetimes in microseconds since 1970 (UTC)."""
    theme: str | None = None
    """Declared name of the block of columns it belongs to: what comes from one source may leak together."""


@dataclass(frozen=True, slots=True, repr=False)
class Schema:
    """The columns of the tables, in the order of the original."""

    columns: tuple[Column, ...]
    named_secrets: tuple[str, ...] = field(default=(), compare=False)
    """Secrets in the order they were declared in: the first is what a plan judges."""
    constraints: tuple[Constraint, ...] = field(default=(), compare=False)
    """Rules that rows must keep: a measure of utility, and nothing that an attack looks at."""

    def __getitem__(self, name: str) -> Column:
        """Return the column called `name`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(column.name for column in self.columns)

    @property
    def unit(self) -> str | None:
        """Name of the column that says which person a row belongs to."""
        units = self.with_role("unit")
        return units[0] if units else None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the columns declared secret, in the order of declaration."""
        there = self.with_role("secret")
        return tuple(dict.fromkeys([*(name for name in self.named_secrets if name in there), *sorted(there)]))

    def with_role(self, role: Role) -> tuple[str, ...]:
        """Return the names of the columns with this role."""
        return tuple(column.name for column in self.columns if column.role == role)

    @property
    def attackable(self) -> tuple[str, ...]:
        """Names of the columns that attacks may use."""
        excluded = self.excluded
        return tuple(name for name in self.names if name not in excluded)

    @property
    def texts(self) -> tuple[str, ...]:
        """Names of the columns of free text: attacks on records leave them out, attacks on texts do not."""
        usable = (column for column in self.columns if (column.role or "") not in _LEFT_OUT_ROLES)
        return tuple(column.name for column in usable if column.kind == "text")

    @property
    def excluded(self) -> Mapping[str, str]:
        """Names of the columns that no attack uses, each with the reason."""
        reasons = {
            column.name: _LEFT_OUT_ROLES.get(column.role or "") or _LEFT_OUT_KINDS.get(column.kind)
            for column in self.columns
        }
        return MappingProxyType({name: reason for name, reason in reasons.items() if reason})

    def __repr__(self) -> str:
        rows = [("column", "kind", "role", "reason")]
        rows += [(shown(column.name), column.kind, column.role or "", column.reason) for column in self.columns]
        widths = [max(map(len, cells)) for cells in zip(*rows)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def shown(name: str) -> str:
    """Return a name fit for a message: control and direction characters made visible, cut at 80 characters."""
    cut = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return re.sub(r"[^ -~]", lambda match: _visible(match.group()), cut)


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape", "backslashreplace").decode()
