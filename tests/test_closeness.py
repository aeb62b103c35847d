"""Closeness against its definition, one pair at a time; ties; batches and blocks."""

import numpy as np
import pytest

from synthprivacy.errors import NotEnoughDataError
from synthprivacy.kernels import density
from synthprivacy.kernels.closeness import nearest_distances, nearest_rows, neighbour_shares, shares_within


def grid(rows, columns, seed):
    """Return points on a small grid, where nearly every distance is tied."""
    return np.random.default_rng(seed).integers(0, 4, (rows, columns)).astype(np.float64)


def distances(points, candidates):
    """Return all distances, from their definition."""
    return np.sqrt(np.square(points[:, None, :] - candidates[None, :, :]).sum(axis=2))


def test_nearest_is_the_minimum():
    """The nearest distance is the smallest of all."""
    points, candidates = grid(40, 5, 0), grid(70, 5, 1)
    np.testing.assert_allclose(nearest_distances(points, candidates), distances(points, candidates).min(axis=1))


@pytest.mark.parametrize("k", [1, 3, 70])
def test_nearest_rows_are_the_first_of_a_stable_order(k):
    """Neighbours come nearest first, and of equally near ones the smallest rows are taken."""
    points, candidates = grid(40, 5, 0), grid(70, 5, 1)
    expected = np.argsort(distances(points, candidates), axis=1, kind="stable")[:, :k]
    assert np.array_equal(nearest_rows(points, candidates, k), expected)


def test_shares_count_the_edge_of_the_ball():
    """A candidate exactly at the radius is inside."""
    points, candidates = np.zeros((1, 2)), np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 5.1]])
    assert shares_within(points, candidates, 5.0)[0] == pytest.approx(2 / 3)
    assert shares_within(points, candidates, 4.9)[0] == pytest.approx(1 / 3)


def test_tied_neighbours_share_the_last_places():
    """Five of one cloud and one of the other, all as near, get five sixths and one sixth of every k."""
    points, first, second = np.zeros((1, 1)), np.ones((5, 1)), -np.ones((1, 1))
    for k in (1, 2, 6):
        assert neighbour_shares(points, first, second, k)[0] == pytest.approx(5 / 6)


def test_shares_are_the_mean_over_all_ways_to_break_ties():
    """Drawing the order of the candidates many times and counting the first k gives the same shares.

    4,000 draws; a share of 7 places has a standard error of at most .004.
    """
    points, first, second = grid(15, 3, 0), grid(20, 3, 1), grid(30, 3, 2)
    gaps = distances(points, np.vstack([first, second]))
    rng = np.random.default_rng(4)
    draws = [np.lexsort((rng.random(gaps.shape), gaps), axis=1)[:, :7] < 20 for _ in range(4000)]
    np.testing.assert_allclose(neighbour_shares(points, first, second, 7), np.mean(draws, axis=(0, 2)), atol=0.02)


def test_clouds_are_treated_alike():
    """Swapping the clouds turns a share into its complement."""
    points, first, second = grid(15, 3, 0), grid(20, 3, 1), grid(30, 3, 2)
    shares = neighbour_shares(points, first, second, 7)
    np.testing.assert_allclose(shares + neighbour_shares(points, second, first, 7), 1.0)


@pytest.mark.parametrize("columns", [1, 3, 8, 33])
def test_people_do_not_depend_on_their_company(columns, monkeypatch):
    """Shown alone, in a batch or in blocks of one, people have the same answers to the last bit."""
    rng = np.random.default_rng(0)
    people, release, reference = (rng.normal(size=(rows, columns)) for rows in (23, 50, 60))

    def answers(shown):
        return (
            nearest_distances(shown, release),
            nearest_rows(shown, release, 4),
            shares_within(shown, release, 1.0),
            neighbour_shares(shown, release, reference, 5),
        )

    together = answers(people)
    alone = [np.concatenate(parts) for parts in zip(*(answers(people[one : one + 1]) for one in range(23)))]
    monkeypatch.setattr(density, "_CELLS", 1)
    for first, second, third in zip(together, alone, answers(people)):
        assert first.tobytes() == second.tobytes() == third.tobytes()


def test_more_neighbours_than_candidates_are_refused():
    """Asking for more than there are, or for none, is an error that says both numbers."""
    points = grid(5, 2, 0)
    for k in (0, 6):
        with pytest.raises(NotEnoughDataError, match=f"{k} of 5"):
            nearest_rows(points, points, k)
    with pytest.raises(NotEnoughDataError, match="6 of 5"):
        neighbour_shares(points, points[:2], points[:3], 6)
    for score in (nearest_distances, lambda a, b: shares_within(a, b, 1.0)):
        with pytest.raises(NotEnoughDataError, match="1 of 0"):
            score(points, points[:0])
