"""What the user declared about columns: checked against the table's names, all mistakes told at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, cast, get_args

from synthprivacy.errors import ConfigError
from synthprivacy.schemata.columns import ORDERED, Column, Kind, Role, shown

KINDS: tuple[Kind, ...] = get_args(Kind)
ROLES: tuple[Role, ...] = get_args(Role)
_KEYS = ("kind", "role", "bounds", "theme", "reason")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is declared about one column; None where the table is left to speak."""

    kind: Kind | None = None
    role: Role | None = None
    bounds: tuple[float, float] | None = None
    reason: str = "declared"
    theme: str | None = None


def settle(
    names: Sequence[str],
    *,
    unit: str | None = None,
    secrets: Sequence[str] = (),
    declared: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Settings]:
    """Return the settings of every column that something is declared about.

    Raises
    ------
    ConfigError
        If a name, a key, a kind or a role is unknown (with the nearest known one), a bound is not a range, or two
        declarations contradict each other.
    """
    if isinstance(secrets, str):
        msg = f"secrets must be a list of column names; pass [{shown(secrets)!r}]"
        raise ConfigError(msg)
    declared = declared or {}
    problems = [
        f"column {shown(str(name))!r} is not in the table{_hint(name, names)}"
        for name in dict.fromkeys([*declared, *([] if unit is None else [unit]), *secrets])
        if name not in names
    ]
    settings, found = _read_all(declared)
    problems += found
    problems += _assign(settings, [] if unit is None else [unit], "unit") + _assign(settings, secrets, "secret")
    units = [name for name, setting in settings.items() if setting.role == "unit"]
    if len(units) > 1:
        problems.append(f"one column is the unit: {', '.join(repr(shown(name)) for name in units)} are; keep one")
    if problems:
        raise ConfigError("\n".join(problems))
    return settings


def check(declared: Mapping[str, Mapping[str, Any]]) -> None:
    """Check settings by themselves, before any table is known.

    Raises
    ------
    ConfigError
        If a key, kind or role is unknown or a bound is not a range; all of them at once.
    """
    problems = _read_all(declared)[1]
    if problems:
        raise ConfigError("\n".join(problems))


def contradictions(columns: Iterable[Column], guessed: frozenset[str]) -> list[str]:
    """Return what cannot be meant together, column by column.

    Parameters
    ----------
    columns : iterable of Column
    guessed : frozenset of str
        Names of the columns whose kind was not declared.
    """
    problems = []
    for column in columns:
        rule = _contradiction(column)
        if rule:
            remedy = "declare its kind" if column.name in guessed else "change its kind or its role"
            problems.append(f"column {shown(column.name)!r}: {rule}; {remedy}")
    return problems


def _contradiction(column: Column) -> str | None:
    if column.bounds is not None and column.kind not in ORDERED:
        return f"bounds belong to a number, integer, datetime or duration, not to kind {column.kind}"
    if column.role in {"secret", "quasi_identifier", "group"} and column.kind in {"identifier", "text"}:
        return f"role {column.role} needs values that people share, its kind is {column.kind} ({column.reason})"
    if column.role == "weight" and column.kind not in {"number", "integer"}:
        return f"a weight is a number, its kind is {column.kind} ({column.reason})"
    return None


def _read_all(declared: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Settings], list[str]]:
    settings: dict[str, Settings] = {}
    problems: list[str] = []
    for name, entries in declared.items():
        settings[name], found = _read(name, entries)
        problems += found
    return settings, problems


def _read(name: str, entries: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    place = f"column {shown(str(name))!r}"
    if not isinstance(entries, Mapping):
        return Settings(), [f"{place}: settings must be a table such as {{ kind = 'number' }}"]
    problems = [
        f"{place}: key {shown(str(key))!r} is unknown{_hint(key, _KEYS)}" for key in entries if key not in _KEYS
    ]
    kind, role = entries.get("kind"), entries.get("role")
    if kind is not None and kind not in KINDS:
        problems.append(f"{place}: kind {shown(str(kind))!r} is unknown{_hint(kind, KINDS)}")
    if role is not None and role not in ROLES:
        problems.append(f"{place}: role {shown(str(role))!r} is unknown{_hint(role, ROLES)}")
    bounds = None
    if entries.get("bounds") is not None:
        bounds = _range(entries["bounds"])
        if bounds is None:
            problems.append(f"{place}: bounds must be [low, high], finite and low < high; write for example [0, 110]")
    theme = entries.get("theme")
    if theme is not None and (not isinstance(theme, str) or not theme):
        problems.append(
            f"{place}: theme must be a name, the same for all columns of a block; write for example 'laboratory'"
        )
    reason = str(entries.get("reason", "declared"))
    settings = Settings(cast("Kind | None", kind), cast("Role | None", role), bounds, reason, cast("str | None", theme))
    return settings, problems


def _assign(settings: dict[str, Settings], names: Iterable[str], role: Role) -> list[str]:
    problems = []
    for name in names:
        old = settings.get(name, Settings())
        if old.role not in {None, role}:
            problems.append(f"column {shown(name)!r} is declared {old.role} and {role}; keep one role")
        settings[name] = replace(old, role=role)
    return problems


def _range(bounds: object) -> tuple[float, float] | None:
    """Return bounds as two numbers, or None if they are not a range."""
    if isinstance(bounds, str) or not isinstance(bounds, Sequence) or len(bounds) != 2:
        return None
    low, high = (position(bound) for bound in bounds)
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None


def position(bound: object) -> float:
    """Return a bound as a number, dates and durations in microseconds, NaN for anything else."""
    if isinstance(bound, date):
        moment = bound if isinstance(bound, datetime) else datetime(bound.year, bound.month, bound.day, tzinfo=UTC)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return float((aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    if isinstance(bound, timedelta):
        return float(bound // timedelta(microseconds=1))
    if isinstance(bound, int | float) and not isinstance(bound, bool):
        return float(bound) if abs(bound) <= 1.7e308 else math.nan
    return math.nan


def _hint(word: object, known: Sequence[str]) -> str:
    near = get_close_matches(str(word)[:200], [name[:200] for name in known], n=1, cutoff=0.6)
    if near:
        return f"; did you mean {shown(near[0])!r}?"
    listed = ", ".join(repr(shown(name)) for name in known[:8])
    return f"; choose from {listed}{', …' if len(known) > 8 else ''}"
