"""Laws of detection: how well a model tells the release from real people, and what its numbers read under the null."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from synthprivacy.measures.detection import TWICE, _answers, _folds, detection
from synthprivacy.measures.learning.propensity import permuted, propensity
from synthprivacy.measures.learning.readings import auc, weights, widened
from synthprivacy.measures.learning.views import rugged, smooth
from synthprivacy.results.overfitting import is_about_ceiling
from synthprivacy.statistics.roc import auc as area


def people(rows, seed):
    """Return dependent numbers and labels, some missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    a = rng.choice(["p", "q", "r"], rows, p=[0.5, 0.3, 0.2])
    y = x + (a == "p") + 0.5 * rng.normal(size=rows)
    b = np.where(rng.random(rows) < 1 / (1 + np.exp(-2 * x)), "yes", "no").astype(object)
    b[rng.random(rows) < 0.05] = None
    return pd.DataFrame({"a": a, "b": b, "x": x, "y": y})


@pytest.fixture(scope="module")
def judged(case_of, read):
    """Return the scores of a fresh, a copied, a curtailed and a random release of the same people."""
    original, control = people(300, 0), people(300, 1)
    fresh, more = people(300, 2), people(900, 3)
    rng = np.random.default_rng(4)
    noise = pd.DataFrame({name: rng.permutation(fresh[name].to_numpy()) for name in fresh})
    noise["a"] = rng.choice(["p", "q", "r"], 300)
    noise["x"] = rng.uniform(-9, 9, 300)
    releases = {"fresh": fresh, "copy": original, "dropped": more[more["a"] != "p"].head(300), "noise": noise}
    return {name: read(detection(case_of(original, control, release))) for name, release in releases.items()}


def test_fresh_people_score_at_the_reference(judged):
    """Fresh people are told neither from original nor control: the interval holds one half, and errors are those of chance."""
    fresh = judged["fresh"]
    for metric in ("auc", "auc_control", "auc.boosting", "auc.linear"):
        low, high = fresh[metric].interval
        assert low < 0.5 < high
        assert abs(fresh[metric].value - fresh[metric].reference) < 0.08
    assert abs(fresh["pmse_permuted"].value) < 3
    assert 0.5 < fresh["pmse_ratio"].value < 4.5


def test_a_copy_is_above_the_reference(judged):
    """A copy has no propensity error and areas below one half against the original, and is fresh to the control."""
    copy = judged["copy"]
    assert copy["pmse"].value == pytest.approx(0.0, abs=1e-12)
    assert copy["pmse"].reference > 1e-3
    assert copy["pmse_standardised"].value < -1 < copy["pmse_standardised"].reference
    assert copy["auc.boosting"].interval[1] < copy["auc.boosting"].reference
    assert copy["pmse_permuted"].value < -3
    assert copy["auc_control"].interval[0] < 0.5 < copy["auc_control"].interval[1]
    assert copy["pmse_control"].value == pytest.approx(copy["pmse_control"].reference)


def test_a_dropped_label_lies_between_fresh_and_noise(judged):
    """What a release without its commonest label scores lies between fresh people and noise, beyond their intervals."""
    for metric in ("auc", "auc_control", "pmse_permuted"):
        fresh, dropped, noise = (judged[name][metric] for name in ("fresh", "dropped", "noise"))
        assert fresh.value < dropped.value < noise.value
    for metric in ("auc", "auc_control"):
        assert judged["fresh"][metric].interval[1] < judged["dropped"][metric].interval[0]
        assert judged["dropped"][metric].interval[1] < judged["noise"][metric].interval[0]


def test_every_score_lies_in_its_interval(judged):
    """Every number is finite, lies in its interval, and areas lie between 0 and 1."""
    for scores in judged.values():
        for score in scores.values():
            assert np.isfinite(score.value)
            assert np.isfinite(score.reference)
            if score.interval is not None:
                assert score.interval[0] <= score.value <= score.interval[1]
            if score.metric.startswith("auc") and not is_about_ceiling(score):
                assert 0.0 <= score.interval[0] <= score.interval[1] <= 1.0


