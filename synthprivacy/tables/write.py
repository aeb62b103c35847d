"""Writing the two sides of a split: whole files or none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv, parquet

from synthprivacy.errors import DataError
from synthprivacy.results.files import write_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def write_split(
    frame: pa.Table,
    held_out: npt.NDArray[np.bool_],
    facts: Mapping[str, Any],
    folder: Path,
    suffixes: Sequence[str],
) -> tuple[Path, Path]:
    """Write train, control and, when both are whole, split.json; return the paths of the tables.

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
    ending = ".csv" if ".csv" in suffixes else ".parquet"
    train, control = folder / f"train{ending}", folder / f"control{ending}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(path.exists() for path in (train, control, folder / "split.json")):
            raise DataError(f"{folder.name} must not hold a split already; pass another --out, or remove it first")
        for path, rows in ((train, ~held_out), (control, held_out)):
            _write(frame.filter(pa.array(rows)), path)
    except OSError as error:
        raise DataError(f"{folder.name} cannot be written ({error.strerror}); pass another --out") from None
    write_text(folder / "split.json", json.dumps(facts, indent=1, allow_nan=False) + "\n")
    return train, control


def _write(table: pa.Table, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        if path.suffix == ".csv":
            csv.write_csv(table, temporary)
        else:
            parquet.write_table(table, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
