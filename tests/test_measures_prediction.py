"""Laws of prediction: what a model learned from the release is worth on people nobody has learned from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from synthprivacy.measures.learning.draws import drawn, drawn_alike, halves
from synthprivacy.measures.learning.readings import weights
from synthprivacy.measures.learning.targets import Target, targets
from synthprivacy.measures.prediction import prediction, skill


def people(rows, seed):
    """Return numbers and labels of which ill, cost and kind can be predicted."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=rows), rng.normal(size=rows)
    kind = rng.choice(["p", "q", "r"], rows, p=[0.5, 0.3, 0.2])
    ill = np.where(rng.random(rows) < 1 / (1 + np.exp(-3 * x - (kind == "p") + 0.5)), "yes", "no")
    cost = 2 * x + (kind == "q") + z + 0.3 * rng.normal(size=rows)
    return pd.DataFrame({"cost": cost, "ill": ill, "kind": kind, "noise": rng.normal(size=rows), "x": x, "z": z})


@pytest.fixture(scope="module")
def judged(case_of, read, exchanged):
    """Return the scores of a fresh, a copied, a curtailed and a random release of the same people."""
    original, control, fresh = people(300, 0), people(600, 1), people(300, 2)
    low = people(1_200, 3)
    releases = {
        "fresh": fresh,
        "copy": original,
        "dropped": low[low["x"] < -0.3].head(300),
        "noise": exchanged(fresh, 4),
    }
    wanted = {"fresh": ["ill", "cost"], "copy": ["ill"], "dropped": ["cost"], "noise": ["cost"]}
    return {
        name: read(prediction(case_of(original, control, release, secrets=wanted[name])))
        for name, release in releases.items()
    }


@pytest.fixture(scope="module")
def case_of(case_of):
    """Return the maker of a case in which ill and cost are secrets."""
    return partial(case_of, secrets=["ill", "cost"])


def test_fresh_people_teach_as_much_as_the_reference(judged):
    """Models of fresh people are as good as those of the reference, in skill, loss and importances."""
    fresh = judged["fresh"]
    for metric in ("skill", "loss", "skill.ill", "skill.cost", "learner.boosting", "learner.linear"):
        assert abs(fresh[metric].value - fresh[metric].reference) < 0.08
    assert fresh["skill"].value > 0.6
    assert fresh["importance"].value > 0.5


def test_a_copy_costs_nothing_and_gains_nothing(judged):
    """Models of a copy are those of the original: no loss in any person, the same importances, the skill no score of copying."""
    copy = judged["copy"]
    assert copy["loss"].value == 0.0
    assert copy["loss"].interval == (0.0, 0.0)
    assert copy["importance"].value == pytest.approx(1.0)
    assert abs(copy["skill.ill"].value - judged["fresh"]["skill.ill"].value) < 0.08


def test_noise_teaches_nothing(judged):
    """Models of exchanged columns have no skill, and lose all there is to lose."""
    noise = judged["noise"]
    assert noise["skill"].value < 0.15
    assert noise["importance"].value < 0.9
    assert noise["loss"].value > 0.5
    assert noise["loss"].interval[0] > noise["loss"].reference


def test_a_curtailed_release_lies_between(judged):
    """A release of one half of the range of a cause teaches less than fresh people and more than noise."""
    for metric, sign in (("skill.cost", 1), ("loss.cost", -1)):
        fresh, dropped, noise = (sign * judged[name][metric].value for name in ("fresh", "dropped", "noise"))
        assert noise < dropped < fresh


def test_scores_lie_in_their_intervals_and_ranges(judged):
    """Every number is finite, lies in its interval and in its range."""
    for scores in judged.values():
        for score in scores.values():
            low, high = score.interval
            reach = 2.0 if score.metric.startswith("loss") else 1.0
            assert -reach <= low <= score.value <= high <= reach
            assert np.isfinite(score.reference)
            assert score.better == ("lower" if score.metric.startswith("loss") else "higher")


def labels(*codes):
    """Return a target of labels."""
    return Target("t", np.array(codes, dtype=float), ordered=False, middle=0.0)


def test_skill_of_labels_by_hand():
    """Told rightly labels have skill 1, told the wrong way round -1, told alike 0; classes count by their people."""
    truth = np.r_[np.zeros(20), np.ones(30)]
    weight = weights(np.arange(50), seed=0)
    right = np.stack([1 - truth, truth, np.zeros(50)], axis=1)
    assert skill(right, labels(0, 1), truth, weight).value == 1.0
    assert skill(1 - right, labels(0, 1), truth, weight).value == -1.0
    assert skill(np.ones((50, 3)), labels(0, 1), truth, weight).value == 0.0
    three = np.r_[np.zeros(20), np.ones(20), np.full(60, 2.0)]
    told = np.stack([three == 0, np.zeros(100), np.zeros(100)], axis=1).astype(float)  # knows the first class only
    assert skill(told, labels(0, 1), three, weights(np.arange(100), seed=0)).value == pytest.approx(0.2)


def test_classes_of_few_are_not_judged():
    """A class of nine test people is not judged; where only one class is left over, there is no skill at all."""
    truth = np.r_[np.zeros(9), np.ones(30)]
    weight = weights(np.arange(39), seed=0)
    assert skill(np.zeros((39, 2)), labels(0), truth, weight) is None


