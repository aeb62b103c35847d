"""Laws of estimates: whether analysts would draw the same conclusions from the release as from the original."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from synthprivacy.measures.estimates import _coefficients, estimates
from synthprivacy.measures.learning.overlaps import Estimates, by_person, overlap
from synthprivacy.measures.learning.readings import REACH
from synthprivacy.measures.learning.regression import independent, least_squares, logistic
from synthprivacy.measures.learning.targets import targets
from synthprivacy.results.overfitting import is_about_ceiling


def people(rows, seed):
    """Return numbers and labels of which ill and cost depend on the others."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=rows), rng.normal(size=rows)
    kind = rng.choice(["p", "q", "r"], rows, p=[0.5, 0.3, 0.2])
    ill = np.where(rng.random(rows) < 1 / (1 + np.exp(-2 * x - (kind == "p") + 0.5)), "yes", "no")
    cost = 2 * x + (kind == "q") + z + rng.normal(size=rows)
    return pd.DataFrame({"cost": cost, "ill": ill, "kind": kind, "x": x, "z": z})


@pytest.fixture(scope="module")
def case_of(case_of):
    """Return the maker of a case in which ill and cost are secrets."""
    return partial(case_of, secrets=["ill", "cost"])


def sure(values, reaches):
    """Return estimates with 95 % intervals of the given half-widths."""
    influence = np.array(reaches, dtype=float)[None, :] / REACH
    return Estimates(np.array(values, dtype=float), influence, np.zeros(len(values)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 1), (0, 1), 1.0),  # the same interval
        ((0, 1), (1, 1), 0.5),  # half of either
        ((0, 1), (0, 2), 0.75),  # all of one, half of the other
        ((0, 2), (0.5, 1), 0.75),  # nested, off centre
        ((0, 1), (2, 1), 0.0),  # they touch
        ((0, 1), (9, 1), 0.0),  # far apart: not below 0
        ((0, 1), (2, 2), (1 / 2 + 1 / 4) / 2),  # (-1, 1) and (0, 4)
    ],
)
def test_overlap_by_hand(one, other, expected):
    """The overlap is the mean of the shares of the common part in either interval."""
    first, second = (sure([middle], [reach]) for middle, reach in (one, other))
    assert overlap(first, second).value == pytest.approx(expected)
    assert overlap(second, first).value == pytest.approx(expected)


def test_the_mean_overlap_is_over_numbers_that_both_know():
    """Numbers without an error, or with an endless one, are left out; with none left there is no overlap."""
    one, other = sure([0, 0], [1, 1]), sure([0, 1], [0, 1])
    assert overlap(one, other).value == pytest.approx(0.5)
    assert overlap(sure([0], [0]), sure([0], [1])) is None
    nobody = Estimates(np.zeros(1), np.zeros((1, 1)), np.array([np.inf]))
    assert overlap(nobody, nobody) is None


def test_two_samples_overlap_by_seven_tenths():
    """Means of two samples of one population overlap by 1 - 2 / (√π 3.92) = .712 on average (4,000 pairs, ± .02)."""
    rng = np.random.default_rng(0)
    one, other = (rng.normal(size=(2, 4_000)) for _ in range(2))
    pairs = overlap(sure(one[0], np.full(4_000, REACH)), sure(other[0], np.full(4_000, REACH)))
    assert pairs.value == pytest.approx(1 - 2 / (np.sqrt(np.pi) * 2 * REACH), abs=0.02)


def test_the_interval_of_an_overlap_holds_its_mean():
    """Where means are 1.5 errors apart, at least 92 % of the intervals hold the mean overlap (500 pairs of 10 columns)."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(500):
        tables = [rng.normal(size=(100, 10)), rng.normal(size=(100, 10)) + 0.21]
        sides = [Estimates(rows.mean(0), (rows - rows.mean(0)) / 100, np.zeros(10)) for rows in tables]
        found.append(overlap(*sides))
    truth = np.mean([one.value for one in found])
    held = np.mean([one.interval[0] <= truth <= one.interval[1] for one in found])
    assert held >= 0.92


def test_least_squares_are_those_of_linear_algebra():
    """Coefficients solve the normal equations, errors are White's sandwich."""
    rng = np.random.default_rng(2)
    columns = np.concatenate([np.ones((80, 1)), rng.normal(size=(80, 3))], axis=1)
    truth = columns @ [1.0, 2.0, 0.0, -1.0] + rng.normal(size=80) * (1 + np.abs(columns[:, 1]))
    fit = least_squares(columns, truth)
    bread = np.linalg.inv(columns.T @ columns)
    left = truth - columns @ fit.coefficients
    white = bread @ (columns.T * left**2) @ columns @ bread
    np.testing.assert_allclose(fit.coefficients, bread @ columns.T @ truth)
    np.testing.assert_allclose(np.square(fit.influence).sum(axis=0), np.diag(white))


