"""What a plan can decide and what it costs: power, people needed, seconds, and how it is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings
from synthprivacy.frames import read_tables
from synthprivacy.planning import POWER
from synthprivacy.statistics.power import power_for_auc, power_for_isolation
from synthprivacy.statistics.sample_size import power_to_pass


def test_power_is_that_of_the_statistics(endpoint_of, people, planned):
    """Each endpoint's power is that of its own decision at these sizes and this limit."""
    plan = planned(secrets=["occupation"], sizes=(2000, 1000), limit=0.07)

    assert endpoint_of(plan, "membership.distance").power == power_for_auc(2000, 1000, 0.07)
    assert endpoint_of(plan, "singling_out.univariate").power == power_for_isolation(2000, 1000, 0.07)
    assert endpoint_of(plan, "linkability.halves").power == power_to_pass(2000, 1000, 0.01, 0.07)
    chance = people()["occupation"].value_counts(normalize=True).iloc[0]
    assert endpoint_of(plan, "inference.occupation").power == pytest.approx(power_to_pass(2000, 1000, chance, 0.07))


def test_an_easy_secret_is_planned_by_the_excess(endpoint_of, people, planned):
    """A secret that half of all people have in common is planned by a - c, as the gate judges it."""
    release = people().assign(flag=["yes"] * 240 + ["no"] * 60)

    found = endpoint_of(planned(release, secrets=["flag"]), "inference.flag")

    assert found.power == pytest.approx(power_to_pass(3000, 3000, 0.8, 0.05, scale="excess"))
    assert found.power > power_to_pass(3000, 3000, 0.8, 0.05) + 0.1


def test_copies_that_chance_makes_are_planned_by_the_risk(endpoint_of, planned):
    """However many records are alike, copies are planned by (a - c) / (1 - c), as the gate judges them."""
    release = simulate.discrete(300, 5, 3, np.random.default_rng(0))
    chance = release.duplicated(keep=False).mean()

    found = endpoint_of(planned(release, sizes=(1000, 1000)), "memorization.copies")

    assert 0.7 < chance < 1
    assert found.power == pytest.approx(power_to_pass(1000, 1000, chance, 0.05))
    assert found.power < 0.5


def test_targets_bound_the_sizes_of_who_is_sampled(endpoint_of, planned):
    """Power counts the people attacked: a sample for most attacks, everyone for those that can afford it."""
    plan = planned(sizes=(9000, 8000), settings=PlanSettings(targets=500))

    assert endpoint_of(plan, "membership.distance").power == power_for_auc(500, 500, 0.05)
    assert endpoint_of(plan, "singling_out.univariate").power == power_for_isolation(9000, 8000, 0.05)


def test_without_a_control_nothing_can_pass(planned):
    """No control people means a power of 0 for every endpoint."""
    assert {endpoint.power for endpoint in planned(sizes=(3000, 0)).endpoints} == {0.0}


def test_more_people_and_a_looser_limit_never_lower_the_power(planned):
    """Power grows with sizes and limit for every endpoint."""
    base, more, looser = (
        planned(sizes=(1000, 1000)),
        planned(sizes=(4000, 4000)),
        planned(sizes=(1000, 1000), limit=0.1),
    )

    for one, two, three in zip(base.endpoints, more.endpoints, looser.endpoints):
        assert 0 <= one.power <= min(two.power, three.power) + 1e-12
        assert max(two.power, three.power) <= 1


def test_what_is_needed_is_enough(endpoint_of, planned):
    """With the people an endpoint says it needs, a perfect release passes nine times of ten."""
    plan = planned(sizes=(400, 400), secrets=["occupation"])
    short = [endpoint for endpoint in plan.endpoints if endpoint.power < POWER]

    assert {endpoint.attack.name for endpoint in short} >= {"membership", "singling_out", "inference"}
    for endpoint in short:
        again = planned(
            sizes=(endpoint.needs, endpoint.needs),
            secrets=["occupation"],
            settings=PlanSettings(targets=max(20_000, endpoint.needs)),
        )
        assert endpoint_of(again, endpoint.name).power == pytest.approx(POWER, abs=0.1)
        assert endpoint_of(again, endpoint.name).power >= POWER - 0.005


def test_the_plan_is_strict_json(people, planned):
    """The plan has no NaN and no type of its own, and names primary endpoints, knowledge and column kinds."""
    plan = planned(secrets=["diagnosis"])

    kept = json.loads(json.dumps(plan.to_dict(), allow_nan=False))

    assert kept == plan.to_dict()
    assert kept["primary"] == list(plan.primary)
    assert set(kept["columns"]) == set(people().columns)
    for entry in kept["endpoints"]:
        assert (entry["knows"] is None) != (entry["hidden"] is None)
        assert entry["primary"] == (entry["endpoint"] in plan.primary)
        assert 0 <= entry["power_to_pass"] <= 1
        assert entry["why"]


def test_names_that_are_no_text_for_a_terminal_are_made_visible(people, planned):
    """Column names with control characters stay one line each."""
    release = people().rename(columns={"sex": "se\nx\x1b[31m"})
    plan = planned(release)
    lines = repr(plan).splitlines()

    assert len(lines) == len(plan.endpoints) + len(plan.notes) + 3
    assert "\x1b" not in "".join(lines)


def test_the_plan_is_readable(planned):
    """Its text names every endpoint with its power, what is missing, and what the attacker knows; sizes come first."""
    plan = planned(sizes=(12_345, 678))
    head, blank, titles, *rows = repr(plan).splitlines()[: 3 + len(plan.endpoints)]

    assert head.startswith("12,345 training and 678 control people; limit 0.05; about ")
    assert blank == ""
    assert titles.split("  ")[0] == "endpoint"
    assert [row.split("  ")[0].strip() for row in rows] == [endpoint.name for endpoint in plan.endpoints]
    for row, endpoint in zip(rows, plan.endpoints):
        assert f"{endpoint.power:.0%}" in row
        assert ("primary" in row) == (endpoint.name in plan.primary)
        assert ("a side" in row) == (endpoint.power < POWER)


def test_estimates_of_cost_are_positive_and_grow(planned):
    """Seconds and megabytes are positive, and larger for more people."""
    small, large = planned(sizes=(100, 100)), planned(sizes=(20_000, 20_000))

    assert 0 < small.seconds < large.seconds
    assert 0 < small.megabytes < large.megabytes


def test_a_plan_fixes_what_is_judged_later(people):
    """The primary endpoints that a plan showed are the ones an evaluation with it has."""
    original, control, release = (people(seed, 200) for seed in range(3))
    plan = sp.plan(original=original, control=control, synthetic=release, settings=PlanSettings(queries=50))

    evaluation = sp.evaluate(original=original, control=control, synthetic=release, plan=plan)

    assert tuple(evaluation.plan["primary"]) == plan.primary
    found = {r.endpoint for one in evaluation.releases for r in (*one.risks, *one.skipped) if r.primary}
    assert found == set(plan.primary)


def test_frames_of_the_plan_are_those_of_the_evaluation(people):
    """The door reads tables for the plan as it does for the evaluation: a release is required."""
    with pytest.raises(sp.SynthPrivacyError, match="at least one"):
        read_tables(original=people(), control=None, synthetic={}, schema=None)
