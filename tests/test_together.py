"""Several releases of the same people: all of them at once, on the same people, and what is shown of their comparison."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.linkability import Halves
from synthprivacy.config import PlanSettings, parse
from synthprivacy.driver import run
from synthprivacy.errors import ConfigError
from synthprivacy.frames import case_of, in_one_order, read_tables
from synthprivacy.reporting.html import render
from synthprivacy.together import TOGETHER, compare, union_of

PEOPLE, COLUMNS, SHARE = 1_000, 6, 0.05
LINKED = PlanSettings(attacks=("linkability",), primary=("linkability.halves",), utility=("shapes",), together=True)


def tables(people=PEOPLE, releases=3, seed=0):
    """Return original, control and a fresh table for each release."""
    rng = np.random.default_rng(seed)
    original, control, *fresh = [simulate.gaussian(people, COLUMNS, stream) for stream in rng.spawn(2 + releases)]
    return original, control, fresh


def nearly_copied(original, fresh, share, rng):
    """Return a release that holds a share of the people, moved by less than identity of records would notice."""
    moved = original + rng.normal(0.0, 0.006, original.shape)
    return simulate.copy_share(moved, fresh, share, rng)


@pytest.fixture(scope="module")
def evaluated():
    """Return three releases, each with a twentieth of the people of its own choice in it, judged alone and together."""
    original, control, fresh = tables()
    rng = np.random.default_rng(1)
    releases = {f"r{number}": nearly_copied(original, one, SHARE, rng) for number, one in enumerate(fresh)}
    return sp.evaluate(original=original, control=control, synthetic=releases, plan=LINKED, seed=3)


def halves(release):
    """Return the risk of linked halves."""
    return next(risk for risk in release.risks if risk.endpoint == "linkability.halves")


def test_what_each_gives_away_adds_up(evaluated):
    """Q1: of k releases with a share λ each, all together give away 1 - (1 - λ)^k."""
    cumulative = 1.0 - (1.0 - SHARE) ** 3

    assert [release.name for release in evaluated.releases] == ["r0", "r1", "r2", TOGETHER]
    for release in evaluated.releases[:3]:
        assert halves(release).lower <= SHARE <= halves(release).upper
    assert halves(evaluated[TOGETHER]).lower <= cumulative <= halves(evaluated[TOGETHER]).upper


def test_each_passes_and_together_they_fail(evaluated):
    """Each release keeps a limit of 10 %, all of them at once break it: the verdict is of the gate, by the same path."""
    verdict = sp.gate(evaluated, limit=0.1)
    decisions = {release.name: release.decision for release in verdict.releases}

    assert decisions == {"r0": "pass", "r1": "pass", "r2": "pass", TOGETHER: "fail"}
    assert verdict.decision == "fail"


def test_the_union_is_a_release_like_any_other(evaluated):
    """It has all rows, its checks, its headline-less place in the report, and the one endpoint that only it has."""
    facts = evaluated.synthetic[TOGETHER]
    endpoints = {entry["endpoint"]: entry["primary"] for entry in evaluated.plan["endpoints"]}

    assert facts.rows == 3 * PEOPLE
    assert facts.digest is not None
    assert {check.check for check in evaluated.checks if check.release == TOGETHER} >= {
        "size",
        "identity",
        "identifiers",
    }
    assert {risk.endpoint for risk in evaluated[TOGETHER].risks} >= {"linkability.halves", "membership.differencing"}
    assert not any(risk.endpoint == "membership.differencing" for risk in evaluated["r1"].risks)
    assert endpoints["membership.differencing"] is False
    assert evaluated.plan["together"] is True
    assert TOGETHER in render(evaluated)


def test_the_plan_announces_what_only_several_releases_have():
    """Before anybody is attacked the plan lists the comparison of releases, once there are several and it is asked for."""
    original, control, fresh = tables(200, 2)

    def planned(releases, **settings):
        made = sp.plan(original=original, control=control, synthetic=releases, settings=replace(LINKED, **settings))
        return {endpoint.name for endpoint in made.endpoints}

    assert "membership.differencing" in planned({"one": fresh[0], "two": fresh[1]})
    assert "membership.differencing" not in planned({"one": fresh[0], "two": fresh[1]}, together=False)
    assert "membership.differencing" not in planned({"one": fresh[0]})


def test_columns_that_a_release_lacks_are_left_out_of_the_union():
    """All releases in their order, with the columns that every one has."""
    one, other = pa.table({"id": [1, 2], "x": [1.0, 2.0]}), pa.table({"x": [3.0]})

    assert union_of({"one": one, "other": other}).to_pydict() == {"x": [1.0, 2.0, 3.0]}


def test_its_name_is_taken():
    """A release that is called like the union is refused, but only where there is a union."""
    original, control, fresh = tables(200, 2)
    releases = {TOGETHER: fresh[0], "other": fresh[1]}
    apart = PlanSettings(attacks=("memorization",), utility=("shapes",))

    with pytest.raises(ConfigError, match="no release may be called together"):
        sp.evaluate(original=original, control=control, synthetic=releases, plan=LINKED)
    assert len(sp.evaluate(original=original, control=control, synthetic=releases, plan=apart).releases) == 2


def test_one_release_has_nobody_to_be_held_beside():
    """With one release the setting changes no number, and a note says so."""
    original, control, fresh = tables(200, 1)
    found = [
        sp.evaluate(original=original, control=control, synthetic=fresh[0], plan=plan)
        for plan in (LINKED, replace(LINKED, together=False))
    ]

    assert found[0].releases == found[1].releases
    assert any("plan.together says nothing about one release" in note for note in found[0].plan["notes"])


def test_the_file_says_whether():
    """`together` stands in the plan of the file, true or false and nothing else."""
    assert parse({"plan": {"together": True}}).plan.together
    assert not parse({}).plan.together
    with pytest.raises(ConfigError, match=r"plan\.together must be true or false"):
        parse({"plan": {"together": "yes"}})


def test_every_release_is_held_to_the_same_people():
    """Of more people than are attacked, every release meets the same ones in the same order, labels and all."""
    rng = np.random.default_rng(4)
    original, control, *fresh = [simulate.people(600, stream) for stream in rng.spawn(4)]
    fresh[1] = fresh[1][fresh[1]["region"] != "Coast"]  # a release that lacks a label encodes it otherwise
    shuffled = original.sample(frac=1, random_state=0)
    outcomes, seen = [], []
    for training in (original, shuffled):
        read = read_tables(original=training, control=control, synthetic={"a": fresh[0], "b": fresh[1]}, schema=None)
        for name in "ab":
            case = case_of(in_one_order(read, "a"), name)
            attack = Halves(("age", "height_cm", "systolic"), ("diagnosis", "region", "weight_kg"))
            outcomes.append(run(attack, case, np.random.default_rng(5), targets=200))
            seen.append(np.column_stack([case.original[column].values for column in ("age", "height_cm", "weight_kg")]))

    assert all(np.array_equal(seen[0], other, equal_nan=True) for other in seen[1:])
    assert all(np.array_equal(outcomes[0].people["original"], other.people["original"]) for other in outcomes[1:])
    (pair,) = compare({"a": {"linkability.halves": outcomes[0]}, "b": {"linkability.halves": outcomes[1]}})
    assert sum(pair[name] for name in ("both", "only_a", "only_b", "neither")) == 200


@pytest.mark.slow
def test_q3_more_rows_of_one_fit_tell_no_less():
    """Q3: of one fit 1, 4 and 16 rows a person are published; who was trained on is found no worse with more of them."""
    rng, values = np.random.default_rng(11), []
    original, control, _ = tables(600, 1)
    rows = original.sample(16 * len(original), replace=True, random_state=0).reset_index(drop=True)
    rows += rng.normal(0.0, 0.3, rows.shape)
    settings = PlanSettings(attacks=("membership",), utility=("shapes",))
    for times in (1, 4, 16):
        release = rows.head(times * len(original))
        (risk,) = sp.evaluate(original=original, control=control, synthetic=release, plan=settings)["synthetic"].risks[
            :1
        ]
        values.append(risk.value)

    assert values[0] < values[1] < values[2]


CONTROL = {"both": 20, "only_a": 30, "only_b": 30, "neither": 400}
DIFFERENCE = {
    "value": 0.05, "interval": [0.02, 0.08], "lower": 0.01, "upper": 0.09,
    "confidence": 0.95, "p_value": 0.001, "adjusted_p": 0.004,
}  # fmt: skip
PAIR = {
    "a": "x", "b": "y", "endpoint": "linkability.halves", "both": 40, "only_a": 40, "only_b": 40, "neither": 900,
    "control": CONTROL, "difference": DIFFERENCE, "safer": "b",
}  # fmt: skip


def test_a_small_control_count_takes_the_difference_with_it(evaluation, risk):
    """In public no byte tells none from nine control people: the difference, which would, goes; the pair stays."""
    texts = set()
    for count in (0, 3, 9):
        few = {**PAIR, "control": {**CONTROL, "only_b": count}, "difference": {**DIFFERENCE, "value": 0.01 * count}}
        told = evaluation(risk(), pairs=[few]).public()
        texts.add(told.dumps())

    assert len(texts) == 1
    assert set(told.pairs[0]) == {"a", "b", "endpoint", "both", "only_a", "only_b", "neither"}
    assert told.public() == told
    assert evaluation(risk(), pairs=[PAIR]).public().pairs == (PAIR,)


def test_the_report_says_which_is_safer(evaluation, release, risk):
    """The page names the safer release, says where nobody can tell, and where it may not."""
    releases = [release(risk(), name="x"), release(risk(), name="y")]
    open_one = {**PAIR, "safer": None}
    few = {**PAIR, "control": {**CONTROL, "both": 3}}

    assert "B is safer than A at 1 of 1 endpoint compared (1 of 1 primary ones)." in render(
        evaluation(releases=releases, pairs=[PAIR])
    )
    assert "A and B: nobody can tell at any of 1 endpoint compared." in render(
        evaluation(releases=releases, pairs=[open_one])
    )
    assert "<td>withheld</td>" in render(evaluation(releases=releases, pairs=[few]))
    assert "Releases two by two" not in render(evaluation(releases=releases))
