"""What a score owes to every row: the intervals of scores, and of their means over columns and pairs, come from it.

A score of two tables changes by the mean of a row's influence when the row weighs a little more. The variance of a mean of
many scores is then that of one sum per row, whatever columns and pairs have to do with each other; rows of one person are
summed first. Where two tables hardly differ the slope of a distance is steeper than its scatter: intervals are then too
wide, never too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.results.risk import Interval
from synthprivacy.tables.table import FloatArray, IntArray, Table

REACH = 1.959963984540054
"""Standard errors to either end of an interval: 95 %, two-sided."""
NOTHING = np.empty(0)


@dataclass(frozen=True, slots=True, repr=False)
class Compared:
    """Two tables compared in one respect."""

    value: float
    """NaN where it is undefined."""
    one: FloatArray
    """(rows,) of the first table: what the value owes to each row, mean 0; empty where it is undefined."""
    other: FloatArray
    """(rows,) of the second."""


@dataclass(frozen=True, slots=True, repr=False)
class Gathered:
    """Two tables compared in many respects."""

    values: FloatArray
    """(respects,); NaN where undefined."""
    errors: FloatArray
    """(respects,) their standard errors."""
    mean_errors: tuple[float, float]
    """Standard errors of the mean over what is defined, owed to the first and to the second table."""

    @property
    def mean(self) -> float | None:
        """The mean over what is defined."""
        return mean_of(self.values)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.hypot(*self.mean_errors))


UNDEFINED = Compared(float("nan"), NOTHING, NOTHING)


def gather(respects: Iterable[Sequence[Compared]], pairs: Sequence[tuple[Table, Table]]) -> list[Gathered]:
    """Return every pair of tables compared in all respects.

    Parameters
    ----------
    respects : iterable of sequences of Compared
        In each respect, every pair of tables compared; only one respect is held in memory at a time.
    pairs : sequence of (Table, Table)

    References
    ----------
    Hampel (1974), The influence curve and its role in robust estimation.
    """
    totals = [(np.zeros(len(one)), np.zeros(len(other))) for one, other in pairs]
    units = [(_units(one), _units(other)) for one, other in pairs]
    values: list[list[float]] = [[] for _ in pairs]
    errors: list[list[float]] = [[] for _ in pairs]
    for respect in respects:
        for place, found in enumerate(respect):
            values[place].append(found.value)
            if np.isnan(found.value):
                errors[place].append(float("nan"))
                continue
            for influence, total in zip((found.one, found.other), totals[place]):
                np.add(total, influence, out=total)
            errors[place].append(_of_both((found.one, found.other), units[place]))
    return [
        Gathered(np.array(found), np.array(error), _of_mean(total, unit, found))
        for found, error, total, unit in zip(values, errors, totals, units)
    ]


def _of_both(influences: tuple[FloatArray, FloatArray], units: tuple[IntArray | None, IntArray | None]) -> float:
    one, other = (_error(influence, unit) for influence, unit in zip(influences, units))
    return float(np.hypot(one, other))


def _of_mean(
    totals: tuple[FloatArray, FloatArray], units: tuple[IntArray | None, IntArray | None], values: list[float]
) -> tuple[float, float]:
    defined = max(int(np.count_nonzero(~np.isnan(values))), 1)
    one, other = (_error(total, unit) / defined for total, unit in zip(totals, units))
    return one, other


def standard_error(influence: FloatArray, table: Table) -> float:
    """Return the standard error that a table's sampling gives to a score; rows of one person belong together."""
    return _error(influence, _units(table))


def _units(table: Table) -> IntArray | None:
    """Return who each row belongs to; None where every row is a person."""
    return None if table.people == len(table) else table.unit


def _error(influence: FloatArray, units: IntArray | None) -> float:
    # Sums, not scalar products: how many threads those use must not show in the last digits.
    people = influence if units is None else np.bincount(units, influence)
    return float(np.sqrt(np.square(people).sum())) / max(len(influence), 1)


def by_cells(
    value: float,
    slopes: tuple[FloatArray, FloatArray],
    cells: Sequence[IntArray],
    shares: Sequence[FloatArray],
    *,
    complete: bool = False,
) -> Compared:
    """Return a comparison of two tables by the shares of their cells.

    Parameters
    ----------
    value : float
    slopes : (ndarray, ndarray) of shape (cells,), float64
        How much the value gains from a larger share of each cell, in either table.
    cells : sequence of two ndarrays of shape (rows,), int64
        The cell of every row; -1 for a row that is in none, because its value is unknown.
    shares : sequence of two ndarrays of shape (cells,), float64
        Of the rows that are in a cell.
    complete : bool
        Whether every row is in a cell.
    """
    sides = []
    for slope, cell, share in zip(slopes, cells, shares):
        centred = slope - (slope * share).sum()
        if complete:
            sides.append(centred[cell])
            continue
        influence = np.append(centred, 0.0)[cell]
        known = np.count_nonzero(cell >= 0)
        sides.append(influence * (len(cell) / known) if known < len(cell) else influence)
    return Compared(value, sides[0], sides[1])


def mean_of(values: FloatArray) -> float | None:
    """Return the mean of what is defined, None where nothing is."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else None


def within(value: float | None, error: float, least: float = 0.0, most: float = 1.0) -> Interval | None:
    """Return the normal interval of a score, cut at the ends of its range; None where either is undefined."""
    if value is None or not np.isfinite(value) or not np.isfinite(error):
        return None
    return max(least, value - REACH * error), min(most, value + REACH * error)


def wilson(share: float, trials: int) -> Interval:
    """Return the interval of a share of independent trials.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    squared = REACH**2 / trials
    middle, reach = (
        share + squared / 2.0,
        REACH * float(np.sqrt(share * (1.0 - share) / trials + squared / trials / 4.0)),
    )
    low, high = (middle - reach) / (1.0 + squared), (middle + reach) / (1.0 + squared)
    return low if share > 0.0 else 0.0, high if share < 1.0 else 1.0
