"""Files come in as they are meant, or not at all: laws of `load` for CSV, Parquet and Feather."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from synthprivacy.errors import ConfigError, DataError, NotEnoughDataError
from synthprivacy.schemata.columns import ZONE
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


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".CSV", ".parquet", ".feather", ".arrow"])
def test_formats(tmp_path, suffix):
    """Every format gives the frame that was saved."""
    saved = save(tmp_path, suffix)
    assert load(saved, label="original").equals(load(TABLE, label="original"))
    assert load(str(saved), label="original").num_rows == len(TABLE)


def test_numbers(tmp_path):
    """A column is numbers only if it is numbers throughout."""
    assert column(tmp_path, "1", "", "-20").to_pylist() == [1, None, -20]
    assert column(tmp_path, "1", "2.5", "1e3").to_pylist() == [1.0, 2.5, 1000.0]
    assert column(tmp_path, " 1", "2 ").to_pylist() == [1, 2]
    assert column(tmp_path, "1", "2", "x").to_pylist() == ["1", "2", "x"]


@pytest.mark.parametrize("code", ["007", "-01", "00.5", "0x1F", "12345678901234567890", "1_000", "12:30", "1 2"])
def test_number_like_codes(tmp_path, code):
    """Codes that look like numbers stay text, with their whole column."""
    assert column(tmp_path, "7", code).to_pylist() == ["7", code]


def test_late_text(tmp_path):
    """The first rows do not decide the type of a long column."""
    assert column(tmp_path, *["1"] * 200_000, "A1")[-1].as_py() == "A1"


def test_missing_text(tmp_path):
    """Among text only the empty cell is missing."""
    cells = ["NA", "None", "?", "", "null", '"NA"', '""', "a"]
    assert column(tmp_path, *cells).to_pylist() == ["NA", "None", "?", None, "null", "NA", "", "a"]


def test_missing_words(tmp_path):
    """Among numbers, dates and booleans the words for missing are missing."""
    assert column(tmp_path, "1", "NA", "?", "").to_pylist() == [1, None, None, None]
    assert column(tmp_path, "1.5", "NaN", '""').to_pylist() == [1.5, None, None]
    assert column(tmp_path, "True", "NA", "false").to_pylist() == [True, None, False]
    assert column(tmp_path, "2024-01-31", "NaT").null_count == 1
    assert column(tmp_path, "NA", "NaN").to_pylist() == ["NA", "NaN"]


def test_dates(tmp_path):
    """ISO 8601 dates become instants, other dates stay text."""
    assert column(tmp_path, "2024-01-31", "2024-01-31 10:00:00.5").type == pa.timestamp("us")
    assert column(tmp_path, "31/01/2024").type == pa.string()
    zoned = frame_of(tmp_path, "x\n2024-01-31T01:00:00+01:00\n2024-01-31T00:00:00Z\n")
    assert len(set(zoned["x"].to_pylist())) == 1
    assert zoned.schema.field("x").metadata == {ZONE: b"UTC"}


def test_quotes(tmp_path):
    """Quoted cells hold commas, quotes and line breaks."""
    text = 'a,"b ""c"""\n"x,\ny","""q"""\n'
    assert frame_of(tmp_path, text).to_pydict() == {"a": ["x,\ny"], 'b "c"': ['"q"']}


def test_quotes_across_blocks(tmp_path):
    """Line breaks in quotes break no record, wherever a file is cut for reading."""
    frame = frame_of(tmp_path, "a,b\n" + '"x\n\ny",1\n' * 2_000_000)
    assert frame.num_rows == 2_000_000
    assert frame["a"].unique().to_pylist() == ["x\n\ny"]


@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n", "a,b\n1,2", "\ufeffa,b\n1,2\n", "a,b\n\n1,2\n\n"])
def test_line_ends(tmp_path, text):
    """Line ends, byte order marks and empty lines change nothing."""
    assert frame_of(tmp_path, text).to_pydict() == {"a": [1], "b": [2]}


