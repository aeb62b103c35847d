"""Files with a given content, and the messages with which they are refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from synthprivacy.errors import DataError
from synthprivacy.tables.read import load

SENTINEL = "SENTINEL987654321"
TABLE = pd.DataFrame(
    {"age": [30, 41, 52], "income": [1.5, None, 2.0], "job": ["a", SENTINEL, None], "ok": [True, False, True]}
)


def frame_of(tmp_path, text: str | bytes, **options) -> pa.Table:
    """Return the frame of a CSV file with this content."""
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, label="original", **options)


def column(tmp_path, *cells: str) -> pa.ChunkedArray:
    """Return the column `x` of a CSV file with these cells, beside a column that keeps its lines from being empty."""
    return frame_of(tmp_path, "x,y\n" + "".join(f"{cell},1\n" for cell in cells))["x"]


def refusal(source: object, **options) -> str:
    """Return the one-line message with which a file is refused: label first, no cell in it."""
    with pytest.raises(DataError) as caught:
        load(source, label="release x", **options)
    message = str(caught.value)
    assert message.startswith("release x: ")
    assert SENTINEL not in message
    assert "\n" not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message


def refused_text(tmp_path, content: bytes) -> str:
    """Return the message with which a CSV file with this content is refused: it names the file."""
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    message = refusal(path)
    assert "s.csv" in message
    return message


def save(tmp_path, suffix: str) -> Path:
    """Return a file that holds TABLE in the format of a suffix."""
    path = tmp_path / f"s{suffix}"
    if "csv" in suffix.lower():
        TABLE.to_csv(path, index=False)
    elif suffix == ".parquet":
        TABLE.to_parquet(path)
    else:
        pyarrow.feather.write_feather(pa.Table.from_pandas(TABLE), path)
    return path


def _fixture(make):
    return pytest.fixture(scope="session", name=make.__name__)(lambda: make)


_frame_of, _column, _refusal, _refused_text, _save = map(_fixture, (frame_of, column, refusal, refused_text, save))
