"""The largest parameter of a claim that the evidence still rejects, and the ranges settings must lie in."""

from __future__ import annotations

from collections.abc import Callable

from synthprivacy.errors import ConfigError, DataError

_LARGEST = 1024.0
_STEPS = 40
"""Halvings of an interval no longer than the answer or 1: to 12 digits."""


def largest_rejected(rejected: Callable[[float], bool]) -> float:
    """Return the supremum of the parameters at which a claim is rejected, from below; 0 where 0 is not.

    A weaker claim (a larger parameter) must never be rejected where a stronger one is not. The answer is itself
    rejected, so rounding never proves too much.
    """
    if not rejected(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while rejected(high):
        low, high = high, 2.0 * high
        if low >= _LARGEST:
            return low
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if rejected(middle) else (low, middle)
    return low


def require_level(confidence: float, delta: float = 0.0) -> None:
    """Refuse a confidence outside (0, 1) or a delta outside [0, 1).

    Raises
    ------
    ConfigError
        If either is out of range.
    """
    if not 0.0 < confidence < 1.0:
        msg = f"confidence must lie strictly between 0 and 1: {confidence}; the usual choice is 0.95"
        raise ConfigError(msg)
    if not 0.0 <= delta < 1.0:
        msg = f"delta must be at least 0 and below 1: {delta}; pass the delta of the claim, 0 for pure privacy"
        raise ConfigError(msg)


def require_inclusion(inclusion: float) -> None:
    """Refuse a chance of being trained on that leaves nothing to guess.

    Raises
    ------
    ConfigError
        If it is not strictly between 0 and 1.
    """
    if not 0.0 < inclusion < 1.0:
        msg = f"inclusion must lie strictly between 0 and 1: {inclusion}; pass the chance of a person to be trained on"
        raise ConfigError(msg)


def require_guesses(right: int, guesses: int, people: int) -> None:
    """Refuse more right guesses than guesses, or more guesses than people.

    Raises
    ------
    DataError
        If the counts are impossible.
    """
    if not 0 <= right <= guesses <= people:
        msg = f"of {people} people {guesses} were guessed, {right} rightly, which cannot be; pass one guess a person"
        raise DataError(msg)
