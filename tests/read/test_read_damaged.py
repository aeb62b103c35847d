"""Files that are damaged, hostile or not there are refused in one line without a cell."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from synthprivacy.errors import DataError
from synthprivacy.tables.read import load

SENTINEL = "SENTINEL987654321"
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
def test_broken_files(tmp_path, content, rule, refused_text):
    """A broken file is refused with the line or the rule."""
    assert rule in refused_text(tmp_path, content.encode())


def test_infinite(tmp_path, refused_text):
    """Infinite values are refused in files too."""
    assert "'x' holds infinite values" in refused_text(tmp_path, b"x\n1\ninf\n")


def test_endless_record(tmp_path, refused_text):
    """A record longer than the limit is refused."""
    cell = b'"' + b"x" * (40 * 2**20) + b'"'
    assert "16 MiB" in refused_text(tmp_path, b"a,b\n1," + cell + b"\n")


def test_gzip_bomb(tmp_path, refusal):
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
def test_truncated(tmp_path, suffix, refusal, save):
    """A truncated file is refused by name."""
    path = save(tmp_path, suffix)
    path.write_bytes(path.read_bytes()[:-20])
    message = refusal(path)
    assert path.name in message
    assert "whole" in message


def test_parquet_bomb(tmp_path, refusal):
    """A Parquet bomb is refused by its footer."""
    path = tmp_path / "s.parquet"
    part = pa.table({name: pa.nulls(1_000_000, pa.bool_()).fill_null(True) for name in "abcdef"})
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(25):
            writer.write_table(part)
    assert "1,000 times its size" in refusal(path)


class _Hostile:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch {self.canary}",)


@pytest.mark.parametrize("suffix", [".pkl", ".csv", ".parquet", ".feather", ".csv.gz", ".json", ""])
def test_pickles(tmp_path, suffix, refusal):
    """A pickle is never opened, whatever its name."""
    path, canary = tmp_path / f"s{suffix}", tmp_path / "canary"
    path.write_bytes(pickle.dumps(_Hostile(canary)))
    message = refusal(path)
    assert not canary.exists()
    assert suffix in {".csv", ".parquet", ".feather", ".csv.gz"} or ".parquet" in message


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.csv", "s3://bucket/x.parquet", "file:///etc/x.csv"])
def test_urls(url, refusal):
    """URLs are refused: only local files are read."""
    assert "local files" in refusal(url)


def test_missing_files(tmp_path, refusal):
    """Missing files and empty folders are refused in one line."""
    assert "does not exist" in refusal(tmp_path / "nope.csv")
    assert "does not exist" in refusal(tmp_path / "*.csv")
    (tmp_path / "d.csv").mkdir()
    assert "folder without part files" in refusal(tmp_path / "d.csv")


def test_invalid_text(tmp_path):
    """Bytes that are no text are refused even where a file says that they are text."""
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(bytes([0, 0, 0, 0, 2, 0, 0, 0])), pa.py_buffer(b"\xff\xff"))
    pq.write_table(pa.table({"x": broken, "y": broken.dictionary_encode()}), tmp_path / "a.parquet")
    with pytest.raises(DataError) as caught:
        load(tmp_path / "a.parquet", label="original")
    assert str(caught.value).count("not valid UTF-8") == 2


def test_broken_part(tmp_path, refusal):
    """A broken part is named."""
    (tmp_path / "a.csv").write_text("x,y\n7,1\n")
    (tmp_path / "b.csv").write_text("x,y\n7\n")
    assert "b.csv: line 2" in refusal(tmp_path)


def test_no_traces(tmp_path, save):
    """Nothing is written beside the input."""
    save(tmp_path, ".csv.gz")
    before = sorted(tmp_path.iterdir())
    load(before[0], label="original")
    assert sorted(tmp_path.iterdir()) == before
