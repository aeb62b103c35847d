"""What chance alone makes of the distance between two samples of the same people, also where most cells are nearly empty."""

from __future__ import annotations

import numpy as np
from scipy.special import ive

from synthprivacy.tables.table import FloatArray

_FEW = 30
"""Cells with more people are normal."""
_SMOOTHED = 5
"""Numbers of people of which neighbouring ones say how many are to be expected again."""


def by_chance(shares: FloatArray, people: int, rows: int, others: int) -> float:
    """Return the mean of Σ|p - q| over the cells of two samples of some people.

    Of cells with more than a few people √(2p(1 - p)(1/n + 1/m)/π), the mean of a normal variable's absolute value; of the others
    `mean_gap`, with the shares that `expected_again` tells: a cell that one person is in was likely to be empty.

    Parameters
    ----------
    shares : ndarray of shape (cells,), float64
        Of the people.
    people : int
        How many they are.
    rows, others : int
        How many are in each sample.
    """
    counts = np.rint(shares * people).astype(np.int64)
    common = shares[counts > _FEW]
    normal = np.sqrt(2.0 / np.pi * common * (1.0 - common) * (1.0 / max(rows, 1) + 1.0 / max(others, 1)))
    times = np.bincount(counts[(counts > 0) & (counts <= _FEW)], minlength=_FEW + 1).astype(np.float64)
    expected, cells = expected_again(times)
    sparse = cells * mean_gap(expected / max(people, 1), rows, others)
    return float(normal.sum() + sparse.sum())


def expected_again(times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how many people to expect in each kind of cell in another sample of the size, and how many cells there are.

    Of ``N[r]`` cells with r people each, (r + 1) ``N[r + 1]`` / ``N[r]`` come again (Good and Turing), for small r; there are
    about ``N[1]``² / (2 ``N[2]``) cells with nobody yet (Chao), who share what ``N[1]`` says is still unseen. All is scaled to the
    people there are.

    Parameters
    ----------
    times : ndarray of shape (most + 1,), float64
        ``N``: how many cells have each number of people.

    References
    ----------
    Good (1953), The population frequencies of species and the estimation of population parameters. Chao (1984),
    Nonparametric estimation of the number of classes in a population.
    """
    numbers = np.arange(len(times), dtype=np.float64)
    after = np.append(times[1:], 0.0)
    smooth = (numbers <= _SMOOTHED) & (numbers > 0) & (times > 0) & (after > 0)
    again = np.where(smooth, (numbers + 1.0) * after / np.where(times > 0, times, 1.0), numbers)
    cells = times.copy()
    if times[1] > 0:
        cells[0] = times[1] ** 2 / (2.0 * max(times[2], 1.0))
        again[0] = times[1] / cells[0]
    total = float((again * cells).sum())
    return (again * float((numbers * times).sum()) / total if total > 0.0 else again), cells


def mean_gap(shares: FloatArray, rows: int, others: int) -> FloatArray:
    """Return the mean of |X/n - Y/m| for Poisson X and Y with means np and mp: exactly for n = m, else to 4 %, or 7 % for m = n/20.

    For n = m it is 2p exp(-x) (I₀(x) + I₁(x)) with x = 2np, so 2p in nearly empty cells and that of a normal variable in
    well filled ones. For m < n both limits hold with x = 2mp where mp is small (the two meet with chance nm p²), and with twice
    the harmonic mean of np and mp where it is large; in between x goes over from one to the other with mp / (mp + 1/2).

    References
    ----------
    Ramasubban (1958), The mean difference and the mean deviation of some discontinuous distributions.
    """
    fewer, harmonic = min(rows, others) * shares, 2.0 * shares / (1.0 / max(rows, 1) + 1.0 / max(others, 1))
    filled = 2.0 * (fewer + (harmonic - fewer) * fewer / (fewer + 0.5))
    gap: FloatArray = 2.0 * shares * (ive(0, filled) + ive(1, filled))
    return gap