def test_logistic_coefficients_are_those_of_scikit_learn():
    """Coefficients agree with an unpenalised logistic regression, errors with the sandwich."""
    rng = np.random.default_rng(3)
    columns = np.concatenate([np.ones((300, 1)), rng.normal(size=(300, 2))], axis=1)
    truth = (rng.random(300) < 1 / (1 + np.exp(-columns @ [0.3, 1.0, -0.5]))).astype(float)
    fit = logistic(columns, truth)
    other = LogisticRegression(C=1e9, tol=1e-10, max_iter=1_000).fit(columns[:, 1:], truth)
    np.testing.assert_allclose(fit.coefficients, np.r_[other.intercept_, other.coef_[0]], atol=1e-3)
    chance = 1 / (1 + np.exp(-columns @ fit.coefficients))
    bread = np.linalg.inv((columns.T * (chance * (1 - chance))) @ columns)
    sandwich = bread @ (columns.T * (truth - chance) ** 2) @ columns @ bread
    np.testing.assert_allclose(np.square(fit.influence).sum(axis=0), np.diag(sandwich), rtol=1e-3)


def test_separated_classes_have_a_solution():
    """A column that separates the classes ends in finite numbers."""
    truth = np.r_[np.zeros(20), np.ones(20)]
    fit = logistic(np.stack([np.ones(40), truth], axis=1), truth)
    assert np.isfinite(fit.coefficients).all()
    assert np.isfinite(fit.influence).all()


