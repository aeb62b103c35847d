"""Smoothed bootstrap: training rows drawn with replacement and blurred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import log_ndtr

from synthprivacy.generators.columns import Column, FloatArray, IntArray, assembled, learned, numbers_of, require
from synthprivacy.generators.given import alike, known_of

if TYPE_CHECKING:
    import pyarrow as pa


_APART = 1e6
"""Logarithm of how unlikely a mismatch is that no blur explains: those who agree most are drawn from then."""
_FINE = 1e-3
"""Of a bandwidth: rounding to finer steps than this is not seen in how likely a distance is."""


@dataclass(frozen=True, slots=True)
class SmoothedBootstrap:
    """Draws whole people with replacement and blurs them by a bandwidth `h`.

    A number gets normal noise of `h` times the standard deviation of its column, a label is drawn anew from its column
    with probability ``min(h, 1)``. With ``h = 0`` it is the plain bootstrap, which hands out 1 - 1/e of the people, as
    they are, with identifiers and texts. The leak falls as `h` grows, for those who stand out not to nothing: the noise is as
    wide as the people are spread, which one of them may change.

    Where some columns of a row are known, the person it is made from is drawn by how likely they are from each: the
    conditional law of a kernel density. Where nobody could have made them, those who agree most are drawn from.

    References
    ----------
    Efron (1979), Bootstrap methods: another look at the jackknife; Silverman (1986), Density estimation for statistics
    and data analysis.
    """

    completes: ClassVar[bool] = True
    h: float = 0.1

    def __post_init__(self) -> None:
        require(0 <= self.h < np.inf, f"h must be a number from 0, not {self.h:g}; 0 is the plain bootstrap")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"bootstrap-h{self.h:g}"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        rng = np.random.default_rng(seed)
        donors = rng.integers(0, len(table), rows)
        return assembled(table, {column.name: self._blurred(column, donors, rng) for column in learned(table)})

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows, blurred from people who may have made what is known; see `Conditional`."""
        rng = np.random.default_rng(seed)
        known, columns = known_of(table, given), learned(table)
        told = [column for column in columns if self.h == 0 or column.kind != "identifier"]
        asked = [column for column in told if column.name in known]
        donors = np.zeros(len(given), dtype=np.int64)
        worth = [column.sought if column.numbers is None else numbers_of for column in asked]
        first, kind = alike([of(known[column.name]) for of, column in zip(worth, asked)], len(given))
        for place, row in enumerate(first):
            parts = [self._likely(column, known[column.name].slice(row, 1)) for column in asked]
            likely = np.sum(parts, axis=0) if parts else np.zeros(len(table))
            weights = np.exp(likely - likely.max())
            mine = kind == place
            donors[mine] = rng.choice(len(table), int(mine.sum()), p=weights / weights.sum())
        others = [column for column in columns if column.name not in known]
        return assembled(table, known | {column.name: self._blurred(column, donors, rng) for column in others})

    def _likely(self, column: Column, value: pa.Array) -> FloatArray:
        """Return the logarithm of how likely a value of a column is to be made from each person, (people,)."""
        place = column.sought(value)[0]
        same = column.places == place
        if column.numbers is None:
            anew = min(self.h, 1.0)
            chance = (1.0 - anew) * same + anew * same.mean()
            return np.where(chance > 0.0, np.log(np.where(chance > 0.0, chance, 1.0)), -_APART)
        away = np.abs(column.numbers - numbers_of(value)[0])
        likely = _log_chance(away, column.step, self.h * column.spread)
        unclear = np.where(same, 0.0, -_APART)  # one of the two is missing, or nothing is blurred
        return np.where(np.isnan(likely), unclear, np.maximum(likely, -_APART))

    def _blurred(self, column: Column, donors: IntArray, rng: np.random.Generator) -> pa.Array:
        if self.h == 0:
            return column.drawn(donors)
        if column.kind == "identifier":
            return column.fresh(len(donors))
        if column.numbers is None:
            anew = rng.random(len(donors)) < self.h
            others = rng.integers(0, len(column.places), len(donors))
            return column.drawn(np.where(anew, others, donors))
        return column.moved(donors, self.h * column.spread * rng.standard_normal(len(donors)))


def _log_chance(away: FloatArray, step: float, bandwidth: float) -> FloatArray:
    """Return the logarithm of how likely normal noise is to move a number as far, up to a constant, (people,).

    Noise is rounded to the steps of the column, so that coarse numbers mostly stay as they are: the chance is that of all
    noise that ends at the same step, and the density where steps are fine.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if bandwidth == 0.0 or step <= _FINE * bandwidth:
            return np.asarray(-0.5 * (away / bandwidth) ** 2)
        nearer, farther = (log_ndtr(-(away + end) / bandwidth) for end in (-step / 2.0, step / 2.0))
        return np.asarray(nearer + np.log1p(-np.exp(farther - nearer)))
