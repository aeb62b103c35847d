"""Columns, what they mean, and whether every table has them.

The types need nothing but the standard library; the functions load pyarrow when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.lazy import lazily
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

__getattr__ = lazily(
    __name__,
    {
        "conform": "conformity",
        "constraints_of": "rules",
        "declared_from_toml": "toml",
        "from_sdv": "sdv",
        "infer": "kinds",
        "to_toml": "toml",
    },
)
