"""Differentially private marginals: every column, a tree of pairs of columns, and rows drawn along the tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
import pyarrow as pa

from synthprivacy.generators.cells import coded, require_few, table_of
from synthprivacy.generators.columns import FloatArray, IntArray
from synthprivacy.generators.domain import Domain
from synthprivacy.generators.given import known_of, saying
from synthprivacy.generators.noise import chosen, noisy, require_epsilon, shares

SENSITIVITY = 2
"""Replacing one person moves two counts of a marginal by one each, and a sum of absolute differences by as much."""
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DPPairs:
    """Measures all columns and the pairs of a spanning tree with noise, and draws each column given its parent.

    It is epsilon-differentially private when one person is *replaced* by another; the number of rows is public. A third
    of epsilon goes to the counts of the columns, a third to choosing the pairs (one at a time, by how far their
    counts are from what the columns alone would have), a third to the counts of the pairs; each third is shared evenly. A
    table of one column spends everything on it. Nothing else is learned from the table.

    This is the shape of MST, which won the challenge with Gaussian noise and (epsilon, delta); pure epsilon is kept here
    because it can be accounted for exactly, and rows are drawn from the tree itself in place of a graphical model's fit.

    Parameters
    ----------
    epsilon : float
    domain : Domain

    References
    ----------
    McKenna, Miklau and Sheldon (2021), Winning the NIST contest: a scalable and general approach to differentially private
    synthetic data.
    """

    completes: ClassVar[bool] = True
    epsilon: float
    domain: Domain

    def __post_init__(self) -> None:
        require_epsilon(self.epsilon)
        cells = sorted(possible.cells for _, possible in self.domain.columns)
        require_few(cells[-1] * (cells[-2] if len(cells) > 1 else 1))

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"dp-pairs-{self.epsilon:g}"

    @property
    def budget(self) -> tuple[tuple[str, float], ...]:
        """What is spent on what: the parts sum to epsilon."""
        if len(self.domain.columns) == 1:
            return (("counts of columns", self.epsilon),)
        third = self.epsilon / 3
        return (("counts of columns", third), ("choice of pairs", third), ("counts of pairs", third))

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`. A table with another domain is a `ConfigError`."""
        rng = np.random.default_rng(seed)
        cells = coded(self.domain, table)
        single = self._columns(cells, table.column_names, rng)
        made = np.empty((len(single), rows), dtype=np.int64)
        made[0] = rng.choice(len(single[0]), rows, p=single[0])
        for (parent, child), given in self._branches(cells, single, rng):
            made[child] = _drawn(given, made[parent], rng)
        return table_of(self.domain, table, made, rng)

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows, drawn along the tree given what is known anywhere in it; see `Conditional`."""
        rng = np.random.default_rng(seed)
        known = known_of(table, given)
        cells = coded(self.domain, table)
        single = self._columns(cells, table.column_names, rng)
        branches = list(self._branches(cells, single, rng))
        agrees = [_agreeing(self.domain, name, known, len(given)) for name in table.column_names]
        for (parent, child), share in reversed(branches):  # what a parent must be for its children to be what they are
            agrees[parent] = agrees[parent] * np.einsum("rc,pc->rp", agrees[child], share)
        made = np.empty((len(single), len(given)), dtype=np.int64)
        made[0] = _picked(single[0] * agrees[0], rng)
        for (parent, child), share in branches:
            made[child] = _picked(share[made[parent]] * agrees[child], rng)
        return saying(table_of(self.domain, table, made, rng), known)

    def _columns(self, cells: IntArray, names: Sequence[str], rng: np.random.Generator) -> list[FloatArray]:
        """Return the noisy shares of every column."""
        spent = dict(self.budget)["counts of columns"]
        return [
            shares(noisy(np.bincount(of, minlength=self.domain[name].cells), SENSITIVITY * len(names), spent, rng))
            for name, of in zip(names, cells)
        ]

    def _branches(
        self, cells: IntArray, single: list[FloatArray], rng: np.random.Generator
    ) -> Iterator[tuple[Pair, FloatArray]]:
        """Yield the pairs of the tree from its root, each with the noisy shares of the child given its parent."""
        spent = dict(self.budget)
        pairs = _tree(cells, single, spent.get("choice of pairs", 0.0), rng)
        for pair in _from_root(pairs):
            counts = _counts(cells, pair, [len(share) for share in single])
            measured = noisy(counts, SENSITIVITY * len(pairs), spent["counts of pairs"], rng)
            some = np.maximum(measured, 0).sum(axis=1, keepdims=True) > 0
            yield pair, np.where(some, shares(measured), single[pair[1]])


def _tree(cells: IntArray, single: list[FloatArray], epsilon: float, rng: np.random.Generator) -> list[Pair]:
    """Return the pairs of a spanning tree, each chosen for what the columns alone do not say."""
    sizes = [len(share) for share in single]
    candidates = list(combinations(range(len(sizes)), 2))
    people = cells.shape[1]
    scores = np.array(
        [np.abs(_counts(cells, (a, b), sizes) - people * np.outer(single[a], single[b])).sum() for a, b in candidates]
    )
    part = np.arange(len(sizes))
    pairs: list[Pair] = []
    while len(pairs) < len(sizes) - 1:
        open_ = [place for place, (a, b) in enumerate(candidates) if part[a] != part[b]]
        pair = candidates[open_[chosen(scores[open_], SENSITIVITY, epsilon / (len(sizes) - 1), rng)]]
        part[part == part[pair[1]]] = part[pair[0]]
        pairs.append(pair)
    return pairs


def _from_root(pairs: list[Pair]) -> list[Pair]:
    """Return (parent, child) of each pair, parents before their children, from the first column on."""
    left, known, ordered = list(pairs), [0], list[Pair]()
    for parent in known:  # grows as children are found
        for pair in [pair for pair in left if parent in pair]:
            child = pair[0] if pair[1] == parent else pair[1]
            ordered.append((parent, child))
            known.append(child)
            left.remove(pair)
    return ordered


def _counts(cells: IntArray, pair: Pair, sizes: list[int]) -> IntArray:
    """Return how many people are in each cell of two columns."""
    a, b = pair
    counts = np.bincount(cells[a] * sizes[b] + cells[b], minlength=sizes[a] * sizes[b])
    return np.asarray(counts.reshape(sizes[a], sizes[b]), dtype=np.int64)


def _agreeing(domain: Domain, name: str, known: dict[str, pa.Array], rows: int) -> FloatArray:
    """Return 1 where a cell of a column agrees with what is known of a row, (rows, cells)."""
    size = domain[name].cells
    if name not in known:
        return np.ones((rows, size))
    cells = coded(domain.only([name]), pa.table({name: known[name]}))[0]
    return np.asarray(cells[:, None] == np.arange(size), dtype=np.float64)


def _picked(weights: FloatArray, rng: np.random.Generator) -> IntArray:
    """Return a cell for each row, in proportion to its weights (rows, cells); any where all are 0."""
    ends = np.cumsum(np.where(weights.sum(axis=1, keepdims=True) > 0, weights, 1.0), axis=1)
    found = (ends <= rng.random(len(ends))[:, None] * ends[:, -1:]).sum(axis=1)
    return np.asarray(np.minimum(found, weights.shape[1] - 1), dtype=np.int64)


def _drawn(given: FloatArray, parent: IntArray, rng: np.random.Generator) -> IntArray:
    """Return a cell for each parent's, by the shares in its row."""
    ends = np.cumsum(given, axis=1)
    ends[:, -1] = 1.0
    # one sorted line of all rows: row p lies between p and p + 1
    line = (ends + np.arange(len(ends))[:, None]).ravel()
    found = np.searchsorted(line, parent + rng.random(len(parent)), "right")
    return np.asarray(np.minimum(found - parent * given.shape[1], given.shape[1] - 1), dtype=np.int64)
