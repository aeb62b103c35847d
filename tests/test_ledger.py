"""The ledger's file: nothing committed is lost, and nothing is edited unseen."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from synthprivacy.errors import DataError
from synthprivacy.ledger.chain import Entry, faults, head_of, linked, secret_of
from synthprivacy.ledger.store import append, check, read

KEY = b"a key of these tests"
AT = "2026-11-22T13:00:00Z"
WRITER = """
import sys
from synthprivacy.ledger.store import append
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for number in range(count):
    append(path, b"a key of these tests", lambda _: ([("judged", {"by": name, "number": number})], None), at="T")
    print(number, flush=True)
"""


def write(path, *bodies, key=KEY):
    """Append entries, one after the other."""
    for body in bodies:
        append(path, key, lambda _, body=body: ([("judged", body)], None), at=AT)


@pytest.fixture
def ledger(tmp_path):
    """Return a ledger with three entries besides the first."""
    path = tmp_path / "a.ledger"
    write(path, {"number": 1}, {"number": 2, "word": "ä\u202e"}, {"number": 3})
    return path


def edited(path, *statements):
    """Run statements as somebody who knows SQL: triggers first taken away, then put back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
        for name in ("entries_stay", "entries_remain"):
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for trigger in triggers:
            connection.execute(trigger)


def test_what_was_written_is_read(ledger):
    """Entries come back as they were written, in order, and the chain is whole."""
    entries = read(ledger, KEY)

    assert [entry.kind for entry in entries] == ["opened", "judged", "judged", "judged"]
    assert [entry.body.get("number") for entry in entries] == [None, 1, 2, 3]
    assert entries[2].body["word"] == "ä\u202e"
    assert check(ledger, KEY) == ()
    assert check(ledger, KEY, head=entries[1].seal) == ()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE entry SET body = '{\"number\":7}' WHERE number = 2", "entry 2: edited"),
        ("UPDATE entry SET body = body || ' ' WHERE number = 2", "entry 2: edited"),
        ("UPDATE entry SET at = '2027' WHERE number = 4", "entry 4: edited"),
        ("UPDATE entry SET kind = 'released' WHERE number = 3", "entry 3: edited"),
        ("UPDATE entry SET seal = upper(seal) WHERE number = 3", "entry 3: edited"),
        ("DELETE FROM entry WHERE number = 3", "the one before it is gone"),
        ("DELETE FROM entry WHERE number = 4", "entries were cut off"),
        ("DELETE FROM entry WHERE number = 1", "opened with another key, or edited"),
        ("DELETE FROM entry", "it has no entries"),
        ("UPDATE head SET count = 3", "entries were cut off"),
        ("DELETE FROM head", "entries were cut off"),
        ("INSERT INTO entry VALUES (5, 'T', 'judged', '{}', 'made up')", "entry 5: edited"),
        ("CREATE TABLE more (x)", "its tables or triggers were changed"),
        ("UPDATE entry SET body = x'ff00' WHERE number = 2", "entry 2: edited"),
    ],
)
def test_every_edit_is_shown_and_nothing_is_appended_to_it(ledger, statement, words):
    """Whatever was changed, taken out or added, `check` says where; an append is refused and writes nothing."""
    edited(ledger, statement)

    assert any(words in fault for fault in check(ledger, KEY))
    if "more" in statement:
        return
    before = check(ledger, KEY)
    with pytest.raises(DataError, match="is broken"):
        write(ledger, {"number": 4})
    assert check(ledger, KEY) == before


def test_cutting_off_the_end_with_the_head_made_to_fit_needs_the_key():
    """Who has no key cannot make a head for an earlier entry; an older copy shows by a seal that was noted down."""
    secret = secret_of(KEY)
    first = linked(secret, None, at=AT, kind="opened", body={"key": "x"})
    entries = [first, *(linked(secret, first, at=AT, kind="judged", body={"number": n}) for n in range(1))]

    assert head_of(secret, entries[0]) != head_of(secret_of(b"another key of mine"), entries[0])
    assert faults(secret, entries, head_of(secret, entries[-1])) != ()  # the fingerprint of the key is missing


