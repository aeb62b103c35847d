"""Columns, what they mean, and whether every table has them.

The types need nothing but the standard library; the functions load pyarrow when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from synthprivacy.schemata.columns import ORDERED, Column, Kind, Role, Schema, shown
from synthprivacy.schemata.constraint import Constraint

if TYPE_CHECKING:
    from synthprivacy.schemata.conformity import conform
    from synthprivacy.schemata.kinds import infer
    from synthprivacy.schemata.rules import constraints_of
    from synthprivacy.schemata.sdv import from_sdv
    from synthprivacy.schemata.toml import declared_from_toml, to_toml

__all__ = [
    "ORDERED",
    "Column",
    "Constraint",
    "Kind",
    "Role",
    "Schema",
    "conform",
    "constraints_of",
    "declared_from_toml",
    "from_sdv",
    "infer",
    "shown",
    "to_toml",
]

_HOMES = {
    "conform": "conformity",
    "constraints_of": "rules",
    "declared_from_toml": "toml",
    "from_sdv": "sdv",
    "infer": "kinds",
    "to_toml": "toml",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
