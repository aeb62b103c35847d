"""Smoothed bootstrap: training rows drawn with replacement and blurred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthprivacy.generators.columns import Column, IntArray, assembled, learned, require

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class SmoothedBootstrap:
    """Draws whole people with replacement and blurs them by a bandwidth `h`.

    A number gets normal noise of `h` times the standard deviation of its column, a label is drawn anew from its column
    with probability ``min(h, 1)``. With ``h = 0`` it is the plain bootstrap, which hands out 1 - 1/e of the people, as
    they are, with identifiers and texts. The leak falls as `h` grows.

    References
    ----------
    Efron (1979), Bootstrap methods: another look at the jackknife; Silverman (1986), Density estimation for statistics
    and data analysis.
    """

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
