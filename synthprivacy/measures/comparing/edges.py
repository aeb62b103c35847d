"""Round ends of bins, and what the bins between them are called.

An end is never a value of a person but by coincidence: it is a quantile moved to a grid as coarse as a bin is wide.
"""

from __future__ import annotations

import math

import numpy as np

from synthprivacy.schemata import Kind
from synthprivacy.tables.table import FloatArray, IntArray

BINS = 8
"""At most; between quantiles of equal share."""
_INNER = np.arange(1, BINS) / BINS
_OUTER = (0.05, 0.95)
"""Between these quantiles lies what is wide: beyond them a few people decide."""
_DAY = 86_400e6
_SIZES = {"Y": 365.25 * _DAY, "M": 30.44 * _DAY, "D": _DAY, "h": 3_600e6, "m": 60e6, "s": 1e6}
"""Microseconds."""
_CALENDAR = tuple(
    (unit, count)
    for unit, counts in (
        ("Y", (10, 5, 2, 1)), ("M", (6, 3, 1)), ("D", (14, 7, 4, 2, 1)), ("h", (12, 6, 2, 1)), ("m", (30, 10, 5, 2, 1)),
        ("s", (30, 10, 5, 2, 1)),
    )
    for count in counts
)  # fmt: skip
"""Grids of dates, the coarsest first, none much finer than the one before: bins may be wider than a grid by so much only."""
_CLOCK = {"D": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PLAIN = 10_000.0
"""Numbers below are written without commas: they may be years."""


def round_number(value: float, *, up: bool = False) -> float:
    """Return the next 1, 2 or 5 times a power of ten: at most `value`, or at least."""
    power = 10.0 ** math.floor(math.log10(value))
    ratio = value / power
    if up:
        return power * min(digit for digit in (1, 2, 5, 10) if digit >= ratio - 1e-9)
    return power * max(digit for digit in (1, 2, 5) if digit <= ratio + 1e-9)


def round_edges(known: FloatArray, kind: Kind) -> FloatArray:
    """Return the inner ends of at most `BINS` bins of an ordered column, in its own unit, rising; none where it has no width.

    Parameters
    ----------
    known : ndarray of float64, shape (rows,)
        Without missing values; instants and durations in microseconds.
    kind : Kind
    """
    if not len(known):
        return np.empty(0)
    low, high = np.quantile(known, _OUTER, method="inverted_cdf")
    with np.errstate(over="ignore"):
        spread = float(high - low) or (0.0 if kind == "datetime" else abs(float(high)))
    points = np.quantile(known, _INNER, method="inverted_cdf")
    if spread == 0.0 and kind != "datetime":
        return np.zeros(1)  # nearly everybody has 0
    if not 1e-300 < spread < 1e300:
        return np.empty(0)
    return np.unique(_dates(points, spread) if kind == "datetime" else _multiples(points, spread, kind))


def bins_of(values: FloatArray, edges: FloatArray, kind: Kind) -> IntArray:
    """Return the bin (rows,) of each value, -1 where it is missing; a number on an end belongs below it, an instant above."""
    bins = np.searchsorted(edges, values, side="right" if kind == "datetime" else "left")
    return np.where(np.isnan(values), -1, bins).astype(np.int64)


def bin_names(edges: FloatArray, kind: Kind) -> tuple[str, ...]:
    """Return what the bins between some ends are called, the first and the last one open."""
    if kind == "datetime":
        texts = _date_texts(edges)
        return (f"before {texts[0]}", *(f"from {text}" for text in texts))
    size, unit = _clock(edges) if kind == "duration" else (1.0, "")
    ends = edges / size
    texts = [_text(end) for end in ends]
    starts = [_text(end + 1.0) for end in ends] if kind == "integer" else texts
    between = [start if start == end else f"{start} to {end}" for start, end in zip(starts, texts[1:])]
    return tuple(f"{name}{unit}" for name in (f"up to {texts[0]}", *between, f"over {texts[-1]}"))


def _multiples(points: FloatArray, spread: float, kind: Kind) -> FloatArray:
    size = next((_SIZES[one] for one in _CLOCK if BINS * _SIZES[one] <= spread), 1.0) if kind == "duration" else 1.0
    grid = size * round_number(spread / BINS / size)
    if kind == "integer":
        grid = max(grid, 1.0)
    return np.array([float(f"{step * grid:.12g}") + 0.0 for step in np.round(points / grid)])  # no minus before a 0


def _dates(points: FloatArray, spread: float) -> FloatArray:
    unit, count = next((one for one in _CALENDAR if BINS * one[1] * _SIZES[one[0]] <= spread), ("s", 1))
    steps = points.astype(np.int64).astype("M8[us]").astype(f"M8[{unit}]").astype(np.int64) // count * count
    return steps.astype(f"M8[{unit}]").astype("M8[us]").astype(np.int64).astype(np.float64)


def _date_texts(edges: FloatArray) -> list[str]:
    dates = edges.astype(np.int64).astype("M8[us]")
    unit = next(one for one in (*_SIZES, "us") if np.array_equal(dates.astype(f"M8[{one}]").astype("M8[us]"), dates))
    written = dates.astype(f"M8[{'m' if unit == 'h' else unit}]").astype(str)
    return [str(text).replace("T", " ") for text in written]


def _clock(edges: FloatArray) -> tuple[float, str]:
    """Return the largest unit of which all ends are whole numbers, else a second."""
    unit = next((one for one in _CLOCK if not np.any(edges % _SIZES[one])), "s")
    return _SIZES[unit], f" {_CLOCK[unit]}"


def _text(number: float) -> str:
    return (f"{number:.10g}" if abs(number) < _PLAIN else f"{number:,.10g}").replace("-", "−")
