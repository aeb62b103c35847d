"""Parquet and Feather files → arrow tables, checked for their size before they are read."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from synthprivacy.errors import DataError
from synthprivacy.tables.canonical import ARROW_ERRORS

_LARGE = 2**30
_LARGEST_EXPANSION = 1000
_VALUE = 8
"""Bytes of a number in memory."""


def read_parquet(path: Path, *, place: str) -> pa.Table:
    """Return a Parquet file as an arrow table, without an unnamed pandas index.

    Raises
    ------
    DataError
        If the file is damaged, or its footer promises more than 1 GiB and 1,000 times its size.
    """
    try:
        with pq.ParquetFile(path) as file:
            _refuse_bomb(file.metadata.num_rows * file.metadata.num_columns * _VALUE, path, place)
            return _without_index(file.read())
    except (*ARROW_ERRORS, OSError, EOFError):
        msg = f"{place} is not a whole Parquet file; write or copy it again"
        raise DataError(msg) from None


def read_feather(path: Path, *, place: str) -> pa.Table:
    """Return a Feather (Arrow IPC) file as an arrow table, without an unnamed pandas index.

    Raises
    ------
    DataError
        If the file is damaged, or unpacks to more than 1 GiB and 1,000 times its size.
    """
    batches, size = [], 0
    try:
        with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
            for index in range(reader.num_record_batches):
                batch = reader.get_batch(index)
                size += batch.nbytes
                _refuse_bomb(size, path, place)
                batches.append(batch)
            return _without_index(pa.Table.from_batches(batches, reader.schema))
    except (*ARROW_ERRORS, OSError, EOFError):
        msg = f"{place} is not a whole Feather file (Arrow IPC, version 2); write or copy it again"
        raise DataError(msg) from None


def _refuse_bomb(size: int, path: Path, place: str) -> None:
    if size > _LARGE and size > _LARGEST_EXPANSION * path.stat().st_size:
        msg = (
            f"{place} unpacks to about {size / 2**30:.1f} GiB of memory, over {_LARGEST_EXPANSION:,} times its size; "
            "load it yourself and pass the dataframe if you trust it"
        )
        raise DataError(msg)


def _without_index(table: pa.Table) -> pa.Table:
    index = [name for name in table.column_names if re.fullmatch(r"__index_level_\d+__", name)]
    return table.drop_columns(index) if index else table
