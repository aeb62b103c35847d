"""Where results will be written: asked before anyone waits for them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from synthprivacy.errors import ConfigError


def require_outputs(outputs: Iterable[Path | None], inputs: Iterable[str | Path | None] = ()) -> None:
    """Refuse outputs that could not be written in the end, or that would overwrite what is read.

    Parameters
    ----------
    outputs : iterable of Path or None
        Files that will be written; None where one is not wanted.
    inputs : iterable of str, Path or None
        Files that are read.

    Raises
    ------
    ConfigError
        If an output is in no folder that may be written to, is something else than a file, is an input, or is there
        twice.
    """
    taken = {place: "a file that is read" for source in inputs if source is not None for place in _places(source)}
    for path in outputs:
        if path is None:
            continue
        problem = _problem(path)
        place = os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118 - a link at the end stays one
        if problem is None and place in taken:
            problem = f"it is {taken[place]} too; name another file"
        if problem is not None:
            raise ConfigError(f"{path} cannot be written: {problem}")
        taken[place] = "another output"


def _places(source: str | Path) -> set[str]:
    """Return where a file is, and where it stands if it is a link."""
    return {os.path.abspath(source), os.path.realpath(source)}  # noqa: PTH100 - abspath keeps links


def _problem(path: Path) -> str | None:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; make it first, or name another file"
    if not os.access(path.parent, os.W_OK):
        return f"the folder {path.parent} is not yours to write to; name a file elsewhere"
    if path.is_dir():
        return "it is a folder; name a file in it"
    if path.parent == Path("/dev") or (path.exists() and not path.is_file()):
        return "it is no ordinary file; name one"
    return None