def test_an_older_copy_is_shown_by_a_seal(ledger, tmp_path):
    """A ledger put back to an older state is whole by itself, and lacks the seal that was printed since."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    old = shutil.copy(ledger, tmp_path / "old.ledger")
    write(ledger, {"number": 4})
    seal = read(ledger, KEY)[-1].seal

    assert check(old, KEY) == ()
    assert "cut off" in check(old, KEY, head=seal)[0]


def test_an_entry_of_another_future_does_not_fit(ledger, tmp_path):
    """An entry that was sealed with the same key, on a copy that went its own way, is shown where it is put in."""
    other = shutil.copy(closed(ledger), tmp_path / "other.ledger")
    write(ledger, {"decision": "fail"}, {"number": 5})
    write(other, {"decision": "pass"}, {"number": 5})
    foreign = read(other, KEY)[4]
    put_in = f"UPDATE entry SET body = '{foreign.text}', seal = '{foreign.seal}' WHERE number = 5"  # noqa: S608 - our own
    edited(ledger, put_in)

    assert check(ledger, KEY) == ("entry 6: edited, or the one before it was",)


def test_another_key_reads_nothing(ledger):
    """With another key nothing can be shown to be whole, and nothing is appended."""
    assert "another key" in check(ledger, b"another key of mine")[0]
    with pytest.raises(DataError, match="another key"):
        write(ledger, {"number": 4}, key=b"another key of mine")


@pytest.mark.parametrize("text", ["", "no database", "SQLite format 3\0" + "x" * 200])
def test_what_is_no_ledger_is_refused(tmp_path, text):
    """Another file is never taken for a ledger, nor written to unless it is empty."""
    path = tmp_path / "x.ledger"
    path.write_text(text)
    faults_found = check(path, KEY)
    assert faults_found
    if text:
        with pytest.raises(DataError):
            write(path, {"number": 1})
        assert path.read_text() == text
    with pytest.raises(DataError, match="is not there"):
        read(tmp_path / "none", KEY)
    with pytest.raises(DataError, match="no ordinary file"):
        write(tmp_path, {"number": 1})


def bytes_edited(path, places, tmp_path):
    """Return the places at which a flipped bit neither shows in `check` nor leaves the entries as they were."""
    whole, entries = path.read_bytes(), read(path, KEY)
    copy = tmp_path / "copy.ledger"
    unseen = []
    for place in places:
        spoiled = bytearray(whole)
        spoiled[place] ^= 1 << (place % 8)
        copy.write_bytes(spoiled)
        for left in ("-wal", "-shm"):
            copy.with_name(copy.name + left).unlink(missing_ok=True)
        try:
            if not check(copy, KEY) and read(copy, KEY) != entries:
                unseen.append(place)
        except DataError:
            continue
    return unseen


def closed(path):
    """Return the ledger with everything in one file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def test_an_edited_byte_never_changes_an_entry_unseen(ledger, tmp_path):
    """Of 150 bytes drawn from the file, and of all bytes of the texts, no flipped bit changes an entry unseen."""
    whole = closed(ledger).read_bytes()
    drawn = random.Random(0).sample(range(len(whole)), 150)  # noqa: S311 - not for secrets
    start = whole.index(b'{"number":2')

    assert bytes_edited(ledger, drawn, tmp_path) == []
    for place in range(start, start + 20):
        spoiled = bytearray(whole)
        spoiled[place] ^= 1
        (tmp_path / "copy.ledger").write_bytes(spoiled)
        assert check(tmp_path / "copy.ledger", KEY)


@pytest.mark.slow
def test_no_byte_at_all_changes_an_entry_unseen(ledger, tmp_path):
    """The same of every byte that is not zero."""
    whole = closed(ledger).read_bytes()

    assert bytes_edited(ledger, [place for place, byte in enumerate(whole) if byte], tmp_path) == []


def storm(path, *, writers, each, kills, rng):
    """Run writers at the same time, kill some at random moments, and return what each said it had committed."""
    told = []
    running = [_start(path, f"w{number}", each) for number in range(writers)]
    for number in range(kills):
        time.sleep(rng.uniform(0.0, 0.08))
        victim = rng.randrange(len(running))
        os.kill(running[victim].pid, signal.SIGKILL)
        told.append(_said(running[victim]))
        running[victim] = _start(path, f"k{number}", each)
    return told + [_said(process) for process in running]


def _start(path, name, each):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(each)], stdout=subprocess.PIPE, text=True
    )
    process.name = name
    return process


def _said(process):
    out, _ = process.communicate(timeout=120)
    return process.name, [int(line) for line in out.splitlines() if line.isdecimal()]


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
@pytest.mark.parametrize(("writers", "each", "kills"), [(3, 4, 3), pytest.param(8, 30, 200, marks=pytest.mark.slow)])
def test_writers_at_once_and_kills_lose_nothing(tmp_path, writers, each, kills):
    """Many write at once and die at random moments: every entry that was said to be written is there, the chain is whole."""
    path = tmp_path / "a.ledger"
    told = storm(path, writers=writers, each=each, kills=kills, rng=random.Random(1))  # noqa: S311 - not for secrets
    written = {(entry.body.get("by"), entry.body.get("number")) for entry in read(path, KEY)}

    assert check(path, KEY) == ()
    assert sum(len(numbers) for _, numbers in told) >= writers * each
    assert {(name, number) for name, numbers in told for number in numbers} <= written
    assert [entry.number for entry in read(path, KEY)] == list(range(1, len(written) + 1))


def test_a_draft_that_fails_writes_nothing(ledger):
    """What goes wrong while an entry is made leaves the ledger as it was, and unlocked."""
    before = read(ledger, KEY)

    def fails(_):
        msg = "of these tests"
        raise DataError(msg)

    with pytest.raises(DataError, match="of these tests"):
        append(ledger, KEY, fails, at=AT)
    with pytest.raises(ValueError, match="JSON"):
        write(ledger, {"number": float("nan")})
    assert read(ledger, KEY) == before
    write(ledger, {"number": 4})
    assert check(ledger, KEY) == ()


def test_an_entry_that_is_no_object_is_refused():
    """A body that cannot be read is an error, never an empty one."""
    with pytest.raises(DataError, match="not a JSON object"):
        _ = Entry(1, AT, "judged", "[]", "").body
    assert json.loads(Entry(1, AT, "judged", "{}", "").text) == {}
