"""What an evaluation says of its tables and of itself: shapes, digests, versions; no cell."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from synthprivacy.results import TableFacts
from synthprivacy.tables.digest import content_digest, digest_key

if TYPE_CHECKING:
    import pyarrow as pa

_VERSIONED = ("synthprivacy", "numpy", "scipy", "scikit-learn", "pandas", "pyarrow")


def facts_of(frame: pa.Table, units: int, *, secret: bool = False) -> TableFacts:
    """Return shape and digest; the digest of a secret table is keyed, for a bare one could be confirmed by guessing."""
    key = digest_key() if secret else None
    digest = None if secret and key is None else content_digest(frame, key)
    return TableFacts(digest, frame.num_rows, units, frame.num_columns)


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    found: dict[str, str] = {"python": platform.python_version()}
    for package in _VERSIONED:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed as a package"
    return found
