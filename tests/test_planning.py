"""What is decided before anybody is looked at: endpoints, what attackers know, power, primary endpoints, cost."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.config import METHODS, THREATS, PlanSettings
from synthprivacy.errors import ConfigError
from synthprivacy.frames import read_tables
from synthprivacy.planning import POWER, make_plan
from synthprivacy.planning.making import MOST_ENDPOINTS
from synthprivacy.schemata import infer
from synthprivacy.statistics.power import power_for_auc, power_for_isolation
from synthprivacy.statistics.sample_size import power_to_pass
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

LARGE = 300_000
"""People a side with which every endpoint can be decided."""


def people(seed=0, rows=300):
    """Return simulated people."""
    return simulate.people(rows, seed)


def planned(release=None, settings=None, *, sizes=(3000, 3000), limit=0.05, **options):
    """Return the plan for a release of simulated people, of whom only the sizes are given."""
    frame = load(people() if release is None else release, label="table")
    schema = infer(frame, **options)
    case = encode(original=frame, control=None, release=frame, schema=schema)
    return make_plan(
        schema,
        case.release,
        settings or PlanSettings(),
        original_people=sizes[0],
        control_people=sizes[1],
        limit=limit,
    )


def endpoint_of(plan, name):
    """Return the endpoint of that name."""
    (found,) = [endpoint for endpoint in plan.endpoints if endpoint.name == name]
    return found


def mixed(frame, seed):
    """Return a frame with every column permuted on its own."""
    rng = np.random.default_rng(seed)
    return frame.apply(lambda column: pd.Series(column.to_numpy()[rng.permutation(len(column))]))


def test_the_plan_looks_at_the_release_and_the_sizes_only():
    """Permuting or replacing the values of original and control changes nothing of the plan."""
    original, control, release = (people(seed, 400) for seed in range(3))
    schema = sp.schema(original)

    def words(first, second):
        return repr(sp.plan(original=first, control=second, synthetic=release, schema=schema))

    plain = words(original, control)
    assert words(mixed(original, 0), mixed(control, 1)) == plain
    assert words(people(7, 400), people(8, 400)) == plain
    assert words(original, control.head(200)) != plain
    other = repr(sp.plan(original=original, control=control, synthetic=people(9, 400).assign(sex="x"), schema=schema))
    assert other != plain


def test_the_first_declared_secret_is_primary():
    """Of several declared secrets the first named is primary, and only declared ones are attacked."""
    plan = planned(secrets=["smoker", "diagnosis", "sex"])
    by_role = planned(declared={name: {"role": "secret"} for name in ("smoker", "diagnosis", "sex")})

    guesses = {endpoint.name for endpoint in plan.endpoints if isinstance(endpoint.attack, NearestGuess)}
    assert guesses == {"inference.diagnosis", "inference.sex", "inference.smoker"}
    for declared in (plan, by_role):
        assert [name for name in declared.primary if name in guesses] == ["inference.smoker"]


def test_without_declared_secrets_the_hardest_to_guess_is_primary():
    """The secret whose commonest value is rarest in the release is primary, numbers within their tolerance."""
    rng = np.random.default_rng(0)
    release = pd.DataFrame(
        {
            "easy": rng.choice(["a", "b"], 400, p=[0.9, 0.1]),
            "fair": rng.choice(["a", "b"], 400),
            "hard": rng.choice(list("abcdefgh"), 400),
            "lumpy": np.where(rng.random(400) < 0.6, 0.0, rng.normal(size=400)),
        }
    )

    plan = planned(release)

    assert [name for name in plan.primary if name.startswith("inference")] == ["inference.hard"]


def test_default_primary_endpoints_are_one_of_each_kind():
    """Linkability, membership, copies and one secret must pass; singling out only where it can be decided."""
    small, large = planned(sizes=(3000, 3000)), planned(sizes=(LARGE, LARGE), settings=PlanSettings(targets=LARGE))
    always = {"linkability.halves", "membership.distance", "memorization.copies"}

    assert always < set(small.primary)
    assert endpoint_of(small, "singling_out.multivariate").power < POWER
    assert "singling_out.multivariate" not in small.primary
    assert endpoint_of(large, "singling_out.multivariate").power >= POWER
    assert set(large.primary) - set(small.primary) == {"singling_out.multivariate"}
    assert (len(small.primary), len(large.primary)) == (4, 5)


def test_only_what_runs_is_primary():
    """An attack that is left out is no primary endpoint, and no endpoint."""
    plan = planned(settings=PlanSettings(attacks=("membership", "singling_out")))

    assert plan.primary == ("membership.distance",)
    assert {endpoint.attack.name for endpoint in plan.endpoints} == {"membership", "singling_out"}


def test_declared_primary_endpoints_are_taken_as_they_are():
    """What was declared before is primary, also the headline, and nothing else is."""
    chosen = ("inference.sex", "copies", "singling_out.univariate")

    plan = planned(settings=PlanSettings(primary=chosen))

    assert plan.primary == chosen
    marked = {endpoint.name for endpoint in plan.endpoints if endpoint.primary}
    assert marked == {"inference.sex", "singling_out.univariate"}


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("inference.diagnose", "inference.diagnosis"),
        ("linkability.halfs", "linkability.halves"),
        ("membership.distances", "membership.distance"),
    ],
)
def test_an_unknown_primary_endpoint_is_refused_with_the_nearest_name(wrong, meant):
    """A mistyped endpoint can never be judged, so the plan stops and says what was probably meant."""
    with pytest.raises(ConfigError, match=f"{wrong} is not in the plan; did you mean {meant}"):
        planned(settings=PlanSettings(primary=(wrong,)))


def test_a_primary_endpoint_that_the_release_does_not_call_for_is_refused():
    """A secret that is not attacked cannot be primary."""
    with pytest.raises(ConfigError, match=r"inference\.age is not in the plan"):
        planned(settings=PlanSettings(primary=("inference.age",)), secrets=["sex"])


def test_at_most_twenty_secrets_are_attacked_unless_declared():
    """Of many columns the twenty most predictable are secrets, fewer with more attacks; declared ones are all attacked."""
    release = simulate.gaussian(200, 30, np.random.default_rng(0))

    def guessed(**options):
        return [e for e in planned(release, **options).endpoints if isinstance(e.attack, NearestGuess)]

    assert len(guessed(settings=PlanSettings(attacks=("inference",)))) == 20
    many = PlanSettings(attacks=(*THREATS, *METHODS))
    assert len(guessed(settings=many)) < 20
    assert len(planned(release).endpoints) <= MOST_ENDPOINTS
    counted = [e for e in planned(release, settings=many).endpoints if e.key != "membership.battery"]
    assert len(counted) <= MOST_ENDPOINTS
    assert len(guessed(secrets=[f"x{place}" for place in range(25)])) == 25


def test_quasi_identifiers_are_what_attackers_know():
    """Where quasi-identifiers are declared, links and guesses use them only, and the reason says so."""
    known = ("age", "region", "sex")
    declared = {name: {"role": "quasi_identifier"} for name in known}

    plan = planned(secrets=["diagnosis"], declared=declared)

    assert set(endpoint_of(plan, "inference.diagnosis").knows) == set(known)
    assert set(endpoint_of(plan, "linkability.halves").knows) == set(known)
    assert endpoint_of(plan, "inference.diagnosis").attack.why == "the declared quasi-identifiers"
    assert "age, region, sex (the declared quasi-identifiers)" in repr(plan)


def test_a_secret_is_never_known_to_who_guesses_it():
    """Without declared roles an attacker knows every other column, and never the one it guesses."""
    plan = planned()
    columns = set(people().columns)

    for endpoint in plan.endpoints:
        if isinstance(endpoint.attack, NearestGuess):
            assert set(endpoint.knows) == columns - {endpoint.attack.secret}
    assert "every column but sex" in repr(plan)


def test_halves_share_no_column():
    """The two halves of a linkability attack are disjoint and together all that may be known."""
    halves = endpoint_of(planned(), "linkability.halves").attack

    assert not set(halves.first) & set(halves.second)
    assert set(halves.first) | set(halves.second) == set(people().columns)
    assert abs(len(halves.first) - len(halves.second)) <= 2


def test_power_is_that_of_the_statistics():
    """Each endpoint's power is that of its own decision at these sizes and this limit."""
    plan = planned(secrets=["occupation"], sizes=(2000, 1000), limit=0.07)

    assert endpoint_of(plan, "membership.distance").power == power_for_auc(2000, 1000, 0.07)
    assert endpoint_of(plan, "singling_out.univariate").power == power_for_isolation(2000, 1000, 0.07)
    assert endpoint_of(plan, "linkability.halves").power == power_to_pass(2000, 1000, 0.01, 0.07)
    chance = people()["occupation"].value_counts(normalize=True).iloc[0]
    assert endpoint_of(plan, "inference.occupation").power == pytest.approx(power_to_pass(2000, 1000, chance, 0.07))


