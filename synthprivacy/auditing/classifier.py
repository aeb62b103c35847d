"""The meta-classifier: does a release look like those of fits with the target, or like those without?

Ridge regression of the coins on the features, cross-fitted over fits: every fit is scored by a rule that saw none of the
fits of its fold. It is linear in the coins, ``scores = H (coins - 1/2)`` with H made from the features alone, so that
the law of any statistic without a leak is had exactly, by tossing the coins again, at the price of a matrix product:
learning included, and whatever features are correlated with one another.

It takes the place of the random forest of Meeus et al. (2023), which has no such exact test, and loses nothing by it: over
eight targets of 200 people and 120 fits, the mean AUC of a forest of 200 trees and of this rule were .76 and .78 on a
smoothed bootstrap, .57 and .64 on a Gaussian copula, .77 and .77 on SMOTE, .77 and .80 on sequential trees.

References
----------
Hoerl and Kennard (1970), Ridge regression: biased estimation for nonorthogonal problems; Hastie, Tibshirani and Friedman
(2009), The elements of statistical learning, sections 5.8 (in terms of kernels) and 7.10 (cross-validation).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import rankdata

from synthprivacy.auditing.coding import BoolArray, FloatArray, IntArray

FOLDS = 10
RIDGE = 1.0
"""Of a kernel whose mean diagonal is 1."""
DRAWS = 999
"""Coins tossed again: p-values reach one in a thousand."""


def kernel(features: FloatArray, taught: IntArray | None = None) -> FloatArray:
    """Return how alike fits are in some features, (fits, fits), mean diagonal 1; zeros where all are constant.

    Parameters
    ----------
    features : ndarray of shape (fits, features)
    taught : ndarray of int64, optional
        Fits over which features are centred and scaled; all by default, which looks at no coin. Where the others are to be
        judged one by one, each as if it were alone, they must have no part in it.
    """
    scaling = features if taught is None else features[taught]
    centred = features - scaling.mean(axis=0)
    scale = scaling.std(axis=0)
    kept = scale > 1e-9 * np.maximum(np.abs(scaling).max(axis=0), 1e-12)
    if not kept.any():
        return np.zeros((len(features), len(features)))
    scaled = centred[:, kept] / scale[kept]
    return np.asarray(scaled @ scaled.T / kept.sum())


def together(kernels: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Return the kernel of several sets of features, each of its weight however many features it holds."""
    return np.asarray(np.average(kernels, axis=0, weights=weights))


def smoother(alike: FloatArray) -> FloatArray:
    """Return H, (fits, fits), with zeros within each fold; folds are the last digits of the fits' numbers."""
    fits = len(alike)
    fold = np.arange(fits) % FOLDS
    made = np.zeros_like(alike)
    for number in range(min(FOLDS, fits)):
        held, seen = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        made[np.ix_(held, seen)] = rule(alike, seen, held)
    return made


def rule(alike: FloatArray, seen: np.ndarray, held: np.ndarray) -> FloatArray:
    """Return what turns the coins of some fits, less one half, into scores of others, (held, seen)."""
    inside = alike[np.ix_(seen, seen)] + RIDGE * np.eye(len(seen))
    return np.asarray(cho_solve(cho_factor(inside), alike[np.ix_(seen, held)]).T)


def scores(smoothed: FloatArray, coins: BoolArray) -> FloatArray:
    """Return cross-fitted scores, shaped as the coins: (fits,) or (fits, draws)."""
    return np.asarray(smoothed @ (coins - 0.5))


def aucs(scored: FloatArray, coins: BoolArray) -> FloatArray:
    """Return the AUC of each column of scores, (draws,); ties count one half, and a coin that never turned one half.

    Parameters
    ----------
    scored, coins : ndarray of shape (fits, draws)
    """
    inside = coins.sum(axis=0)
    pairs = inside * (len(coins) - inside)
    ranks = rankdata(np.round(scored, 12), axis=0)
    above = np.where(coins, ranks, 0.0).sum(axis=0) - inside * (inside + 1) / 2.0
    return np.where(pairs > 0, above / np.maximum(pairs, 1), 0.5)


def tossed(fits: int, rng: np.random.Generator, draws: int = DRAWS) -> BoolArray:
    """Return fresh coins, (fits, draws): of the law of the real ones."""
    return rng.random((fits, draws)) < 0.5
