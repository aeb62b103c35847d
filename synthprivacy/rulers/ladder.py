"""The ladder: how many planted people a result is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.results import Rate
from synthprivacy.rulers.perfect import Perfect
from synthprivacy.statistics.roc import Auc
from synthprivacy.tables.table import FloatArray


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the attack reads on releases with a known number of planted people."""

    people: int
    """Training people."""
    planted: FloatArray
    """(rungs,) planted people, from 0 to all of them."""
    gain: FloatArray
    """(rungs,) what they add to the value of a release without a leak; never falling."""
    perfect: Perfect | None
    """What the attack reads on the perfect release: no leak, so its interval is noise alone. None if it had no answer."""
    noise: Auc | None = None
    """Of membership scores: the control's against themselves, whose spread is that of a run without a leak."""
    found: Rate | None = None
    """Of guesses: right ones about the planted people."""
    limits: tuple[float, float] | None = None
    """Of a straight ladder: the least and the most that all people add, as far as so few planted ones can tell."""

    @property
    def flattest(self) -> Ladder:
        """The ladder at its lower limit: for upper ends and floors."""
        return self if self.limits is None else straight(self.people, self.limits[0], None)

    @property
    def steepest(self) -> Ladder:
        """The ladder at its upper limit: for lower ends."""
        return self if self.limits is None else straight(self.people, self.limits[1], None)

    def most(self, value: float) -> float:
        """Return the largest number of planted people that reads like `value`: on a flat part, its far end."""
        reached = max(value, 0.0)
        return self._before(int(np.searchsorted(self.gain, reached, side="right")), reached)

    def fewest(self, value: float) -> float:
        """Return the smallest number of planted people that reads like `value`: on a flat part, its near end."""
        reached = min(value, float(self.gain[-1]))
        return self._before(int(np.searchsorted(self.gain, reached, side="left")), reached)

    def _before(self, rung: int, value: float) -> float:
        """Return the planted people at a value on the way up to a rung."""
        if not 0 < rung < len(self.planted):
            return float(self.planted[min(rung, len(self.planted) - 1)])
        low, high = self.gain[rung - 1 : rung + 1]
        fewer, more = self.planted[rung - 1 : rung + 1]
        return float(fewer + (more - fewer) * ((value - low) / (high - low)))


def straight(
    people: int,
    gain: float,
    perfect: Perfect | None,
    *,
    found: Rate | None = None,
    limits: tuple[float, float] | None = None,
) -> Ladder:
    """Return the ladder of an attack to which every published person adds the same; flat where that is nothing.

    Parameters
    ----------
    people : int
        Training people.
    gain : float
        What all of them add to the value.
    perfect, found, limits
        See `Ladder`.
    """
    rise = np.array([0.0, max(gain, 0.0)])
    return Ladder(people, np.array([0.0, people]), rise, perfect, found=found, limits=limits)
