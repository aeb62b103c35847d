"""The populations people are drawn from: all made here, or bundled with scikit-learn; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits

from synthprivacy.simulate import discrete, gaussian, people

Draw = Callable[[int, np.random.Generator], pd.DataFrame]
"""Draws so many people, independently of one another."""


def continuous(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return six correlated normal columns: everybody is different (P1)."""
    return gaussian(rows, 6, rng)


def few_cells(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return five columns of three labels: 243 cells, and most people have a double (P2)."""
    return discrete(rows, 5, 3, rng)


def coins(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return eight columns of four labels, and a secret that is a coin: nothing of it follows from the population."""
    return discrete(rows, 8, 4, rng).assign(secret=np.where(rng.random(rows) < 0.5, "yes", "no"))


def skewed(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return twelve label columns of 2 to 13 levels, most people in the first ones (P2)."""
    columns = [discrete(rows, 1, levels, rng)["c0"].rename(f"c{levels}") for levels in range(2, 14)]
    return pd.concat(columns, axis=1)


def awkward(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return people of a survey under names that break careless code, with the columns that break it too (P3).

    Negative and zero-centred numbers, a constant, labels that nearly all differ, dates, many missing values.
    """
    frame = people(rows, rng).rename(columns={"region": "class", "height_cm": "b-2", "visits": "`q` é"})
    numbers = rng.normal(0.0, 1.0, rows)
    frame["my col"] = np.where(rng.random(rows) < 0.3, np.nan, numbers)
    frame["debt"] = rng.normal(-1_000.0, 300.0, rows)
    frame["lambda"] = "same"
    frame["ticket"] = [f"T{number:05d}" for number in rng.integers(0, 20 * rows, rows)]
    return frame


def determined(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return normal columns with a label that follows from them in nine people of ten: no secret at all (N2)."""
    frame = gaussian(rows, 5, rng)
    follows = np.where(frame["x0"] + frame["x1"] > 0, "yes", "no")
    frame["secret"] = np.where(rng.random(rows) < 0.05, "no", follows)
    return frame


def households(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return about so many rows of households with 1 to 10 members, named by the column ``household`` (P4)."""
    sizes = rng.integers(1, 11, max(1, round(rows / 5.5)))
    shared = gaussian(len(sizes), 6, rng).loc[np.repeat(np.arange(len(sizes)), sizes)].reset_index(drop=True)
    frame = shared.add(rng.normal(size=shared.shape)).mul(np.sqrt(0.5))
    frame["household"] = [f"H{number}" for number in np.repeat(rng.permutation(len(sizes)), sizes)]
    return frame


def tumours(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return people drawn from 569 real ones: thirty cell measurements and a diagnosis, no two people alike (P8).

    References
    ----------
    Wolberg, Street and Mangasarian (1993), Breast cancer Wisconsin (diagnostic), bundled with scikit-learn.
    """
    bundled = load_breast_cancer(as_frame=True)
    frame = bundled.data.assign(diagnosis=np.where(bundled.target == 1, "benign", "malignant"))
    return _drawn(frame, rows, rng)


def handwriting(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return digits drawn from 1,797 real ones: 64 grey values of 0 to 16, many always 0, and the digit (P8).

    References
    ----------
    Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, bundled with scikit-learn.
    """
    bundled = load_digits(as_frame=True)
    return _drawn(bundled.data.assign(digit=bundled.target.map("d{}".format)), rows, rng)


def _drawn(frame: pd.DataFrame, rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows drawn with replacement: the finite table is the whole population, so draws stay independent."""
    return frame.iloc[rng.integers(0, len(frame), rows)].reset_index(drop=True)


POPULATIONS: dict[str, Draw] = {
    "continuous": continuous,
    "few cells": few_cells,
    "coins": coins,
    "skewed labels": skewed,
    "survey": people,
    "awkward": awkward,
    "determined": determined,
    "households": households,
    "tumours": tumours,
    "handwriting": handwriting,
}
"""Every population that can be drawn without end."""
