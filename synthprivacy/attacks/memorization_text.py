"""Memorisation of texts: does the release quote people?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from synthprivacy.attacks.memorization_strings import FARTHEST, LENGTHS, LONGEST, Written, nearly_verbatim, verbatim
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Claims
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class TextCopies:
    """The attacker claims people whose text the release quotes: a long passage of it, or nearly all of it.

    Every column of free text that a release holds is attacked, by spans and by edits. What independent texts have in
    common is learned from the release, and measured on the control.
    """

    column: str
    by: Literal["spans", "edits"]

    name: ClassVar[str] = "memorization"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[TextCopies, ...]:
        """Return both attacks for each text."""
        return tuple(cls(text.name, by) for text in release.texts for by in ("spans", "edits"))

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"memorization.{self.by}.{self.column}"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "who has read a person's text recognises it"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return the text."""
        return (self.column,)

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        if self.by == "spans":
            return {"text": self.column, "lengths": list(LENGTHS)}
        return {"text": self.column, "characters": LONGEST, "farthest": FARTHEST}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Study the texts of the release.

        Raises
        ------
        NotEnoughDataError
            If the release has no such text, or too few different ones.
        """
        release = _texts(known.releases[0], self.column)
        if not any(release):
            msg = "the release holds no text in the column; a release that does"
            raise NotEnoughDataError(msg)
        usual = None if known.reference is None else _texts(known.reference, self.column)
        ask = verbatim(release, usual) if self.by == "spans" else nearly_verbatim(release, rng, usual)
        return lambda people: Claims(ask(_texts(people, self.column)))


def _texts(table: Table, column: str) -> Written:
    text = table.text(column)
    return [None] * len(table) if text is None else text.values.tolist()
