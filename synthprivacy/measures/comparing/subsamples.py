"""What part of the original is worth as much as a release: the subsample that comes out as far from the whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import gammaln, xlogy

from synthprivacy.measures.comparing.binned import Binned
from synthprivacy.measures.comparing.cells import blocks, joint_cells, starts_of
from synthprivacy.tables.table import FloatArray, IntArray

_PARTS = np.concatenate([10.0 ** np.linspace(-4.0, -1.0, 25)[:-1], np.linspace(0.1, 0.98, 45), [0.99, 0.999]])
"""Parts that accuracies are computed for; between them they are interpolated."""


def equivalent(cut: Binned, groups: IntArray) -> Callable[[float], float]:
    """Return the function that tells which random part of the original has some accuracy in these groups of columns.

    Of a cell with c people a part s keeps a binomial number X; the accuracy is one minus half the mean over groups of
    Σ|X/(sn) - c/n|, by the mean absolute deviation of a binomial number, so that no part is ever drawn.

    Parameters
    ----------
    cut : Binned
        The original first.
    groups : ndarray of shape (groups, ways), int64

    References
    ----------
    Task, Bhagat and Howarth (2023), SDNist v2 (equivalent subsample). Diaconis and Zabell (1991), Closed form summation
    for classical distributions: variations on a theme of de Moivre (the mean absolute deviation).
    """
    original = cut.cells[0]
    rows = original.shape[1]
    counts, times = _cell_counts(cut, groups)
    distances = [
        float((times * absolute_deviation(counts, part)).sum()) / (part * max(rows, 1) * len(groups)) for part in _PARTS
    ]
    accuracy = np.concatenate([[0.0], 1.0 - np.array(distances) / 2.0, [1.0]])
    rising = np.maximum.accumulate(np.maximum(accuracy, 0.0))
    parts = np.concatenate([[0.0], _PARTS, [1.0]])
    return lambda value: float(np.interp(value, rising, parts))


def absolute_deviation(counts: FloatArray, part: float) -> FloatArray:
    """Return E|X - cs| for X binomial of c trials with chance s: 2k·C(c, k)·s^k·(1 - s)^(c - k + 1), k = ⌊cs⌋ + 1.

    References
    ----------
    De Moivre (1730); Diaconis and Zabell (1991), Closed form summation for classical distributions.
    """
    k = np.floor(counts * part) + 1.0
    logarithm = gammaln(counts + 1.0) - gammaln(k + 1.0) - gammaln(counts - k + 1.0)
    deviation: FloatArray = 2.0 * k * np.exp(logarithm + xlogy(k, part) + xlogy(counts - k + 1.0, 1.0 - part))
    return deviation


def _cell_counts(cut: Binned, groups: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the different numbers of people in a cell, and how many cells have them."""
    original = cut.cells[0]
    found = []
    for some in blocks(groups, original.shape[1]):
        _, size = starts_of(cut.levels, some)
        shares = joint_cells(original, cut.levels, some, size).shares
        found.append(np.rint(shares * original.shape[1]).astype(np.int64))
    counts, times = np.unique(np.concatenate(found), return_counts=True)
    held = counts > 0
    return counts[held].astype(np.float64), times[held].astype(np.float64)