def test_an_easy_secret_is_planned_by_the_excess():
    """A secret that half of all people have in common is planned by a - c, as the gate judges it."""
    release = people().assign(flag=["yes"] * 240 + ["no"] * 60)

    found = endpoint_of(planned(release, secrets=["flag"]), "inference.flag")

    assert found.power == pytest.approx(power_to_pass(3000, 3000, 0.8, 0.05, scale="excess"))
    assert found.power > power_to_pass(3000, 3000, 0.8, 0.05) + 0.1


def test_copies_that_chance_makes_are_planned_by_the_risk():
    """However many records are alike, copies are planned by (a - c) / (1 - c), as the gate judges them."""
    release = simulate.discrete(300, 5, 3, np.random.default_rng(0))
    chance = release.duplicated(keep=False).mean()

    found = endpoint_of(planned(release, sizes=(1000, 1000)), "memorization.copies")

    assert 0.7 < chance < 1
    assert found.power == pytest.approx(power_to_pass(1000, 1000, chance, 0.05))
    assert found.power < 0.5


def test_targets_bound_the_sizes_of_who_is_sampled():
    """Power counts the people attacked: a sample for most attacks, everyone for those that can afford it."""
    plan = planned(sizes=(9000, 8000), settings=PlanSettings(targets=500))

    assert endpoint_of(plan, "membership.distance").power == power_for_auc(500, 500, 0.05)
    assert endpoint_of(plan, "singling_out.univariate").power == power_for_isolation(9000, 8000, 0.05)


