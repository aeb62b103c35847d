"""Releases compared in an evaluation: the same people, who is safer, and the population that survey weights stand for."""

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings


def evaluated(shares, *, weights=False, **settings):
    """Return the evaluation of one release for each share of people it publishes."""
    rng = np.random.default_rng(0)
    original, control, *fresh = [simulate.people(500, stream) for stream in rng.spawn(2 + len(shares))]
    releases = {
        name: simulate.copy_share(original, one, share, rng) for (name, share), one in zip(shares.items(), fresh)
    }
    if weights:
        for frame in (original, control, *releases.values()):
            frame["w"] = 1.0 + (frame["age"] > 60)
    plan = PlanSettings(attacks=("linkability", "membership"), utility=("survey",), **settings)
    schema = sp.schema(original, columns={"w": {"role": "weight"}} if weights else None)
    return sp.evaluate(original=original, control=control, synthetic=releases, schema=schema, plan=plan)


@pytest.fixture(scope="module")
def told():
    """Return an evaluation of three releases, judged together too, of which the last one publishes most."""
    return evaluated({"x": 0.1, "y": 0.1, "z": 0.5}, together=True)


def test_every_two_releases_are_compared_at_every_endpoint(told):
    """Each pair once, on all 500 people; not with the union, which holds them all; people are counted where there are guesses."""
    couples = {(pair["a"], pair["b"]) for pair in told.pairs}
    guesses = [pair for pair in told.pairs if "both" in pair]

    assert couples == {("x", "y"), ("x", "z"), ("y", "z")}
    assert all(sum(pair[name] for name in ("both", "only_a", "only_b", "neither")) == 500 for pair in guesses)
    assert {pair["endpoint"].partition(".")[0] for pair in guesses} == {"linkability"}
    assert {pair["endpoint"].partition(".")[0] for pair in told.pairs} == {"linkability", "membership"}


def test_counts_and_differences_are_those_of_the_risks(told):
    """Both and only one add up to the hits of the release; the difference is that of the two risks."""
    for pair in told.pairs:
        risks = [next(r for r in told[pair[side]].risks if r.endpoint == pair["endpoint"]) for side in "ab"]

        if "both" in pair:
            assert pair["both"] + pair["only_a"] == risks[0].evidence.original.successes
            assert pair["control"]["both"] + pair["control"]["only_b"] == risks[1].evidence.control.successes
        assert pair["difference"]["value"] == pytest.approx(risks[0].value - risks[1].value)


def test_who_is_safer(told):
    """What publishes half of the people is worse than what publishes a tenth; of two that publish a tenth nobody can tell."""
    safer = {(pair["a"], pair["b"]): pair["safer"] for pair in told.pairs if pair["endpoint"] == "linkability.halves"}

    assert safer == {("x", "y"): None, ("x", "z"): "a", ("y", "z"): "a"}


def test_pairs_are_stored_and_public_ones_tell_no_small_count(told):
    """What was written is read again; in public no count of a pair is under ten, of training or of control people."""
    again = sp.Evaluation.from_dict(told.to_dict())
    shown = told.public().pairs

    assert again.to_dict() == told.to_dict()
    assert again.pairs
    for pair in shown:
        control = pair.get("control") or {}
        assert all(count >= 10 for count in (*pair.values(), *control.values()) if isinstance(count, int))
        assert "difference" not in pair or len(control) == 4 or "both" not in pair


def test_the_population_at_risk_stands_beside_the_risks():
    """With survey weights every endpoint of guesses has its risk in the population, without them none."""
    scores = {score.metric for score in evaluated({"x": 0.2}, weights=True)["x"].scores if score.family == "survey"}

    assert "risk.linkability.halves" in scores
    assert not evaluated({"x": 0.2})["x"].scores
