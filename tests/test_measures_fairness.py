"""Laws of fairness: whether groups fare alike by what is learned from the release as by what is learned from the original."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from synthprivacy.measures.fairness import _predicted, _told, fairness
from synthprivacy.measures.learning.targets import targets
from synthprivacy.schemata import Schema


def people(rows, seed, small=0):
    """Return people of two groups, of whom the second one is ill more often; a few of a third one, if wanted."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["left", "right"], rows)
    group[:small] = "third"
    x = rng.normal(size=rows)
    ill = np.where(rng.random(rows) < 1 / (1 + np.exp(-3 * x - 1.5 * (group == "right") + 1)), "yes", "no")
    return pd.DataFrame({"group": group, "ill": ill, "x": x})


@pytest.fixture(scope="module")
def judged(case_of, read):
    """Return the scores of a fresh, a copied and an unfair release of the same people, and of one in between."""
    original, control, fresh = people(800, 0), people(1_600, 1), people(800, 2)
    rng = np.random.default_rng(3)
    noise = fresh.assign(ill=rng.permutation(fresh["ill"].to_numpy()), group=rng.permutation(fresh["group"].to_numpy()))
    unfair = fresh.assign(ill=np.where(fresh["group"] == "right", "yes", fresh["ill"]))
    releases = {"fresh": fresh, "copy": original, "unfair": unfair, "noise": noise}
    return {name: read(fairness(case_of(original, control, release))) for name, release in releases.items()}


@pytest.fixture(scope="module")
def case_of(case_of):
    """Return the maker of a case with a secret and some groups."""

    def make(*frames, groups=("group",)):
        return case_of(*frames, secrets=["ill"], declared={name: {"role": "group"} for name in groups})

    return make


def test_fresh_people_score_at_the_reference(judged):
    """Fresh people change gaps no more than chance does: a few hundredths, as the reference."""
    for metric in ("rates", "parity", "odds", "utility"):
        assert abs(judged["fresh"][metric].value) < 0.15
        assert abs(judged["fresh"][metric].reference) < 0.15


def test_a_copy_changes_nothing(judged):
    """Models and shares of a copy are those of the original: no gap changes, in any person."""
    for metric in ("parity", "odds", "utility"):
        assert judged["copy"][metric].value == 0.0
        assert judged["copy"][metric].interval == (0.0, 0.0)
    assert judged["copy"]["rates"].value == 0.0


def test_unfair_releases_are_seen(judged):
    """A release in which one group is always ill widens every gap and costs that group most; noise closes the gap of rates."""
    for metric in ("rates", "parity", "odds", "utility"):
        assert judged["unfair"][metric].interval[0] > max(judged["fresh"][metric].value, 0.02)
    assert judged["noise"]["rates"].value > judged["fresh"]["rates"].value
    assert judged["noise"]["utility"].value > judged["fresh"]["utility"].value


def test_scores_lie_in_their_intervals(judged):
    """Every number is finite and lies in its interval and range, lower being better for all but what is compared."""
    for scores in judged.values():
        for score in scores.values():
            assert np.isfinite(score.value)
            assert (score.better == "higher") == score.metric.startswith("compared")
            if score.interval is not None:
                assert -1.0 <= score.interval[0] <= score.value <= score.interval[1] <= 1.0


def by_hand(left, right, rows=100):
    """Return a table in which so many of each group's people are ill."""
    ill = [["yes"] * some + ["no"] * (rows - some) for some in (left, right)]
    return pd.DataFrame({"group": ["left"] * rows + ["right"] * rows, "ill": ill[0] + ill[1]})


def test_rates_by_hand(case_of, read):
    """Gaps of 60 - 20 points in the original, 35 - 25 in the release and 55 - 25 in the control: changes of 30 and 10."""
    original, release, control = by_hand(20, 60), by_hand(25, 35), by_hand(25, 55)
    scores = read(fairness(case_of(original, None, release)))
    assert scores["rates"].value == pytest.approx(0.30)
    assert scores["rates"].reference is None
    assert scores["parity"].value is None
    scores = read(fairness(case_of(original, original, control)))
    assert scores["rates.group"].value == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("healthy", {"parity": 0.99 - 0.4 - 0.4, "odds": (0.95 - 1 / 60) - (0.05 - 1 / 60), "utility": 0.99 - 0.8}),
        ("ill", {"parity": 0.4 - 0.39, "odds": (0.975 - 0.0125) - (0.05 - 1 / 60), "utility": 0.99 - 0.2}),
    ],
)
def test_predictions_by_hand(case_of, monkeypatch, wrong, expected):
    """Of models that are right, but one about the healthy or the ill of one group: gaps by hand, with ten people for fewer."""
    case = case_of(by_hand(400, 800, 1_000), by_hand(400, 800, 1_000), by_hand(400, 700, 1_000))
    sides = {"original": case.original, "release": case.release, "fresh": case.original}

    def told(_, learned_from, test, target):
        ill, right = target.event(test) == 1.0, test["group"].values == 1.0
        unfair = ill | right if wrong == "healthy" else ill & ~right
        return unfair if learned_from is case.release else ill

    monkeypatch.setattr(sys.modules["synthprivacy.measures.fairness"], "_told", told)
    labels, target = np.array([0.0, 1.0]), targets(case)[0]
    found = _predicted(case, sides, case.control, name="group", labels=labels, target=target)
    for metric, value in expected.items():
        release, fresh = found[metric]
        assert release.value == pytest.approx(value)
        assert fresh.value == pytest.approx(0.0)


