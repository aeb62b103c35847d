"""A rule about rows, as a value; `rules` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Law = Literal["range", "dependency", "unique", "order"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule about rows."""

    name: str
    """What its score is called."""
    law: Law
    columns: tuple[str, ...]
    """Of a range the column, of a dependency what determines, of an order the columns that do not decrease."""
    determined: tuple[str, ...] = ()
    """Of a dependency, the columns that the others determine."""
    low: float = float("-inf")
    high: float = float("inf")
    """Ends of a range, in the unit of the column; dates in microseconds since 1970 (UTC)."""
