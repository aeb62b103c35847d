"""Gaussian copula: empirical marginals, tied together by one correlation matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from synthprivacy.generators.columns import Column, FloatArray, IntArray, assembled, learned
from synthprivacy.generators.given import NOTHING, known_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_RIDGE = 1e-6
"""Share of independence mixed in: columns that are functions of each other have a matrix without a root."""


@dataclass(frozen=True, slots=True)
class GaussianCopula:
    r"""Draws correlated normal scores and turns each into a value at that depth of its column.

    A value's score is :math:`\Phi^{-1}((r + 1/2) / n)` with its rank r = 0 … n - 1 in its column; rows are drawn from the
    normal law with the correlation of the scores. Missing values come before all others, labels in the order of
    their frequency, and ties are broken at random: they weaken what depends on them. A number that several people
    share is drawn as it is, one between two people's own numbers is interpolated, so that no person's amount is
    handed out and nothing lies beyond the extremes. Identifiers are counted anew, texts drawn apart.

    Where some columns of a row are known, the others are drawn from the normal law given the scores of the known ones; a
    value that several people share, or nobody has, lies anywhere between its neighbours.

    References
    ----------
    Patki, Wedge and Veeramachaneni (2016), The Synthetic Data Vault: a Gaussian copula over columns, there with
    parametric marginals.
    """

    completes: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """What reports call it."""
        return "copula"

    def fit_sample(self, table: pa.Table, rows: int, seed: int) -> pa.Table:
        """Return made-up rows; see `Generator`."""
        return _made(table, NOTHING, rows, np.random.default_rng(seed))

    def fit_complete(self, table: pa.Table, given: pa.Table, seed: int) -> pa.Table:
        """Return whole rows, drawn from the normal law given what is known; see `Conditional`."""
        return _made(table, known_of(table, given), len(given), np.random.default_rng(seed))


def _made(table: pa.Table, known: Mapping[str, pa.Array], rows: int, rng: np.random.Generator) -> pa.Table:
    columns = learned(table)
    tied = sorted((column for column in columns if column.modelled), key=lambda column: column.name not in known)
    orders = [np.lexsort((rng.random(len(table)), column.places)) for column in tied]
    given = [_score(column, known[column.name], rng) for column in tied if column.name in known]
    depths = _depths(orders, given, rows, rng)
    made = dict(known)
    for column, order, depth in zip(tied[len(given) :], orders[len(given) :], depths):
        made[column.name] = _at(column, order, depth)
    for column in columns:
        if column.name not in made:
            made[column.name] = column.apart(rows, rng)
    return assembled(table, made)


def _score(column: Column, values: pa.Array, rng: np.random.Generator) -> FloatArray:
    """Return the normal scores of known values (rows,), drawn anew for each within the depth of its column it takes up."""
    places = column.sought(values)
    ordered, people = np.sort(column.places), len(column.places)
    low, high = np.searchsorted(ordered, places, "left"), np.searchsorted(ordered, places, "right")
    depth = (low + rng.random(len(places)) * (high - low)) / people
    return np.asarray(ndtri(np.clip(depth, 0.5 / people, 1.0 - 0.5 / people)), dtype=np.float64)


def _depths(orders: list[IntArray], given: list[FloatArray], rows: int, rng: np.random.Generator) -> FloatArray:
    """Return how deep in each column the values of made-up rows lie, between 0 and 1.

    Parameters
    ----------
    orders : list of ndarray of int64, shape (people,)
        People of each column, from the lowest value to the highest; columns that are given first.
    given : list of ndarray of float64, shape (rows,)
        Scores of the first columns; the depths are those of all others, (columns, rows).
    rows : int
    rng : numpy.random.Generator

    Notes
    -----
    Sums are not left to a linear algebra library: on several threads they would not be the same to the last bit.
    """
    if len(orders) == len(given):
        return np.zeros((0, rows))
    people = len(orders[0])
    quantiles = ndtri((np.arange(people) + 0.5) / people)
    scores = np.empty((len(orders), people))
    for place, order in enumerate(orders):
        scores[place, order] = quantiles
    square = max(float(np.sum(quantiles**2)), np.finfo(np.float64).tiny)
    correlation = np.einsum("ir,jr->ij", scores, scores) / square
    np.fill_diagonal(correlation, 1.0)
    root = _root(correlation)
    noise = np.empty((len(orders), rows))
    for place, score in enumerate(given):  # the noise that makes the known scores: the triangle solved from the top
        noise[place] = (score - np.einsum("j,jr->r", root[place, :place], noise[:place])) / root[place, place]
    noise[len(given) :] = rng.standard_normal((len(orders) - len(given), rows))
    return np.asarray(ndtr(np.einsum("ij,jr->ir", root[len(given) :], noise)), dtype=np.float64)


def _root(correlation: FloatArray) -> FloatArray:
    """Return the lower triangle whose square is the matrix (Cholesky), a little independence mixed in."""
    mixed = (1.0 - _RIDGE) * correlation + _RIDGE * np.eye(len(correlation))
    root = np.zeros_like(mixed)
    for place in range(len(mixed)):
        rest = mixed[place:, place] - np.einsum("ij,j->i", root[place:, :place], root[place, :place])
        root[place:, place] = rest / np.sqrt(max(rest[0], _RIDGE**2))
    return root


def _at(column: Column, order: IntArray, depth: FloatArray) -> pa.Array:
    """Return the values of a column at some depths (rows,)."""
    last = len(order) - 1
    donors = order[np.minimum((depth * len(order)).astype(np.int64), last)]
    if column.numbers is None:
        return column.drawn(donors)
    # reflected at the ends: half a step beyond the extreme person is half a step before
    between = np.abs(depth * len(order) - 0.5)
    between = np.clip(np.where(between > last, 2 * last - between, between), 0, last)
    left = np.minimum(between.astype(np.int64), last)
    low, high = order[left], order[np.minimum(left + 1, last)]
    inside = column.alone[low] & column.alone[high]
    with np.errstate(over="ignore", invalid="ignore"):
        step = (between - left) * (column.numbers[high] - column.numbers[low])
    inside &= np.isfinite(step)
    return column.moved(np.where(inside, low, donors), np.where(inside, step, 0.0))
