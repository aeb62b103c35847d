"""The judge against one-by-one definitions: what counts as a hit, a trial, a match, and about whom."""

from __future__ import annotations

import numpy as np
import pytest

from synthprivacy.errors import DataError
from synthprivacy.results import Claims, Conjunctions, Hits, Links, Marks, Matches, Scores, Values
from synthprivacy.scoring import judge
from synthprivacy.tables.table import Feature, Table

NAN = float("nan")
PEOPLE = np.array([0, 1, 1, 2, 3, 3, 3])
"""Four people with one, two, one and three rows."""


def table(unit=None, **columns):
    """Return a table of ordered columns, one row a person unless a unit is given."""
    features = [
        Feature(name, "number", np.array(values, dtype=float), ordered=True) for name, values in columns.items()
    ]
    rows = len(features[0].values)
    return Table(tuple(features), np.arange(rows) if unit is None else np.array(unit))


def guessed(values, tolerance=0.0):
    """Return guesses of the column `x`."""
    guesses = np.array(values, dtype=float)
    return Values("x", guesses, tolerance, np.zeros(len(guesses)))


def per_person(hit, trial, unit):
    """Return right guesses and guesses of each person who has one, person by person."""
    hits, trials = [], []
    for person in range(max(unit) + 1):
        rows = [row for row in range(len(unit)) if unit[row] == person and trial[row]]
        if rows:
            trials.append(len(rows))
            hits.append(sum(bool(hit[row]) for row in rows))
    return hits, trials


def same(answers, expected):
    """Compare hits with a pair of lists."""
    assert isinstance(answers, Hits)
    np.testing.assert_array_equal(answers.hits, expected[0])
    np.testing.assert_array_equal(answers.trials, expected[1])
    assert answers.hits.dtype == answers.trials.dtype == np.int64


def test_labels_must_be_equal_and_numbers_within_the_tolerance():
    """A guess is a hit where it equals the secret, or lies within the tolerance on either side of it."""
    truth = table(x=[10, 10, 10, 10, -10, 0])

    same(judge(guessed([10, 10.5, 9.5, 10.6, -10.5, 0.4], 0.5), truth), ([1, 1, 1, 0, 1, 1], [1] * 6))
    same(judge(guessed([10, 10.0001, 9.9999, 10, 10, 0]), truth), ([1, 0, 0, 1, 0, 1], [1] * 6))


@pytest.mark.parametrize("unit_of_measurement", [1.0, 1e-3, 7.3, 1e9])
def test_the_very_edge_of_the_tolerance_is_a_hit_in_every_unit_of_measurement(unit_of_measurement):
    """A guess exactly one tolerance away is right, and one a millionth further is wrong, however numbers are scaled."""
    secrets = np.arange(1.0, 60.0)
    truth = table(x=secrets * unit_of_measurement)

    at_the_edge = judge(guessed((secrets + 0.05) * unit_of_measurement, 0.05 * unit_of_measurement), truth)
    beyond = judge(guessed((secrets + 0.05 * (1 + 1e-6)) * unit_of_measurement, 0.05 * unit_of_measurement), truth)

    assert at_the_edge.hits.sum() == len(secrets)
    assert beyond.hits.sum() == 0


def test_the_sign_and_the_size_of_a_guess_do_not_widen_its_tolerance():
    """A guess below zero, or a huge one, is as hard to get right as any other."""
    truth = table(x=[-1000, -1000, 1e12, 1.7e308, 1.7e308])

    same(judge(guessed([-2000, -1001, 1.01e12, -1.7e308, 1.7e308], 2.0), truth), ([0, 1, 0, 0, 1], [1] * 5))


def test_a_missing_secret_is_no_trial():
    """Nothing can be found out about who has no secret; a guess of nothing about anyone else is wrong."""
    truth = table(x=[1, NAN, NAN, 4])

    same(judge(guessed([1, 2, NAN, NAN]), truth), ([1, 0], [1, 1]))
    same(judge(guessed([1, 2, NAN, NAN], 0.5), truth), ([1, 0], [1, 1]))