def test_nobody_declared_a_group(case_of):
    """Without a column of the role group there is one undefined score."""
    (score,) = fairness(case_of(people(60, 0), people(60, 1), people(60, 2), groups=()))
    assert (score.family, score.metric, score.value) == ("fairness", "parity", None)


def test_small_groups_are_left_out_and_said_so(case_of, read):
    """A group of 29 people changes no score but the share of rows compared."""
    original, control, release = (people(400, seed, small) for seed, small in ((0, 29), (1, 80), (2, 100)))
    scores = read(fairness(case_of(original, control, release)))
    assert scores["compared.group"].value == pytest.approx(1 - 100 / 400)
    other = release.assign(ill=np.where(release["group"] == "third", "yes", release["ill"]))
    changed = read(fairness(case_of(original, None, other)))
    assert changed["rates"].value == pytest.approx(read(fairness(case_of(original, None, release)))["rates"].value)


def test_one_group_has_nobody_to_differ_from(case_of, read):
    """Where only one group is large enough, every gap is undefined."""
    frames = [people(200, seed).assign(group="left") for seed in range(3)]
    scores = read(fairness(case_of(*frames)))
    assert scores["compared.group"].value == 1.0
    assert {score.value for metric, score in scores.items() if not metric.startswith("compared")} == {None}


def test_a_share_of_fewer_than_ten_people_tells_no_count(case_of, read):
    """Whether nobody or nine people of a group are ill changes no score about the tables."""
    release = by_hand(25, 35)
    found = [read(fairness(case_of(by_hand(few, 60), None, release)))["rates"].value for few in (0, 9, 10, 11)]
    assert found[0] == found[1] == found[2] != found[3]


def test_no_label_is_in_a_name(case_of):
    """Scores are named by columns; what groups are called is in none of them."""
    scores = fairness(case_of(people(200, 0), people(400, 1), people(200, 2)))
    assert not [score for score in scores if "left" in score.metric or "right" in score.metric]


def test_missing_and_unseen_values_break_nothing(case_of):
    """Missing groups and outcomes are left out; outcomes that one table lacks give numbers or nothing."""
    original, control, release = people(300, 0), people(600, 1), people(300, 2)
    for frame in (original, control):
        frame["group"] = frame["group"].where(frame.index % 7 > 0, None)
        frame["ill"] = frame["ill"].where(frame.index % 5 > 0, "perhaps")
        frame["x"] = frame["x"].where(frame.index % 3 > 0)
    for other in (release, release.assign(ill="no"), release.assign(x=1.0), people(2, 2)):
        scores = fairness(case_of(original, control, other))
        assert all(score.value is None or np.isfinite(score.value) for score in scores)


def test_the_same_tables_score_the_same(case_of):
    """Two runs over the same tables agree in every digit."""
    case = case_of(people(150, 0), people(300, 1), people(150, 2))
    assert fairness(case) == fairness(case)


def test_a_skewed_number_is_predicted_as_an_event(case_of):
    """Of a number whose mean is far above its median about half are predicted to be above the median, most of them rightly."""
    rng = np.random.default_rng(4)
    frame = people(600, 0)
    cost = np.exp(2.5 * frame["x"] + 0.5 * rng.normal(size=600))
    case = case_of(frame.assign(cost=cost), None, frame.assign(cost=cost))
    target = next(one for one in targets(replace(case, schema=Schema(()))) if one.name == "cost")
    told, has = _told(case, case.release, case.original, target), target.event(case.original) == 1.0
    assert has.mean() == pytest.approx(0.5, abs=0.01)
    assert told.mean() == pytest.approx(0.5, abs=0.1)
    assert (told == has).mean() > 0.8
