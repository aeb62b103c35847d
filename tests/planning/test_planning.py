"""What is decided before anybody is looked at: endpoints, what attackers know, primary endpoints."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.config import METHODS, THREATS, PlanSettings
from synthprivacy.errors import ConfigError
from synthprivacy.planning import POWER
from synthprivacy.planning.making import MOST_ENDPOINTS

LARGE = 300_000
"""People a side with which every endpoint can be decided."""


def mixed(frame, seed):
    """Return a frame with every column permuted on its own."""
    rng = np.random.default_rng(seed)
    return frame.apply(lambda column: pd.Series(column.to_numpy()[rng.permutation(len(column))]))


def test_the_plan_looks_at_the_release_and_the_sizes_only(people):
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


def test_the_first_declared_secret_is_primary(planned):
    """Of several declared secrets the first named is primary, and only declared ones are attacked."""
    plan = planned(secrets=["smoker", "diagnosis", "sex"])
    by_role = planned(declared={name: {"role": "secret"} for name in ("smoker", "diagnosis", "sex")})

    guesses = {endpoint.name for endpoint in plan.endpoints if isinstance(endpoint.attack, NearestGuess)}
    assert guesses == {"inference.diagnosis", "inference.sex", "inference.smoker"}
    for declared in (plan, by_role):
        assert [name for name in declared.primary if name in guesses] == ["inference.smoker"]


def test_without_declared_secrets_the_hardest_to_guess_is_primary(planned):
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


def test_default_primary_endpoints_are_one_of_each_kind(endpoint_of, planned):
    """Linkability, membership, copies and one secret must pass; singling out only where it can be decided."""
    small, large = planned(sizes=(3000, 3000)), planned(sizes=(LARGE, LARGE), settings=PlanSettings(targets=LARGE))
    always = {"linkability.halves", "membership.distance", "memorization.copies"}

    assert always < set(small.primary)
    assert endpoint_of(small, "singling_out.multivariate").power < POWER
    assert "singling_out.multivariate" not in small.primary
    assert endpoint_of(large, "singling_out.multivariate").power >= POWER
    assert set(large.primary) - set(small.primary) == {"singling_out.multivariate"}
    assert (len(small.primary), len(large.primary)) == (4, 5)


def test_only_what_runs_is_primary(planned):
    """An attack that is left out is no primary endpoint, and no endpoint."""
    plan = planned(settings=PlanSettings(attacks=("membership", "singling_out")))

    assert plan.primary == ("membership.distance",)
    assert {endpoint.attack.name for endpoint in plan.endpoints} == {"membership", "singling_out"}


def test_declared_primary_endpoints_are_taken_as_they_are(planned):
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
def test_an_unknown_primary_endpoint_is_refused_with_the_nearest_name(wrong, meant, planned):
    """A mistyped endpoint can never be judged, so the plan stops and says what was probably meant."""
    with pytest.raises(ConfigError, match=f"{wrong} is not in the plan; did you mean {meant}"):
        planned(settings=PlanSettings(primary=(wrong,)))


def test_a_primary_endpoint_that_the_release_does_not_call_for_is_refused(planned):
    """A secret that is not attacked cannot be primary."""
    with pytest.raises(ConfigError, match=r"inference\.age is not in the plan"):
        planned(settings=PlanSettings(primary=("inference.age",)), secrets=["sex"])


def test_at_most_twenty_secrets_are_attacked_unless_declared(planned):
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


def test_quasi_identifiers_are_what_attackers_know(endpoint_of, planned):
    """Where quasi-identifiers are declared, links and guesses use them only, and the reason says so."""
    known = ("age", "region", "sex")
    declared = {name: {"role": "quasi_identifier"} for name in known}

    plan = planned(secrets=["diagnosis"], declared=declared)

    assert set(endpoint_of(plan, "inference.diagnosis").knows) == set(known)
    assert set(endpoint_of(plan, "linkability.halves").knows) == set(known)
    assert endpoint_of(plan, "inference.diagnosis").attack.why == "the declared quasi-identifiers"
    assert "age, region, sex (the declared quasi-identifiers)" in repr(plan)


def test_a_secret_is_never_known_to_who_guesses_it(people, planned):
    """Without declared roles an attacker knows every other column, and never the one it guesses."""
    plan = planned()
    columns = set(people().columns)

    for endpoint in plan.endpoints:
        if isinstance(endpoint.attack, NearestGuess):
            assert set(endpoint.knows) == columns - {endpoint.attack.secret}
    assert "every column but sex" in repr(plan)


def test_halves_share_no_column(endpoint_of, people, planned):
    """The two halves of a linkability attack are disjoint and together all that may be known."""
    halves = endpoint_of(planned(), "linkability.halves").attack

    assert not set(halves.first) & set(halves.second)
    assert set(halves.first) | set(halves.second) == set(people().columns)
    assert abs(len(halves.first) - len(halves.second)) <= 2