def test_pmse_by_hand():
    """Of one label the chances are the shares of synthetic rows among each: 30 of 40 and 10 of 40 are 1/4 off, squared 1/16."""
    synthetic = np.r_[np.ones(30), np.zeros(10), np.ones(10), np.zeros(30)] == 1
    flag = np.r_[np.ones(40), np.zeros(40)][:, None]
    found = propensity(flag, synthetic, np.arange(80))
    assert found.value == pytest.approx(1 / 16, abs=1e-4)
    assert found.expected == pytest.approx((2 - 1) * (1 / 2) ** 2 * (1 / 2) / 80)
    assert found.deviation == pytest.approx(2**0.5 * (1 / 2) ** 2 * (1 / 2) / 80)


def test_pmse_of_identical_tables_is_nothing():
    """Tables with the same rows have a propensity error of 0, whatever their columns."""
    rows = np.random.default_rng(0).normal(size=(50, 3))
    found = propensity(np.tile(rows, (2, 1)), np.arange(100) < 50, np.arange(100))
    assert found.value == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize(("synthetic", "seed"), [(200, 0), (100, 1)])
def test_the_null_moments_are_those_of_the_right_model(synthetic, seed):
    """Drawn from the right model fitted to the people, error over expectation is 1 on average; of fresh people 1 / (1 - c).

    400 replicates of four normal columns; the mean of χ²(4) / 4 has a standard error of .035: tolerance four of them.
    """
    rng = np.random.default_rng(seed)
    ratios, fresh, deviations = [], [], []
    for _ in range(400):
        original = rng.normal(size=(200, 4))
        drawn = original.mean(axis=0) + rng.normal(size=(synthetic, 4))
        other = rng.normal(size=(synthetic, 4))
        side = np.arange(200 + synthetic) >= 200
        found = propensity(np.concatenate([original, drawn]), side, np.arange(len(side)))
        also = propensity(np.concatenate([original, other]), side, np.arange(len(side)))
        ratios.append(found.value / found.expected)
        deviations.append((found.value - found.expected) / found.deviation)
        fresh.append(also.value / also.expected)
    share = synthetic / (200 + synthetic)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.14)
    assert np.std(deviations) == pytest.approx(1.0, abs=0.2)
    assert np.mean(fresh) * (1 - share) == pytest.approx(1.0, abs=0.14)


@pytest.mark.parametrize(("shift", "truth"), [(0.0, 4 * 0.25 / 400), (0.5, None), (2.0, None)])
def test_the_interval_of_pmse_holds_its_mean(shift, truth):
    """The mean propensity error lies in at least 95 % of the intervals, near the null and far from it (300 replicates, ± .04)."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(300):
        rows = rng.normal(size=(400, 4))
        rows[200:, 0] += shift
        found.append(propensity(rows, np.arange(400) >= 200, np.arange(400)))
    truth = np.mean([one.value for one in found]) if truth is None else truth
    held = np.mean([abs(one.value - truth) <= 1.96 * one.error for one in found])
    assert held >= 0.91


def test_rows_of_one_person_count_once():
    """With every row of the people three times the error of pMSE is about that of single rows, not √3 smaller."""
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(300, 3))
    rows[150:, 0] += 1.0
    once = propensity(rows, np.arange(300) >= 150, np.arange(300))
    thrice = propensity(np.repeat(rows, 3, axis=0), np.repeat(np.arange(300) >= 150, 3), np.repeat(np.arange(300), 3))
    assert thrice.value == pytest.approx(once.value, abs=1e-4)
    assert thrice.error == pytest.approx(once.error, rel=0.1)


@pytest.mark.slow
def test_the_permutation_null_is_about_zero_for_fresh_people():
    """Of 60 pairs of fresh tables the standardised error of the tree is 0 on average (± .5) and spreads by about 1."""
    rng = np.random.default_rng(7)
    found = [permuted(rng.normal(size=(200, 3)), np.arange(200) >= 100, np.arange(200)).standardised for _ in range(60)]
    assert abs(np.mean(found)) < 0.5
    assert 0.7 < np.std(found) < 1.5


def test_nothing_to_split_has_no_permutation_null():
    """Of constant columns the permutation null is undefined, not a number."""
    assert permuted(np.ones((100, 2)), np.arange(100) >= 50, np.arange(100)).standardised is None


def test_areas_are_those_of_others():
    """The area agrees with scikit-learn and its error with DeLong's within a tenth, ties and several rows of a person included."""
    rng = np.random.default_rng(8)
    unit = np.repeat(np.arange(200), 2)
    positive = unit < 80
    scores = np.round(rng.normal(size=400) + positive + 3 * np.repeat(rng.normal(size=200), 2), 1)
    found = auc(scores, positive, weights(unit, seed=0))
    other = area(scores[positive], scores[~positive], unit[positive], unit[~positive] - 80)
    assert found.value == pytest.approx(roc_auc_score(positive, scores))
    assert found.error == pytest.approx(other.standard_error, rel=0.15)


