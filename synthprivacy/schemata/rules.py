"""Rules that the rows of a table must keep, as the user declares them: ranges, dependencies, uniqueness, order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from synthprivacy.errors import ConfigError
from synthprivacy.schemata.columns import ORDERED, Schema, shown
from synthprivacy.schemata.constraint import Constraint, Law
from synthprivacy.schemata.settings import position

_KEYS = ("name", "column", "min", "max", "by", "determines", "unique", "ascending")
_FORMS = (
    'column with min or max, by with determines, unique, or ascending; write for example column = "age" and max = 110'
)


def constraints_of(declared: Iterable[Mapping[str, Any]], schema: Schema) -> tuple[Constraint, ...]:
    """Return the declared ``[[constraints]]``, checked against the columns.

    Parameters
    ----------
    declared : iterable of mappings
        Each with one of ``column`` (and ``min``, ``max``), ``by`` (and ``determines``), ``unique`` or ``ascending``, and a
        ``name`` where the one made from the columns is not wanted.
    schema : Schema

    Raises
    ------
    ConfigError
        If a key or column is unknown (with the nearest known one), a rule says nothing or two things, a range or an order is
        about a column without an order, or two rules have one name; all of them at once.
    """
    rules: list[Constraint] = []
    problems: list[str] = []
    for number, entries in enumerate(declared, start=1):
        rule, found = _read(f"constraints[{number}]", entries, schema)
        problems += found
        if rule is not None and any(rule.name == other.name for other in rules):
            problems.append(
                f"constraints[{number}] must have a name of its own: {shown(rule.name)!r} is taken; add name"
            )
        elif rule is not None:
            rules.append(rule)
    if problems:
        raise ConfigError("\n".join(problems))
    return tuple(rules)


def _read(place: str, entries: object, schema: Schema) -> tuple[Constraint | None, list[str]]:
    if not isinstance(entries, Mapping):
        return None, [f"{place} must be a table; write {_FORMS}"]
    problems = [f"unknown key {place}.{shown(str(key))}{_hint(str(key), _KEYS)}" for key in entries if key not in _KEYS]
    law, keys = _law(entries)
    if law is None or any(key not in {*keys, "name"} for key in entries if key in _KEYS):
        return None, [*problems, f"{place} must say one thing: {_FORMS}"]
    named = {key: _names(entries[key]) for key in keys if key not in {"min", "max"}}
    problems += [
        f'{place}.{key} must name columns, each once; write for example ["city"]'
        for key, columns in named.items()
        if not columns or len(set(columns)) < len(columns)
    ]
    columns = [column for some in named.values() for column in some]
    problems += [problem for column in columns for problem in _unusable(place, column, law, schema)]
    if law == "order" and len(columns) < 2:
        problems.append(f"{place}.ascending must name at least two columns: {len(columns)}; add the later ones")
    low, high = (_end(entries.get(key), infinite) for key, infinite in (("min", -1.0), ("max", 1.0)))
    if low is None or high is None or low > high:
        problems.append(f"{place} must have a number or a date as min and max, and min ≤ max; correct them")
    if problems or low is None or high is None:
        return None, problems
    head, *rest = named.values()
    name = entries.get("name") or f"{law}({','.join(columns)})"
    return Constraint(str(name), law, tuple(head), tuple(rest[0]) if rest else (), low, high), []


def _law(entries: Mapping[str, Any]) -> tuple[Law | None, tuple[str, ...]]:
    """Return what kind of rule it is and which keys belong to it."""
    if "column" in entries and {"min", "max"} & set(entries):
        return "range", ("column", *(key for key in ("min", "max") if key in entries))
    if "by" in entries and "determines" in entries:
        return "dependency", ("by", "determines")
    if "unique" in entries:
        return "unique", ("unique",)
    return ("order", ("ascending",)) if "ascending" in entries else (None, ())


def _names(given: object) -> list[str]:
    if isinstance(given, str):
        return [given]
    whole = isinstance(given, Sequence) and all(isinstance(name, str) for name in given)
    return [str(name) for name in given] if whole and isinstance(given, Sequence) else []


def _unusable(place: str, column: str, law: Law, schema: Schema) -> list[str]:
    if column not in schema.names:
        return [f"{place}: column {shown(column)!r} is not in the table{_hint(column, schema.names)}"]
    if column in schema.excluded:
        return [f"{place}: column {shown(column)!r} is left out, because {schema.excluded[column]}; name another one"]
    if law in {"range", "order"} and schema[column].kind not in ORDERED:
        kind = schema[column].kind
        return [f"{place}: column {shown(column)!r} has no order, its kind is {kind}; declare another kind"]
    return []


def _end(given: object, infinite: float) -> float | None:
    """Return an end of a range, infinite where none is given, None where it is no number."""
    if given is None:
        return infinite * float("inf")
    place = position(given)
    return None if place is None or math.isnan(place) else place


def _hint(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name[:200], known, n=1)
    return f"; did you mean {shown(near[0])!r}?" if near else ""
