"""Who is trained on in which fit: every target tosses a coin of its own, and where it stays out another person comes in.

*Adjacency*: replacing one person. All fits share the same other rows. In the fit with a number, each target is trained on
with probability one half, independently of the other targets and of all else; a target that stays out has its row
taken by another real person, drawn anew in every fit without replacement from those whom no other fit trains on.
So one set of fits serves all targets: for each of them, half of the fits are with and half without, and the other
targets' coins are noise that is independent of its own. A generator whose release depends on nobody makes every coin
independent of everything that can be read, which gives an exact test: toss the coins again.

References
----------
Carlini et al. (2022), Membership inference attacks from first principles (each model is trained on a random half, so that
all models serve all targets); Steinke, Nasr and Jagielski (2023), Privacy auditing with one (1) training run (coins).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from synthprivacy.auditing.coding import BoolArray, IntArray
from synthprivacy.errors import NotEnoughDataError

_COINS, _SEED, _OTHERS = range(3)
"""Independent streams of a fit."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """Who is trained on, fit by fit."""

    original: int
    """Rows of the original, the first of the people at hand."""
    others: int
    """Rows after them, whom a fit may train on in a target's place."""
    targets: IntArray
    """(targets,) rows of the original."""
    seed: int

    def __post_init__(self) -> None:
        if self.others < len(self.targets):
            msg = (
                f"an audit needs as many other people as targets: {self.others} for {len(self.targets)}; pass a larger "
                "control, or fewer --targets"
            )
            raise NotEnoughDataError(msg)

    def coins(self, number: int) -> BoolArray:
        """Return whether each target is trained on in a fit, (targets,)."""
        return self._stream(number, _COINS).random(len(self.targets)) < 0.5

    def rows(self, number: int) -> IntArray:
        """Return the people a fit is trained on, (original,): rows of the people at hand."""
        out = ~self.coins(number)
        drawn = self._stream(number, _OTHERS).permutation(self.others)[: len(self.targets)]
        rows = np.arange(self.original)
        rows[self.targets[out]] = self.original + drawn[out]
        return rows

    def training(self, people: pa.Table, number: int) -> pa.Table:
        """Return the table a fit is trained on."""
        return people.take(pa.array(self.rows(number)))

    def generator_seed(self, number: int) -> int:
        """Return the seed that the generator is given in a fit."""
        return fit_seed(self.seed, number)

    def _stream(self, number: int, which: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, number, which])


def fit_seed(seed: int, number: int) -> int:
    """Return the seed that the generator is given in the fit with a number."""
    return int(np.random.default_rng([seed, number, _SEED]).integers(2**31))


def coins_of(worlds: Worlds, fits: int) -> BoolArray:
    """Return all coins, (fits, targets)."""
    return np.stack([worlds.coins(number) for number in range(fits)])