def test_long_cells(tmp_path):
    """Cells of millions of characters pass whole."""
    assert [len(cell) for cell in column(tmp_path, "A" * 3_000_000, "b").to_pylist()] == [3_000_000, 1]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    """A declared encoding is read; an undeclared one is refused with how to declare it."""
    content = "stadt,job\nKöln,a\n".encode(encoding)
    assert frame_of(tmp_path, content, encoding=encoding).to_pydict() == {"stadt": ["Köln"], "job": ["a"]}
    assert "encoding=" in refused_text(tmp_path, content)


@pytest.mark.parametrize("encoding", ["nonsense", "zip", "hex"])
def test_unknown_encoding(tmp_path, encoding):
    """An unknown encoding is a setting at fault."""
    with pytest.raises(ConfigError, match="not a text encoding"):
        frame_of(tmp_path, "a\n1\n", encoding=encoding)


BODY = "\n".join(f"{i},{SENTINEL}" for i in range(100))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("a,b\n" + BODY.replace("48,", "48,z,"), "line 50 has 3 fields where the header has 2"),
        ("a,b\n" + BODY.replace("48,", "48"), "line 50 has 1 fields where the header has 2"),
        ("a,b\n" + BODY.replace(",", ""), "(and 99 more)"),
        ("a;b\n" + BODY.replace(",", ";"), "separated by semicolons"),
        ("a\tb\n" + BODY.replace(",", "\t"), "separated by tabs"),
        ("a,b\n" + BODY.replace("48,", '"48,'), "odd number of double quotes"),
        ("a,b\n" + BODY + "\0\0", "NUL bytes"),
        ("a,a\n" + BODY, "'a' is used 2 times"),
        (",b\n" + BODY, "column 1 has no name"),
        ("", "is empty"),
        ("\n\n", "is empty"),
        ('"a"x,b\n' + BODY, "header"),
    ],
)
def test_broken_files(tmp_path, content, rule):
    """A broken file is refused with the line or the rule."""
    assert rule in refused_text(tmp_path, content.encode())


def test_infinite(tmp_path):
    """Infinite values are refused in files too."""
    assert "'x' holds infinite values" in refused_text(tmp_path, b"x\n1\ninf\n")


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "a,b\n\n"])
def test_header_only(tmp_path, content):
    """A header alone is not enough data."""
    with pytest.raises(NotEnoughDataError, match=r"original: t\.csv has no rows"):
        frame_of(tmp_path, content)


def test_endless_record(tmp_path):
    """A record longer than the limit is refused."""
    cell = b'"' + b"x" * (40 * 2**20) + b'"'
    assert "16 MiB" in refused_text(tmp_path, b"a,b\n1," + cell + b"\n")


def test_gzip_bomb(tmp_path):
    """A gzip bomb is refused by rule, before it is unpacked to its end (which is missing)."""
    path = tmp_path / "s.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"a,b\n")
        for _ in range(100):
            file.write(b"1,b\n" * 2**18)
    path.write_bytes(path.read_bytes()[:-100])
    assert "100 times its size and 64 MiB" in refusal(path)


def test_gzip_repetition(tmp_path):
    """A small file may expand more than a hundredfold."""
    path = tmp_path / "s.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,b\n" * 100_000))
    assert load(path, label="original").num_rows == 100_000


@pytest.mark.parametrize("suffix", [".csv.gz", ".parquet", ".feather"])
def test_truncated(tmp_path, suffix):
    """A truncated file is refused by name."""
    path = save(tmp_path, suffix)
    path.write_bytes(path.read_bytes()[:-20])
    message = refusal(path)
    assert path.name in message
    assert "whole" in message


def test_parquet_bomb(tmp_path):
    """A Parquet bomb is refused by its footer."""
    path = tmp_path / "s.parquet"
    part = pa.table({name: pa.nulls(1_000_000, pa.bool_()).fill_null(True) for name in "abcdef"})
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(25):
            writer.write_table(part)
    assert "1,000 times its size" in refusal(path)


def test_pandas_index(tmp_path):
    """An unnamed index that pandas saved is left out."""
    path = tmp_path / "s.parquet"
    TABLE.set_index(np.array([5, 5, 7])).to_parquet(path)
    assert load(path, label="original").column_names == list(TABLE.columns)


class _Hostile:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch {self.canary}",)


