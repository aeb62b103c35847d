"""Releases whose worth is known: the control, the training table, noise, and a release that lost a group."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from synthprivacy.config.plan import UTILITY
from synthprivacy.measures import LEARNED, MEASURES
from synthprivacy.results import Score
from synthprivacy.results.overfitting import above_ceiling
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, Feature, Table

ROWS = 600
LIKENESSES = ("shapes", "pairs", "marginals", "association", "k_way", "manifold")
MEANS = (
    "shapes.mean",
    "pairs.mean",
    "marginals.wasserstein",
    "marginals.jensen_shannon",
    "marginals.hellinger",
    "association.mean",
    "k_way.two_way",
    "k_way.three_way",
    "k_way.k_marginal",
    "k_way.subsample_equivalent",
)


def people(rows, seed):
    """Return people in three groups that differ in everything, two numbers and three labels."""
    rng = np.random.default_rng(seed)
    group = rng.choice(3, rows, p=[0.7, 0.22, 0.08])
    x = rng.normal(3.0 * group, 1.0)
    return table(group, x, x + rng.normal(size=rows), (group + (rng.random(rows) < 0.2)) % 3, rng.integers(0, 4, rows))


def table(group, x, y, b, c):
    """Return a table of these columns."""
    features = [
        *(
            Feature(name, "category", np.array(of, dtype=float), False, 5)
            for name, of in (("a", group), ("b", b), ("c", c))
        ),
        *(Feature(name, "number", np.array(of), True, 0, -3.0, 12.0) for name, of in (("x", x), ("y", y))),
    ]
    return Table(tuple(features), np.arange(len(x)))


def noise(rows, seed):
    """Return rows that know the range of each column, and nothing else."""
    rng = np.random.default_rng(seed)
    labels = [rng.integers(0, levels, rows) for levels in (3, 3, 4)]
    x, y = rng.uniform(-3.0, 9.0, (2, rows))
    return table(labels[0], x, y, labels[1], labels[2])


def without_a_group(rows, seed):
    """Return fresh people of two of the three groups."""
    everyone = people(3 * rows, seed)
    return everyone.take(np.flatnonzero(everyone["a"].values < 2)[:rows])


def measured(release, control_rows=ROWS, families=LIKENESSES):
    """Return the scores of a release by name."""
    case = Case("release", people(ROWS, 0), people(control_rows, 1), release, Schema(()))
    return {f"{score.family}.{score.metric}": score for family in families for score in MEASURES[family](case)}


@pytest.fixture(scope="module")
def scores():
    """Return the scores of every release by its name."""
    releases = {
        "training": people(ROWS, 0),
        "control": people(ROWS, 1),
        "fresh": people(ROWS, 2),
        "dropped": without_a_group(ROWS, 3),
        "noise": noise(ROWS, 4),
    }
    return {name: measured(release) for name, release in releases.items()}


@pytest.mark.parametrize("metric", [*MEANS, "manifold.precision", "manifold.recall", "manifold.authenticity"])
def test_fresh_people_score_about_their_reference(scores, metric):
    """The interval of fresh people, twice as wide for the chance of the reference, holds the reference."""
    score = scores["fresh"][metric]
    reach = score.interval[1] - score.interval[0]
    assert abs(score.value - score.reference) <= reach


def test_the_training_table_raises_the_flag_and_nothing_else_does(scores):
    """Of all these releases only the training table is above its ceiling, in columns, pairs, triples and single rows."""
    flagged = {name: above_ceiling(found.values()) for name, found in scores.items()}
    assert set(flagged["training"]) == {
        "shapes.mean", "pairs.mean", "k_way.two_way", "k_way.three_way", "marginals.jensen_shannon", "marginals.hellinger",
        "manifold.authenticity",
    }  # fmt: skip
    assert not any(flagged[name] for name in ("control", "fresh", "dropped", "noise"))


def test_the_more_is_copied_the_sooner_it_is_flagged():
    """Of releases with 0, 20 … 100 % copies each has all flags of the ones before it; the first has none, the last has some."""
    original, fresh = people(ROWS, 0), people(ROWS, 2)
    flags = []
    for copies in range(0, ROWS + 1, ROWS // 5):
        release = original.take(np.arange(copies)).joined(fresh.take(np.arange(ROWS - copies)))
        flags.append({*above_ceiling(measured(release, families=("shapes", "pairs", "k_way", "marginals")).values())})
    assert not flags[0]
    assert len(flags[-1]) >= 5
    assert all(fewer <= more for fewer, more in pairwise(flags))


@pytest.mark.slow
def test_half_a_copy_is_flagged():
    """A release of which every second row is a training person is flagged in nearly every run."""
    flagged = 0
    for seed in range(20):
        original, control, fresh = (people(500, 5_000 + 3 * seed + place) for place in range(3))
        half = original.take(np.arange(250)).joined(fresh.take(np.arange(250)))
        case = Case("release", original, control, half, Schema(()))
        flagged += bool(above_ceiling(MEASURES["k_way"](case)))
    assert flagged >= 18


@pytest.mark.slow
def test_intervals_hold_what_they_should():
    """Of 150 fresh releases the 95 % interval of mean likeness holds the mean over all in 90 % or more."""
    original = people(300, 0)
    found = []
    for seed in range(150):
        case = Case("release", original, None, people(300, 9_000 + seed), Schema(()))
        found.append([MEASURES[family](case)[0] for family in ("shapes", "pairs", "k_way")])
    for scores in zip(*found):
        middle = np.mean([score.value for score in scores])
        assert np.mean([score.interval[0] <= middle <= score.interval[1] for score in scores]) >= 0.9


def test_the_names_in_the_plan_are_those_of_the_measures():
    """Every family that a plan may name is registered, and every registered one may be named."""
    from synthprivacy.config.plan import UTILITY_ON_REQUEST

    assert {*UTILITY, *UTILITY_ON_REQUEST} == {*MEASURES, *LEARNED}


def test_a_flag_needs_no_unrounded_number():
    """Rounded for the public rendering, likeness and ceiling are the same, and the flag stands."""
    told = [Score("shapes", "mean", 1.0, 0.99, None, "higher"), Score("shapes", "mean_above", 1.0, 0.0, None, "lower")]
    assert above_ceiling(told) == ("shapes.mean",)
    assert above_ceiling([Score("shapes", "mean_above", None, None, None, "lower")]) == ()
