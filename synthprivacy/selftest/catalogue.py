"""The scenarios: rows of the validity benchmark, on every population they make sense for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd

from synthprivacy.selftest import populations, releases
from synthprivacy.selftest.scenario import LIMIT, Scenario
from synthprivacy.simulate import gaussian, people

EVERY = (
    "singling_out", "linkability", "inference", "membership", "memorization", "reconstruction", "model_inversion",
)  # fmt: skip
ROWS = ("linkability", "inference", "membership", "memorization")
"""Attacks that find a person by the record; on people who are all different they read a copied share as itself."""
NOTHING = dict.fromkeys(EVERY, 0.0)
BOOTSTRAPPED = 1.0 - np.exp(-1.0)
"""Share of people a bootstrap publishes."""


def nulls() -> Iterator[Scenario]:
    """Yield releases without any leak: nobody may raise an alarm on them (N0, N1, N2, N4)."""
    yield Scenario("nothing, continuous", "N0", populations.continuous, releases.oracle, truth=NOTHING, guessed="x0")
    yield Scenario("nothing, survey", "N0", people, releases.oracle, truth=NOTHING, guessed="diagnosis")
    yield Scenario("nothing, few cells", "N4", populations.few_cells, releases.oracle, truth=NOTHING, guessed="c0")
    yield Scenario("nothing, skewed labels", "N4", populations.skewed, releases.oracle, truth=NOTHING, guessed="c13")
    yield Scenario("nothing, awkward", "N4", populations.awkward, releases.oracle, truth=NOTHING, guessed="diagnosis")
    yield Scenario(
        "marginals, continuous", "N1", populations.continuous, releases.shuffled, truth=NOTHING, guessed="x0"
    )
    yield Scenario(
        "nothing, tumours", "N0", populations.tumours, releases.oracle, people=250, truth=NOTHING, guessed="diagnosis"
    )
    yield Scenario(
        "nothing, digits", "N4", populations.handwriting, releases.oracle, people=250, truth=NOTHING, guessed="digit"
    )
    known = {"inference": 0.0, "linkability": 0.0}
    yield Scenario(
        "secret known anyway", "N2", populations.determined, releases.oracle,
        truth=known, attacks=tuple(known), guessed="secret",
    )  # fmt: skip


def uneven() -> Iterator[Scenario]:
    """Yield releases without a leak, judged by a control of another size (N3)."""
    for size in (0.25, 0.5, 2.0):
        yield Scenario(
            f"nothing, control x {size:g}", "N3", people, releases.oracle,
            people=1_000 if size < 0.5 else 500, control=size, truth=NOTHING, guessed="diagnosis",
        )  # fmt: skip


def copies() -> Iterator[Scenario]:
    """Yield releases that publish a known share of people who are all different (L1, G6)."""
    for share in (0.02, LIMIT, 2 * LIMIT, 0.3, 0.6):
        yield Scenario(
            f"copied {share:g}, continuous", "L1", populations.continuous, releases.copied(share),
            truth=dict.fromkeys(ROWS, share), guessed="x0", family="copies", level=share,
        )  # fmt: skip
    yield Scenario(
        f"copied {2 * LIMIT:g}, survey", "L1", people, releases.copied(2 * LIMIT),
        truth=dict.fromkeys(ROWS, 2 * LIMIT), attacks=ROWS, guessed="diagnosis",
    )  # fmt: skip
    yield Scenario(
        "bootstrap", "G6", populations.continuous, releases.bootstrap,
        truth=dict.fromkeys(ROWS, float(BOOTSTRAPPED)), attacks=ROWS, guessed="x0",
    )  # fmt: skip


def families() -> Iterator[Scenario]:
    """Yield generators with a dial: the more it is turned up, the more they leak (L2, G3, G4, G5, D1, Q3)."""
    for noise in (0.0, 0.05, 0.2, 1.0):
        yield _family("noise", "L2", releases.noised(noise), noise, level=-noise)
    for bandwidth in (0.01, 0.1, 0.5):
        yield _family("kernel width", "G5", releases.smoothed(bandwidth), bandwidth, level=-bandwidth)
    for smallest in (1, 5, 50):
        yield _family("tree leaf", "G4", releases.leaves(smallest), smallest, level=-smallest)
    for neighbours in (1, 5):
        yield _family("smote neighbours", "G3", releases.smote(neighbours), neighbours, level=-neighbours)
    for rows in (1, 5):
        yield Scenario(
            f"smote, {rows} rows a person", "G3", populations.continuous, releases.smote(1, rows),
            attacks=("reconstruction",), guessed="x0", family="smote rows", level=rows,
        )  # fmt: skip
        yield Scenario(
            f"bootstrap, {rows} rows a person", "G6", populations.coins, releases.redrawn(rows),
            attacks=("reconstruction", "model_inversion"), guessed="secret", family="counted rows", level=rows,
        )  # fmt: skip
    for rows in (1, 4, 16):
        yield Scenario(
            f"kernel width 0.3, {rows} rows a person", "Q3", populations.continuous, releases.smoothed(0.3, rows),
            attacks=("membership",), guessed="x0", family="released rows", level=rows,
        )  # fmt: skip
    for epsilon in (0.5, 2.0, 8.0):
        yield Scenario(
            f"histogram, epsilon {epsilon:g}", "D1", populations.few_cells, releases.histogram(epsilon),
            attacks=("inference", "membership"), guessed="c0", family="epsilon", level=epsilon,
        )  # fmt: skip


def _family(name: str, row: str, release: releases.Generate, dial: float, *, level: float) -> Scenario:
    return Scenario(
        f"{name} {dial:g}", row, populations.continuous, release,
        attacks=ROWS[:3], guessed="x0", family=name, level=level,
    )  # fmt: skip


def blind_spots() -> Iterator[Scenario]:
    """Yield leaks that some attack cannot see, and says so on its card (L3, L4, L10)."""
    yield Scenario(
        "copied without the secret", "L3", populations.continuous, releases.resampled("x0", 0.3),
        truth={"inference": 0.0, "memorization": 0.0}, attacks=("inference", "memorization"), guessed="x0",
    )  # fmt: skip
    yield Scenario(
        "outliers only", "L4", people, releases.outliers(0.01),
        truth={"memorization": 0.01}, attacks=ROWS, guessed="diagnosis",
    )  # fmt: skip
    yield Scenario(
        "a block of columns", "L10", _wide, releases.block(5, 0.1), attacks=("membership", "linkability"), guessed="x0"
    )


def clusters() -> Iterator[Scenario]:
    """Yield people with several rows each: whole households published, or nobody (K1)."""
    for share in (0.0, 0.1, 0.3):
        yield Scenario(
            f"households copied {share:g}", "K1", populations.households, releases.households_copied(share),
            people=1_000, truth=dict.fromkeys(("linkability", "inference"), share),
            attacks=("linkability", "inference"), unit="household", guessed="x0",
        )  # fmt: skip


def spoiled() -> Iterator[Scenario]:
    """Yield controls that must not be judged with: they hold training people, or other people (S1, S2)."""
    yield Scenario("contaminated control", "S1", people, releases.oracle, people=1_000, spoil=contaminated)
    yield Scenario("drifted control", "S2", populations.continuous, releases.oracle, people=1_000, spoil=drifted)


def contaminated(original: pd.DataFrame, control: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return a control of which 5 % were trained on."""
    count = len(control) // 20
    return pd.concat([original.sample(n=count, random_state=rng), control.iloc[count:]])


def drifted(original: pd.DataFrame, control: pd.DataFrame, _rng: np.random.Generator) -> pd.DataFrame:
    """Return a control whose every number lies .3 standard deviations higher."""
    return control.add(0.3 * original.std(ddof=0))


def _wide(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    return gaussian(rows, 50, rng)


SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in chain(nulls(), uneven(), copies(), families(), blind_spots(), clusters(), spoiled())
}
"""Every scenario by its name."""

QUICK = (
    "nothing, continuous", "nothing, survey", "nothing, few cells", "nothing, awkward", "secret known anyway",
    "nothing, control x 0.5", "copied 0.05, continuous", "copied 0.1, continuous", "copied 0.3, continuous",
    "copied 0.1, survey", "noise 0", "noise 1", "histogram, epsilon 0.5", "histogram, epsilon 8",
    "copied without the secret", "households copied 0", "households copied 0.3",
)  # fmt: skip
"""Scenarios of the quick tier."""
