"""Schema ⇄ TOML: what `init` prints is what `evaluate` reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from synthprivacy.errors import ConfigError
from synthprivacy.schemata.columns import Column, Schema, shown
from synthprivacy.schemata.settings import check

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def to_toml(schema: Schema, tables: Mapping[str, Any] | None = None) -> str:
    """Return the schema as TOML, each kind with its reason as a comment.

    Parameters
    ----------
    schema : Schema
    tables : mapping, optional
        Entries of the `[tables]` section: paths, or mappings of names to paths.
    """
    blocks = [] if tables is None else ["\n".join(["[tables]", *(_entry(key, tables[key]) for key in tables)])]
    blocks += [_block(column) for column in schema.columns]
    return "\n\n".join(blocks) + "\n"


def declared_from_toml(columns: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings that `infer` takes as `declared`, from the `columns` table of a parsed file.

    Raises
    ------
    ConfigError
        If a key, kind or role is unknown or a bound is not a range; all of them at once.
    """
    if not isinstance(columns, Mapping):
        msg = "columns must be a table; write [columns.NAME] for each column"
        raise ConfigError(msg)
    check(columns)
    return {name: dict(entries) for name, entries in columns.items()}


def _block(column: Column) -> str:
    lines = [f"[columns.{_key(column.name)}]", f"{_entry('kind', column.kind)}  # {shown(column.reason)}"]
    if column.role is not None:
        lines.append(_entry("role", column.role))
    if column.bounds is not None:
        lines.append(f"bounds = [{', '.join(_number(bound) for bound in column.bounds)}]")
    if column.theme is not None:
        lines.append(_entry("theme", column.theme))
    return "\n".join(lines)


def _entry(key: str, value: str | Mapping[str, Any]) -> str:
    if isinstance(value, Mapping):
        return f"{_key(key)} = {{ {', '.join(_entry(inner, value[inner]) for inner in value)} }}"
    return f"{_key(key)} = {_quoted(str(value))}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """Return a basic string of TOML 1.0: quotes, backslashes and whatever a terminal does not show are escaped."""
    escaped = "".join(_escaped(c) if c in _ESCAPES or not c.isprintable() else c for c in text)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    code = ord(character)
    return _ESCAPES.get(character, f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _number(bound: float) -> str:
    """Return a bound so that it reads back exactly, without a fraction where it has none."""
    return str(int(bound)) if bound.is_integer() and abs(bound) < 2**53 else repr(bound)
