"""What attackers hold of a person, where several attackers hold the same."""

from __future__ import annotations

from typing import Protocol

from synthprivacy.schemata import Schema


class WholeRecord(Protocol):
    """The attacker holds everything but identifiers and free text, as who asks about a certain person does."""

    __slots__ = ()

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "whoever asks whether a person was in the training table holds that person's whole record"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every usable column."""
        return schema.attackable


class TwoHalves(Protocol):
    """The attacker holds two tables that share no column."""

    __slots__ = ()

    first: tuple[str, ...]
    second: tuple[str, ...]

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return both halves."""
        return tuple(sorted((*self.first, *self.second)))


class AllButSecret(Protocol):
    """The attacker holds what may be known of people, without the one column it guesses."""

    __slots__ = ()

    secret: str
    known: tuple[str, ...]
    reason: str
    """Why these columns are known."""

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return self.reason

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every column but the secret, or the quasi-identifiers where some are declared."""
        return self.known
