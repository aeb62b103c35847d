"""What a ledger needs from outside: the house's key, the clock, and what is known of the attacks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from synthprivacy.cli.console import say
from synthprivacy.errors import ConfigError

if TYPE_CHECKING:
    from synthprivacy.config import Policy
    from synthprivacy.gating import Verdict
    from synthprivacy.ledger.judging import Attackers
    from synthprivacy.ledger.keeping import Trained
    from synthprivacy.results import Evaluation


def key() -> bytes:
    """Return the house's key.

    Raises
    ------
    ConfigError
        If there is none: a chain without a key could be made again by whoever edits it.
    """
    from synthprivacy.tables.digest import digest_key

    found = digest_key()
    if found is None:
        msg = "a ledger needs a key: there is none and none can be made; set SYNTHPRIVACY_KEY"
        raise ConfigError(msg)
    return found


def now() -> datetime:
    """Return the time, in UTC: by the clock, for a ledger is about when things happened."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Return a time as a ledger writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def attackers() -> Attackers:
    """Return this version, and a digest of the validity cards of each threat."""
    from synthprivacy import __version__
    from synthprivacy.cards import HOME
    from synthprivacy.ledger.judging import Attackers

    threats: dict[str, str] = {}
    cards = [card for card in files("synthprivacy").joinpath(*HOME).iterdir() if card.name.endswith(".json")]
    for card in sorted(cards, key=lambda card: card.name):
        threat = card.name.partition(".")[0]
        told = f"{threats.get(threat, '')}{card.name}{card.read_text(encoding='utf-8')}"
        threats[threat] = hashlib.sha256(told.encode()).hexdigest()
    return Attackers(__version__, threats)


def went_out(ledger: Path, releases: Iterable[str | Path]) -> dict[str, Path]:
    """Return the tables that went out by a ledger and are kept, by name, but those that are among some releases.

    Raises
    ------
    DataError
        If a file is gone or has changed since, or the ledger is broken.
    """
    from synthprivacy.cli.attested import sha256_of
    from synthprivacy.gating.counts import plural
    from synthprivacy.ledger.keeping import kept_tables, not_kept
    from synthprivacy.ledger.store import read

    entries = read(ledger, key())
    again = {sha256_of(Path(release)) for release in releases}
    paths: dict[str, Path] = {}
    for table in kept_tables(entries, ledger.parent):
        table.require(sha256_of(table.path))
        if table.sha256 not in again:
            paths[table.name] = table.path
    if missing := not_kept(entries):
        say(
            f"{ledger.name} does not say where {plural(missing, 'table')} that went out can be found: not attacked together with these"
        )
    return paths


def trained_before(ledger: Path) -> Trained | None:
    """Return the training table of the release that went out last by a ledger and has one.

    Raises
    ------
    DataError
        If its file is gone or has changed since, or the ledger is broken.
    """
    from synthprivacy.cli.attested import sha256_of
    from synthprivacy.ledger.keeping import last_training
    from synthprivacy.ledger.store import read

    secret = key()
    found = last_training(read(ledger, secret), ledger.parent)
    if found is not None:
        found.require(sha256_of(found.path), secret)
    return found


def judged(ledger: Path, evaluation: Evaluation, policy: Policy) -> tuple[Verdict, str]:
    """Return the verdict of a gate that remembers, and what was written down."""
    from synthprivacy.ledger.judging import judge
    from synthprivacy.ledger.store import append

    moment, secret = now(), key()
    written, verdict = append(
        ledger,
        secret,
        lambda entries: judge(entries, evaluation, policy, key=secret, attackers=attackers(), today=moment.date()),
        at=stamp(moment),
    )
    made = "a new ledger was made; " if written.opened else ""
    return verdict, f"{ledger.name}: {made}{written.head.count} entries, the last sealed {written.entries[-1].seal}"
