"""Sequential trees: every column drawn from the people in a leaf, given the columns before it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from synthprivacy.generators.columns import Column, FloatArray, IntArray, assembled, learned, require
from synthprivacy.generators.given import NOTHING, known_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_DEEPEST = 30
_SPLIT = 3
"""Leaves that a node must have room for before it is split, as rpart has it."""
_TURNS = 30
"""Steps of the power iteration: what is ordered needs no more digits."""


@dataclass(frozen=True, slots=True)
class SequentialCART:
    """Draws column after column: a tree of the columns before it, and a value of one of the people in the leaf.

    The first column is drawn with replacement. Labels of predictors are put in an order before each tree: by the mean
    of what is predicted, or, for labels of more than two kinds, along the first principal axis of their shares. A missing
    label is a label; whether a number is missing has a tree of its own. The smaller the leaves, the more the release
    repeats its people. Identifiers are counted anew, texts drawn apart.

    Columns that are known of a row come first in the order, and every other column has its tree given them.

    Parameters
    ----------
    minbucket : int
        People that a leaf must have.
    minsplit : int
        People that a node must have to be split; 0 is three times `minbucket`, as rpart has it. With ``minbucket=1`` and
        ``minsplit=2`` every leaf is a person or people who are alike, and the release a plain bootstrap of them: a
        deliberate leaker.

    References
    ----------
    Reiter (2005), Using CART to generate partially synthetic public use microdata, section 3; Nowok, Raab and Dibben
    (2016), synthpop: bespoke creation of synthetic data in R, whose default this follows; Coppersmith, Hong and
    Hosking (1999), Partitioning nominal attributes in decision trees, for the order of labels.
    """

    completes: ClassVar[bool] = True
    minbucket: int = 5
    minsplit: int = 0

    def __post_init__(self) -> None:
        require(
            self.minsplit == 0 or self.minsplit >= 2,
            f"minsplit must be 2 or more, not {self.minsplit}; or leave it out",
        )
        require(self.minbucket >= 1, f"minbucket must be at least 1, not {self.minbucket}; synthpop takes 5")

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"cart-{self.minbucket}" + (f"-{self.minsplit}" if self.minsplit else "")

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        return self._made(table, NOTHING, rows, seed)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows, from the leaves that what is known leads to; see `Conditional`."""
        return self._made(table, known_of(table, given), len(given), seed)

    def _made(self, table: pa.Table, known: Mapping[str, pa.Array], rows: int, seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        columns = learned(table)
        before = [column for column in columns if column.modelled and column.name in known]
        places = [column.sought(known[column.name]) for column in before]
        made = dict(known)
        for column in columns:
            if column.name in known:
                continue
            if not column.modelled:
                made[column.name] = column.apart(rows, rng)
                continue
            chosen = self._donors(column, before, places, rng) if before else rng.integers(0, len(table), rows)
            before.append(column)
            places.append(column.places[chosen].astype(np.float64))
            made[column.name] = column.drawn(chosen)
        return assembled(table, made)

    def _donors(
        self, target: Column, before: list[Column], places: list[FloatArray], rng: np.random.Generator
    ) -> IntArray:
        """Return the person (rows,) whose value of the target each made-up row gets."""
        everybody = np.arange(len(target.places))
        if target.numbers is None:
            return self._from_tree(everybody, target.places, before, places, rng)
        present = everybody[target.places >= 0]
        if len(present) in {0, len(everybody)}:
            return self._from_tree(everybody, np.nan_to_num(target.numbers), before, places, rng)
        known = (target.places >= 0).astype(np.int64)
        chosen = self._from_tree(everybody, known, before, places, rng)
        asked = known[chosen] == 1
        chosen[asked] = self._from_tree(present, target.numbers[present], before, [of[asked] for of in places], rng)
        return chosen

    def _from_tree(
        self,
        people: IntArray,
        wanted: IntArray | FloatArray,
        before: list[Column],
        places: list[FloatArray],
        rng: np.random.Generator,
    ) -> IntArray:
        """Return one of `people` for each made-up row, from the leaf it falls in."""
        if not len(places[0]):
            return np.zeros(0, dtype=np.int64)
        heights = [_heights_of(column, people, wanted) for column in before]
        people_at = (column.places[people].astype(np.float64) for column in before)
        of_people, of_rows = (
            np.stack([_coded(at, height) for at, height in zip(of, heights)], axis=1).astype(np.float32)
            for of in (people_at, places)
        )
        kind = DecisionTreeRegressor if wanted.dtype.kind == "f" else DecisionTreeClassifier
        tree = kind(
            max_depth=_DEEPEST,
            min_samples_leaf=self.minbucket,
            min_samples_split=self.minsplit or _SPLIT * self.minbucket,
            random_state=int(rng.integers(2**31)),
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)  # labels of few people each
            tree.fit(of_people, wanted)
        return people[_one_of_the_leaf(tree.apply(of_people), tree.apply(of_rows), rng)]


def _one_of_the_leaf(leaf: IntArray, asked: IntArray, rng: np.random.Generator) -> IntArray:
    """Return the position of one person of each leaf that is asked for, drawn evenly."""
    order = np.argsort(leaf, kind="stable")
    first = np.searchsorted(leaf[order], asked, "left")
    count = np.searchsorted(leaf[order], asked, "right") - first
    return np.asarray(order[first + (rng.random(len(asked)) * count).astype(np.int64)])


def _coded(places: FloatArray, heights: FloatArray | None) -> FloatArray:
    """Return what a tree may cut: ranks of numbers, missing ones first, and heights of labels; a strange one as the rarest.

    A made-up row has values of people, or values between theirs, so that ranks tell all that the numbers would.
    """
    if heights is None:
        return places
    return heights[np.minimum(places.astype(np.int64) + 1, len(heights) - 1)]


def _heights_of(column: Column, people: IntArray, wanted: IntArray | FloatArray) -> FloatArray | None:
    """Return where each label (one more for a missing one, first) stands in the order that a tree may cut; None for numbers."""
    if column.numbers is not None:
        return None
    levels = column.places + 1
    height = _heights(levels[people], wanted, int(levels.max()) + 1)
    return np.argsort(np.argsort(height, kind="stable"), kind="stable").astype(np.float64)


def _heights(levels: IntArray, wanted: IntArray | FloatArray, count: int) -> FloatArray:
    """Return where each level stands in the order in which a tree may cut them."""
    people = np.maximum(np.bincount(levels, minlength=count), 1)
    if wanted.dtype.kind == "f":
        return np.asarray(np.bincount(levels, weights=wanted, minlength=count) / people, dtype=np.float64)
    classes, answers = np.unique(wanted, return_inverse=True)
    counts = np.bincount(levels * len(classes) + answers, minlength=count * len(classes)).reshape(count, -1)
    shares = counts / people[:, None]
    return _principal(shares - counts.sum(axis=0) / len(levels), people)


def _principal(shares: FloatArray, people: IntArray) -> FloatArray:
    """Return the position of each row (levels,) along the first principal axis, by sums in a fixed order."""
    spread = np.einsum("la,lb,l->ab", shares, shares, people)
    axis = spread[int(np.argmax(np.diag(spread)))].copy()
    for _ in range(_TURNS):
        length = np.sqrt(np.sum(axis**2))
        if length == 0:
            break
        axis = np.einsum("ab,b->a", spread, axis / length)
    return np.asarray(np.einsum("la,a->l", shares, axis), dtype=np.float64)
