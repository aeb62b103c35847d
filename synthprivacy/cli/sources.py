"""How tables are named on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthprivacy.errors import ConfigError


def named(sources: Sequence[str]) -> dict[str, str]:
    """Return releases by name: ``NAME=FILE``, or ``FILE``, called by its stem.

    Raises
    ------
    ConfigError
        If two releases have one name, or one has none.
    """
    releases: dict[str, str] = {}
    for source in sources:
        name, equals, file = source.partition("=")
        if not equals or "/" in name:
            name, file = Path(source).name.split(".")[0], source
        if not name or not file:
            msg = "a release must be NAME=FILE, or FILE; one of them is empty"
            raise ConfigError(msg)
        if name in releases:
            raise ConfigError(f"releases must have different names: {name} is there twice; write NAME=FILE")
        releases[name] = file
    return releases
