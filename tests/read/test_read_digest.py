"""A digest names the content of a table, whatever form the table came in."""

from __future__ import annotations

import stat
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthprivacy.errors import ConfigError
from synthprivacy.tables.digest import content_digest, digest_key
from synthprivacy.tables.read import load

TABLE = pd.DataFrame(
    {
        "whole": [1, 2, 3],
        "part": [0.1, None, -0.0],
        "text": ["a", None, "b,c"],
        "name": ["x", "yy", "zzz"],
        "truth": [True, False, True],
        "day": pd.to_datetime(["2024-01-31", "2024-02-29", None]),
        "none": [None, None, None],
    }
)


def digest(source, key=None) -> str:
    """Return the digest of a file or a dataframe."""
    return content_digest(load(source, label="original"), key)


def test_formats(tmp_path):
    """CSV, Parquet and dataframe have one digest."""
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    TABLE.to_parquet(tmp_path / "t.parquet")
    assert digest(tmp_path / "t.csv") == digest(tmp_path / "t.parquet") == digest(TABLE)
    assert digest(TABLE).startswith("sha256:")
    assert len(digest(TABLE)) == len("sha256:") + 64


@pytest.mark.parametrize(
    "alike",
    [
        TABLE[TABLE.columns[::-1]],
        TABLE.assign(whole=TABLE.whole.astype("float64")),
        TABLE.assign(whole=TABLE.whole.astype("uint8")),
        TABLE.assign(text=TABLE.text.astype("category")),
        TABLE.assign(part=TABLE.part.astype("float32")),
        TABLE.assign(part=[0.1, None, 0.0]),
        TABLE.set_index(np.array([9, 9, 9])),
    ],
    ids=["column order", "int as float", "uint8", "category", "float32", "negative zero", "index"],
)
def test_representation(alike):
    """Representation does not change a digest."""
    assert digest(alike) == digest(TABLE)


@pytest.mark.parametrize(
    "other",
    [
        TABLE.iloc[::-1],
        TABLE.iloc[:2],
        TABLE.rename(columns={"text": "tex"}),
        TABLE.assign(text=["a", None, "b,d"]),
        TABLE.assign(text=["ab", None, ",c"]),
        TABLE.assign(text=["a", "", "b,c"]),
        TABLE.assign(text=[None, "a", "b,c"]),
        TABLE.assign(truth=[1, 0, 1]),
        TABLE.assign(whole=["1", "2", "3"]),
        TABLE.assign(part=[0.1, None, 1e-300]),
        TABLE.drop(columns="none"),
    ],
)
def test_content(other):
    """Another content has another digest."""
    assert digest(other) != digest(TABLE)


def test_long_numbers():
    """Whole numbers beyond the reach of decimals are told apart."""
    digests = {digest(pd.DataFrame({"x": [number]})) for number in (2**62, 2**62 + 1, 2.0)}
    assert len(digests) == 3  # the bytes of 2**62 as int64 are those of 2.0 as float64


def test_chunks():
    """Chunks and slices do not change a digest."""
    frame = load(TABLE, label="original")
    pieces = pa.concat_tables([frame.slice(0, 1), frame.slice(1, 2)])
    assert content_digest(pieces) == content_digest(frame)
    assert content_digest(frame.slice(1)) == digest(TABLE.iloc[1:])


def test_keys():
    """A key changes the digest and its name."""
    keyed = {digest(TABLE, b"one"), digest(TABLE, b"two"), digest(TABLE)}
    assert len(keyed) == 3
    assert digest(TABLE, b"one").startswith("hmac-sha256:")
    assert digest(TABLE, b"one") == digest(TABLE, b"one")


def test_speed():
    """A million strings take about a second."""
    frame = pa.table({"x": pa.array([f"value {i}" for i in range(1_000_000)])})
    start = time.perf_counter()
    content_digest(frame)
    assert time.perf_counter() - start < 3


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a config folder in which there is no key."""
    monkeypatch.delenv("SYNTHPRIVACY_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def test_environment(home, monkeypatch):
    """The key of the environment wins and makes no file."""
    monkeypatch.setenv("SYNTHPRIVACY_KEY", " a secret of some length\n")
    assert digest_key() == b"a secret of some length"
    assert not list(home.iterdir())


def test_a_short_key_is_refused(monkeypatch):
    """A key that can be guessed protects nothing."""
    monkeypatch.setenv("SYNTHPRIVACY_KEY", "x")
    with pytest.raises(ConfigError, match="16 characters"):
        digest_key()


def test_key_file(home):
    """A key is made once, and only its owner can read it."""
    first = digest_key()
    path = home / "synthprivacy" / "key"
    assert digest_key() == first == path.read_text().strip().encode()
    assert len(bytes.fromhex(first.decode())) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


@pytest.mark.usefixtures("home")
def test_key_race():
    """Whoever races for the key, all get the same."""
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: digest_key(), range(40)))
    assert len(set(keys)) == 1
    assert keys[0] is not None


def test_no_key(home):
    """There is no key where none can be made or read."""
    (home / "synthprivacy").write_text("a file where the folder should be")
    assert digest_key() is None
    (home / "synthprivacy").unlink()
    (home / "synthprivacy").mkdir()
    (home / "synthprivacy" / "key").touch()
    assert digest_key() is None