def test_skill_of_numbers_is_r_squared():
    """The skill of a number agrees with scikit-learn's R², ends at -1, and is undefined where people do not differ."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=60)
    told = truth + rng.normal(size=60)
    number = Target("t", np.zeros(0), ordered=True, middle=0.0)
    weight = weights(np.arange(60), seed=0)
    assert skill(told[:, None], number, truth, weight).value == pytest.approx(r2_score(truth, told))
    assert skill(told[:, None] + 99, number, truth, weight).value == -1.0
    assert skill(told[:, None], number, np.ones(60), weight) is None


def test_rows_of_one_person_count_once():
    """With every test row four times the error of a skill stays what it was, instead of halving."""
    rng = np.random.default_rng(1)
    truth = rng.normal(size=150)
    told = (truth + rng.normal(size=150))[:, None]
    number = Target("t", np.zeros(0), ordered=True, middle=0.0)
    once = skill(told, number, truth, weights(np.arange(150), seed=0))
    unit = np.repeat(np.arange(150), 4)
    often = skill(np.repeat(told, 4, axis=0), number, np.repeat(truth, 4), weights(unit, seed=0))
    assert often.value == pytest.approx(once.value)
    assert often.error == pytest.approx(once.error, rel=1e-6)


def test_a_release_of_one_class_teaches_nothing(case_of, read):
    """A target that the release never varies has skill 0, not none: the release is worth nothing for it."""
    release = people(60, 2).assign(ill="no")
    scores = read(prediction(case_of(people(60, 0), people(120, 1), release, secrets=["ill"])))
    assert scores["skill.ill"].value == 0.0
    assert scores["skill.ill"].reference > 0.2


def test_people_of_one_class_test_nothing(case_of):
    """A target in which the test people do not differ is undefined, in every score."""
    control = people(120, 1).assign(ill="no")
    scores = prediction(case_of(people(60, 0), control, people(60, 2), secrets=["ill"]))
    assert {score.value for score in scores} == {None}
    assert {score.interval for score in scores} == {None}


def test_missing_and_unseen_values_break_nothing(case_of):
    """Missing targets are left out, labels that the release lacks are one class more, a column nobody fills is no trouble."""
    original, control, release = people(80, 0), people(160, 1), people(80, 2)
    for frame in (original, control):
        frame.loc[frame.index % 3 == 0, "kind"] = "s"
        frame["ill"] = frame["ill"].where(frame.index % 4 > 0, None)
        frame["x"] = frame["x"].where(frame.index % 5 > 0)
    original["blank"], control["blank"], release["blank"] = [np.nan] * 80, [np.nan] * 160, [1.0, 2.0] + [np.nan] * 78
    scores = prediction(case_of(original, control, release, secrets=["ill", "kind", "x"]))
    assert all(np.isfinite(score.value) and np.isfinite(score.reference) for score in scores)


def test_nobody_to_ask_is_undefined(case_of):
    """Without a control, or without a target, there is one undefined score."""
    (score,) = prediction(case_of(people(60, 0), None, people(60, 1)))
    assert (score.metric, score.value) == ("skill", None)
    plain = pd.DataFrame({"a": ["same"] * 40, "b": ["same"] * 40})
    (score,) = prediction(case_of(plain, plain, plain, secrets=[]))
    assert (score.metric, score.value) == ("skill", None)


def test_tiny_tables_break_nothing(case_of):
    """Tables of three rows give numbers or nothing, never an error."""
    scores = prediction(case_of(people(3, 0), people(3, 1), people(3, 2)))
    assert all(score.value is None or np.isfinite(score.value) for score in scores)


def test_targets_are_the_secrets_in_their_order(case_of):
    """Declared secrets are the targets, in the order of their declaration, the first four of them."""
    frame = people(60, 0)
    found = targets(case_of(frame, None, frame, secrets=["z", "ill", "kind", "cost", "x"]))
    assert [target.name for target in found] == ["z", "ill", "kind", "cost"]


def test_targets_are_what_the_release_predicts(case_of, exchanged):
    """Without secrets the most predictable columns are the targets, chosen by the release alone; copies of others are not."""
    frame = people(1_000, 0)
    frame["twin"], frame["flat"] = frame["z"] * 3 + 1, "same"
    names = [target.name for target in targets(case_of(frame, None, frame, secrets=[]))]
    assert names[0] == "cost"
    assert not {"twin", "flat", "z"} & set(names)
    other = exchanged(frame, 1)
    assert [target.name for target in targets(case_of(other, None, frame, secrets=[]))] == names


def test_an_event_is_about_half_of_the_release(case_of):
    """A number's event is above the release's median, a label's its most frequent label; missing stays missing."""
    frame = people(101, 0)
    case = case_of(frame, None, frame)
    case = replace(case, original=case.release)
    ill, cost = targets(case)
    assert ill.event(case.original).mean() == max(frame["ill"].value_counts(normalize=True))
    assert cost.event(case.original).sum() == 50


def test_the_same_tables_score_the_same(case_of):
    """Two runs over the same tables agree in every digit."""
    case = case_of(people(30, 0), people(60, 1), people(35, 2), secrets=["ill"])
    assert prediction(case) == prediction(case)


def test_tables_are_drawn_alike(case_of):
    """Tables are drawn down to the smallest one, the same rows of the same table, all rows of a person together."""
    case = case_of(people(300, 0), people(90, 1), people(300, 0))
    original, control, release = drawn_alike(case.original, case.control, case.release, most=200)
    assert [len(table) for table in (original, control, release)] == [90, 90, 90]
    assert np.array_equal(original.keys(), release.keys())
    twice = replace(case.original, unit=np.arange(300) // 2)
    half = drawn(twice, 100)
    assert len(half) == 100
    assert half.people == 50
    test, fresh = halves(twice)
    assert test.people + fresh.people == 150
    assert not set(test.keys()) & set(fresh.keys())
