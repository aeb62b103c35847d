"""What an attack is: it studies the release, is then shown people without what it has to guess, and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from synthprivacy.results import Guesses
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What an attacker holds before it meets anyone; never more than these three."""

    releases: tuple[Table, ...]
    """One release, or several of the same source."""
    reference: Table | None
    """Real people who are neither original nor control."""
    schema: Schema


@dataclass(frozen=True, slots=True)
class Budget:
    """What an attack may spend."""

    queries: int
    """Predicates a singling-out attack may emit."""
    secrets: int = 20
    """Hidden columns attacked where nobody declared any."""
    strong: int = 1
    """Hidden columns attacked by every attacker there is; all others by the nearest record only."""
    jobs: int = 1
    """Threads; they change no answer."""


Attacker = Callable[[Table], Guesses]
"""Answers about the people it is shown, each one's answer the same in whatever company."""


class Attack(Protocol):
    """A frozen dataclass of parameters."""

    name: ClassVar[str]
    """The threat it belongs to, as the report says it."""
    everyone: ClassVar[bool]
    """Whether it is cheap enough to attack all people, whatever `targets` says."""
    comparators: ClassVar[tuple[str, ...]]
    """Which of the populations "naive" and "population" make sense for it."""

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Attack, ...]:
        """Return the attacks of this kind that the release and the schema call for."""

    @property
    def endpoint(self) -> str:
        """Stable dotted name: the threat, then what is attacked."""

    @property
    def why(self) -> str:
        """Why the attacker is assumed to know what it knows, in a sentence."""

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return the columns it is shown of each person; the rest it never sees."""

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen, as strict JSON."""

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Study the release and return the attacker."""


def known_columns(schema: Schema, *, hidden: str | None = None) -> tuple[str, ...]:
    """Return what an attacker is assumed to know of a person: the quasi-identifiers, else every usable column.

    Parameters
    ----------
    schema : Schema
    hidden : str, optional
        The secret under attack, which is never known.
    """
    usable = schema.attackable
    declared = frozenset(schema.with_role("quasi_identifier"))
    known = [name for name in usable if name in declared] if declared else list(usable)
    return tuple(name for name in known if name != hidden)


def why_known(schema: Schema) -> str:
    """Return the reason behind `known_columns`."""
    if schema.with_role("quasi_identifier"):
        return "the declared quasi-identifiers"
    return "nobody declared quasi-identifiers, so every column but identifiers may be known"
