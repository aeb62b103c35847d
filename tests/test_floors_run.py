"""What rulers and floors mean for a pass, from tables to the verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import judging, simulate
from synthprivacy.config import PlanSettings
from synthprivacy.results import Evaluation, Rate

LIMIT = 0.05


@pytest.fixture(scope="module")
def evaluated():
    """Return the evaluation of a release without a leak of an ordinary size."""
    original, control, fresh = (simulate.people(2_000, seed) for seed in (1, 2, 3))
    plan = PlanSettings(attacks=("linkability", "inference", "membership", "memorization"), utility=("shapes",))
    schema = sp.schema(original, secrets=["diagnosis"])
    return sp.evaluate(original=original, control=control, synthetic={"clean": fresh}, schema=schema, plan=plan)


class TestWholeRun:
    """From tables to a verdict."""

    def test_every_endpoint_is_read(self, evaluated):
        """Each result, and the headline, has a number of people, an interval around it, and a floor."""
        release = evaluated["clean"]

        assert {risk.attack for risk in release.risks} == {"linkability", "inference", "membership", "memorization"}
        for copies in (release.copies, *(risk.copies for risk in release.risks if "@" not in risk.endpoint)):
            assert 0 <= copies.interval[0] <= copies.value <= copies.interval[1] <= copies.of == 2_000
            assert copies.perfect_interval[0] == 0
            assert 0 < copies.floor < 2_000
        assert release.copies == next(risk.copies for risk in release.risks if risk.attack == "membership")

    def test_a_perfect_release_of_ordinary_size_passes(self, evaluated):
        """With 2,000 people a side, mixed or continuous, the floor is far below the limit, and the verdict is a pass."""
        floor = evaluated["clean"].floor

        assert set(floor.endpoints) == set(evaluated.plan["primary"])
        assert floor.people < 0.2 * LIMIT * 2_000
        for known in (evaluated, evaluated.public()):
            verdict = sp.gate(known, limit=LIMIT)
            assert verdict.decision == "pass", verdict
        assert evaluated.public()["clean"].floor.people in {"<10", *range(10, 40)}

    def test_people_who_are_alike_are_no_pass(self):
        """Among people who are all alike copies are not told from anybody: the verdict is inconclusive and says so."""
        frames = [simulate.discrete(2_000, 5, 3, np.random.default_rng(seed)) for seed in (1, 2, 3)]
        plan = PlanSettings(
            attacks=("linkability", "membership"), primary=("linkability.halves", "membership.distance")
        )
        evaluation = sp.evaluate(original=frames[0], control=frames[1], synthetic={"alike": frames[2]}, plan=plan)

        verdict = sp.gate(evaluation, limit=LIMIT)

        assert evaluation["alike"].copies.floor is None
        assert evaluation["alike"].copies.interval == (0, 2_000)
        assert verdict.decision == "inconclusive"
        assert any("would not have noticed a leak of" in reason for reason in verdict.reasons)

    def test_rulers_change_nothing_else(self, monkeypatch):
        """With the rulers off the same risks, bounds and scores are found."""
        frames = [simulate.gaussian(200, 6, np.random.default_rng(seed)) for seed in (1, 2, 3)]
        plan = PlanSettings(queries=60)

        def evaluate():
            return sp.evaluate(original=frames[0], control=frames[1], synthetic={"clean": frames[2]}, plan=plan)

        on = evaluate()
        monkeypatch.setattr(judging, "_rulers", lambda *_: {})
        off = evaluate()

        assert all(risk.copies is not None for risk in on["clean"].risks)
        assert [replace(risk, copies=None) for risk in on["clean"].risks] == list(off["clean"].risks)
        assert on["clean"].scores == off["clean"].scores
        assert off["clean"].floor.people is None

    def test_same_seed_same_bytes(self):
        """Rulers depend on the seed alone: one thread or two."""
        frames = [simulate.gaussian(200, 6, np.random.default_rng(seed)) for seed in (1, 2, 3)]
        plan = PlanSettings(attacks=("linkability", "membership"))
        tables = {"original": frames[0], "control": frames[1], "synthetic": {"clean": frames[2]}, "plan": plan}

        texts = {sp.evaluate(**tables, seed=5, jobs=jobs).dumps() for jobs in (1, 2, 1)}

        assert len(texts) == 1

    def test_the_json_keeps_readings_and_floors(self, evaluated):
        """What is written is read back, and a file from before there were floors is still understood."""
        data = evaluated.to_dict()
        before = Evaluation.from_dict(data)
        for release in data["releases"]:
            del release["floor"]
            for risk in release["risks"]:
                del risk["copies"]
        older = Evaluation.from_dict(data)

        assert before.to_dict() == evaluated.to_dict()
        assert isinstance(before["clean"].risks[0].copies.found, Rate)
        assert older["clean"].floor is None
        assert sp.gate(older, limit=LIMIT).decision == "inconclusive"
