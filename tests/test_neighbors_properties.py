"""The neighbour search on whatever hypothesis can think of, against the definition, and its promises about itself."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.kernels import blocks, index, neighbors, reading, search
from synthprivacy.kernels.points import UNIT, Points
from tests.test_neighbors import all_distances, draw

SPANS = (1, 3, UNIT // 2, UNIT, 3 * UNIT, 1 << 26, 1 << 44)
"""Ranges of ordered columns: ties, fractions, whole mismatches, beyond 16 bits, beyond 32 bits."""


@st.composite
def tables(draw_from):
    """Return candidates and queries of one shape: some rows are equal, some agree in a column, some nearly."""
    rng = np.random.default_rng(draw_from(st.integers(0, 2**32)))
    ordered, coded = draw_from(st.integers(0, 4)), draw_from(st.integers(0, 4))
    spans = [draw_from(st.sampled_from(SPANS)) for _ in range(ordered)]
    levels = [draw_from(st.sampled_from((1, 2, 5, 300))) for _ in range(coded)]
    weights = np.array([draw_from(st.sampled_from((UNIT, UNIT, UNIT // 3, 1))) for _ in range(coded)], dtype=np.int64)
    steps = [draw_from(st.sampled_from((1, UNIT // 4, 2 * UNIT))) for _ in range(ordered)]
    jitter = draw_from(st.sampled_from((0, 300)))
    gone = draw_from(st.sampled_from((0.0, 0.2, 1.0)))

    def rows(count):
        positions = [rng.integers(-span, span + 1, count) // step * step for span, step in zip(spans, steps)]
        positions = [column + rng.integers(0, jitter + 1, count) for column in positions]
        codes = [rng.integers(-1, level, count) for level in levels]
        return Points(
            ordered=np.array(positions, dtype=np.int64).reshape(ordered, count),
            missing=rng.random((ordered, count)) < gone,
            codes=np.array(codes, dtype=np.int64).reshape(coded, count),
            weights=weights,
            columns=max(1, ordered + coded),
        )

    candidates = rows(draw_from(st.integers(1, 60)))
    candidates = candidates.take(rng.integers(0, candidates.rows, 2 * candidates.rows))
    return candidates, rows(draw_from(st.integers(1, 20)))


def wrong(distances, found):
    """Return how many neighbours are not what the table of distances calls nearest; ties may fall either way."""
    k = found.rows.shape[1]
    steps = np.take_along_axis(distances, found.rows, axis=1)
    again = [len(set(row)) < k for row in found.rows.tolist()]
    return int((steps != found.steps).sum() + (found.steps != np.sort(distances, axis=1)[:, :k]).sum() + sum(again))


@given(tables(), st.integers(1, 12), st.integers(1, 9))
@settings(max_examples=300, deadline=None)
def test_nearest_is_the_definition_on_any_table(both, k, leaf):
    """On any table the k nearest are those of a stable sort of all distances."""
    candidates, queries = both
    k = min(k, candidates.rows)
    distances = all_distances(queries, candidates)

    found = neighbors.nearest(neighbors.build(candidates, leaf=leaf), queries, k)

    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    assert np.array_equal(found.steps, np.take_along_axis(distances, order, axis=1))
    assert np.array_equal(found.rows, order)


def test_the_comparison_rejects_a_wrong_neighbour():
    """The tie-aware comparison accepts either of two equals, and no neighbour that is further away or named twice."""
    distances = np.array([[5, 5, 7], [1, 2, 3]])
    right = neighbors.Nearest(np.array([[5], [1]]), np.array([[1], [0]]))
    further = neighbors.Nearest(np.array([[7], [1]]), np.array([[2], [0]]))
    misnamed = neighbors.Nearest(np.array([[5], [1]]), np.array([[2], [0]]))
    twice = neighbors.Nearest(np.array([[5, 5], [1, 2]]), np.array([[0, 0], [0, 1]]))

    assert wrong(distances, right) == 0
    assert wrong(distances, further) == 1
    assert wrong(distances, misnamed) == 1
    assert wrong(distances, twice) == 1


@given(tables(), st.integers(0, 6 * UNIT), st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_what_lies_within_a_reach_is_found_counted_and_noticed(both, reach, leaf):
    """All candidates within a distance are listed once, counted, and known to exist."""
    candidates, queries = both
    near = all_distances(queries, candidates) <= reach
    built = neighbors.build(candidates, leaf=leaf)

    starts, rows = neighbors.within(built, queries, reach)

    assert [rows[a:b].tolist() for a, b in pairwise(starts)] == [np.flatnonzero(row).tolist() for row in near]
    assert np.array_equal(neighbors.count_within(built, queries, reach), near.sum(axis=1))
    assert np.array_equal(neighbors.any_within(built, queries, reach), near.any(axis=1))


def without(points, view):
    """Return points without some columns."""
    ordered = [column for column in range(len(points.ordered)) if column not in view]
    coded = [c for c in range(len(points.codes)) if c + len(points.ordered) not in view]
    return Points(
        points.ordered[ordered], points.missing[ordered], points.codes[coded], points.weights[coded], points.columns
    )


@given(tables(), st.data(), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_views_of_one_index_are_searches_of_their_own(both, data, k, leaf):
    """Several selections of the columns in one pass give what each gives with an index of its own."""
    candidates, queries = both
    k, columns = min(k, candidates.rows), len(candidates.ordered) + len(candidates.codes)
    views = data.draw(st.lists(st.frozensets(st.sampled_from(range(columns) or [99])), min_size=1, max_size=4))
    views = [view & set(range(columns)) for view in views]

    found = neighbors.nearest_in_views(neighbors.build(candidates, leaf=leaf), queries, views, k)

    for number, view in enumerate(views):
        distances = all_distances(without(queries, view), without(candidates, view))
        order = np.argsort(distances, axis=1, kind="stable")[:, :k]
        assert np.array_equal(found.steps[number], np.take_along_axis(distances, order, axis=1))


def test_drawn_views_lie_in_the_tie_set_of_their_columns():
    """A neighbour drawn in a view is one of the nearest in its columns, and the same draw for the same key."""
    rng = np.random.default_rng(6)
    candidates, queries = draw(rng, 1500, 3, 2, UNIT, 4), draw(rng, 200, 3, 2, UNIT, 4)
    keys = rng.integers(2**63, size=(2, 200), dtype=np.uint64)
    built, views = neighbors.build(candidates), [frozenset({0}), frozenset({1, 4})]

    found = neighbors.draw_in_views(built, queries, views, keys)
    alone = neighbors.draw_in_views(built, queries.take(np.arange(50)), views, keys[:, :50])

    for number, view in enumerate(views):
        distances = all_distances(without(queries, view), without(candidates, view))
        assert np.array_equal(distances[np.arange(200), found.rows[number]], distances.min(axis=1))
    assert np.array_equal(found.rows[:, :50], alone.rows)


@pytest.mark.parametrize("memory", [1, 1 << 20, 1 << 30])
@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_and_threads_change_nothing(monkeypatch, memory, jobs):
    """Every amount of memory and number of threads gives the same neighbours."""
    rng = np.random.default_rng(7)
    candidates, queries = draw(rng, 2000, 3, 3, UNIT, 4), draw(rng, 700, 3, 3, UNIT, 4)
    built = neighbors.build(candidates, leaf=64)
    plain = neighbors.nearest(built, queries, 3)
    monkeypatch.setattr(search, "PIECE", 30)
    monkeypatch.setattr(reading, "PAIRS", 1000)

    found = neighbors.nearest(built, queries, 3, jobs=jobs, memory=memory)

    assert np.array_equal(found.rows, plain.rows)
    assert np.array_equal(found.steps, plain.steps)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_threads_that_read_everything_share_the_queries(monkeypatch, jobs):
    """On noise in many columns every thread reads all points for its part of the queries, and progress ends with all."""
    rng = np.random.default_rng(9)
    candidates, queries = draw(rng, 600, 12, 0, UNIT, 1), draw(rng, 500, 12, 0, UNIT, 1)
    built = neighbors.build(candidates, leaf=64)
    monkeypatch.setattr(search, "PIECE", 30)
    monkeypatch.setattr(search, "SHARE", 60)
    told = []

    found = neighbors.nearest(built, queries, 2, jobs=jobs, progress=lambda *step: told.append(step))

    whole = neighbors.build(candidates)
    alone = [neighbors.nearest(whole, queries.take(np.array([row])), 2).rows for row in range(500)]
    assert np.array_equal(found.rows, np.concatenate(alone))
    assert told == sorted(told)
    assert told[-1] == (500, 500)


def test_more_threads_than_queries_is_no_error():
    """One query that can leave nothing out is answered by three threads."""
    rng = np.random.default_rng(9)
    candidates, queries = draw(rng, 600, 12, 0, UNIT, 1), draw(rng, 1, 12, 0, UNIT, 1)
    built = neighbors.build(candidates, leaf=64)

    found = neighbors.count_within(built, queries, 12 * UNIT, jobs=3)

    assert found.tolist() == [600]


def test_a_search_that_can_leave_nothing_out_reads_every_pair_once(monkeypatch):
    """On noise in many columns all points are read in wide blocks, at most a tenth more pairs than there are."""
    rng = np.random.default_rng(8)
    candidates, queries = draw(rng, 12_000, 40, 0, UNIT, 1), draw(rng, 300, 40, 0, UNIT, 1)
    seen = []
    computed = blocks.Block.distances
    monkeypatch.setattr(
        blocks.Block,
        "distances",
        lambda self, rows, span: (seen.append(len(rows) * (span.stop - span.start)), computed(self, rows, span))[1],
    )

    neighbors.nearest_steps(neighbors.build(candidates), queries)

    assert 0.9 * 12_000 * 300 < sum(seen) < 1.1 * 12_000 * 300


def test_progress_is_told_and_ends_with_all_queries(monkeypatch):
    """Progress counts up to the number of different queries."""
    monkeypatch.setattr(search, "CHUNK", 100)
    rng = np.random.default_rng(9)
    candidates, queries = draw(rng, 500, 2, 2, UNIT, 4), draw(rng, 450, 2, 2, UNIT, 4)
    told = []

    neighbors.draw_nearest(
        neighbors.build(candidates), queries, np.arange(450, dtype=np.uint64), progress=lambda *step: told.append(step)
    )

    assert told == [(90, 450), (180, 450), (270, 450), (360, 450), (450, 450)]


def test_rows_of_one_hash_are_told_apart(monkeypatch):
    """Where two different rows have one hash, the index still holds both."""
    monkeypatch.setattr(index, "mix", lambda keys: keys * np.uint64(0))
    rng = np.random.default_rng(10)
    candidates, queries = draw(rng, 300, 2, 2, 3, 3), draw(rng, 50, 2, 2, 3, 3)

    found = neighbors.nearest(neighbors.build(candidates), queries)

    assert wrong(all_distances(queries, candidates), found) == 0


@given(tables())
@settings(max_examples=100, deadline=None)
def test_coarse_distances_bound_the_true_ones_from_both_sides(both):
    """A coarse distance exceeds the true one by at most `below` grains and falls short of it by at most `above`."""
    candidates, queries = both
    built = neighbors.build(candidates, leaf=1000)
    normal = index.normalise(queries, built.origin, built.span, built.levels)
    columns = tuple(range(len(candidates.ordered) + len(candidates.codes)))
    far = np.ones(len(candidates.ordered), dtype=np.bool_)
    span = blocks.Span(0, built.points, columns, (), np.zeros(0, dtype=np.int64), far)

    rough = blocks.Block(built, blocks.Asked.of(built, normal)).distances(np.arange(queries.rows), span).astype(float)

    exact = all_distances(queries, candidates.take(built.members[built.first[:-1]])) / (1 << built.grain.shift)
    assert (rough - built.grain.below <= exact).all()
    assert (exact <= rough + built.grain.above).all()


def test_rounding_hides_no_neighbour():
    """A point that rounds to further away than another, and is nearer, is found: from below, all columns gain a grain."""
    grain = 256
    candidates = np.array([[9, 9, 9, 9], [13, 13, 12, 12], [4096, 4096, 4096, 4096]]).T * grain
    query = np.full((4, 1), 11 * grain - 1)

    def points(positions):
        nothing = np.zeros((0, positions.shape[1]), dtype=np.int64)
        return Points(positions, np.zeros(positions.shape, dtype=np.bool_), nothing, np.zeros(0, dtype=np.int64), 4)

    built = neighbors.build(points(candidates))
    found = neighbors.nearest(built, points(query))

    assert 1 << built.grain.shift == grain
    assert found.rows.tolist() == [[1]]
    assert found.steps.tolist() == [[2 * (2 * grain + 1) + 2 * (grain + 1)]]


def test_nobody_asks_nothing():
    """Without queries every search ends with empty answers."""
    rng = np.random.default_rng(12)
    built, nobody = neighbors.build(draw(rng, 50, 2, 2, UNIT, 3)), draw(rng, 3, 2, 2, UNIT, 3).take(np.arange(0))

    assert neighbors.nearest(built, nobody, 2).rows.shape == (0, 2)
    assert len(neighbors.count_within(built, nobody, 0)) == 0
    assert [part.tolist() for part in neighbors.within(built, nobody, 0)] == [[0], []]
