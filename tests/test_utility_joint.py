"""Joint distributions of two and three columns by published definitions, on tables small enough for pencil and paper."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from synthprivacy.measures import k_way
from synthprivacy.measures.comparing.binned import binned
from synthprivacy.measures.comparing.chance import by_chance, expected_again, mean_gap
from synthprivacy.measures.comparing.subsamples import absolute_deviation, equivalent
from synthprivacy.measures.k_way import _groups
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Case, Feature, Table

NAN = float("nan")


def table(kind, **columns):
    """Return a table of columns of one kind."""
    ordered = kind == "number"
    features = tuple(
        Feature(name, kind, np.array(columns[name], dtype=float), ordered, 0 if ordered else 100, 0.0, 1.0)
        for name in sorted(columns)
    )
    return Table(features, np.arange(len(features[0].values)))


def labels(**columns):
    """Return a table of labels."""
    return table("category", **columns)


def scored(original, release, control=None):
    """Return the scores by metric."""
    return {score.metric: score for score in k_way(Case("release", original, control, release, Schema(())))}


def test_two_way_accuracy_is_one_minus_the_total_variation_of_pairs():
    """Two pairs of labels that share half of their cells are half right, which is 500 points; missing is a cell."""
    original, release = labels(a=[0, 0, 1, NAN], b=[0, 1, 1, 1]), labels(a=[0, 1, 1, 0], b=[0, 0, 1, NAN])
    found = scored(original, release)
    assert found["two_way"].value == pytest.approx(0.5)
    assert found["k_marginal"].value == pytest.approx(500.0)
    assert "three_way" not in found


def test_numbers_are_cut_at_the_deciles_of_the_original():
    """A release in the first of ten bins of either of two columns shares a tenth of the cells' mass or less."""
    original = table("number", x=np.arange(100.0), y=np.arange(100.0))
    cut = binned((original, table("number", x=[-5.0, 9.0, 1e9], y=[0.0, NAN, 5.0])))
    assert cut.levels.tolist() == [10, 11]
    assert np.bincount(cut.cells[0][0]).tolist() == [10] * 10
    assert cut.cells[1].tolist() == [[0, 0, 9], [0, 10, 0]]


def test_frequent_labels_keep_a_cell_and_the_others_share_one():
    """Of 30 labels the nine most frequent of the original have cells of their own, all others and unseen ones the tenth."""
    counts = np.arange(30, 0, -1)
    cut = binned((labels(a=np.repeat(np.arange(30), counts)), labels(a=[0, 8, 9, 29, 99, NAN])))
    assert cut.cells[1].tolist() == [[0, 8, 9, 9, 9, 10]]


def test_the_expected_accuracy_is_the_formula():
    """``two_way_most`` is one minus half the sum of √(2p(1 - p)(1/n + 1/m)/π) where no cell is nearly empty."""
    rng = np.random.default_rng(1)
    original = labels(a=rng.integers(0, 2, 400), b=rng.integers(0, 2, 400))
    release = labels(a=rng.integers(0, 2, 100), b=rng.integers(0, 2, 100))
    p = np.unique(original["a"].values * 2 + original["b"].values, return_counts=True)[1] / 400
    expected = 1 - np.sqrt(2 / np.pi * p * (1 - p) * (1 / 400 + 1 / 100)).sum() / 2
    assert scored(original, release)["two_way_most"].value == pytest.approx(expected)


def test_at_most_200_triples_are_looked_at():
    """Of 12 columns 200 different ones of 220 triples are drawn, whoever is compared, and the score is the mean over them."""
    rng = np.random.default_rng(2)
    names = [f"c{place:02}" for place in range(12)]
    sides = [labels(**dict(zip(names, rng.integers(0, 2, (12, 30))))) for _ in range(2)]
    groups = [tuple(group) for group in _groups(12, 3, 200).tolist()]
    assert len({*groups}) == len(groups) == 200
    assert {*groups} < {*combinations(range(12), 3)}
    alike = []
    for group in groups:
        cells = [
            np.ravel_multi_index([side[names[place]].values.astype(int) for place in group], (2,) * 3) for side in sides
        ]
        shares = [np.bincount(cell, minlength=8) / 30 for cell in cells]
        alike.append(1 - np.abs(shares[0] - shares[1]).sum() / 2)
    assert scored(*sides)["three_way"].value == pytest.approx(np.mean(alike))