@pytest.mark.parametrize("suffix", [".pkl", ".csv", ".parquet", ".feather", ".csv.gz", ".json", ""])
def test_pickles(tmp_path, suffix):
    """A pickle is never opened, whatever its name."""
    path, canary = tmp_path / f"s{suffix}", tmp_path / "canary"
    path.write_bytes(pickle.dumps(_Hostile(canary)))
    message = refusal(path)
    assert not canary.exists()
    assert suffix in {".csv", ".parquet", ".feather", ".csv.gz"} or ".parquet" in message


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.csv", "s3://bucket/x.parquet", "file:///etc/x.csv"])
def test_urls(url):
    """URLs are refused: only local files are read."""
    assert "local files" in refusal(url)


def test_missing_files(tmp_path):
    """Missing files and empty folders are refused in one line."""
    assert "does not exist" in refusal(tmp_path / "nope.csv")
    assert "does not exist" in refusal(tmp_path / "*.csv")
    (tmp_path / "d.csv").mkdir()
    assert "folder without part files" in refusal(tmp_path / "d.csv")


def test_parts(tmp_path):
    """A folder or a pattern is its parts in the order of their names."""
    (tmp_path / "b.csv").write_text("y,x\n1,2.5\n")
    (tmp_path / "a.csv").write_text("x,y\n7,\n")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden.csv").write_text("z\n1\n")
    for source in (tmp_path, tmp_path / "*.csv"):
        assert load(source, label="original").to_pydict() == {"x": [7.0, 2.5], "y": [None, 1]}


def test_parts_typed_together(tmp_path):
    """Parts of text are typed together."""
    (tmp_path / "a.csv").write_text("x\n7\n")
    (tmp_path / "b.csv").write_text("x\n007\n")
    assert load(tmp_path, label="original")["x"].to_pylist() == ["7", "007"]


def test_parts_of_types(tmp_path):
    """Parts with compatible types are joined, others refused."""
    pq.write_table(pa.table({"x": [1], "s": ["a"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [0.5], "s": pa.array(["b"]).dictionary_encode()}), tmp_path / "b.parquet")
    pq.write_table(pa.table({"x": pa.nulls(1), "s": pa.nulls(1)}), tmp_path / "c.parquet")
    assert load(tmp_path, label="r").to_pydict() == {"x": [1.0, 0.5, None], "s": ["a", "b", None]}
    pq.write_table(pa.table({"x": ["t"], "s": ["b"]}), tmp_path / "d.parquet")
    assert "'x' holds different types in different parts" in refusal(tmp_path)


def test_parts_with_zones(tmp_path):
    """Parts of which one names a time zone and one does not are refused."""
    days = pa.array([0, 1], pa.timestamp("us"))
    pq.write_table(pa.table({"x": days}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": days.cast(pa.timestamp("us", "UTC"))}), tmp_path / "b.parquet")
    assert "'x' holds different types in different parts" in refusal(tmp_path)


def test_invalid_text(tmp_path):
    """Bytes that are no text are refused even where a file says that they are text."""
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(bytes([0, 0, 0, 0, 2, 0, 0, 0])), pa.py_buffer(b"\xff\xff"))
    pq.write_table(pa.table({"x": broken, "y": broken.dictionary_encode()}), tmp_path / "a.parquet")
    with pytest.raises(DataError) as caught:
        load(tmp_path / "a.parquet", label="original")
    assert str(caught.value).count("not valid UTF-8") == 2


def test_parts_alike(tmp_path):
    """Parts must have the same columns and the same format."""
    (tmp_path / "a.csv").write_text("x\n7\n")
    (tmp_path / "b.csv").write_text("y\n7\n")
    assert "same columns" in refusal(tmp_path)
    (tmp_path / "b.csv").unlink()
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    assert "several formats" in refusal(tmp_path)


def test_broken_part(tmp_path):
    """A broken part is named."""
    (tmp_path / "a.csv").write_text("x,y\n7,1\n")
    (tmp_path / "b.csv").write_text("x,y\n7\n")
    assert "b.csv: line 2" in refusal(tmp_path)


def test_no_traces(tmp_path):
    """Nothing is written beside the input."""
    save(tmp_path, ".csv.gz")
    before = sorted(tmp_path.iterdir())
    load(before[0], label="original")
    assert sorted(tmp_path.iterdir()) == before
