"""The one door for tables: files and dataframes come in, canonical frames go on."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.schemata import shown
from synthprivacy.tables.canonical import canonical, stack
from synthprivacy.tables.columnar import read_feather, read_parquet
from synthprivacy.tables.delimited import read_text, typed
from synthprivacy.tables.frames import from_frame

if TYPE_CHECKING:
    import pyarrow as pa

_FORMATS = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet", ".feather": "feather", ".arrow": "feather"}


def load(source: object, *, label: str, encoding: str = "utf-8") -> pa.Table:
    """Return a table in canonical form.

    Parameters
    ----------
    source : path or dataframe
        A local file (CSV, gzipped CSV, Parquet, Feather), a folder or a glob pattern of such files with the same
        columns, or a dataframe (pandas, polars, pyarrow, duckdb, or anything that speaks Arrow).
    label : str
        What the table is called at the beginning of every message: ``original``, ``control``, ``release NAME``.
    encoding : str
        Encoding of CSV files.

    Raises
    ------
    DataError
        If the table cannot be read or holds something that cannot be judged: all problems of a table at once, and
        never a cell of it.
    NotEnoughDataError
        If it has no rows.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        if "\n" in path:  # never shown: it may be all of a table
            msg = f"{label} must be the path of a file or a dataframe, it is text of several lines; pass one of them"
            raise DataError(msg)
        place = f"{label}: {shown(Path(path).name or path)}"
        frame = _from_files(_paths(path, place), label, place, encoding)
    else:
        place = label
        frame = from_frame(source, label=label)
    if not frame.num_rows:
        msg = f"{place} has no rows; pass a table with at least one row"
        raise NotEnoughDataError(msg)
    return frame


def _from_files(paths: list[Path], label: str, place: str, encoding: str) -> pa.Table:
    """Return the rows of all parts; text is typed by all of them together."""
    formats = {_format(path) for path in paths}
    if None in formats or len(formats) > 1:
        rule = "is not of an accepted format" if None in formats else "holds files of several formats"
        msg = f"{place} {rule}; accepted, one at a time: {', '.join(_FORMATS)}"
        raise DataError(msg)
    parts = []
    for path in paths:
        part = f"{label}: {shown(path.name)}"
        try:
            if formats == {"csv"}:
                parts.append(read_text(path, place=part, encoding=encoding))
            else:
                reader = read_parquet if formats == {"parquet"} else read_feather
                parts.append(canonical(reader(path, place=part), label=part))
        except OSError as error:
            msg = f"{part} cannot be read ({error.strerror}); check who may read it"
            raise DataError(msg) from None
    whole = stack(parts, label=place)
    return canonical(typed(whole), label=place) if formats == {"csv"} else whole


def _paths(source: str, place: str) -> list[Path]:
    """Return the files that a path, a folder or a pattern stands for, in sorted order."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        msg = f"{place}: only local files are read, not URLs; download the file and pass its path"
        raise DataError(msg)
    try:
        return _local_paths(source, place)
    except OSError as error:
        msg = f"{place} cannot be looked up ({error.strerror}); pass the path of an existing file"
        raise DataError(msg) from None


def _local_paths(source: str, place: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        parts = sorted(part for part in path.iterdir() if part.is_file() and _format(part) and part.name[0] not in "._")
        if not parts:
            msg = f"{place} is a folder without part files; pass a file, or a folder of {', '.join(_FORMATS)}"
            raise DataError(msg)
        return parts
    if path.is_file():
        return [path]
    matches = sorted(match for match in map(Path, glob.glob(source, recursive=True)) if match.is_file())  # noqa: PTH207 - Path.glob refuses absolute patterns
    if not matches:
        msg = f"{place} does not exist or is no regular file; pass the path of an existing file"
        raise DataError(msg)
    return matches


def _format(path: Path) -> str | None:
    name = path.name.lower()
    return next((found for suffix, found in _FORMATS.items() if name.endswith(suffix)), None)
