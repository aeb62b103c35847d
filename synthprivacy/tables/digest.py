"""What a table is, in 64 letters: a digest of its content that does not depend on how it was stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthprivacy.errors import ConfigError

_EXACT = 2**53
"""Whole numbers up to here are the same as int64 and as float64."""
_KEY = "SYNTHPRIVACY_KEY"
_SHORTEST_KEY = 16


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def content_digest(frame: pa.Table, key: bytes | None = None) -> str:
    """Return the digest of a canonical frame: its sorted column names and its values in row order.

    The same table has the same digest whether it came as CSV, Parquet or a dataframe, whether numbers were stored
    as integers or decimals, text as text or as categories, and in whatever order its columns stood.

    Parameters
    ----------
    frame : pyarrow.Table
        As `load` returns it.
    key : bytes, optional
        Secret key. A bare digest of real people could be confirmed by guessing them; a keyed one cannot.

    Returns
    -------
    str
        ``sha256:`` or, with a key, ``hmac-sha256:`` and 64 hexadecimal digits.
    """
    digest: _Hash = hashlib.sha256() if key is None else hmac.new(key, digestmod=hashlib.sha256)
    digest.update(len(frame).to_bytes(8, "little"))
    for name in sorted(frame.column_names):
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
        _add_column(digest, frame[name])
    return f"{'sha256' if key is None else 'hmac-sha256'}:{digest.hexdigest()}"


def digest_key() -> bytes | None:
    """Return the key of this user: `SYNTHPRIVACY_KEY`, else the one in the config folder, made if it is absent.

    Returns
    -------
    bytes or None
        None if there is no usable key and none can be made.

    Raises
    ------
    ConfigError
        If `SYNTHPRIVACY_KEY` is too short to keep a secret.
    """
    given = os.environ.get(_KEY, "").strip()
    if given:
        if len(given) < _SHORTEST_KEY:
            msg = f"SYNTHPRIVACY_KEY must have at least {_SHORTEST_KEY} characters, or it can be guessed; set a longer one"
            raise ConfigError(msg)
        return given.encode()
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    try:
        path = (home if home.is_absolute() else Path.home() / ".config") / "synthprivacy" / "key"
        if not path.exists():
            _make_key(path)
        key = path.read_text(encoding="ascii").strip().encode()
    except (OSError, RuntimeError, UnicodeDecodeError):
        return None
    return key if len(key) >= _SHORTEST_KEY else None


def without_key() -> dict[str, str]:
    """Return the environment for programs of others: who has the key can confirm guesses of secret tables."""
    return {name: value for name, value in os.environ.items() if name != _KEY}


def _make_key(path: Path) -> None:
    """Write a new key unless another process just did: whoever comes first has made the key of both."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        Path(temporary).unlink(missing_ok=True)


def _add_column(digest: _Hash, values: pa.ChunkedArray) -> None:
    """Feed a column: a letter for its type, which values are there, and the values."""
    if values.null_count == len(values):
        digest.update(b"-")
        return
    if pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    digest.update(_letter(values))
    digest.update(np.packbits(np.asarray(pc.is_valid(values))).tobytes())
    present = values.drop_null()
    if pa.types.is_string(values.type):
        digest.update(np.asarray(pc.binary_length(present)).astype("<i8").tobytes())
        for chunk in present.chunks:
            digest.update(_text_bytes(chunk))
    else:
        digest.update(_number_bytes(present))


def _letter(values: pa.ChunkedArray) -> bytes:
    if _is_number(values.type):
        return b"i" if _is_beyond_float(values) else b"n"
    if pa.types.is_boolean(values.type):
        return b"b"
    if pa.types.is_timestamp(values.type):
        return b"t"
    return b"d" if pa.types.is_duration(values.type) else b"s"


def _number_bytes(present: pa.ChunkedArray) -> bytes:
    if _is_number(present.type) and not _is_beyond_float(present):
        return (np.asarray(present.cast(pa.float64())) + 0.0).astype("<f8").tobytes()  # -0.0 is 0.0
    if pa.types.is_boolean(present.type):
        return np.packbits(np.asarray(present)).tobytes()
    return np.asarray(present.cast(pa.int64())).astype("<i8").tobytes()


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_beyond_float(values: pa.ChunkedArray) -> bool:
    if not pa.types.is_integer(values.type):
        return False
    ends = pc.min_max(values)
    return bool(ends["min"].as_py() < -_EXACT or ends["max"].as_py() > _EXACT)


def _text_bytes(chunk: pa.StringArray) -> bytes:
    """Return the bytes of all strings of a chunk, one after the other."""
    offsets = np.frombuffer(chunk.buffers()[1], dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    data = chunk.buffers()[2]
    return (
        b""
        if data is None or not len(chunk)
        else data.slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
    )
