"""The neighbour search against its definition, one pair at a time."""

import numpy as np
import pytest

from synthprivacy.kernels import neighbors
from synthprivacy.kernels.points import UNIT, Points, grid, part_weights

SHAPES = [
    pytest.param(3, 4, 2 * UNIT, 5, id="mixed"),
    pytest.param(0, 3, 1, 4, id="coded only, many ties"),
    pytest.param(3, 0, UNIT, 1, id="ordered only"),
    pytest.param(2, 2, 3, 3, id="nearly all equal"),
    pytest.param(2, 1, 1 << 44, 300, id="far beyond int32, many levels"),
]


def draw(rng, rows, ordered, coded, reach, levels):
    """Return random points with missing values and a column of part weight."""
    weights = np.full(coded, UNIT, dtype=np.int64)
    weights[-1:] = UNIT // 3
    return Points(
        ordered=rng.integers(0, reach + 1, (ordered, rows)),
        missing=rng.random((ordered, rows)) < 0.1,
        codes=rng.integers(-1, levels, (coded, rows)),
        weights=weights,
        columns=ordered + coded,
    )


def distance(one, i, other, j):
    """Return the distance of two points in grid steps, straight from the definition."""
    steps = 0
    for column in range(len(one.ordered)):
        if one.missing[column, i] or other.missing[column, j]:
            steps += UNIT * (one.missing[column, i] != other.missing[column, j])
        else:
            steps += min(abs(int(one.ordered[column, i]) - int(other.ordered[column, j])), UNIT)
    for column, weight in enumerate(one.weights):
        steps += int(weight) * (one.codes[column, i] != other.codes[column, j])
    return steps


def all_distances(queries, candidates):
    """Return every pair's distance (queries, candidates), column by column."""
    total = np.zeros((queries.rows, candidates.rows), dtype=np.int64)
    for mine, gone, theirs, missing in zip(queries.ordered, queries.missing, candidates.ordered, candidates.missing):
        delta = np.minimum(np.abs(mine[:, None] - theirs), UNIT)
        delta[gone[:, None] | missing] = UNIT
        delta[gone[:, None] & missing] = 0
        total += delta
    for mine, theirs, weight in zip(queries.codes, candidates.codes, queries.weights):
        total += weight * (mine[:, None] != theirs)
    return total


def test_vectorised_distances_follow_the_definition():
    """The table of distances the other tests compare with is the definition, pair by pair."""
    rng = np.random.default_rng(0)
    one, other = draw(rng, 20, 2, 3, 2 * UNIT, 4), draw(rng, 30, 2, 3, 2 * UNIT, 5)

    expected = [[distance(one, i, other, j) for j in range(30)] for i in range(20)]

    assert np.array_equal(all_distances(one, other), expected)


@pytest.mark.parametrize(("ordered", "coded", "reach", "levels"), SHAPES)
@pytest.mark.parametrize("k", [1, 3, 10])
def test_nearest_is_the_definition_with_ties_by_smallest_row(ordered, coded, reach, levels, k):
    """The k nearest are those a full sort of all pairs would give, the smallest rows first among equals."""
    rng = np.random.default_rng(1)
    candidates = draw(rng, 2500, ordered, coded, reach, levels)
    queries = draw(rng, 300, ordered, coded, reach, levels + 2)
    distances = all_distances(queries, candidates)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]

    found = neighbors.nearest(neighbors.build(candidates), queries, k)

    assert np.array_equal(found.rows, order)
    assert np.array_equal(found.steps, np.take_along_axis(distances, order, axis=1))


@pytest.mark.parametrize(("ordered", "coded", "reach", "levels"), SHAPES)
def test_drawn_neighbour_lies_in_the_tie_set(ordered, coded, reach, levels):
    """A drawn neighbour is one of the nearest, and the distances alone are theirs."""
    rng = np.random.default_rng(2)
    candidates = draw(rng, 2500, ordered, coded, reach, levels)
    queries = draw(rng, 300, ordered, coded, reach, levels + 2)
    index = neighbors.build(candidates)
    distances = all_distances(queries, candidates)

    found = neighbors.draw_nearest(index, queries, rng.integers(2**63, size=300, dtype=np.uint64))

    assert np.array_equal(distances[np.arange(300), found.rows[:, 0]], distances.min(axis=1))
    assert np.array_equal(neighbors.nearest_steps(index, queries), distances.min(axis=1))


def test_ties_are_drawn_uniformly_over_rows():
    """Each equally near row is drawn equally often, whether or not it has duplicates."""
    codes = np.array([[0, 0, 0, 1, 2, 3, 4, 5, 5, 6]])
    nothing = np.zeros((0, 10), dtype=np.int64)
    candidates = Points(nothing, nothing.astype(bool), codes, np.array([UNIT]), 1)
    draws = 20_000
    nowhere = np.zeros((0, draws), dtype=np.int64)
    queries = Points(nowhere, nowhere.astype(bool), np.full((1, draws), 9), np.array([UNIT]), 1)
    keys = np.random.default_rng(3).integers(2**63, size=draws, dtype=np.uint64)

    rows = neighbors.draw_nearest(neighbors.build(candidates), queries, keys).rows[:, 0]
    counts = np.bincount(rows, minlength=10)

    # chi-square with 9 degrees of freedom: 33.7 is exceeded once in ten thousand seeds
    assert np.square(counts - draws / 10).sum() / (draws / 10) < 33.7


def test_answers_do_not_depend_on_batch_or_threads():
    """Some queries alone, or all on two threads, get the same answers."""
    rng = np.random.default_rng(4)
    candidates, queries = draw(rng, 3000, 2, 3, UNIT, 3), draw(rng, 2000, 2, 3, UNIT, 3)
    keys = rng.integers(2**63, size=2000, dtype=np.uint64)
    index = neighbors.build(candidates)
    some = rng.permutation(2000)[:100]

    together = neighbors.draw_nearest(index, queries, keys, jobs=2).rows
    alone = neighbors.draw_nearest(index, queries.take(some), keys[some]).rows

    assert np.array_equal(together[some], alone)


def test_order_of_candidates_changes_no_distance():
    """Permuting the candidates permutes the rows found and leaves the distances."""
    rng = np.random.default_rng(5)
    candidates, queries = draw(rng, 1500, 3, 2, UNIT, 4), draw(rng, 200, 3, 2, UNIT, 4)
    order = rng.permutation(1500)

    plain = neighbors.nearest(neighbors.build(candidates), queries, 2)
    permuted = neighbors.nearest(neighbors.build(candidates.take(order)), queries, 2)

    assert np.array_equal(plain.steps, permuted.steps)
    distances = all_distances(queries, candidates)
    assert np.array_equal(np.take_along_axis(distances, order[permuted.rows], axis=1), plain.steps)


def test_grid_is_exact_on_multiples_and_saturates_far_away():
    """Positions are whole steps; infinitely far values stay on the grid; missing values have a position of no meaning."""
    positions = grid(np.array([10.0, 15.0, 20.0, 1e308, -1e308, np.nan]), low=10.0, scale=10.0)

    assert positions[:3].tolist() == [0, UNIT // 2, UNIT]
    assert positions[3] == -positions[4] == 1 << 60
    assert positions[5] == 0


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_part_weights_sum_to_a_whole_mismatch(parts):
    """However deep a code is, codes that share nothing differ by exactly one."""
    assert part_weights(parts).sum() == UNIT