def test_columns_that_nearly_repeat_cost_no_digits():
    """Columns that differ in the sixth digit keep their coefficients; a column that repeats another one has none."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=200)
    near = x + 1e-5 * rng.normal(size=200)
    columns = np.stack([np.ones(200), x, near, x], axis=1)
    fit = least_squares(columns, 1.0 + 3.0 * x - 2.0 * near)
    np.testing.assert_array_equal(independent(columns), [True, True, True, False])
    np.testing.assert_allclose(fit.coefficients, [1.0, 3.0, -2.0, 0.0], atol=1e-7)


def test_rows_of_one_person_count_once():
    """With every row three times errors stay what they were, because people are independent and rows are not."""
    rng = np.random.default_rng(5)
    columns = np.concatenate([np.ones((90, 1)), rng.normal(size=(90, 2))], axis=1)
    truth = rng.normal(size=90)
    once = least_squares(columns, truth).influence
    thrice = least_squares(np.repeat(columns, 3, axis=0), np.repeat(truth, 3)).influence
    sums = by_person(thrice, np.repeat(np.arange(90), 3))
    np.testing.assert_allclose(np.square(sums).sum(axis=0), np.square(once).sum(axis=0))
    order = rng.permutation(90)
    np.testing.assert_array_equal(by_person(once, order)[order], once)


@pytest.fixture(scope="module")
def judged(case_of, read, exchanged):
    """Return the scores of a fresh, a copied, a curtailed and a random release of the same people."""
    original, control, fresh, more = people(800, 0), people(900, 1), people(800, 2), people(4_000, 3)
    noise = exchanged(fresh, 4).assign(kind="r", x=np.linspace(5, 9, 800), z=np.linspace(-9, -5, 800))
    mild = more[(more["kind"] != "p") | (more.index % 2 == 0)].head(800)
    releases = {"fresh": fresh, "copy": original, "dropped": mild, "noise": noise}
    return {name: read(estimates(case_of(original, control, release))) for name, release in releases.items()}


def test_fresh_people_score_at_the_reference(judged):
    """Fresh people overlap with the original by about as much as the control: the interval holds .71."""
    for metric in ("functionals", "coefficients"):
        low, high = judged["fresh"][metric].interval
        assert low < 0.712 < high
        assert judged["fresh"][metric].reference == pytest.approx(0.712, abs=0.25)


def test_a_copy_is_above_the_reference(judged):
    """All estimates of a copy are those of the original: every overlap is 1."""
    copy = judged["copy"]
    for metric, score in copy.items():
        if "control" not in metric and not is_about_ceiling(score):
            assert score.value == pytest.approx(1.0)
            assert score.reference < 1.0
    assert copy["functionals_control"].value == pytest.approx(copy["functionals_control"].reference, abs=0.03)


def test_a_curtailed_release_lies_between(judged):
    """A release that halves its commonest label lies between fresh people and noise; noise has nothing in common."""
    fresh, dropped, noise = (judged[name]["functionals"].value for name in ("fresh", "dropped", "noise"))
    assert noise < dropped < fresh
    assert judged["noise"]["functionals.x"].value == 0.0
    assert judged["noise"]["coefficients"].value < 0.5 < judged["fresh"]["coefficients"].value


def test_scores_lie_between_0_and_1(judged):
    """Every number lies in its interval, within 0 and 1."""
    for scores in judged.values():
        for score in scores.values():
            if score.value is not None and not is_about_ceiling(score):
                assert 0.0 <= score.interval[0] <= score.value <= score.interval[1] <= 1.0


def labelled(yes, no):
    """Return a table with so many people of either label, and another column."""
    return pd.DataFrame({"kind": ["yes"] * yes + ["no"] * no, "x": np.arange(yes + no, dtype=float)})


def test_shares_by_hand(case_of, read):
    """Of 400 people 40 % against 50 %: intervals of ± 4.8 and 4.9 points, 10 apart, do not meet; 45 % overlaps with either."""

    def scores(yes):
        case = case_of(labelled(160, 240), None, labelled(yes, 400 - yes), secrets=["kind"])
        return read(estimates(case))["functionals.kind"].value

    reaches = [REACH * np.sqrt(share * (1 - share) / 400) for share in (0.4, 0.45)]
    common = sum(reaches) - 0.05
    assert scores(200) == 0.0
    assert scores(180) == pytest.approx(common / (4 * reaches[0]) + common / (4 * reaches[1]))
    assert scores(160) == pytest.approx(1.0)


def test_a_share_of_fewer_than_ten_people_tells_no_count(case_of, read):
    """Whether nobody or nine people have a label, or a missing value, changes no score."""
    release = labelled(15, 285)[["kind"]]
    none, nine, ten, eleven = (
        read(estimates(case_of(labelled(few, 300 - few)[["kind"]], None, release, secrets=[])))
        for few in (0, 9, 10, 11)
    )
    assert none == nine
    assert ten["functionals.kind"].value != eleven["functionals.kind"].value


def test_missing_unseen_and_constant_columns_break_nothing(case_of, read):
    """Missing values, labels that the release lacks and constant columns give numbers in range, or nothing."""
    original, control, release = people(200, 0), people(200, 1), people(200, 2)
    for frame in (original, control):
        frame.loc[frame.index % 3 == 0, "kind"] = "s"
        frame["ill"] = frame["ill"].where(frame.index % 4 > 0, None)
        frame["x"] = frame["x"].where(frame.index % 5 > 0)
    original["flat"], control["flat"], release["flat"] = 1.0, 1.0, 1.0
    original["blank"], control["blank"], release["blank"] = np.nan, np.nan, np.arange(200.0)
    original["huge"], control["huge"], release["huge"] = 1e300, -1e300, np.arange(200.0)
    scores = read(estimates(case_of(original, control, release, secrets=["ill", "x", "kind"])))
    assert scores["functionals.flat"].value is None
    assert scores["functionals.blank"].value == 0.0
    assert all(score.value is None or 0.0 <= score.value <= 1.0 for score in scores.values())


def test_outcomes_of_one_class_have_no_coefficients(case_of, read):
    """A target that does not vary in one of the tables has no coefficients to compare, and does not count in the mean."""
    release = people(200, 2).assign(ill="no")
    scores = read(estimates(case_of(people(200, 0), people(200, 1), release)))
    assert scores["coefficients.ill"].value is None
    assert scores["coefficients"].value == scores["coefficients.cost"].value


@pytest.mark.parametrize("rows", [1, 2, 5, 12])
def test_tiny_tables_break_nothing(case_of, rows):
    """Tables of a few rows give numbers in range, or nothing."""
    scores = estimates(case_of(people(rows, 0), people(rows, 1), people(rows, 2)))
    assert all(score.value is None or 0.0 <= score.value <= 1.0 for score in scores)


def test_without_a_control_there_is_no_reference(case_of):
    """Without a control no score has a reference; the values stay."""
    scores = estimates(case_of(people(200, 0), None, people(200, 1)))
    assert {score.reference for score in scores} == {None}
    assert all(score.value is not None for score in scores)


def test_people_without_an_outcome_move_no_coefficient(case_of):
    """What each person adds to the errors stands at that person's place, in whatever order the rows are, and is 0 of whom nothing is known."""
    gone = np.arange(300) % 4 == 0
    frame = people(300, 0).assign(who=np.random.default_rng(6).permutation(300))
    frame["cost"] = frame["cost"].where(~gone)
    case = case_of(frame, None, people(300, 1).assign(who=np.arange(300)), unit="who")
    unknown = case.original.unit[np.isnan(case.original["cost"].values)]
    cost = next(target for target in targets(case) if target.name == "cost")
    found = _coefficients({"original": case.original, "release": case.release}, cost)["original"]
    moves = np.abs(found.influence).sum(axis=1) > 0
    assert len(moves) == 300
    assert set(np.flatnonzero(~moves)) == set(unknown)