def test_nobody_with_a_secret_is_no_trial_at_all():
    """Where every secret is missing there are no trials, not trials without hits."""
    same(judge(guessed([1, 2]), table(x=[NAN, NAN])), ([], []))


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_one_person_are_counted_together(seed):
    """Hits and trials are sums over a person's rows; people without a trial are left out."""
    rng = np.random.default_rng(seed)
    truth = np.where(rng.random(7) < 0.3, NAN, rng.integers(0, 2, 7))
    guesses = rng.integers(0, 2, 7)
    found = rng.random(7) < 0.5
    people = table(PEOPLE, x=truth)
    everyone = np.ones(7, dtype=bool)

    same(judge(guessed(guesses), people), per_person(guesses == truth, ~np.isnan(truth), PEOPLE))
    same(judge(Claims(found), people), per_person(found, everyone, PEOPLE))


def test_claims_are_hits_about_everyone():
    """Whoever is claimed is a hit, and everyone is a trial."""
    same(judge(Claims(np.array([True, False, True])), table(x=[NAN, 1, 2])), ([1, 0, 1], [1, 1, 1]))


@pytest.mark.parametrize("neighbours", [1, 2, 5])
def test_a_person_is_linked_where_both_halves_find_one_record(neighbours):
    """A link is any release row that is in both sets of candidates."""
    rng = np.random.default_rng(neighbours)
    first, second = (
        np.array([rng.choice(4 * neighbours, neighbours, replace=False) for _ in range(40)]) for _ in range(2)
    )

    answers = judge(Links(first, second), table(x=range(40)))

    same(answers, ([int(bool(set(one) & set(other))) for one, other in zip(first, second)], [1] * 40))
    assert 0 < answers.hits.sum() < 40


def test_marks_keep_every_score_with_its_person():
    """Scores are kept row by row; who they belong to is kept beside them."""
    scores = np.linspace(-1, 0, 7)

    answers = judge(Scores(scores), table(PEOPLE, x=range(7)))

    assert isinstance(answers, Marks)
    np.testing.assert_array_equal(answers.score, scores)
    np.testing.assert_array_equal(answers.unit, PEOPLE)


def satisfied(row, terms):
    """Return whether a row satisfies every term (column, operator, operand) of a conjunction."""
    checks = {
        0: lambda value, operand: value == operand,
        1: lambda value, operand: value <= operand,
        2: lambda value, operand: value >= operand,
        3: lambda value, _: np.isnan(value),
    }
    return all(checks[operator](row[column], operand) for column, operator, operand in terms)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_person_matches_where_any_row_does_and_once_only(width):
    """The pairs of predicate and person are those of the definition, each once, however many rows match."""
    rng = np.random.default_rng(width)
    rows = rng.integers(0, 3, (60, 4)).astype(float)
    rows[rng.random(rows.shape) < 0.2] = NAN
    unit = np.sort(rng.integers(0, 25, 60))
    unit = np.unique(unit, return_inverse=True)[1]
    column = np.array([rng.choice(4, width, replace=False) for _ in range(30)])
    operator, operand = rng.integers(0, 4, (30, width)), rng.integers(0, 3, (30, width)).astype(float)
    guesses = Conjunctions(30, np.repeat(np.arange(30), width), column.ravel(), operator.ravel(), operand.ravel())

    answers = judge(guesses, table(unit, **{f"x{place}": values for place, values in enumerate(rows.T)}))

    expected = {
        (query, unit[row])
        for query in range(30)
        for row in range(60)
        if satisfied(rows[row], list(zip(column[query], operator[query], operand[query])))
    }
    assert isinstance(answers, Matches)
    pairs = list(zip(answers.query.tolist(), answers.person.tolist()))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected
    assert (answers.queries, answers.people) == (30, unit.max() + 1)


INCOMPLETE = {
    "values": guessed([1, 2]),
    "claims": Claims(np.array([True, False])),
    "links": Links(np.zeros((2, 1), dtype=np.int64), np.zeros((2, 1), dtype=np.int64)),
    "scores": Scores(np.zeros(2)),
    "too many": Scores(np.zeros(4)),
}


@pytest.mark.parametrize("kind", INCOMPLETE)
def test_an_incomplete_answer_is_refused(kind):
    """An attack that leaves somebody out, or answers twice, is an error and never a low number."""
    with pytest.raises(DataError, match=r"everyone .* (2|4) answers about 3 rows"):
        judge(INCOMPLETE[kind], table(x=[1, 2, 3]))


def test_links_of_different_lengths_are_refused():
    """Both halves must answer about everyone."""
    halves = (np.zeros((3, 1), dtype=np.int64), np.zeros((2, 1), dtype=np.int64))

    for first, second in (halves, halves[::-1]):
        with pytest.raises(DataError, match="2 answers about 3 rows"):
            judge(Links(first, second), table(x=[1, 2, 3]))
