"""Files come in as they are meant: laws of `load` for CSV, Parquet, Feather, and folders of parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.schemata.columns import ZONE
from synthprivacy.tables.read import load

SENTINEL = "SENTINEL987654321"
TABLE = pd.DataFrame(
    {"age": [30, 41, 52], "income": [1.5, None, 2.0], "job": ["a", SENTINEL, None], "ok": [True, False, True]}
)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".CSV", ".parquet", ".feather", ".arrow"])
def test_formats(tmp_path, suffix, save):
    """Every format gives the frame that was saved."""
    saved = save(tmp_path, suffix)
    assert load(saved, label="original").equals(load(TABLE, label="original"))
    assert load(str(saved), label="original").num_rows == len(TABLE)


def test_numbers(tmp_path, column):
    """A column is numbers only if it is numbers throughout."""
    assert column(tmp_path, "1", "", "-20").to_pylist() == [1, None, -20]
    assert column(tmp_path, "1", "2.5", "1e3").to_pylist() == [1.0, 2.5, 1000.0]
    assert column(tmp_path, " 1", "2 ").to_pylist() == [1, 2]
    assert column(tmp_path, "1", "2", "x").to_pylist() == ["1", "2", "x"]


@pytest.mark.parametrize("code", ["007", "-01", "00.5", "0x1F", "12345678901234567890", "1_000", "12:30", "1 2"])
def test_number_like_codes(tmp_path, code, column):
    """Codes that look like numbers stay text, with their whole column."""
    assert column(tmp_path, "7", code).to_pylist() == ["7", code]


def test_late_text(tmp_path, column):
    """The first rows do not decide the type of a long column."""
    assert column(tmp_path, *["1"] * 200_000, "A1")[-1].as_py() == "A1"


def test_missing_text(tmp_path, column):
    """Among text only the empty cell is missing."""
    cells = ["NA", "None", "?", "", "null", '"NA"', '""', "a"]
    assert column(tmp_path, *cells).to_pylist() == ["NA", "None", "?", None, "null", "NA", "", "a"]


def test_missing_words(tmp_path, column):
    """Among numbers, dates and booleans the words for missing are missing."""
    assert column(tmp_path, "1", "NA", "?", "").to_pylist() == [1, None, None, None]
    assert column(tmp_path, "1.5", "NaN", '""').to_pylist() == [1.5, None, None]
    assert column(tmp_path, "True", "NA", "false").to_pylist() == [True, None, False]
    assert column(tmp_path, "2024-01-31", "NaT").null_count == 1
    assert column(tmp_path, "NA", "NaN").to_pylist() == ["NA", "NaN"]


def test_dates(tmp_path, column, frame_of):
    """ISO 8601 dates become instants, other dates stay text."""
    assert column(tmp_path, "2024-01-31", "2024-01-31 10:00:00.5").type == pa.timestamp("us")
    assert column(tmp_path, "31/01/2024").type == pa.string()
    zoned = frame_of(tmp_path, "x\n2024-01-31T01:00:00+01:00\n2024-01-31T00:00:00Z\n")
    assert len(set(zoned["x"].to_pylist())) == 1
    assert zoned.schema.field("x").metadata == {ZONE: b"UTC"}


def test_quotes(tmp_path, frame_of):
    """Quoted cells hold commas, quotes and line breaks."""
    text = 'a,"b ""c"""\n"x,\ny","""q"""\n'
    assert frame_of(tmp_path, text).to_pydict() == {"a": ["x,\ny"], 'b "c"': ['"q"']}


def test_quotes_across_blocks(tmp_path, frame_of):
    """Line breaks in quotes break no record, wherever a file is cut for reading."""
    frame = frame_of(tmp_path, "a,b\n" + '"x\n\ny",1\n' * 2_000_000)
    assert frame.num_rows == 2_000_000
    assert frame["a"].unique().to_pylist() == ["x\n\ny"]


@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n", "a,b\n1,2", "\ufeffa,b\n1,2\n", "a,b\n\n1,2\n\n"])
def test_line_ends(tmp_path, text, frame_of):
    """Line ends, byte order marks and empty lines change nothing."""
    assert frame_of(tmp_path, text).to_pydict() == {"a": [1], "b": [2]}


def test_long_cells(tmp_path, column):
    """Cells of millions of characters pass whole."""
    assert [len(cell) for cell in column(tmp_path, "A" * 3_000_000, "b").to_pylist()] == [3_000_000, 1]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding, frame_of, refused_text):
    """A declared encoding is read; an undeclared one is refused with how to declare it."""
    content = "stadt,job\nKöln,a\n".encode(encoding)
    assert frame_of(tmp_path, content, encoding=encoding).to_pydict() == {"stadt": ["Köln"], "job": ["a"]}
    assert "encoding=" in refused_text(tmp_path, content)


@pytest.mark.parametrize("encoding", ["nonsense", "zip", "hex"])
def test_unknown_encoding(tmp_path, encoding, frame_of):
    """An unknown encoding is a setting at fault."""
    with pytest.raises(ConfigError, match="not a text encoding"):
        frame_of(tmp_path, "a\n1\n", encoding=encoding)


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "a,b\n\n"])
def test_header_only(tmp_path, content, frame_of):
    """A header alone is not enough data."""
    with pytest.raises(NotEnoughDataError, match=r"original: t\.csv has no rows"):
        frame_of(tmp_path, content)


def test_pandas_index(tmp_path):
    """An unnamed index that pandas saved is left out."""
    path = tmp_path / "s.parquet"
    TABLE.set_index(np.array([5, 5, 7])).to_parquet(path)
    assert load(path, label="original").column_names == list(TABLE.columns)


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


def test_parts_of_types(tmp_path, refusal):
    """Parts with compatible types are joined, others refused."""
    pq.write_table(pa.table({"x": [1], "s": ["a"]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [0.5], "s": pa.array(["b"]).dictionary_encode()}), tmp_path / "b.parquet")
    pq.write_table(pa.table({"x": pa.nulls(1), "s": pa.nulls(1)}), tmp_path / "c.parquet")
    assert load(tmp_path, label="r").to_pydict() == {"x": [1.0, 0.5, None], "s": ["a", "b", None]}
    pq.write_table(pa.table({"x": ["t"], "s": ["b"]}), tmp_path / "d.parquet")
    assert "'x' holds different types in different parts" in refusal(tmp_path)


def test_parts_with_zones(tmp_path, refusal):
    """Parts of which one names a time zone and one does not are refused."""
    days = pa.array([0, 1], pa.timestamp("us"))
    pq.write_table(pa.table({"x": days}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": days.cast(pa.timestamp("us", "UTC"))}), tmp_path / "b.parquet")
    assert "'x' holds different types in different parts" in refusal(tmp_path)


def test_parts_alike(tmp_path, refusal):
    """Parts must have the same columns and the same format."""
    (tmp_path / "a.csv").write_text("x\n7\n")
    (tmp_path / "b.csv").write_text("y\n7\n")
    assert "same columns" in refusal(tmp_path)
    (tmp_path / "b.csv").unlink()
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    assert "several formats" in refusal(tmp_path)
