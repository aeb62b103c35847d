"""Property inference as a game: which of two shares of a label did the training table have?

In each fit a coin decides between two shares, people are drawn accordingly, and the generator is trained on them; the
attacker sees the release. It is held against the best that can be done with as many people of either share
themselves: the likelihood-ratio test of two binomials. A generator that repeats its training table's shares comes
close to it, however private it is for each person: differential privacy guards a group of k people k times less.

References
----------
Ateniese et al. (2015), Hacking smart machines with smarter ones (what is inferred: properties of the training table);
Neyman and Pearson (1933), On the problem of the most efficient tests of statistical hypotheses (the comparator).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import bdtr, xlog1py, xlogy

from synthprivacy.auditing.coding import BoolArray
from synthprivacy.auditing.risks import PropertyRisk
from synthprivacy.auditing.study import Reading
from synthprivacy.auditing.worlds import fit_seed
from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.generators.protocol import Generator
from synthprivacy.results.serialize import number as shortened
from synthprivacy.statistics.proportions import clopper_pearson

FEWEST = 50
"""Fits of either share."""
_COIN, _PEOPLE = 12, 13


@dataclass(frozen=True, slots=True, repr=False)
class PropertyGame:
    """Fits on tables of one share or the other."""

    column: str
    label: str
    """Whose share it is, as text."""
    shares: tuple[float, float]
    people: int
    """Trained on."""
    rows: int
    """Of a release."""
    seed: int

    def __post_init__(self) -> None:
        low, high = self.shares
        if not 0.0 < low < high < 1.0:
            msg = "the two shares of a property must rise and lie strictly between 0 and 1; change them"
            raise ConfigError(msg)

    def __repr__(self) -> str:
        return f"<property game of {self.column}>"  # a label is a cell

    def facts(self) -> dict[str, Any]:
        """Return what the readings depend on besides the people."""
        return {
            "study": "property",
            "column": self.column,
            "label": hashlib.sha256(self.label.encode()).hexdigest(),
            "shares": [shortened(share) for share in self.shares],
            "trained": self.people,
            "rows": self.rows,
            "seed": self.seed,
        }

    def coin(self, number: int) -> bool:
        """Return whether a fit has the higher share."""
        return bool(np.random.default_rng([self.seed, number, _COIN]).random() < 0.5)

    def read(self, people: pa.Table, generator: Generator, number: int) -> Reading:
        """Return how many rows of the release have the label, and how many there are."""
        rng = np.random.default_rng([self.seed, number, _PEOPLE])
        having = self._having(people)
        wanted = round(self.shares[self.coin(number)] * self.people)
        sides = ((np.flatnonzero(having), wanted), (np.flatnonzero(~having), self.people - wanted))
        for there, needed in sides:
            if len(there) < needed:
                msg = (
                    f"a property game needs enough people on both sides of the property to train {self.people} at both "
                    "shares; pass fewer people, or shares nearer to what there is"
                )
                raise NotEnoughDataError(msg)
        rows = np.concatenate([rng.choice(there, needed, replace=False) for there, needed in sides])
        training = people.take(pa.array(rng.permutation(rows)))
        release = generator.fit_sample(training, self.rows, fit_seed(self.seed, number))
        return {"having": np.int64(self._having(release).sum()) + np.zeros(1, np.int64)}

    def _having(self, table: pa.Table) -> BoolArray:
        return np.asarray(pc.fill_null(pc.equal(table[self.column].cast(pa.string()), self.label), False))


def judge_property(game: PropertyGame, readings: Sequence[Reading], *, confidence: float = 0.95) -> PropertyRisk:
    """Return how often the likelihood ratio of the release's count names the share that was trained on.

    The rule is fixed before any fit, so the guesses are independent and the interval is Clopper and Pearson's. Fits as
    many as readings, their numbers from 0.

    Raises
    ------
    NotEnoughDataError
        If there are fewer than 50 fits of a share.
    """
    coins = np.array([game.coin(number) for number in range(len(readings))])
    if min(coins.sum(), (~coins).sum()) < FEWEST:
        raise NotEnoughDataError(f"a property game needs {FEWEST} fits of either share; pass more fits")
    having = np.array([int(reading["having"][0]) for reading in readings])
    right = int(((having > cut(game)) == coins).sum())
    low, high = clopper_pearson(right, len(coins), confidence)
    return PropertyRisk(
        column=game.column,
        shares=game.shares,
        fits=len(coins),
        accuracy=right / len(coins),
        interval=(float(low), float(high)),
        best=best_accuracy(game),
    )


def cut(game: PropertyGame) -> float:
    """Return the count at which both shares are equally likely, of the release's rows."""
    low, high = game.shares
    slope = float(xlogy(1.0, high) - xlogy(1.0, low) - xlog1py(1.0, -high) + xlog1py(1.0, -low))
    return float(game.rows * (xlog1py(1.0, -low) - xlog1py(1.0, -high)) / slope)


def best_accuracy(game: PropertyGame) -> float:
    """Return the accuracy of the likelihood ratio test with as many independent people as a release has rows."""
    low, high = game.shares
    at = float(np.floor(cut(game)))
    return float((bdtr(at, game.rows, low) + 1.0 - bdtr(at, game.rows, high)) / 2.0)
