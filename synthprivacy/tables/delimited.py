"""CSV → columns of text → typed columns.

All cells are read as text first and typed by whole columns, so that no type depends on the first rows of a file and
nothing is lost in silence:

- an empty cell is missing; ``NA``, ``None`` and ``?`` are text like any other, but among numbers, booleans or dates
  the usual words for a missing value are missing;
- whole numbers, decimals with a point, true/false and ISO 8601 dates are recognised; digits with leading zeros
  (``007``) or beyond 64 bits stay text;
- the separator is a comma, quotes are double quotes, doubled inside quotes (RFC 4180).
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from synthprivacy.errors import ConfigError, DataError
from synthprivacy.schemata.text import instants, numbers, truths
from synthprivacy.tables.canonical import ARROW_ERRORS, ZONED, names_problems, refuse

_MISSING_WORDS = pa.array(["", "NA", "N/A", "n/a", "<NA>", "NaN", "nan", "NaT", "null", "NULL", "None", "?", "."])
_LARGEST_EXPANSION = 100
_SMALL = 64 * 2**20
_CHUNK = 2**20
_LONGEST_RECORD = 16 * 2**20
_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "bar"}
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def read_text(path: Path, *, place: str, encoding: str = "utf-8") -> pa.Table:
    """Return a CSV file as columns of text, null where a cell is empty.

    Parameters
    ----------
    path : path
        A file that ends in ``.csv`` or ``.csv.gz``. A compressed file is unpacked only up to 100 times its size
        or 64 MiB, whichever is more.
    place : str
        What the messages call the table and the file.
    encoding : str
        Name of the encoding of the text.

    Raises
    ------
    DataError
        If the file is empty, too large to unpack, not text in this encoding, or not a table of commas.
    """
    raw = _unpacked(path, place) if path.suffix.lower() == ".gz" else path.read_bytes()
    payload = _utf8(raw, place, encoding)
    names, start = _header(payload, place)
    refuse(place, names_problems(names))
    return _records(payload, start, names, place)


def typed(frame: pa.Table) -> pa.Table:
    """Return columns of text as what the text says: whole columns of numbers, booleans and dates, else text."""
    columns, fields = [], []
    for name in frame.column_names:
        values, zoned = _typed(frame[name])
        columns.append(values)
        fields.append(pa.field(name, values.type, metadata=ZONED if zoned else None))
    return pa.table(columns, schema=pa.schema(fields))


def _typed(text: pa.ChunkedArray) -> tuple[pa.ChunkedArray, bool]:
    """Return a column in its type, and whether it is instants with a zone. Distinct cells decide: they are few."""
    labels = pc.unique(text).drop_null()
    labels = labels.filter(pc.invert(pc.is_in(labels, value_set=_MISSING_WORDS)))
    if not len(labels):
        return text, False
    if numbers(labels) is not None:
        return numbers(_blanked(text)), False
    if truths(labels) is not None:
        return truths(_blanked(text)), False
    moments = instants(labels) and instants(_blanked(text))
    return (moments.values, moments.zoned) if moments else (text, False)


def _blanked(text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(text, value_set=_MISSING_WORDS), pa.scalar(None, pa.string()), text)


def _records(payload: bytes, start: int, names: list[str], place: str) -> pa.Table:
    """Return the records after the header. Columns are read by position: a hostile name is never parsed."""
    if not re.compile(rb"\S").search(payload, start):
        return pa.table({name: pa.nulls(0, pa.string()) for name in names})
    positions = [str(position) for position in range(len(names))]
    table, bad = _parsed(payload, start, positions, place, threads=True)
    if bad:
        _, bad = _parsed(payload, start, positions, place, threads=False)
        raise DataError(_ragged(payload, start, bad, place))
    return table.rename_columns(names)


def _parsed(
    payload: bytes, start: int, positions: list[str], place: str, *, threads: bool
) -> tuple[pa.Table, list[pa_csv.InvalidRow]]:
    bad: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(payload).slice(start)),
            pa_csv.ReadOptions(column_names=positions, use_threads=threads, block_size=_LONGEST_RECORD),
            pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except ARROW_ERRORS:
        limit = _LONGEST_RECORD // 2**20
        msg = f"{place} has a record of more than {limit} MiB; look for a quote that is never closed"
        raise DataError(msg) from None
    return table, bad


def _ragged(payload: bytes, start: int, bad: list[pa_csv.InvalidRow], place: str) -> str:
    """Return the message about records with too few or too many cells; their text stays out of it."""
    unit = "record" if b'"' in payload else "line"
    first = bad[0]
    header_lines = payload.count(b"\n", 0, start) or 1
    number = "" if first.number is None else f" {first.number + header_lines}"
    others = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    found = f"{unit}{number} has {first.actual_columns} fields where the header has {first.expected_columns}{others}"
    return f"{place}: {found}; check its commas and quotes"


def _header(payload: bytes, place: str) -> tuple[list[str], int]:
    """Return the column names and where the first record begins."""
    lines = io.BytesIO(payload)
    start = 0

    def decoded() -> Iterator[str]:
        nonlocal start
        for line in lines:
            start += len(line)
            yield line.decode()

    try:
        names = next(csv.reader(decoded(), strict=True), [])
    except csv.Error:
        msg = f"{place}: the header is not a line of names; check its quotes"
        raise DataError(msg) from None
    if not names:
        msg = f"{place} is empty; write a line of column names and then one line a row"
        raise DataError(msg)
    found = [word for mark, word in _SEPARATORS.items() if len(names) == 1 and mark in names[0]]
    if found:
        msg = f"{place} is separated by {found[0]}s; write it with commas"
        raise DataError(msg)
    return names, start


def _utf8(raw: bytes, place: str, encoding: str) -> bytes:
    """Return text as UTF-8 without a byte order mark, checked in full."""
    try:
        codec = codecs.lookup(encoding).name
        if codec != "utf-8":
            raw = raw.decode(encoding).encode()
        elif raw.startswith(_WIDE_MARKS):
            msg = f"{place} is UTF-16 or UTF-32 text; declare encoding='utf-16' or 'utf-32', or write UTF-8"
            raise DataError(msg)
        _check_utf8(raw)
    except LookupError:
        msg = f"encoding {encoding[:40]!r} is not a text encoding; name one such as 'utf-8' or 'latin-1'"
        raise ConfigError(msg) from None
    except UnicodeError:
        msg = f"{place} is not text in the encoding {encoding}; declare another one, for example encoding='latin-1'"
        raise DataError(msg) from None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if b"\0" in raw:
        msg = f"{place} holds NUL bytes, so it is no text file in {encoding}; write it as UTF-8 CSV"
        raise DataError(msg)
    if raw.count(b'"') % 2:
        msg = f"{place} has an odd number of double quotes, one is never closed; double quotes inside quoted cells"
        raise DataError(msg)
    return raw


def _check_utf8(raw: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(raw), _CHUNK):
        decoder.decode(raw[start : start + _CHUNK])
    decoder.decode(b"", final=True)


def _unpacked(path: Path, place: str) -> bytes:
    """Return the content of a gzip file, unless it expands as only a bomb does."""
    limit = max(_LARGEST_EXPANSION * path.stat().st_size, _SMALL)
    chunks, size = [], 0
    try:
        with gzip.open(path) as file:
            while chunk := file.read(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if size > limit:
                    break
    except (EOFError, zlib.error, gzip.BadGzipFile):
        msg = f"{place} is not a whole gzip file; copy it again"
        raise DataError(msg) from None
    if size > limit:
        msg = (
            f"{place} unpacks to more than {_LARGEST_EXPANSION} times its size and {_SMALL // 2**20} MiB; "
            "unpack it yourself if you trust it"
        )
        raise DataError(msg)
    return b"".join(chunks)
