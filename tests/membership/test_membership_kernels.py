"""Kernels and measures behind the membership battery, against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.kernels.boxed import any_in_box
from synthprivacy.kernels.closeness import nearest_rows
from synthprivacy.kernels.density import fit, log_density
from synthprivacy.kernels.edits import edit_distances
from synthprivacy.kernels.likelihood import likelihood_gain, local_gains
from synthprivacy.kernels.points import UNIT
from synthprivacy.measures.distances import BETTER, distances
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.tables.space import points

TEXTS = st.text(alphabet="ab1,\u1001", max_size=7)


def levenshtein(one, other):
    """Return the edit distance by its recursion."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        levenshtein(one[1:], other) + 1,
        levenshtein(one, other[1:]) + 1,
        levenshtein(one[1:], other[1:]) + (one[0] != other[0]),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_edit_distances_are_those_of_the_recursion(pairs):
    """All pairs at once give what each pair gives alone."""
    one, other = (np.array(side, dtype=np.str_) for side in zip(*pairs))

    assert edit_distances(one, other).tolist() == [levenshtein(*pair) for pair in pairs]


def test_local_gains_are_the_refitted_ones_up_to_one_person():
    """Without refitting, the gain differs from the published one by the order of 1 / n, and halves with twice as many."""
    rng = np.random.default_rng(0)
    errors = []
    for count in (200, 400):
        reference, candidates, people = (rng.normal(size=(rows, 3)) for rows in (count, 300, 50))
        density, nearest = fit(reference), nearest_rows(people, candidates, 5)
        found = local_gains(density, people, candidates, log_density(density, candidates), nearest)
        exact = likelihood_gain(density, people, candidates, nearest)
        assert np.corrcoef(found.sum(axis=1), exact)[0, 1] > 0.97
        errors.append(np.abs(found.sum(axis=1) - exact).mean())

    assert errors[1] < 0.75 * errors[0]


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_any_in_box_is_the_search_of_all_pairs(seed):
    """A candidate of the same key with every number within one unit, missing being near to missing only."""
    rng = np.random.default_rng(seed)
    keys, others = (rng.integers(0, 3, rows).astype(np.uint64) for rows in (20, 15))
    numbers, candidates = (rng.normal(scale=2, size=(rows, 2)) for rows in (20, 15))
    for values in (numbers, candidates):
        values[rng.random(values.shape) < 0.2] = np.nan

    near = [
        any(
            key == other and all((np.isnan(a) and np.isnan(b)) or abs(a - b) <= 1 for a, b in zip(mine, theirs))
            for other, theirs in zip(others, candidates)
        )
        for key, mine in zip(keys, numbers)
    ]
    assert any_in_box(keys, numbers, others, candidates).tolist() == near


def gower(one, other):
    """Return all distances (rows, others) of two tables, in mismatched columns."""
    first, second = points(one), points(other)
    total = np.zeros((len(one), len(other)))
    for mine, gone, theirs, missing in zip(first.ordered, first.missing, second.ordered, second.missing):
        steps = np.minimum(np.abs(mine[:, None] - theirs), UNIT)
        steps[gone[:, None] | missing] = UNIT
        steps[gone[:, None] & missing] = 0
        total += steps
    for mine, theirs, weight in zip(first.codes, second.codes, first.weights):
        total += (mine[:, None] != theirs) * weight
    return total / (UNIT * len(one.features))


def alone(square):
    """Return distances to everybody else."""
    return square + np.diag(np.full(len(square), np.inf))


@pytest.mark.parametrize("name", ["nothing, survey", "copied 0.3, continuous", "nothing, few cells"])
def test_measures_are_their_definitions(name):
    """Every distance measure is what its definition gives on all pairs, for training and control people alike."""
    case = SCENARIOS[name].case(1, 0)
    found = {score.metric: score for score in distances(case)}
    to = {side: gower(case.release, table) for side, table in (("t", case.original), ("c", case.control))}
    release = alone(gower(case.release, case.release)).min(axis=1)

    for which, people, other in (("value", case.original, "c"), ("reference", case.control, "t")):
        pairs = to["t" if other == "c" else "c"]
        near, own = pairs.min(axis=1), alone(gower(people, people)).min(axis=1)
        two = np.sort(pairs, axis=1)[:, :2]
        rival = to[other].min(axis=1)
        closest = [own[row == row.min()] for row in pairs]
        expected = {
            "identical": np.mean(near == 0),
            "closest_share": np.mean(near < rival) + np.mean(near == rival) / 2,
            "closest_median": np.median(near),
            "closest_ratio": np.mean(np.where(two[:, 1] > 0, two[:, 0] / np.maximum(two[:, 1], 1e-9), 1.0)),
            "adversarial_accuracy": (np.mean(pairs.min(axis=0) > own) + np.mean(near > release)) / 2,
            "identifiability": np.mean(pairs.min(axis=0) < own),
        }
        for metric, value in expected.items():
            assert getattr(found[metric], which) == pytest.approx(value, abs=1e-12), metric
        sure = (
            np.mean([d > of.max() for d, of in zip(near, closest)]),
            np.mean([d > of.min() for d, of in zip(near, closest)]),
        )
        assert sure[0] <= getattr(found["authenticity"], which) <= sure[1]


def test_measures_notice_copies_and_nothing_else():
    """On a third of copies every measure that can reads p = .005; without a leak p-values are about uniform."""
    copied = {score.metric: score.value for score in distances(SCENARIOS["copied 0.3, continuous"].case(0, 0))}
    calm = [
        score.value
        for seed in range(15)
        for score in distances(SCENARIOS["nothing, continuous"].case(2, seed))
        if score.metric in {"closest_share_p", "identifiability_p", "authenticity_p", "adversarial_accuracy_p"}
    ]

    for metric in ("identical", "closest_share", "closest_median", "closest_ratio", "hitting_rate", "authenticity"):
        assert copied[f"{metric}_p"] == 0.005
    assert np.mean(calm) == pytest.approx(0.5, abs=0.15)
    assert np.mean(np.array(calm) <= 0.05) <= 0.2


def test_measures_need_a_control_and_decide_nothing():
    """Without people held out there is nothing to compare with; every metric has its reference and its p-value."""
    case = SCENARIOS["nothing, few cells"].case(0, 0)
    scores = distances(case)

    assert [score.metric for score in scores] == [name for metric in BETTER for name in (metric, f"{metric}_p")]
    assert {score.family for score in scores} == {"distances"}
    assert all(0.005 <= score.value <= 1.0 for score in scores if score.metric.endswith("_p"))
