"""Findings of a review of utility, memorisation and what of them may leave the house, as laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.memorization_text import TextCopies
from synthprivacy.config import Policy, Rule
from synthprivacy.gating import decide
from synthprivacy.gating.bounds import is_easy
from synthprivacy.measures import MEASURES, detection, fairness, prediction
from synthprivacy.measures.comparing.coverage import rare_coverage
from synthprivacy.results import Score
from synthprivacy.results.overfitting import above_ceiling
from synthprivacy.rulers.planting import beds
from synthprivacy.selftest.scenario import case_of


def labels(rows, levels, columns, rng):
    """Return columns of so many equally frequent labels."""
    return pd.DataFrame(rng.integers(0, levels, (rows, columns)).astype(str)).add_prefix("c")


@pytest.mark.parametrize(
    ("score", "rule"),
    [
        (Score("shapes", "mean", 0.93, 0.99, (0.88, 0.95), "higher"), Rule("shapes.mean", min=0.9)),
        (Score("battery", "best", 0.046, None, None, "higher"), Rule("battery.best", min=0.05)),
        (Score("disclosure", "repU", 0.0149, 0.01, None, "lower"), Rule("disclosure.repU", max=0.012)),
    ],
)
def test_no_rule_on_a_score_is_kept_in_public_that_is_not_kept_inside(score, rule, evaluation, risk):
    """Rounding a score, or leaving its interval out, must not turn a rule that is broken or open into one that is kept."""
    found = evaluation(risk(upper=0.01), scores=[score])
    policy = Policy((Rule("primary.upper", max=0.05), rule))

    assert decide(found, policy).decision != "pass"
    assert decide(found.public(), policy).decision != "pass"


@pytest.mark.parametrize(
    ("family", "metric"),
    [
        ("marginals", "hellinger.hiv"), ("marginals", "wasserstein.income"), ("marginals", "tails"),
        ("association", "pair.drug|hiv"), ("k_way", "k_marginal"), ("memorization", "bounds"), ("detection", "pmse_ratio"),
    ],
)  # fmt: skip
def test_what_a_few_people_move_by_more_than_a_step_is_withheld(family, metric, evaluation, risk):
    """A root of a share or a ratio of small shares would count people under ten, so the public rendering has none."""
    found = evaluation(risk(), scores=[Score(family, metric, 0.5, 0.4, (0.3, 0.6), "lower")])
    (shown,) = found.public().releases[0].scores

    assert (shown.value, shown.reference, shown.interval) == (None, None, None)


def test_a_name_that_ends_like_a_p_value_is_rounded_like_all_others(evaluation, risk):
    """A column called sleep_p is a column: shares of people in it are clipped, and nobody takes it for a flag."""
    scores = [Score("disclosure", "DCAP.sleep_p", 0.0, 0.0, None, "lower")]
    (shown,) = evaluation(risk(), scores=scores).public().releases[0].scores

    assert shown.value == shown.reference > 0.0
    assert above_ceiling([Score("shapes", "column.bp_above", 0.97, 0.9, None, "higher")]) == ()


def test_whole_records_are_no_easy_secret(risk):
    """A reconstruction that claims nearly everybody of the control is bounded by its risk, not by the excess."""
    claims = risk("reconstruction.crossings", original=(2_000, 2_000), control=(1_940, 2_000))
    guesses = risk(
        "reconstruction.counts.sex", original=(1_400, 2_000), control=(1_300, 2_000), parameters={"secret": "sex"}
    )

    assert not is_easy(claims)
    assert is_easy(guesses)


@pytest.mark.parametrize(("levels", "columns", "sizes"), [(8, 3, (600, 75, 75)), (30, 2, (1_000, 1_000, 80))])
def test_a_fresh_release_is_not_flagged_where_cells_are_nearly_empty(levels, columns, sizes):
    """Of ten fresh releases with fewer rows than cells none is called a copy; .5 % may be, by chance, of four scores each."""
    flagged = 0
    for seed in range(10):
        tables = [
            labels(rows, levels, columns, stream) for rows, stream in zip(sizes, np.random.default_rng(seed).spawn(3))
        ]
        case = case_of(*tables)
        scores = [score for family in ("shapes", "pairs", "k_way") for score in MEASURES[family](case)]
        flagged += bool(above_ceiling(scores))

    assert flagged <= 1


@pytest.mark.parametrize("sizes", [(2_000, 250, 2_000), (2_000, 2_000, 250)])
def test_a_fresh_release_scores_its_reference_whatever_the_sizes(sizes):
    """What a fresh release scores against original and control is what its references say, to .01 in the mean of 8."""
    off = {}
    for seed in range(8):
        tables = [labels(rows, 4, 3, stream) for rows, stream in zip(sizes, np.random.default_rng(seed).spawn(3))]
        case = case_of(*tables)
        for score in (score for family in ("shapes", "pairs", "k_way") for score in MEASURES[family](case)):
            if score.metric in {"mean", "mean_control", "two_way", "two_way_control"}:
                off.setdefault((score.family, score.metric), []).append(score.value - score.reference)

    assert len(off) == 6
    assert all(abs(np.mean(differences)) < 0.01 for differences in off.values())


def test_a_secret_that_nobody_of_the_control_has_is_no_crash():
    """A control without a known value of the target has nothing to predict, for learners and for groups."""
    original, control, release = (simulate.people(200, stream) for stream in np.random.default_rng(0).spawn(3))
    case = case_of(original, control.assign(diagnosis=None), release, guessed="diagnosis")

    for measure in (prediction, fairness):
        assert all(score.value is None or np.isfinite(score.value) for score in measure(case))


def test_equal_people_are_not_drawn_together():
    """Where people repeat, the draws of original and release are as independent as those of original and control."""
    rng = np.random.default_rng(1)
    tables = [labels(rows, 2, 3, stream) for rows, stream in zip((12_000, 12_000, 12_000), rng.spawn(3))]
    scores = {score.metric: score for score in detection(case_of(*tables))}

    assert scores["pmse_ratio"].value > 0.35


def test_a_label_of_one_person_is_nobody_s_rare_label():
    """Ten rows of one person are one person: whether the release repeats the label is not told."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"who": np.repeat(np.arange(200), 12), "x": rng.choice(list("ab"), 2_400), "y": rng.normal(size=2_400)}
    )
    frame.loc[frame["who"] == 0, "x"] = "rare"
    case = case_of(frame, None, frame.drop(columns="who"), unit="who")

    assert rare_coverage({"original": case.original, "release": case.release}) == []


def test_texts_do_not_depend_on_the_order_of_rows_and_are_planted():
    """Rows that agree in all but their text are ordered by it; who has a common record but a text of their own is planted."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"sex": rng.choice(list("fm"), 300), "age": rng.integers(30, 35, 300), "z": rng.choice(list("uvw"), 300)}
    )
    frame["note"] = [" ".join(f"w{word}" for word in words) for words in rng.integers(0, 900, (300, 9))]
    other = frame.assign(note=[" ".join(f"v{word}" for word in words) for words in rng.integers(0, 900, (300, 9))])
    one = case_of(frame, other, other)
    again = case_of(frame.sample(frac=1.0, random_state=1), other, other)

    assert one.original.texts[0].values.tolist() == again.original.texts[0].values.tolist()
    ground = beds(one, np.random.default_rng(0), TextCopies("note", "spans"))
    planted = ground.plant(20)
    assert set(planted.people.texts[0].values) <= set(planted.release.texts[0].values)
