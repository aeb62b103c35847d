"""How a risk goes with how unusual people are."""

from __future__ import annotations

from dataclasses import dataclass

from synthprivacy.results.risk import Interval, Rate


@dataclass(frozen=True, slots=True)
class Part:
    """The risk of some of the people."""

    value: float
    """As `Risk.value`."""
    interval: Interval
    """As `Risk.interval`; it decides nothing."""
    original: Rate | None = None
    """Of guesses: those about training people."""
    control: Rate | None = None


@dataclass(frozen=True, slots=True)
class Deciles:
    """The risk of ten equal parts of the people, the least unusual first, or of five where people are few."""

    endpoint: str
    parts: tuple[Part, ...]
    trend: float
    """How much the risk rises from the least to the most unusual part, along a straight line."""
    trend_interval: Interval
    p_value: float
    """One-sided, of no rise."""