@pytest.mark.slow
def test_the_interval_of_an_area_holds_one_half_for_fresh_people():
    """At least 88 % of the 95 % intervals of 150 pairs of fresh tables hold one half; with answers taken as independent 77 %."""
    rng, side, unit = np.random.default_rng(10), np.arange(600) >= 300, np.arange(600)
    fold, weight, held = _folds(side, unit), weights(unit, seed=0), []
    for _ in range(150):
        found = auc(_answers("linear", rng.normal(size=(600, 5)), side, fold), side, weight)
        low, high = widened(found, TWICE).interval(0.0, 1.0)
        held.append(low < 0.5 < high)
    assert np.mean(held) >= 0.88


def test_nobody_is_in_two_folds():
    """All rows of a person are in one fold, so that nobody is answered about by who has learned from them."""
    unit = np.random.default_rng(9).integers(0, 50, 300)
    fold = _folds(unit >= 25, np.unique(unit, return_inverse=True)[1])
    assert all(len(np.unique(fold[unit == one])) == 1 for one in np.unique(unit))


def test_a_label_of_which_people_know_nothing_is_seen(case_of, read):
    """Labels that only the people have, and labels that only the release has, give the release away."""
    original, control, release = people(200, 0), people(200, 1), people(200, 2)
    for frame in (original, control):
        frame.loc[frame["a"] == "p", "a"] = "s"
    scores = read(detection(case_of(original, control, release)))
    assert scores["auc"].value > 0.7
    assert 0.4 < scores["auc"].reference < 0.6


def test_views_tell_unseen_and_missing_labels_from_all_others(case_of):
    """To either view a label that the release lacks is none of the release's labels, nor missing; numbers end a scale off."""
    release = pd.DataFrame({"a": ["p", "p", "p", "q", "q", "r"], "x": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]})
    asked = pd.DataFrame({"a": ["p", "q", "r", "s", None, "p", "p"], "x": [0.0, 0.0, 0.0, 0.0, 0.0, 1e9, None]})
    case = case_of(asked, None, release)
    for view in (smooth, rugged):
        seen = view(case.release)(case.original)
        assert len(np.unique(np.nan_to_num(seen, nan=-99.0), axis=0)) == 7
        assert np.nanmax(np.abs(seen)) <= 3.0


def test_tables_too_small_or_too_plain_are_undefined_or_not_told_apart(case_of, read):
    """Nineteen rows give one undefined score; constant columns an area of one half; a column nobody knows breaks nothing."""
    (tiny,) = detection(case_of(people(19, 0), people(40, 1), people(40, 2)))
    assert (tiny.metric, tiny.value, tiny.reference) == ("auc", None, None)
    plain = pd.DataFrame({"c": ["same"] * 40, "d": [1.0] * 40})
    scores = read(detection(case_of(plain, plain, plain)))
    assert scores["auc"].value == 0.5
    assert scores["pmse"].value is None
    unknown = people(60, 0).assign(z=np.r_[np.arange(5.0), [np.nan] * 55])
    empty = people(60, 1).assign(z=np.r_[np.nan, np.nan, 1.5, [np.nan] * 57])
    assert all(
        np.isfinite(score.value) for score in detection(case_of(unknown, None, empty)) if score.value is not None
    )


def test_without_a_control_there_is_no_reference(case_of):
    """Without a control no score has a reference, and none is about the control."""
    scores = detection(case_of(people(60, 0), None, people(60, 1)))
    assert {score.reference for score in scores} == {None}
    assert not [score for score in scores if "control" in score.metric]


def test_the_same_tables_score_the_same(case_of):
    """Two runs over the same tables agree in every digit."""
    case = case_of(people(40, 0), people(30, 1), people(35, 2))
    assert detection(case) == detection(case)
