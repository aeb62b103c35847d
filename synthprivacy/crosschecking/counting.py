"""Counts of successes on both sides, in words that tell of no group under ten."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synthprivacy.crosschecking.values import Reading
from synthprivacy.rendering import score_step
from synthprivacy.rendering.counts import THRESHOLD


@dataclass(frozen=True, slots=True)
class Counts:
    """Successes out of some attempts; a corrected count need not be whole."""

    successes: float
    trials: int
    least: int = THRESHOLD
    """Successes that ten people at least must have had; more where people have several rows."""

    @property
    def share(self) -> float:
        """Successes over attempts."""
        return self.successes / self.trials

    @property
    def small(self) -> bool:
        """Whether the count, or what it leaves over, may not be told."""
        return min(self.successes, self.trials - self.successes) < self.least

    def __str__(self) -> str:
        few = "fewer than ten" if self.least == THRESHOLD else "those of maybe fewer than ten people"
        if self.successes < self.least:
            return f"{few} of {self.trials:,}"
        if self.trials - self.successes < self.least:
            return f"all but {few} of {self.trials:,}"
        return f"{self.share:.1%} of {self.trials:,}"


@dataclass(frozen=True, slots=True)
class Sides:
    """Successes on the original, and on the control where there is one."""

    original: Counts
    control: Counts | None

    @property
    def small(self) -> bool:
        """Whether a number computed from them may not be told."""
        return self.original.small or (self.control is not None and self.control.small)

    @property
    def few(self) -> bool:
        """Whether fewer than ten are counted on a side."""
        sides = (self.original, self.control)
        return any(counts is not None and counts.successes < counts.least for counts in sides)

    @property
    def excess(self) -> float:
        """Return (a - c) / (1 - c) of the plain rates; the raw rate without a control."""
        chance = 0.0 if self.control is None else self.control.share
        return (self.original.share - chance) / (1.0 - chance) if chance < 1.0 else 0.0


def withheld(reading: Reading, counts: Sides) -> Reading:
    """Return a reading as it may leave: without its numbers where they follow from a count under ten."""
    if not counts.small:
        return reading
    side = counts.original if counts.original.small else counts.control
    return Reading(None, note=f"withheld: {side}")


def stepped(reading: Reading, rows: int) -> Reading:
    """Return a score as it may leave: in steps that ten of so many rows move."""
    if reading.value is None:
        return reading
    step = score_step(rows)
    return replace(reading, value=round(round(reading.value / step) * step, 2), interval=None)
