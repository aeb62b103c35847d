"""Numbers as text: as many digits as the uncertainty leaves, bounds rounded towards more risk."""

from __future__ import annotations

import math
from typing import Literal

from synthprivacy.results.evaluation import people
from synthprivacy.results.risk import Count, Interval, Rate

NOTHING = "–"
"""Stands where a number does not exist."""

Towards = Literal["nearest", "down", "up"]


def digits(interval: Interval) -> int:
    """Return the decimals of a percentage that an interval of this width can bear."""
    width = 100.0 * (interval[1] - interval[0])
    if not math.isfinite(width) or width >= 20.0:
        return 0
    return 1 if width >= 1.0 else 2


def percent(value: float, decimals: int = 1, towards: Towards = "nearest") -> str:
    """Return a share as a percentage.

    Parameters
    ----------
    value
        1 is 100 %; infinities are allowed.
    decimals
        Digits after the point.
    towards
        Which way to round: a lower end goes down and an upper end up, so that no printed bound flatters.
    """
    if math.isinf(value):
        return "+∞" if value > 0 else "−∞"
    scale = 10.0**decimals
    # 12 digits are what the JSON keeps; without this a bound of exactly 5 % could be rounded up to 5.1 %.
    scaled = float(f"{value * 100.0 * scale:.12g}")
    match towards:
        case "down":
            rounded = math.floor(scaled) / scale
        case "up":
            rounded = math.ceil(scaled) / scale
        case "nearest":
            rounded = round(scaled) / scale
    text = f"{abs(rounded):.{decimals}f}%"
    return f"−{text}" if rounded < 0 else text


def between(interval: Interval) -> str:
    """Return an interval of shares, rounded outwards."""
    decimals = digits(interval)
    return f"{percent(interval[0], decimals, 'down')} to {percent(interval[1], decimals, 'up')}"


def limit(value: float) -> str:
    """Return a declared limit with the digits it was declared with."""
    return f"{100.0 * value:.6g}%".replace("-", "−")


def at_most(count: Count | float) -> str:
    """Return an upper number of people; a withheld one is already an upper number."""
    return f"at most {whole(count)}" if isinstance(count, int | float) else people(count)


def whole(count: Count | float) -> str:
    """Return a number of people, never below none."""
    return people(max(count, 0.0)) if isinstance(count, int | float) else people(count)


def as_number(count: Count | float) -> float:
    """Return a count for a chart; a withheld one (``"<10"``, or ``">N"`` for its complement) at its largest."""
    if isinstance(count, int | float):
        return float(count)
    return 9.0 if count.startswith("<") else float(count[1:]) + 10.0


def share(rate: Rate | None) -> str:
    """Return a success rate as a percentage; of a withheld count, the end that it cannot pass."""
    if rate is None or not as_number(rate.trials):
        return NOTHING
    trials = as_number(rate.trials)
    match rate.successes:
        case int() as successes:
            return percent(successes / trials, 1)
        case str() as withheld if withheld.startswith("<"):
            return f"up to {percent(as_number(withheld) / trials, 1, 'up')}"
        case str() as withheld:
            return f"over {percent(float(withheld[1:]) / trials, 1, 'down')}"


def out_of(successes: Count, trials: Count) -> str:
    """Return a count and what it is out of."""
    return f"{tally(successes)} of {tally(trials)}"


def tally(count: Count) -> str:
    """Return a count with thousands separated; a withheld one as it is."""
    return f"{count:,}" if isinstance(count, int) else count


def score(value: float | None) -> str:
    """Return a score between 0 and 1."""
    return NOTHING if value is None else f"{value:.3f}".replace("-", "−")


def span(interval: Interval) -> str:
    """Return an interval of scores, rounded outwards."""
    low, high = math.floor(interval[0] * 1000.0) / 1000.0, math.ceil(interval[1] * 1000.0) / 1000.0
    return f"{score(low)} to {score(high)}"
