"""Populations and releases whose leak is known by construction: for the demo, the tests and the self-test.

They are pandas frames, the one place of the science where a dataframe library is welcome: what is simulated stands
for a user's file and must come in by the same door, with labels, dates and missing values as users have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthprivacy.errors import ConfigError

FloatArray = npt.NDArray[np.float64]

EDUCATION = ("primary", "lower secondary", "upper secondary", "vocational", "bachelor", "master", "doctorate")
OCCUPATION = (
    "agriculture", "armed forces", "care", "clerical", "construction", "education", "engineering", "hospitality",
    "industry", "law", "management", "medicine", "none", "sales", "transport",
)  # fmt: skip
REGION = ("Coast", "Highlands", "Lakes", "Midlands", "North", "Plains", "South-East", "West & Isles")
DIAGNOSIS = (
    "none", "hypertension", "type 2 diabetes", "asthma", "depression", "COPD", "lung cancer", "multiple sclerosis",
    "Huntington's disease",
)  # fmt: skip
"""From common to very rare: a rare diagnosis is the secret that can hurt."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a simulated release gives away."""

    leak: Literal["none", "copies", "outliers"]
    published: int
    """Training people whose record stands in the release unchanged."""
    people: int
    """Training people."""

    @property
    def risk(self) -> float:
        """What linkability and inference of practically unique people should find: the share published."""
        return self.published / self.people


def people(rows: int, seed: int | np.random.Generator) -> pd.DataFrame:
    """Return people of a health survey: one row each, mixed kinds, dependent columns, some values missing.

    Income depends on education, age and occupation; blood pressure and diagnosis on age, weight and smoking; visits on
    the diagnosis. Income and height are missing for some people, income more often where it is high. Practically
    every row is unique. Two calls with independent streams are two samples of one population.

    Parameters
    ----------
    rows : int
    seed : int or numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        (rows, 13).
    """
    rng = np.random.default_rng(seed)
    age = np.clip(np.round(18 + 72 * rng.beta(1.6, 2.2, rows)), 18, 90)
    female = rng.random(rows) < 0.51
    education = _education(age, rng)
    occupation = _occupation(education, age, rng)
    height = np.round(rng.normal(np.where(female, 164.0, 178.0), 6.8) - 0.05 * np.maximum(age - 50, 0), 1)
    mass_index = np.clip(17.5 + 0.05 * (age - 18) + rng.gamma(4.0, 1.6, rows), 16, 60)
    smoker = rng.random(rows) < _logistic(-0.9 - 0.22 * education - 0.012 * (age - 45))
    pressure = np.round(rng.normal(96 + 0.45 * age + 0.7 * (mass_index - 25) + 4 * smoker, 11))
    diagnosis = _diagnosis(age, mass_index, pressure, smoker=smoker, rng=rng)
    log_income = 9.6 + 0.16 * education + 0.035 * (age - 18) - 0.0004 * (age - 18) ** 2 + 0.03 * (occupation % 5)
    income = np.round(np.exp(rng.normal(log_income, 0.45)), -1)
    days = rng.integers(0, 2192, rows)
    frame = pd.DataFrame(
        {
            "age": age.astype(np.int64),
            "sex": np.where(female, "female", "male"),
            "region": _labels(REGION, rng.choice(len(REGION), rows, p=_falling(len(REGION), 0.5))),
            "education": _labels(EDUCATION, education),
            "occupation": _labels(OCCUPATION, occupation),
            "household income": income,
            "height_cm": height,
            "weight_kg": np.round(mass_index * (height / 100) ** 2, 1),
            "systolic": pressure.astype(np.int64),
            "diagnosis": _labels(DIAGNOSIS, diagnosis),
            "smoker": smoker,
            "visits": rng.poisson(0.6 + 0.02 * age + 2.5 * (diagnosis > 0) + 4.0 * (diagnosis >= 5)),
            "registered": pd.Timestamp("2018-01-01") + pd.to_timedelta(days, unit="D"),
        }
    )
    silent = rng.random(rows) < 0.03 + 0.07 * (income > 60_000)
    frame["household income"] = frame["household income"].mask(silent)
    frame["height_cm"] = frame["height_cm"].mask(rng.random(rows) < 0.04)
    return frame


