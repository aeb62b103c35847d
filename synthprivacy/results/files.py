"""Reading and writing small files: atomic, never through a symbolic link."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from synthprivacy.errors import DataError


def write_text(path: str | os.PathLike[str], text: str, *, mode: int | None = None) -> None:
    """Write `text` so that the file is whole or as it was; with `mode`, with these rights instead of the usual ones.

    A temporary file in the same folder is written, flushed to disk and renamed. A symbolic link at `path` is
    replaced, never followed; a device, a pipe or a folder is refused, for renaming would replace it.

    Raises
    ------
    DataError
        If the folder does not exist or cannot be written, or `path` is something else than a file.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        raise DataError(f"{target.name or target} cannot be written (it is no ordinary file); name one")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".tmp")
    except OSError as error:
        raise DataError(_unwritable(target, error)) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else mode)
        os.replace(temporary, target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise DataError(_unwritable(target, error)) from None
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: str | os.PathLike[str], *, written_by: str = "synthprivacy evaluate --json FILE") -> Any:
    """Return the strict JSON in a file.

    Parameters
    ----------
    path : path
    written_by : str
        The command that writes such files, for the remedy.

    Raises
    ------
    DataError
        If the file is missing or is not strict JSON in UTF-8.
    """
    source = Path(path)
    try:
        return json.loads(source.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        msg = f"{source.name} cannot be read ({error.strerror}); pass the path of an existing JSON file"
        raise DataError(msg) from None
    except ValueError:
        msg = f"{source.name} is not strict JSON in UTF-8; write it again with `{written_by}`"
        raise DataError(msg) from None


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(target: Path, error: OSError) -> str:
    return f"{target.name} cannot be written ({error.strerror}); name a file in an existing folder you may write to"
