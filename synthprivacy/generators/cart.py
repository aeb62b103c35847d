"""Sequential trees: every column drawn from the people in a leaf, given the columns before it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from synthprivacy.generators.columns import Column, FloatArray, IntArray, assembled, learned, require

if TYPE_CHECKING:
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
        rng = np.random.default_rng(seed)
        before: list[Column] = []
        donors: list[IntArray] = []
        made = {}
        for column in learned(table):
            if not column.modelled:
                made[column.name] = column.apart(rows, rng)
                continue
            chosen = self._donors(column, before, donors, rng) if before else rng.integers(0, len(table), rows)
            before.append(column)
            donors.append(chosen)
            made[column.name] = column.drawn(chosen)
        return assembled(table, made)

    def _donors(
        self, target: Column, before: list[Column], donors: list[IntArray], rng: np.random.Generator
    ) -> IntArray:
        """Return the person (rows,) whose value of the target each made-up row gets."""
        everybody = np.arange(len(target.places))
        if target.numbers is None:
            return self._from_tree(everybody, target.places, before, donors, rng)
        present = everybody[target.places >= 0]
        if len(present) in {0, len(everybody)}:
            return self._from_tree(everybody, np.nan_to_num(target.numbers), before, donors, rng)
        known = (target.places >= 0).astype(np.int64)
        chosen = self._from_tree(everybody, known, before, donors, rng)
        asked = known[chosen] == 1
        chosen[asked] = self._from_tree(present, target.numbers[present], before, [d[asked] for d in donors], rng)
        return chosen

    def _from_tree(
        self,
        people: IntArray,
        wanted: IntArray | FloatArray,
        before: list[Column],
        donors: list[IntArray],
        rng: np.random.Generator,
    ) -> IntArray:
        """Return one of `people` for each made-up row, from the leaf it falls in."""
        if not len(donors[0]):
            return np.zeros(0, dtype=np.int64)
        codes = [_coded(column, people, wanted) for column in before]
        of_people = np.stack([code[people] for code in codes], axis=1).astype(np.float32)
        of_rows = np.stack([code[chosen] for code, chosen in zip(codes, donors)], axis=1).astype(np.float32)
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


def _coded(column: Column, people: IntArray, wanted: IntArray | FloatArray) -> FloatArray:
    """Return what a tree may cut (rows of the table,): ranks of numbers, missing ones first, and places of labels.

    A made-up row has values of people, so that their ranks tell all that the numbers would.
    """
    if column.numbers is not None:
        return column.places.astype(np.float64)
    levels = column.places + 1
    height = _heights(levels[people], wanted, int(levels.max()) + 1)
    rank = np.argsort(np.argsort(height, kind="stable"), kind="stable")
    return np.asarray(rank[levels], dtype=np.float64)


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