def test_few_groups_are_all_looked_at():
    """Where all groups of columns may be looked at, they are, each once."""
    assert [tuple(group) for group in _groups(5, 2, 10).tolist()] == list(combinations(range(5), 2))
    assert len(_groups(1, 2, 10)) == 0


def test_the_mean_deviation_of_a_binomial_number():
    """The closed form is the sum over all outcomes, for every count up to 40 and several parts."""
    for part in (0.003, 0.1, 0.5, 0.77, 0.99):
        for count in range(1, 41):
            outcomes = np.arange(count + 1)
            expected = np.abs(outcomes - count * part) @ stats.binom.pmf(outcomes, count, part)
            assert absolute_deviation(np.array([float(count)]), part)[0] == pytest.approx(expected, rel=1e-9)


def test_a_subsample_is_worth_its_own_part():
    """The mean accuracy of 60 random tenths, thirds or nine tenths of the original is told to be that part, within 15 %."""
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 1_000)
    original = labels(a=group, b=(group + rng.integers(0, 2, 1_000)) % 3, c=rng.integers(0, 40, 1_000))
    part_of = equivalent(binned((original, original)), np.array(list(combinations(range(3), 2))))
    for part in (0.1, 0.33, 0.9):
        parts = [original.take(rng.choice(1_000, round(part * 1_000), replace=False)) for _ in range(60)]
        accuracy = np.mean([scored(original, release)["two_way"].value for release in parts])
        assert part_of(float(accuracy)) == pytest.approx(part, rel=0.15)
    assert part_of(1.0) == 1.0
    assert part_of(0.0) == 0.0


def test_a_large_control_is_no_better_reference_than_a_small_one():
    """Where cells are nearly empty the reference of a release of 60 is what fresh releases of 60 score, within .02."""
    rng = np.random.default_rng(9)
    gaps = []
    for _ in range(25):
        original, control, release = (
            labels(**{name: rng.integers(0, 8, rows) for name in "abc"}) for rows in (300, 300, 60)
        )
        found = scored(original, release, control)["three_way"]
        gaps.append(found.value - found.reference)
    assert np.mean(gaps) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize(("rows", "others", "tolerance"), [(500, 500, 1e-9), (500, 250, 0.04), (50, 1_000, 0.07)])
def test_the_mean_gap_of_two_poisson_shares(rows, others, tolerance):
    """The closed form is the sum over all outcomes where sizes are equal, and within 4 %, of very unequal ones 7 %, where they are not."""
    for people in (0.05, 0.3, 1.0, 3.0, 8.0, 30.0):
        share = people / rows
        outcomes = [np.arange(stats.poisson.ppf(1 - 1e-13, size * share) + 2) for size in (rows, others)]
        chances = [stats.poisson.pmf(some, size * share) for some, size in zip(outcomes, (rows, others))]
        expected = chances[0] @ np.abs(outcomes[0][:, None] / rows - outcomes[1] / others) @ chances[1]
        assert mean_gap(np.array([share]), rows, others)[0] == pytest.approx(expected, rel=tolerance)


def test_people_to_be_expected_again_by_hand():
    """Of six cells with one and three with two people one each is expected again, and of six cells that were empty; none of 20 is 12."""
    again, cells = expected_again(np.array([0.0, 6.0, 3.0, 0.0]))
    assert cells.tolist() == [6.0, 6.0, 3.0, 0.0]
    scale = 12 / (6 * 1.0 + 6 * 1.0 + 3 * 2.0)  # nothing is known of cells with three, so those with two keep theirs
    assert again[:3] == pytest.approx(np.array([1.0, 1.0, 2.0]) * scale)
    everybody = np.zeros(31)
    everybody[20] = 5.0
    assert expected_again(everybody)[0][20] == 20.0


@pytest.mark.parametrize("sizes", [(600, 600), (600, 150), (150, 150)])
def test_distances_by_chance_are_those_of_samples_where_cells_are_nearly_empty(sizes):
    """Told from one sample of 600 people in 800 cells, the mean distance of samples is right to 6 % (40 samples each)."""
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.full(800, 0.3))
    drawn = [rng.multinomial(size, shares, 40) / size for size in sizes]
    told = [by_chance(sample, 600, *sizes) for sample in rng.multinomial(600, shares, 40) / 600]
    assert np.mean(told) == pytest.approx(np.abs(drawn[0] - drawn[1]).sum(axis=1).mean(), rel=0.06)