def test_without_a_control_nothing_can_pass():
    """No control people means a power of 0 for every endpoint."""
    assert {endpoint.power for endpoint in planned(sizes=(3000, 0)).endpoints} == {0.0}


def test_more_people_and_a_looser_limit_never_lower_the_power():
    """Power grows with sizes and limit for every endpoint."""
    base, more, looser = (
        planned(sizes=(1000, 1000)),
        planned(sizes=(4000, 4000)),
        planned(sizes=(1000, 1000), limit=0.1),
    )

    for one, two, three in zip(base.endpoints, more.endpoints, looser.endpoints):
        assert 0 <= one.power <= min(two.power, three.power) + 1e-12
        assert max(two.power, three.power) <= 1


def test_what_is_needed_is_enough():
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


def test_the_plan_is_strict_json():
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


def test_names_that_are_no_text_for_a_terminal_are_made_visible():
    """Column names with control characters stay one line each."""
    release = people().rename(columns={"sex": "se\nx\x1b[31m"})
    plan = planned(release)
    lines = repr(plan).splitlines()

    assert len(lines) == len(plan.endpoints) + len(plan.notes) + 3
    assert "\x1b" not in "".join(lines)


def test_the_plan_is_readable():
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


def test_estimates_of_cost_are_positive_and_grow():
    """Seconds and megabytes are positive, and larger for more people."""
    small, large = planned(sizes=(100, 100)), planned(sizes=(20_000, 20_000))

    assert 0 < small.seconds < large.seconds
    assert 0 < small.megabytes < large.megabytes


def test_a_plan_fixes_what_is_judged_later():
    """The primary endpoints that a plan showed are the ones an evaluation with it has."""
    original, control, release = (people(seed, 200) for seed in range(3))
    plan = sp.plan(original=original, control=control, synthetic=release, settings=PlanSettings(queries=50))

    evaluation = sp.evaluate(original=original, control=control, synthetic=release, plan=plan)

    assert tuple(evaluation.plan["primary"]) == plan.primary
    found = {r.endpoint for one in evaluation.releases for r in (*one.risks, *one.skipped) if r.primary}
    assert found == set(plan.primary)


def test_frames_of_the_plan_are_those_of_the_evaluation():
    """The door reads tables for the plan as it does for the evaluation: a release is required."""
    with pytest.raises(sp.SynthPrivacyError, match="at least one"):
        read_tables(original=people(), control=None, synthetic={}, schema=None)
