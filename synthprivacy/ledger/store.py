"""The file: SQLite in WAL mode, so that a writer who dies leaves what was committed, whole, and readers never wait.

Many may write at the same time on one machine: each takes the write lock, checks the chain, and appends; nobody appends
to a broken chain. The file must lie on a local disk, because the shared memory of a WAL does not reach over a network.

References
----------
SQLite, Write-Ahead Logging (sqlite.org/wal.html); Atomic Commit In SQLite (sqlite.org/atomiccommit.html).
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from synthprivacy.errors import DataError
from synthprivacy.ledger.chain import FORMAT, OPENED, Entry, Head, faults, fingerprint, head_of, linked, secret_of

WAIT = 60.0
"""Seconds a writer waits for the others."""
_RETRY = 0.01
_SYSTEM = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_PERM", "SQLITE_READONLY")
"""Errors of disk and rights, not of what the file holds."""

_SCHEMA = (
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, at TEXT, kind TEXT, body TEXT, seal TEXT)",
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER, seal TEXT)",
    "CREATE TRIGGER entries_stay BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "CREATE TRIGGER entries_remain BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append only'); END",
)
"""What the file holds, and nothing else: the triggers keep honest tools from mistakes, the chain shows the rest."""

Result = TypeVar("Result")
Draft = tuple[str, Mapping[str, Any]]
"""Kind and body of an entry to be."""


class DamagedError(DataError):
    """The file is there, but is no ledger that can be read."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What was written."""

    entries: tuple[Entry, ...]
    head: Head
    opened: bool
    """Whether the ledger was made for it."""


def append(
    path: str | os.PathLike[str],
    key: bytes,
    make: Callable[[tuple[Entry, ...]], tuple[Sequence[Draft], Result]],
    *,
    at: str,
) -> tuple[Appended, Result]:
    """Append what `make` makes of the entries so far; nobody else writes in between.

    Parameters
    ----------
    path : path
        Made where it does not exist.
    key : bytes
        The house's key.
    make : callable
        Takes the entries so far, returns drafts of the next ones and whatever else its caller wants to know.
    at : str
        Now, in UTC.

    Raises
    ------
    DataError
        If the chain is broken, the file cannot be read or written, or others keep the lock for too long.
    """
    secret = secret_of(key)
    with _connected(path, create=True) as connection, _committed(connection):
        opened = not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        if opened:
            for statement in _SCHEMA:
                connection.execute(statement)
            _insert(connection, secret, [(OPENED, {"format": FORMAT, "key": fingerprint(secret)})], None, at)
        entries, head = _stored(connection)
        _require_whole(path, secret, entries, head)
        drafts, result = make(entries)
        written, head = _insert(connection, secret, drafts, entries[-1], at)
    return Appended(written, head, opened), result


def read(path: str | os.PathLike[str], key: bytes) -> tuple[Entry, ...]:
    """Return every entry of a ledger that is whole.

    Raises
    ------
    DataError
        As `append`.
    """
    with _connected(path, create=False) as connection:
        entries, head = _stored(connection)
    _require_whole(path, secret_of(key), entries, head)
    return entries


def check(path: str | os.PathLike[str], key: bytes, *, head: str | None = None) -> tuple[str, ...]:
    """Return what is wrong with a ledger, in words; nothing where it is whole.

    Parameters
    ----------
    path, key
        As `append`.
    head : str, optional
        A seal that was noted down earlier: it must be of an entry, or the head, of this ledger.

    Raises
    ------
    DataError
        If there is no such file, or others keep the lock for too long.
    """
    try:
        with _connected(path, create=False) as connection:
            damage = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            told = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master ORDER BY rowid")]
            entries, stored = _stored(connection)
    except DamagedError:
        return ("the file is damaged: it is no ledger that can be read",)
    found = [f"the file is damaged: {len(damage)} faults in its structure"] if damage else []
    found += [] if told == list(_SCHEMA) else ["its tables or triggers were changed"]
    found += faults(secret_of(key), entries, stored)
    if head is not None and head not in {entry.seal for entry in entries} | {stored.seal if stored else ""}:
        found.append("the seal given is of no entry: the ledger was replaced, or cut off before it")
    return tuple(found)


@contextmanager
def _connected(path: str | os.PathLike[str], *, create: bool) -> Iterator[sqlite3.Connection]:
    place = Path(path).absolute()
    if place.exists() and not place.is_file():
        raise DataError(f"{place.name} cannot be a ledger (it is no ordinary file); name one")
    if not create and not place.exists():
        raise DataError(f"{place.name} is not there; `synthprivacy gate --ledger FILE` or `ledger add` makes a ledger")
    source = f"{place.as_uri()}?mode={'rwc' if create else 'rw'}"
    try:
        with closing(sqlite3.connect(source, timeout=WAIT, isolation_level=None, uri=True)) as connection:
            _prepare(connection)
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite quotes what it cannot read, be it text or not
        name = str(getattr(error, "sqlite_errorname", ""))
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise DataError(f"{place.name} is kept locked by others for {WAIT:.0f} seconds; try again later") from None
        if name.startswith(_SYSTEM):
            raise DataError(f"{place.name} cannot be opened or written; check disk and rights") from None
        raise DamagedError(f"{place.name} is no ledger, or a damaged one; see `synthprivacy ledger check`") from None


def _prepare(connection: sqlite3.Connection) -> None:
    """Turn the WAL on, every commit flushed to disk; of several who open a new file at once, one turns it on for all."""
    # An edited byte may be no UTF-8: it must come out as different, not as an error.
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    until = time.monotonic() + WAIT
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            break
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
            if not busy or time.monotonic() > until:
                raise
            time.sleep(_RETRY)
    if mode != "wal":
        msg = "a ledger must lie on a local disk, where SQLite can keep a write-ahead log; move it there"
        raise DataError(msg)
    connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def _committed(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock, and commit in the end; whatever goes wrong, nothing was written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _insert(
    connection: sqlite3.Connection, secret: bytes, drafts: Sequence[Draft], last: Entry | None, at: str
) -> tuple[tuple[Entry, ...], Head]:
    written: list[Entry] = []
    for kind, body in drafts:
        last = linked(secret, last, at=at, kind=kind, body=body)
        row = (last.number, last.at, last.kind, last.text, last.seal)
        connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", row)
        written.append(last)
    if last is None:
        msg = "a ledger cannot begin with nothing; append an entry"
        raise DataError(msg)
    head = head_of(secret, last)
    connection.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (head.count, head.seal))
    return tuple(written), head


def _stored(connection: sqlite3.Connection) -> tuple[tuple[Entry, ...], Head | None]:
    """Return what the file holds, whatever it is."""
    rows = connection.execute("SELECT number, at, kind, body, seal FROM entry ORDER BY number").fetchall()
    heads = connection.execute("SELECT count, seal FROM head").fetchall()
    entries = tuple(Entry(_whole(row[0]), *(str(part) for part in row[1:])) for row in rows)
    return entries, Head(_whole(heads[0][0]), str(heads[0][1])) if len(heads) == 1 else None


def _whole(value: Any) -> int:
    """Return a whole number, -1 for what an edit made of it."""
    return value if isinstance(value, int) else -1


def _require_whole(path: str | os.PathLike[str], secret: bytes, entries: tuple[Entry, ...], head: Head | None) -> None:
    broken = faults(secret, entries, head)
    if broken:
        msg = f"{Path(path).name} is broken ({broken[0]}); nothing is appended to it: restore a copy that is whole"
        raise DataError(msg)
