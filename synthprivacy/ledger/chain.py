"""The chain: every entry is sealed together with the one before it, so that no edit goes unseen.

A seal is an HMAC-SHA256 under the house's key over the entry and the seal before it. Whoever can edit the file but has
no key can neither change an entry, nor take one out, nor add one; the *head*, which seals how many entries there are,
shows that the last ones were cut off. What no file can show by itself is that all of it was replaced by an older copy of
itself: the head is printed with every entry, so that it can be kept elsewhere.

References
----------
Haber and Stornetta (1991), How to time-stamp a digital document (linking); Krawczyk, Bellare and Canetti (1997), RFC
2104, HMAC: keyed-hashing for message authentication.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthprivacy.errors import DataError

FORMAT = "synthprivacy/ledger/1"
OPENED = "opened"
"""Kind of the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger, as it is stored."""

    number: int
    """From 1, without gaps."""
    at: str
    """When it was written: UTC, ``2026-11-22T13:00:00Z``."""
    kind: str
    text: str
    """The body as strict JSON, byte for byte as it was sealed."""
    seal: str
    """64 hexadecimal digits."""

    @property
    def body(self) -> Mapping[str, Any]:
        """What the entry says.

        Raises
        ------
        DataError
            If it is no JSON object, which no sealed entry is.
        """
        try:
            found = json.loads(self.text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise DataError(f"entry {self.number} of the ledger is not a JSON object; run `synthprivacy ledger check`")
        return found


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries there are, sealed."""

    count: int
    seal: str


def secret_of(key: bytes) -> bytes:
    """Return the key of ledgers, made from the house's key, which also keys the digests of tables."""
    return hmac.new(key, FORMAT.encode(), hashlib.sha256).digest()


def fingerprint(secret: bytes) -> str:
    """Return what the first entry says of the key: enough to tell another key from an edit, useless to guess it."""
    return hmac.new(secret, b"which key", hashlib.sha256).hexdigest()[:16]


def text_of(body: Mapping[str, Any]) -> str:
    """Return a body as it is stored: strict JSON, keys sorted."""
    return json.dumps(body, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def linked(secret: bytes, last: Entry | None, *, at: str, kind: str, body: Mapping[str, Any]) -> Entry:
    """Return the entry that follows the last one (None: there is none yet), sealed."""
    number = 1 if last is None else last.number + 1
    text = text_of(body)
    return Entry(
        number, at, kind, text, _seal(secret, (str(number), at, kind, text, "" if last is None else last.seal))
    )


def head_of(secret: bytes, last: Entry) -> Head:
    """Return the head of a ledger whose last entry is given."""
    return Head(last.number, _seal(secret, ("head", str(last.number), last.seal)))


def faults(secret: bytes, entries: Sequence[Entry], head: Head | None) -> tuple[str, ...]:
    """Return what is wrong with a chain, in words; nothing where it is whole."""
    if not entries:
        return ("it has no entries",)
    if entries[0].kind != OPENED or f'"key":"{fingerprint(secret)}"' not in entries[0].text:
        return ("entry 1: it was opened with another key, or edited",)
    found, last = [], None
    for entry in entries:
        again = _seal(secret, (str(entry.number), entry.at, entry.kind, entry.text, "" if last is None else last.seal))
        if entry.number != (1 if last is None else last.number + 1):
            found.append(f"entry {entry.number}: the one before it is gone")
        elif again != entry.seal:
            found.append(f"entry {entry.number}: edited, or the one before it was")
        last = entry
    if head is None or head != head_of(secret, entries[-1]):
        found.append(f"the head does not belong to entry {entries[-1].number}: entries were cut off, or it was edited")
    return tuple(found)


def _seal(secret: bytes, parts: Sequence[str]) -> str:
    """Return the seal of some texts, each with its length before it, so that no two lists read alike."""
    sealed = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        encoded = part.encode("utf-8", "surrogateescape")
        sealed.update(len(encoded).to_bytes(8, "little") + encoded)
    return sealed.hexdigest()