def gaussian(rows: int, columns: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return correlated normal columns ``x0``, ``x1``, …: unit variance, correlation .5 between any two, no ties."""
    shared = rng.normal(size=(rows, 1))
    own = rng.normal(size=(rows, columns))
    return pd.DataFrame(np.sqrt(0.5) * (shared + own), columns=[f"x{place}" for place in range(columns)])


def discrete(rows: int, columns: int, levels: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return independent columns ``c0``, ``c1``, … of skewed labels: many ties, people who are all alike."""
    drawn = rng.choice(levels, size=(rows, columns), p=_falling(levels, 0.7))
    labels = tuple(f"level {number}" for number in range(levels))
    return pd.DataFrame({f"c{place}": _labels(labels, drawn[:, place]) for place in range(columns)})


def release_clean(original: pd.DataFrame, fresh: pd.DataFrame) -> tuple[pd.DataFrame, Truth]:
    """Return fresh people of the same population as the release: no leak at all."""
    return fresh.reset_index(drop=True), Truth("none", 0, len(original))


def release_copied(
    original: pd.DataFrame, fresh: pd.DataFrame, share: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, Truth]:
    """Return fresh people of whom some are replaced by a random share of the training people, published outright."""
    release = copy_share(original, fresh, share, rng)
    return release, Truth("copies", _count(original, fresh, share), len(original))


def release_outliers(
    original: pd.DataFrame, fresh: pd.DataFrame, share: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, Truth]:
    """Return fresh people of whom some are replaced by the most unusual training people.

    The average risk is as small as the share; the risk of the unusual is total (validity benchmark, scenario L4).
    """
    published = _count(original, fresh, share)
    chosen = np.argsort(-unusualness(original), kind="stable")[:published]
    return _planted(original.iloc[chosen], fresh, rng), Truth("outliers", published, len(original))


def copy_share(original: pd.DataFrame, fresh: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return `fresh` with ``round(share * len(original))`` rows replaced by as many distinct rows of the original.

    Raises
    ------
    ConfigError
        If the share is not between 0 and 1, or `fresh` has fewer rows than would be replaced.
    """
    chosen = rng.choice(len(original), _count(original, fresh, share), replace=False)
    return _planted(original.iloc[chosen], fresh, rng)


def unusualness(frame: pd.DataFrame) -> FloatArray:
    """Return how unusual each row is, (rows,): the mean surprise of its values, in nats.

    The surprise of a label is -log of its share; that of a number, of the share of people at least as far from the
    middle rank; missing is a label.
    """
    surprise = [-np.log(_share_as_extreme(column)) for _, column in frame.items()]
    return np.asarray(np.mean(surprise, axis=0), dtype=np.float64)


def _share_as_extreme(column: pd.Series) -> FloatArray:
    rows = len(column)
    if pd.api.types.is_bool_dtype(column) or not (
        pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
    ):
        codes = pd.factorize(column, use_na_sentinel=False)[0]
        return np.asarray(np.bincount(codes)[codes] / rows, dtype=np.float64)
    rank = column.rank()
    depth = (rank - rank.mean()).abs()
    shares = depth.rank(ascending=False, method="max") / rows
    return np.asarray(shares.fillna(column.isna().mean()), dtype=np.float64)


def _planted(published: pd.DataFrame, fresh: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return `fresh` with random rows replaced by the published ones, in an order that tells nothing."""
    kept = rng.choice(len(fresh), len(fresh) - len(published), replace=False)
    release = pd.concat([fresh.iloc[kept], published])
    return release.iloc[rng.permutation(len(release))].reset_index(drop=True)


def _count(original: pd.DataFrame, fresh: pd.DataFrame, share: float) -> int:
    if not 0 <= share <= 1:
        msg = f"share must be between 0 and 1, not {share}; give the share of training people to publish"
        raise ConfigError(msg)
    published = round(share * len(original))
    if published > len(fresh):
        msg = f"fresh must have at least as many rows as are replaced: {len(fresh)} for {published}; draw more people"
        raise ConfigError(msg)
    return published


def _education(age: FloatArray, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return positions in EDUCATION: the young went to school for longer."""
    level = rng.normal(3.0 - 0.022 * (age - 45), 1.5)
    return np.clip(np.round(level), 0, len(EDUCATION) - 1).astype(np.int64)


def _occupation(education: npt.NDArray[np.int64], age: FloatArray, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return positions in OCCUPATION: each has its usual education, and most people over 66 have none."""
    usual = np.array([1, 2, 2, 3, 1, 5, 4, 1, 2, 5, 4, 6, 2, 2, 1])
    preference = -0.8 * np.abs(education[:, None] - usual) + np.log(_falling(len(OCCUPATION), 0.2))
    noise = rng.gumbel(size=preference.shape)  # the largest noisy preference is a draw from the softmax
    chosen = np.argmax(preference + noise, axis=1)
    retired = rng.random(len(age)) < np.where(age > 66, 0.9, 0.05)
    return np.where(retired, OCCUPATION.index("none"), chosen).astype(np.int64)


def _diagnosis(
    age: FloatArray,
    mass_index: FloatArray,
    pressure: FloatArray,
    *,
    smoker: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return positions in DIAGNOSIS, the last one that applies: the rare ones come last."""
    odds = (
        -9.5 + 0.06 * pressure,  # hypertension
        -5.2 + 0.035 * age + 0.09 * (mass_index - 25),  # type 2 diabetes
        np.full(len(age), -3.2),  # asthma
        -2.8 - 0.008 * (age - 45),  # depression
        -6.5 + 0.05 * age + 1.4 * smoker,  # COPD
        -9.0 + 0.05 * age + 2.2 * smoker,  # lung cancer
        np.full(len(age), -6.0),  # multiple sclerosis
        np.full(len(age), -7.3),  # Huntington's disease
    )
    diagnosis = np.zeros(len(age), dtype=np.int64)
    for position, logit in enumerate(odds, start=1):
        diagnosis[rng.random(len(age)) < _logistic(logit)] = position
    return diagnosis


def _logistic(logit: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-logit))


def _falling(levels: int, power: float) -> FloatArray:
    """Return Zipf's shares: level k is as common as ``(k + 1) ** -power``."""
    weights = np.arange(1, levels + 1, dtype=np.float64) ** -power
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _labels(labels: tuple[str, ...], positions: npt.NDArray[np.int64]) -> pd.Series:
    return pd.Series(list(labels)).iloc[positions].reset_index(drop=True)
