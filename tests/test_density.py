"""Densities against scipy's, and one more point against refitting; laws of units, batches and blocks."""

import math

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.kernels import density
from synthprivacy.kernels.closeness import nearest_rows
from synthprivacy.kernels.density import fit, log_density, log_ratio, scott, silverman
from synthprivacy.kernels.likelihood import likelihood_gain

SHAPES = [(60, 1), (200, 4), (150, 9)]


def cloud(rows, columns, seed):
    """Return correlated points whose columns differ a thousandfold in scale."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, columns)) @ rng.normal(size=(columns, columns)) * np.geomspace(1e-2, 1e3, columns)


def gains(reference, people, candidates, k=4, log_floor=-math.inf):
    """Return the gain of each of the people over their k nearest candidates."""
    return likelihood_gain(fit(reference), people, candidates, nearest_rows(people, candidates, k), log_floor)


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
@pytest.mark.parametrize("rule", [silverman, scott])
def test_density_is_that_of_scipy(rows, columns, rule):
    """Log densities are those of scipy.stats.gaussian_kde under both rules of thumb."""
    points, queries = cloud(rows, columns, 0), cloud(30, columns, 1)
    expected = gaussian_kde(points.T, rule.__name__).logpdf(queries.T)
    np.testing.assert_allclose(log_density(fit(points, rule), queries), expected, rtol=1e-9, atol=1e-9)


def test_density_in_one_column_integrates_to_one():
    """The density of one column is a density."""
    fitted = fit(cloud(50, 1, 0))
    grid = np.linspace(-1, 1, 20_001)[:, None] * 50 * np.abs(cloud(50, 1, 0)).max()
    assert np.exp(log_density(fitted, grid)).sum() * (grid[1, 0] - grid[0, 0]) == pytest.approx(1.0, abs=1e-6)


def test_far_away_is_small_but_never_nothing():
    """Where a density underflows to zero its logarithm still orders the queries."""
    points = cloud(200, 4, 0)
    far = points.mean(axis=0) + points.std(axis=0) * np.array([[1e2], [1e3], [1e4]])
    found = log_density(fit(points), far)
    assert np.isfinite(found).all()
    assert np.exp(found).max() == 0.0
    assert (np.diff(found) < 0).all()


def test_ratio_is_the_ratio():
    """The log ratio is the difference of logs, or with a floor that of p / (q + floor)."""
    first, second = np.log([0.2, 1e-30]), np.log([0.1, 1e-40])
    np.testing.assert_allclose(log_ratio(first, second), np.log([2.0, 1e10]))
    np.testing.assert_allclose(log_ratio(first, second, math.log(1e-20)), np.log([2.0, 1e-10]))


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
@pytest.mark.parametrize("log_floor", [-math.inf, math.log(1e-20)])
def test_gain_is_that_of_refitting(rows, columns, log_floor):
    """The rank-one update gives what refitting scipy's density with each of the people gives."""
    reference, people, candidates = (cloud(size, columns, seed) for seed, size in enumerate((rows, 12, 40)))
    before = gaussian_kde(reference.T, "silverman")
    near = nearest_rows(people, candidates, 4)
    expected = []
    for person, around in zip(people, candidates[near]):
        after = gaussian_kde(np.vstack([reference, person]).T, "silverman")
        logs = [np.logaddexp(kernel.logpdf(around.T), log_floor).sum() for kernel in (before, after)]
        expected.append(logs[1] - logs[0])

    found = likelihood_gain(fit(reference), people, candidates, near, log_floor)

    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_gain_of_an_outlier_is_that_of_refitting():
    """A newcomer a thousand deviations out, who reshapes the whole covariance, is no exception."""
    reference, candidates = cloud(100, 3, 0), cloud(20, 3, 1)
    outlier = reference.mean(axis=0) + 1e3 * reference.std(axis=0)
    before, after = (gaussian_kde(rows.T, "silverman") for rows in (reference, np.vstack([reference, outlier])))
    expected = (after.logpdf(candidates.T) - before.logpdf(candidates.T)).sum()
    found = likelihood_gain(fit(reference), outlier[None], candidates, np.arange(20)[None])
    assert found[0] == pytest.approx(expected, rel=1e-7)


def test_copied_people_gain_most():
    """People copied into the candidates gain more than fresh ones: AUC .72 here, one half without copies (s.e. .04)."""
    rng = np.random.default_rng(3)
    reference, copied, fresh, others = (rng.normal(size=(rows, 3)) for rows in (300, 100, 100, 100))
    found = gains(reference, np.vstack([copied, fresh]), np.vstack([copied, others]), k=1)
    assert np.mean(found[:100, None] > found[None, 100:]) > 0.65


@pytest.mark.parametrize("score", ["ratio", "gain"])
def test_units_change_nothing(score):
    """Without a floor an affine map of the columns, mixing them or not, changes no ratio and no gain."""
    rng = np.random.default_rng(5)
    reference, release, people = (rng.normal(size=(rows, 4)) for rows in (150, 120, 40))
    change = (rng.normal(size=(4, 4)) + 3 * np.eye(4)) * [1e-3, 1.0, 50.0, 1e6]

    def mapped(rows):
        return rows @ change - 7.0

    if score == "ratio":
        plain, other = (
            log_ratio(log_density(fit(move(release)), move(people)), log_density(fit(move(reference)), move(people)))
            for move in (np.asarray, mapped)
        )
    else:
        near = nearest_rows(people, release, 5)
        plain, other = (
            likelihood_gain(fit(move(reference)), move(people), move(release), near) for move in (np.asarray, mapped)
        )
    np.testing.assert_allclose(other, plain, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("columns", [1, 3, 8, 33])
def test_people_do_not_depend_on_their_company(columns, monkeypatch):
    """Shown alone, in a batch or in blocks of one, people have the same density and gain to the last bit."""
    reference, candidates, people = cloud(90, columns, 0), cloud(50, columns, 1), cloud(23, columns, 2)
    fitted = fit(reference)
    together = log_density(fitted, people), gains(reference, people, candidates)

    alone = [
        np.concatenate([log_density(fitted, people[one : one + 1]) for one in range(23)]),
        np.concatenate([gains(reference, people[one : one + 1], candidates) for one in range(23)]),
    ]
    monkeypatch.setattr(density, "_CELLS", 1)
    blocked = log_density(fitted, people), gains(reference, people, candidates)

    for first, second, third in zip(together, alone, blocked):
        assert first.tobytes() == second.tobytes() == third.tobytes()


def test_memory_is_bounded_by_blocks():
    """A block never holds more than 4 Mi cells, and blocks cover every row once."""
    parts = list(density.blocks(10_000, 3_000))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) * 3_000 <= 1 << 22
    assert np.array_equal(np.concatenate([np.arange(10_000)[part] for part in parts]), np.arange(10_000))


def test_what_has_no_density_is_refused():
    """Too few points, a constant column, a total beside its parts, and a missing value are errors, never a number."""
    points = cloud(50, 3, 0)
    with pytest.raises(NotEnoughDataError, match="3 for 3"):
        fit(points[:3])
    for column in (np.full(50, 0.1), points[:, 0] + points[:, 1]):
        with pytest.raises(DataError, match="linearly independent"):
            fit(np.column_stack([points, column]))
    with pytest.raises(DataError, match="1 values are missing"):
        fit(np.where(np.arange(150).reshape(50, 3) == 4, np.nan, points))


def test_a_density_shows_no_value():
    """The representation of a density, which ends up in tracebacks, holds counts only."""
    assert repr(fit(cloud(50, 3, 0))) == "<density: 50 points, 3 columns>"
