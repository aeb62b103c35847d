"""Releases whose leak is known by construction: what a generator hands out, given its training people and fresh ones.

Every function returns the release of one replicate. `fresh` are people of the same population whom nobody trained on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from synthprivacy.simulate import copy_share, unusualness

FloatArray = npt.NDArray[np.float64]
Generate = Callable[[pd.DataFrame, pd.DataFrame, np.random.Generator], pd.DataFrame]
"""(original, fresh, rng) → release."""


def oracle(_original: pd.DataFrame, fresh: pd.DataFrame, _rng: np.random.Generator) -> pd.DataFrame:
    """Return fresh people: no leak at all (N0)."""
    return fresh


def shuffled(_original: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return fresh people with every column permuted on its own: independent marginals of the population (N1)."""
    columns = [column.sample(frac=1.0, random_state=rng).reset_index(drop=True) for _, column in fresh.items()]
    return pd.concat(columns, axis=1)


def copied(share: float) -> Generate:
    """Return a generator that publishes a share of the training people outright (L1)."""

    def release(original: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        return copy_share(original, fresh, share, rng)

    return release


def noised(deviation: float) -> Generate:
    """Return a generator that publishes every training person with normal noise on each number (L2)."""

    def release(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        noise = rng.normal(0.0, deviation, original.shape) * original.std(ddof=0).to_numpy()
        return original.add(noise)

    return release


def resampled(column: str, share: float) -> Generate:
    """Return a generator that publishes a share of the people, one column of them replaced by other people's (L3)."""

    def release(original: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        mixed = copy_share(original, fresh, share, rng)
        return mixed.assign(**{column: fresh[column].sample(frac=1.0, random_state=rng).to_numpy()})

    return release


def outliers(share: float) -> Generate:
    """Return a generator that publishes the most unusual training people (L4)."""

    def release(original: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        count = round(share * len(original))
        chosen = np.argsort(-unusualness(original), kind="stable")[:count]
        return pd.concat([original.iloc[chosen], fresh.iloc[count:]]).sample(frac=1.0, random_state=rng)

    return release


def block(columns: int, share: float) -> Generate:
    """Return a generator that leaks a share of the people in the first columns only (L10)."""

    def release(original: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        names = list(original.columns[:columns])
        mixed = fresh.copy()
        rows = rng.choice(len(fresh), round(share * len(original)), replace=False)
        chosen = rng.choice(len(original), len(rows), replace=False)
        mixed.loc[rows, names] = original.loc[chosen, names].to_numpy()
        return mixed

    return release


def households_copied(share: float) -> Generate:
    """Return a generator that publishes each household with some probability, members unchanged (K1).

    Were just so many households published in every replicate, most of what clustering does to the spread of the risk
    would be taken out again: without regard to it intervals cover .92 then, not to be told from .95 in 40 replicates.
    """

    def release(original: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        units = original["household"].unique()
        published = original[original["household"].isin(units[rng.random(len(units)) < share])]
        mixed = pd.concat([published, fresh.iloc[len(published) :]]).sample(frac=1.0, random_state=rng)
        return mixed.drop(columns="household").reset_index(drop=True)

    return release


def bootstrap(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return training rows drawn with replacement: publishes 1 - 1/e of the people (G6)."""
    return redrawn(1)(original, _fresh, rng)


def redrawn(rows: int) -> Generate:
    """Return a generator that draws so many rows for each training person, with replacement."""

    def release(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        return original.sample(n=rows * len(original), replace=True, random_state=rng).reset_index(drop=True)

    return release


def smoothed(bandwidth: float, rows: int = 1) -> Generate:
    """Return a kernel density generator: training rows drawn with replacement, blurred by a bandwidth (G5, Q3).

    It releases so many rows for each training person.
    """

    def release(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        drawn = redrawn(rows)(original, _fresh, rng)
        return drawn.add(rng.normal(0.0, bandwidth, drawn.shape) * original.std(ddof=0).to_numpy())

    return release


def smote(neighbours: int, rows: int = 1) -> Generate:
    """Return a generator that places rows between a training person and one of the nearest others (G3).

    It releases so many rows for each training person.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), SMOTE: synthetic minority over-sampling technique, section 4.2.
    """

    def release(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        values = original.to_numpy(dtype=np.float64)
        scaled = values / values.std(axis=0)
        squares = (scaled**2).sum(axis=1)
        distance = squares[:, None] + squares - 2.0 * scaled @ scaled.T
        np.fill_diagonal(distance, np.inf)
        near = np.argpartition(distance, neighbours, axis=1)[:, :neighbours]
        person = rng.integers(0, len(values), rows * len(values))
        partner = near[person, rng.integers(0, neighbours, len(person))]
        between = values[person] + rng.random((len(person), 1)) * (values[partner] - values[person])
        return pd.DataFrame(between, columns=original.columns)

    return release


def leaves(smallest: int) -> Generate:
    """Return a sequential tree generator: each number drawn from the training people in its leaf (G2, G4).

    References
    ----------
    Reiter (2005), Using CART to generate partially synthetic public use microdata, section 3.
    """

    def release(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        real = original.to_numpy(dtype=np.float64)
        made = np.empty_like(real)
        made[:, 0] = rng.choice(real[:, 0], len(real))
        for place in range(1, real.shape[1]):
            tree = DecisionTreeRegressor(min_samples_leaf=smallest, random_state=int(rng.integers(2**31)))
            tree.fit(real[:, :place], real[:, place])
            made[:, place] = _from_leaves(real[:, place], tree.apply(real[:, :place]), tree.apply(made[:, :place]), rng)
        return pd.DataFrame(made, columns=original.columns)

    return release


def _from_leaves(
    values: FloatArray, leaf: npt.ArrayLike, wanted: npt.ArrayLike, rng: np.random.Generator
) -> FloatArray:
    """Return a value for each wanted leaf, drawn from those of the people in it."""
    order = np.argsort(np.asarray(leaf), kind="stable")
    ranked = np.asarray(leaf)[order]
    first = np.searchsorted(ranked, wanted, "left")
    count = np.searchsorted(ranked, wanted, "right") - first
    return np.asarray(values[order[first + (rng.random(len(first)) * count).astype(np.int64)]], dtype=np.float64)


def histogram(epsilon: float) -> Generate:
    """Return a differentially private generator: rows drawn from cell counts with Laplace noise of scale 2 / epsilon.

    Replacing one person moves two counts by one each, so this is epsilon-differentially private in the replace-one
    sense; the cells are those of the population, 3 labels in each column, known beforehand (D1).

    References
    ----------
    Dwork, McSherry, Nissim and Smith (2006), Calibrating noise to sensitivity in private data analysis, section 3.
    """

    def release(original: pd.DataFrame, _fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        labels = np.array([f"level {number}" for number in range(3)], dtype=object)
        codes = np.stack([np.searchsorted(labels, column) for _, column in original.items()], axis=1)
        radix = 3 ** np.arange(codes.shape[1])
        counts = np.bincount(codes @ radix, minlength=3 ** codes.shape[1]).astype(np.float64)
        noisy = np.maximum(counts + rng.laplace(0.0, 2.0 / epsilon, counts.shape), 0.0)
        drawn = rng.choice(len(noisy), len(original), p=noisy / noisy.sum())
        return pd.DataFrame(labels[(drawn[:, None] // radix) % 3], columns=original.columns)

    return release
