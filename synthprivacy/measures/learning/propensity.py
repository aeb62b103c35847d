"""Propensity mean squared error: how far a model moves from the base rate when it tells release from people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, expit
from sklearn.tree import DecisionTreeClassifier

from synthprivacy.measures.learning.regression import logistic
from synthprivacy.tables.table import BoolArray, FloatArray, IntArray

PERMUTATIONS = 25
_LEAF = 20
_MOST_LEAVES = 64
_ABSENT = -2.0
"""What stands for a missing value in a tree: farther off than any place."""


@dataclass(frozen=True, slots=True)
class Propensity:
    """The propensity mean squared error of a logistic regression, beside what a right release would have."""

    value: float
    """Mean of ``(p - c)²`` over all rows, with c the share of synthetic ones."""
    error: float
    """Standard error: of the model's rows, and of a model that has nothing to find."""
    parameters: int
    """k, the coefficients of the model and its constant."""
    synthetic: int
    rows: int

    @property
    def expected(self) -> float:
        """Mean where the release was drawn from the right model fitted to these very people."""
        return (self.parameters - 1) * self._unit

    @property
    def deviation(self) -> float:
        """Standard deviation of the same."""
        return math.sqrt(2.0 * (self.parameters - 1)) * self._unit

    def least(self, chance: float) -> float:
        """Return what two samples of one population of these sizes fall below with a given chance; see `propensity`."""
        share = self.synthetic / self.rows
        return float(chdtri(self.parameters - 1, 1.0 - chance)) * share * (1.0 - share) / self.rows

    @property
    def _unit(self) -> float:
        share = self.synthetic / self.rows
        return (1.0 - share) ** 2 * share / self.rows


def propensity(columns: FloatArray, synthetic: BoolArray, unit: IntArray) -> Propensity | None:
    """Return the propensity mean squared error of a logistic regression with main effects; None without any column.

    Parameters
    ----------
    columns : ndarray of float64, shape (rows, columns)
        Without a constant column.
    synthetic : ndarray of bool, shape (rows,)
    unit : ndarray of int64, shape (rows,)
        Whose row it is; nobody is on both sides.

    Notes
    -----
    In tables of n rows on either side whose difference is nothing but chance ``N pMSE / (c (1 - c))`` is χ² with k - 1
    degrees of freedom. A release from the right model fitted to the people themselves has only its own part of that
    chance, the 1 - c th: these are the moments of Snoke et al. The error adds the variance of the former to that of the
    linear part of pMSE, which alone counts where there is much to find and is too wide where there is nothing.

    References
    ----------
    Snoke, Raab, Nowok, Dibben and Slavković (2018), General and specific utility measures for synthetic data (the null
    expectation and standard deviation for logistic regression; arXiv 1604.06651).
    """
    whole = np.concatenate([np.ones((len(columns), 1)), columns], axis=1)
    fit = logistic(whole, synthetic.astype(np.float64))
    parameters = int(np.count_nonzero(fit.kept))
    if parameters < 2 or synthetic.all() or not synthetic.any():
        return None
    share = float(synthetic.mean())
    chance = expit(whole @ fit.coefficients)
    off = np.square(chance - share)
    slope = (2.0 * (chance - share) * chance * (1.0 - chance)) @ whole
    moved = (off + fit.influence @ slope) / len(whole)
    variance = 2.0 * (parameters - 1) * (share * (1.0 - share) / len(whole)) ** 2
    for side in (synthetic, ~synthetic):
        sums = np.bincount(unit[side], weights=moved[side] - moved[side].mean())
        variance += float(np.square(sums).sum())
    return Propensity(float(off.mean()), math.sqrt(variance), parameters, int(synthetic.sum()), len(whole))


@dataclass(frozen=True, slots=True)
class Permuted:
    """The propensity mean squared error of a tree, beside that of exchanged people."""

    value: float
    expected: float
    deviation: float

    @property
    def standardised(self) -> float | None:
        """Return how many standard deviations it lies over what exchanged people have; None where these are all the same."""
        return (self.value - self.expected) / self.deviation if self.deviation > 0 else None


def permuted(columns: FloatArray, synthetic: BoolArray, unit: IntArray) -> Permuted:
    """Return the propensity mean squared error of a classification tree, and its mean and deviation by permutation.

    Twenty-five times the people of both sides are dealt anew, each with all rows.

    References
    ----------
    Snoke et al. (2018), as `propensity` (permutation where the null distribution of a model is unknown).
    """
    filled = np.where(np.isnan(columns), _ABSENT, columns)
    side = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.bool_)
    side[unit] = synthetic
    rng = np.random.default_rng(0)  # how people are dealt is part of the measure
    dealt = [_tree(filled, rng.permutation(side)[unit]) for _ in range(PERMUTATIONS)]
    deviation = float(np.std(dealt, ddof=1))
    return Permuted(_tree(filled, synthetic), float(np.mean(dealt)), deviation if deviation > 1e-12 else 0.0)


def _tree(columns: FloatArray, synthetic: BoolArray) -> float:
    if not columns.shape[1] or synthetic.all() or not synthetic.any():
        return 0.0
    tree = DecisionTreeClassifier(min_samples_leaf=_LEAF, max_leaf_nodes=_MOST_LEAVES, random_state=0)
    chance = tree.fit(columns, synthetic).predict_proba(columns)[:, 1]
    return float(np.square(chance - synthetic.mean()).mean())
