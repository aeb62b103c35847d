"""Survey weights: what is told of the population counts by them, what is told of the training people does not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.asking import ask
from synthprivacy.attacks.linkability import Halves
from synthprivacy.config import PlanSettings
from synthprivacy.driver import run
from synthprivacy.measures import column_shapes, survey
from synthprivacy.measures.comparing.weights import weights_of, worth
from synthprivacy.planning import make_plan
from synthprivacy.results import Score, Skipped
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.strata.population import population_risks
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

COLUMNS = ["age", "sex", "region", "diagnosis", "height_cm"]
WEIGHTED = {"columns": {"weight": {"role": "weight"}}}


def tables(people=400, seed=0, least=1, most=6):
    """Return original, control and release with whole weights, the original's and the control's higher for the old."""
    frames = []
    for stream in np.random.default_rng(seed).spawn(3):
        frame = simulate.people(people, stream)[COLUMNS]
        frames.append(frame.assign(weight=np.clip(frame["age"] // 15, least, most).astype(float)))
    return frames


def case_of(original, control, release, unit=None):
    """Return the encoded case, the column ``weight`` being the weights where there is one."""
    frames = [None if frame is None else load(frame, label="table") for frame in (original, control, release)]
    declared = {"weight": {"role": "weight"}} if "weight" in original else None
    schema = infer(frames[0], declared=declared, unit=unit)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def repeated(frame):
    """Return the table in which each row stands as often as its weight says, with a column that says who it is."""
    times = frame["weight"].astype(int)
    return (
        frame.loc[frame.index.repeat(times)]
        .assign(person=lambda rows: rows.index.map("p{}".format))
        .drop(columns="weight")
    )


def told(scores):
    """Return the scores by name."""
    return {score.metric: score for score in scores}


def test_a_weight_is_so_many_people():
    """Values and intervals are those of tables in which each row is repeated as often as its weight says."""
    frames = tables()
    found = told(survey(case_of(*frames)))
    long = told(column_shapes(case_of(*(repeated(frame) for frame in frames), unit="person")))
    columns = {name: score for name, score in found.items() if name.startswith("column.")}

    assert columns.keys() == {f"column.{name}" for name in COLUMNS}
    assert found["columns"].value == pytest.approx(long["mean"].value, abs=1e-12)
    for name, score in columns.items():
        assert score.value == pytest.approx(long[name].value, abs=1e-12)

    release = frames[2].drop(columns="weight")  # rows of a release have no person, so only people can be repeated
    found = told(survey(case_of(*frames[:2], release)))["columns"]
    long = told(column_shapes(case_of(*map(repeated, frames[:2]), release, unit="person")))["mean"]
    assert found.interval == pytest.approx(long.interval, abs=1e-9)


def test_weights_that_are_all_alike_change_nothing():
    """With one weight for all, the score of every column is the unweighted one, and so is its interval."""
    case = case_of(*tables(least=3, most=3))
    found, plain = told(survey(case)), told(column_shapes(case))

    assert found["columns"].value == pytest.approx(plain["mean"].value)
    assert found["columns"].interval == pytest.approx(plain["mean"].interval)
    for name in COLUMNS:
        assert found[f"column.{name}"].value == pytest.approx(plain[f"column.{name}"].value)


def test_a_release_without_weights_is_taken_as_the_population():
    """Who drops the weights in synthesis is told so: the old, of whom each stands for more, are too few."""
    original, control, release = tables(2_000)
    lost = told(survey(case_of(original, control, release.drop(columns="weight"))))
    kept = told(survey(case_of(original, control, release)))

    assert kept["column.age"].value > 0.95
    assert lost["column.age"].value < 0.9
    assert lost["column.age"].interval[1] < kept["column.age"].interval[0]


def test_no_weights_no_scores():
    """Without a column of weights there is no population to tell of, and nothing is said."""
    assert survey(case_of(*(frame.drop(columns="weight") for frame in tables()))) == ()


@pytest.mark.parametrize("nothing", [0.0, -2.0, np.nan])
def test_a_row_without_a_weight_counts_for_nothing(nothing):
    """Rows whose weight is 0, less or missing change no value."""
    original, control, release = tables()
    strange = simulate.people(50, 9)[COLUMNS].assign(weight=nothing)
    more = pd.concat([original, strange], ignore_index=True)

    found, plain = (told(survey(case_of(frame, control, release))) for frame in (more, original))

    assert [found[f"column.{name}"].value for name in COLUMNS] == pytest.approx(
        [plain[f"column.{name}"].value for name in COLUMNS]
    )


def test_huge_weights_are_weights():
    """Only how weights stand to each other counts, whatever they sum to."""
    original, control, release = tables()
    huge = original.assign(weight=original["weight"] * 1e307)

    assert told(survey(case_of(huge, control, release)))["columns"].value == pytest.approx(
        told(survey(case_of(original, control, release)))["columns"].value
    )


def test_weights_go_with_their_rows():
    """Rows that are taken keep their weight; tables that attackers are shown, or that are made up, have none."""
    table = case_of(*tables()).original
    rows = np.array([7, 3, 250])

    assert np.array_equal(table.take(rows).survey, table.survey[rows])
    assert table.select(("age", "sex")).survey is None
    assert table.joined(table).survey is None


def test_what_weighted_rows_are_worth():
    """Equal weights are worth their number, one that has it all is worth one (Kish)."""
    case = case_of(*tables())
    weights = weights_of(case.original)

    assert weights.mean() == pytest.approx(1.0)
    assert worth(np.full(40, 7.0)) == pytest.approx(40.0)
    assert worth(np.array([1.0, 0.0, 0.0])) == pytest.approx(1.0)
    assert worth(weights) < len(weights)


def test_intervals_hold_what_fresh_samples_score():
    """Of 20 fresh releases, all weighted, the reference of the mean lies within the interval nearly always."""
    inside = 0
    for seed in range(20):
        score = told(survey(case_of(*tables(300, 100 + seed))))["columns"]
        inside += score.interval[0] <= score.reference <= score.interval[1]

    assert inside >= 17


def test_nobody_attacks_by_weights():
    """A weight is neither known nor a secret, and no attacker sees one, of people or of a release."""
    case = case_of(*tables())
    settings = PlanSettings(utility=("shapes",))
    plan = make_plan(case.schema, case.release, settings, original_people=400, control_people=400)
    seen = []

    class Looking(Halves):
        def prepare(self, known, rng):
            seen.append(known.releases[0].survey)
            answer = super().prepare(known, rng)
            return lambda people: (seen.append(people.survey), answer(people))[1]

    ask([Looking(("age", "sex"), ("region", "diagnosis"))], case.release, case.schema, {"original": case.original}, 0)

    assert case.release.survey is not None
    assert seen == [None, None]
    assert "weight" not in case.original.names
    assert not any("weight" in endpoint.knows or endpoint.name == "inference.weight" for endpoint in plan.endpoints)
    assert any("every risk" in note and "weight" in note for note in plan.notes)


def test_risks_count_people_and_measures_the_population():
    """An evaluation with weights has the very risks of one without; the survey stands beside, and not in public."""
    original, control, release = tables(300)
    settings = PlanSettings(attacks=("linkability", "membership"), utility=("shapes", "survey"))
    declared = sp.schema(original, columns={"weight": {"role": "weight"}})
    with_weights = sp.evaluate(original=original, control=control, synthetic=release, schema=declared, plan=settings)
    without = sp.evaluate(
        **{
            name: frame.drop(columns="weight")
            for name, frame in {"original": original, "control": control, "synthetic": release}.items()
        },
        plan=settings,
    )
    scores = [score for score in with_weights["synthetic"].scores if score.family == "survey"]
    shown = [score for score in with_weights.public()["synthetic"].scores if score.family == "survey"]

    assert with_weights["synthetic"].risks == without["synthetic"].risks
    assert {score.metric for score in scores} >= {"columns", "pairs", "column.age"}
    assert all(score.value is None and score.interval is None for score in shown)
    assert not any(score.family == "survey" for score in without["synthetic"].scores)


def outcome_of(case):
    """Return linked halves."""
    attack = Halves(("age", "sex"), ("diagnosis", "height_cm", "region"))
    return attack.endpoint, run(attack, case, np.random.default_rng(0), targets=10_000)


def test_the_population_at_risk():
    """Where those published stand for more people, the share of the population found out is larger than that of the people."""
    original, control, fresh = tables(600, least=1, most=1)
    old = original["age"] > 60
    original["weight"], control["weight"] = np.where(old, 10.0, 1.0), np.where(control["age"] > 60, 10.0, 1.0)
    release = fresh.copy()
    release.iloc[: old.sum()] = original[old].to_numpy()
    case = case_of(original, control, release.astype(original.dtypes))
    endpoint, outcome = outcome_of(case)
    (score,) = population_risks({endpoint: outcome}, case)
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))

    assert score.metric == f"risk.{endpoint}"
    assert score.value > 2 * risk.value > 0
    assert score.interval[0] <= score.value <= score.interval[1]


def test_equal_weights_give_the_risk_itself():
    """With one weight for all, the population at risk is the people at risk."""
    case = case_of(*tables(least=2, most=2))
    endpoint, outcome = outcome_of(case)
    (score,) = population_risks({endpoint: outcome}, case)
    risk = estimate(outcome, primary=False, confidence=0.95, rng=np.random.default_rng(0))

    assert isinstance(score, Score)
    assert score.value == pytest.approx(risk.value)
    assert score.interval == pytest.approx(risk.interval)


def test_the_population_is_not_told_of_too_few_or_without_a_control():
    """Fewer than 100 people who count, or nobody to hold them against: nothing is said."""
    case = case_of(*tables(60))
    endpoint, outcome = outcome_of(case)

    assert not isinstance(outcome, Skipped)
    assert population_risks({endpoint: outcome}, case) == ()
    assert population_risks({endpoint: outcome}, replace(case, control=None)) == ()
