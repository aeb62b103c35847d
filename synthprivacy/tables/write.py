"""Writing the two sides of a split: all of it or nothing."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv, parquet

from synthprivacy.errors import DataError
from synthprivacy.results.files import write_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_FACTS = "split.json"
_ENDINGS = (".csv", ".parquet")


def require_no_split(folder: Path) -> None:
    """Refuse a folder that holds a split already: a second one would put people on both sides.

    Raises
    ------
    DataError
        If it does, or is no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder.name} must be a folder; pass another --out")
    names = [_FACTS, *(f"{side}{ending}" for side in ("train", "control") for ending in _ENDINGS)]
    held = [name for name in names if os.path.lexists(folder / name)]
    if held:
        raise DataError(f"{folder.name} must not hold {held[0]} already; pass another --out, or remove the old split")


def write_split(
    frame: pa.Table,
    held_out: npt.NDArray[np.bool_],
    facts: Mapping[str, Any],
    folder: Path,
    suffixes: Sequence[str],
) -> tuple[Path, Path]:
    """Write train, control and split.json: all three or, whatever happens, none; return the paths of the tables.

    They are written in a folder of their own, readable by its owner only, and moved when all are whole.

    Parameters
    ----------
    frame : pyarrow.Table
    held_out : ndarray of shape (rows,), bool
    facts : mapping
        What `split.json` says.
    folder : Path
        Made if absent.
    suffixes : sequence of str
        Of the members' file: CSV gives CSV, anything else Parquet.

    Raises
    ------
    DataError
        If the folder holds a split already, or cannot be written.
    """
    require_no_split(folder)
    ending = ".csv" if ".csv" in {suffix.lower() for suffix in suffixes} else ".parquet"
    names = (f"train{ending}", f"control{ending}", _FACTS)
    made = not folder.exists()
    moved: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".split.") as workshop:
            whole = Path(workshop)
            for name, rows in zip(names[:2], (~held_out, held_out)):
                _write(frame.filter(pa.array(rows)), whole / name)
            write_text(whole / _FACTS, json.dumps(facts, indent=1, allow_nan=False) + "\n")
            for name in names:
                moved.append(folder / name)
                os.replace(whole / name, folder / name)
    except BaseException as error:
        _undo(moved, folder if made else None)
        if isinstance(error, OSError):
            raise DataError(f"{folder.name} cannot be written ({error.strerror}); pass another --out") from None
        raise
    return folder / names[0], folder / names[1]


def _undo(moved: Sequence[Path], made: Path | None) -> None:
    """Remove what was already moved, and the folder if we made it and nobody else has put anything there."""
    for path in moved:
        path.unlink(missing_ok=True)
    if made is not None:
        with suppress(OSError):
            made.rmdir()


def _write(table: pa.Table, path: Path) -> None:
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        parquet.write_table(table, path)
