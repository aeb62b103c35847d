"""Groups of equal keys: how many rows of another table share a key, and what they say about a target.

Keys and targets are whole numbers that mean the same in both tables; a missing value is a level like any other.
Every measure of disclosure by Raab, Nowok and Dibben is a mean of what is counted here once for each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Matches:
    """What the rows of another table with the same key say about each row.

    The means over original rows, in the notation of the vignette: looked up in the original itself, `unique` is UiO,
    `disclosed` Dorig and `share` CAPd; looked up in a release, `found` is iS, `settled` DiS, `disclosed` DiSCO and
    `share` DCAP.

    References
    ----------
    Raab, Nowok and Dibben (2024), Practical privacy metrics for synthetic data (synthpop vignette; arXiv 2406.16826),
    appendices 1 and 2.
    """

    keyed: IntArray
    """(rows,) rows of the other table with this key."""
    agreeing: IntArray
    """(rows,) those of them with this row's target too."""
    settled: BoolArray
    """(rows,) whether they are one or more, and all have one target, be it this row's or not."""

    @property
    def found(self) -> BoolArray:
        """(rows,) whether the key occurs in the other table."""
        return np.greater(self.keyed, 0)

    @property
    def unique(self) -> BoolArray:
        """(rows,) whether the key occurs there exactly once."""
        return np.equal(self.keyed, 1)

    @property
    def disclosed(self) -> BoolArray:
        """(rows,) whether all rows with this key have this row's target."""
        disclosed: BoolArray = self.found & (self.agreeing == self.keyed)
        return disclosed

    @property
    def share(self) -> FloatArray:
        """(rows,) share of the rows with this key that have this row's target; 0 where there are none."""
        return np.divide(self.agreeing, self.keyed, out=np.zeros(len(self.keyed)), where=self.found)


def combine(columns: Sequence[IntArray]) -> IntArray:
    """Return one code (rows,) per row, equal where all columns (rows,) are equal.

    Tables that are to be compared must be coded together.

    Raises
    ------
    DataError
        If there are no columns.
    """
    if not columns:
        msg = "a key needs at least one column: 0 were given; name one"
        raise DataError(msg)
    codes = np.unique(columns[0], return_inverse=True)[1]
    for column in columns[1:]:
        values, levels = np.unique(column, return_inverse=True)
        codes = np.unique(codes * len(values) + levels, return_inverse=True)[1]  # below rows², so nothing overflows
    return codes.astype(np.int64)


def matches(keys: IntArray, targets: IntArray, other_keys: IntArray, other_targets: IntArray) -> Matches:
    """Return what the rows of another table say about each row; a table matched with itself counts the row as well.

    Parameters
    ----------
    keys, targets : ndarray of shape (rows,), int64
    other_keys, other_targets : ndarray of shape (others,), int64
    """
    rows = len(keys)
    key = combine([np.concatenate([keys, other_keys])])
    cell = combine([key, np.concatenate([targets, other_targets])])
    groups, cells = (int(codes.max(initial=-1)) + 1 for codes in (key, cell))
    keyed = np.bincount(key[rows:], minlength=groups)
    agreeing = np.bincount(cell[rows:], minlength=cells)
    occupied = np.unique(cell[rows:], return_index=True)[1] + rows  # one row for each target a key has over there
    targets_seen = np.bincount(key[occupied], minlength=groups)
    mine = key[:rows]
    return Matches(keyed[mine], agreeing[cell[:rows]], targets_seen[mine] == 1)


def replicated_uniques(within: Matches, release: Matches) -> BoolArray:
    """Return which rows (rows,) have a key that is unique in their own table and in the release; the mean is repU."""
    return within.unique & release.unique


def targeted_correct_attribution(release: Matches) -> tuple[int, int]:
    """Return the rows disclosed by the release and the rows found in it; their ratio is TCAP as synthpop divides it.

    Others divide by the rows about which the release is `settled`.

    References
    ----------
    Raab, Nowok and Dibben (2024), appendix 2; see `Matches`.
    """
    return int(np.count_nonzero(release.disclosed)), int(np.count_nonzero(release.found))


def baseline_attribution(targets: IntArray) -> float:
    """Return the chance that two draws from the targets (rows,) agree: baseCAPd, the guess from the margin alone.

    References
    ----------
    Raab, Nowok and Dibben (2024), appendix 2; see `Matches`.
    """
    shares = np.unique(targets, return_counts=True)[1] / max(1, len(targets))
    return float(np.square(shares).sum())
