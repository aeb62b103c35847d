"""What a score owes to every row: the intervals of scores, and of their means over columns and pairs, come from it.

A score of two tables changes by the mean of a row's influence when the row weighs a little more. The variance of a mean of
many scores is then that of one sum per row, whatever columns and pairs have to do with each other; rows of one person are
summed first. Where two tables hardly differ the slope of a distance is steeper than its scatter: intervals are then too
wide, never too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
    unseen: tuple[float, float] = (0.0, 0.0)
    """How much the value gains from a share that nobody has in the first, or the second, table: rows owe it nothing."""
    chance: float = 1.0
    """What its distance is for two samples of one population of these sizes, up to a factor of its own."""
    reason: str | None = None
    """Why it is undefined, told of original and release; None where it is defined."""


@dataclass(frozen=True, slots=True, repr=False)
class Gathered:
    """Two tables compared in many respects."""

    values: FloatArray
    """(respects,); NaN where undefined."""
    errors: FloatArray
    """(respects,) their standard errors."""
    mean_errors: tuple[float, float]
    """Standard errors of the mean over what is defined, owed to the first and to the second table."""
    chances: FloatArray
    """(respects,) see `Compared`; NaN where undefined."""
    reasons: tuple[str | None, ...]
    """(respects,) why each is undefined."""

    @property
    def mean(self) -> float | None:
        """The mean over what is defined."""
        return mean_of(self.values)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.hypot(*self.mean_errors))


@dataclass(frozen=True, slots=True, repr=False)
class _Drawn:
    """How a table was drawn."""

    units: IntArray | None
    """(rows,) who each row belongs to; None where every row is a person."""
    nobody: float
    """The standard error that stands for a share of 0: its limit (Wilson) for so many people, over its reach."""


def undefined(reason: str) -> Compared:
    """Return what stands for a respect in which two tables cannot be compared.

    Parameters
    ----------
    reason : str
        Of original and release, in words that go on from "not defined:"; never a value of a column.
    """
    return Compared(float("nan"), NOTHING, NOTHING, reason=reason)


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
    unseen = [np.zeros(2) for _ in pairs]
    drawn = [(_drawn(one), _drawn(other)) for one, other in pairs]
    found: list[list[Compared]] = [[] for _ in pairs]
    errors: list[list[float]] = [[] for _ in pairs]
    for respect in respects:
        for place, compared in enumerate(respect):
            found[place].append(replace(compared, one=NOTHING, other=NOTHING))
            if np.isnan(compared.value):
                errors[place].append(float("nan"))
                continue
            for influence, total in zip((compared.one, compared.other), totals[place]):
                np.add(total, influence, out=total)
            unseen[place] += compared.unseen
            sides = _errors((compared.one, compared.other), compared.unseen, drawn[place])
            errors[place].append(float(np.hypot(*sides)))
    return [
        _gathered(some, error, _errors(total, gains, sides))
        for some, error, total, gains, sides in zip(found, errors, totals, unseen, drawn)
    ]


def _gathered(found: Sequence[Compared], errors: Sequence[float], of_sums: tuple[float, float]) -> Gathered:
    values, chances = np.array([(one.value, one.chance) for one in found]).reshape(-1, 2).T
    defined = max(int(np.count_nonzero(~np.isnan(values))), 1)
    of_mean = of_sums[0] / defined, of_sums[1] / defined
    return Gathered(values, np.array(errors), of_mean, chances, tuple(one.reason for one in found))


def _errors(
    influences: tuple[FloatArray, FloatArray], unseen: Sequence[float] | FloatArray, drawn: tuple[_Drawn, _Drawn]
) -> tuple[float, float]:
    """Return the standard errors that the sampling of either table gives to a comparison."""
    one, other = (
        float(np.hypot(_error(influence, side.units), gain * side.nobody))
        for influence, gain, side in zip(influences, unseen, drawn)
    )
    return one, other


def standard_error(influence: FloatArray, table: Table) -> float:
    """Return the standard error that a table's sampling gives to a score; rows of one person belong together."""
    return _error(influence, _drawn(table).units)


def _drawn(table: Table) -> _Drawn:
    people = table.people
    limit = wilson(0.0, people)[1] if people else 0.0
    return _Drawn(None if people == len(table) else table.unit, limit / REACH)


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
