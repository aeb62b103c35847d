"""The leaves of an evaluation's JSON: each is of its kind, or a `TypeError` or `ValueError` says that it is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from synthprivacy.results.risk import Interval

LARGEST = 1e300
"""Of a number: JSON may write larger ones, which are read as endless."""


def text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping."""
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def number(value: Any) -> Any:
    """Return a number; a truth value is none, nor is what no calculation can go on with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not abs(value) <= LARGEST:
        raise ValueError
    return value


def positive(value: Any) -> Any:
    """Return a number over zero."""
    if not number(value) > 0:
        raise ValueError
    return value


def whole(value: Any) -> Any:
    """Return a whole number of people, of whom there is one at least."""
    if not isinstance(value, int):
        raise TypeError
    return positive(value)


def optional(value: Any) -> Any:
    """Return a number or None."""
    return None if value is None else number(value)


def count(value: Any) -> Any:
    """Return a number, or the text that stands for a withheld one."""
    return value if isinstance(value, str) else number(value)


def tally(value: Any) -> Any:
    """Return a whole number, or the text that stands for a withheld one."""
    if isinstance(value, float):
        raise TypeError
    return count(value)


def counts(value: Any) -> tuple[Any, Any]:
    """Return two counts."""
    low, high = value
    return count(low), count(high)


def ends(low: Any, high: Any) -> tuple[Any, Any]:
    """Return two ends as they are."""
    return optional(low), optional(high)


def one_of(value: Any, allowed: tuple[str, ...]) -> Any:
    """Return one of the values allowed."""
    if value not in allowed:
        raise ValueError
    return value


def interval_of(value: Any) -> Interval:
    """Return two ends; None is endless."""
    low, high = ends(*value)
    return (-math.inf if low is None else low, math.inf if high is None else high)
