"""Tables that are kept: those that went out, which may be held beside the next one, and those they were made of."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthprivacy.errors import DataError
from synthprivacy.ledger.chain import Entry, secret_of
from synthprivacy.ledger.totals import RELEASED, of_kind


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that went out."""

    name: str
    """Of the release, with the number of its entry: many releases may have one name."""
    path: Path
    sha256: str
    """Of the file's bytes when it went out, 64 hexadecimal digits."""

    def require(self, sha256: str) -> None:
        """Refuse a file that is no longer the one that went out.

        Raises
        ------
        DataError
            If the digest of its bytes is another one.
        """
        if sha256 != self.sha256:
            msg = f"{self.name} must be kept as it went out: {self.path.name} has changed since; restore it, or write down where it is with `synthprivacy ledger add --kept`"
            raise DataError(msg)


@dataclass(frozen=True, slots=True, repr=False)
class Trained:
    """A training table whose release went out."""

    name: str
    """Of the release, with the number of its entry."""
    path: Path
    digest: str
    """Keyed, of the file's bytes."""

    def require(self, sha256: str, key: bytes) -> None:
        """Refuse a file that is no longer the one that was written down.

        Raises
        ------
        DataError
            If the keyed digest of its bytes is another one.
        """
        if not hmac.compare_digest(_keyed(sha256, key), self.digest):
            msg = f"the training table of {self.name} must be as it was written down: the file has changed since; restore it, or write down where it is with `synthprivacy ledger add --training`"
            raise DataError(msg)


def place_of(path: Path, sha256: str, folder: Path) -> dict[str, str]:
    """Return what a ledger in `folder` writes down of a file: where it is, from there if it lies within, and its digest."""
    return {"path": _from(folder, path), "sha256": sha256}


def training_of(path: Path, sha256: str, folder: Path, key: bytes) -> dict[str, str]:
    """Return what a ledger writes down of a training table: where it is, and the keyed digest of its bytes.

    A bare digest of real people could be confirmed by guessing them.
    """
    return {"path": _from(folder, path), "digest": _keyed(sha256, key)}


def last_training(entries: Sequence[Entry], folder: Path) -> Trained | None:
    """Return the training table of the release that went out last of those that have one.

    Parameters
    ----------
    entries : sequence of Entry
    folder : Path
        Of the ledger.
    """
    for entry in reversed(entries):
        match entry.body.get("training") if entry.kind == RELEASED else None:
            case {"path": str() as path, "digest": str() as digest}:
                return Trained(f"{entry.body.get('release')} (entry {entry.number})", folder / path, digest)
    return None


def kept_tables(entries: Sequence[Entry], folder: Path) -> tuple[Kept, ...]:
    """Return the tables that went out and are kept, in the order of their publication, each where it was last said to be.

    Parameters
    ----------
    entries : sequence of Entry
    folder : Path
        Of the ledger.
    """
    found: dict[str, Kept] = {}
    for entry in entries:
        if entry.kind != RELEASED:
            continue
        match entry.body.get("kept"):
            case {"path": str() as path, "sha256": str() as sha256}:
                table = str(entry.body.get("table"))
                name = found[table].name if table in found else f"{entry.body.get('release')} (entry {entry.number})"
                found[table] = Kept(name, folder / path, sha256)
    return tuple(found.values())


def not_kept(entries: Sequence[Entry]) -> int:
    """Return how many tables went out of which the ledger does not say where they are."""
    out: dict[str, list[Mapping[str, Any]]] = {}
    for body in of_kind(entries, RELEASED):
        out.setdefault(str(body.get("table")), []).append(body)
    return sum(not any(body.get("kept") for body in bodies) for bodies in out.values())


def _from(folder: Path, path: Path) -> str:
    """Return where a file is: from the folder if it lies within, so that both can move."""
    whole, home = path.resolve(), folder.resolve()
    return (whole.relative_to(home) if whole.is_relative_to(home) else whole).as_posix()


def _keyed(sha256: str, key: bytes) -> str:
    return hmac.new(secret_of(key), f"training:{sha256}".encode(), hashlib.sha256).hexdigest()
