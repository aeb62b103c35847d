"""Controls that are no holdout are noticed before anything is held against them."""

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.comparators.near_duplicates import near_duplicates
from synthprivacy.config import PlanSettings
from synthprivacy.results import Risk
from synthprivacy.selftest.scenario import case_of


def streams(number):
    """Return the random streams of a replicate."""
    return np.random.default_rng([23, number]).spawn(5)


def retouched(frame, rng):
    """Return the frame with one number of each row changed by a twentieth of its spread."""
    return frame.assign(weight_kg=frame["weight_kg"] + rng.normal(0.0, 0.7, len(frame)))


@pytest.mark.parametrize("change", [retouched, lambda frame, _: frame])
def test_training_people_in_the_control_are_noticed(change):
    """Of 1,000 control people 50 who were trained on, as they are or retouched, are noticed in each of 12 runs."""
    for number in range(12):
        one, two, three, four, five = streams(number)
        original, control, release = (simulate.people(1_000, stream) for stream in (one, two, three))
        known = change(original.sample(n=50, random_state=four), four)
        case = case_of(original, pd.concat([known, control.iloc[50:]]), release)
        assert near_duplicates(original=case.original, control=case.control, rng=five).status == "failed"


@pytest.mark.parametrize("draw", [simulate.people, lambda rows, rng: simulate.discrete(rows, 5, 3, rng)])
def test_an_honest_control_is_not_suspected(draw):
    """A control of the same population is suspected in none of 15 runs, of another size and on tables of doubles too."""
    for number in range(15):
        one, two, three, _, five = streams(number)
        original, control, release = (draw(rows, stream) for rows, stream in zip((600, 300, 600), (one, two, three)))
        case = case_of(original, control, release)
        assert near_duplicates(original=case.original, control=case.control, rng=five).status == "ok"


def test_a_drifted_control_lets_nothing_pass():
    """A control whose numbers lie .3 standard deviations higher is not interpretable, whatever the bounds say."""
    one, two, three, _, _ = streams(7)
    original, control, fresh = (simulate.gaussian(1_000, 6, stream) for stream in (one, two, three))
    settings = PlanSettings(attacks=("linkability", "memorization"))
    drifted, fair = (
        sp.evaluate(original=original, control=held_out, synthetic=fresh, plan=settings)
        for held_out in (control + 0.3, control)
    )

    assert {check.check: check.status for check in drifted.checks}["control_drift"] == "failed"
    assert sp.gate(drifted, limit=0.1).decision == "inconclusive"
    assert {check.check: check.status for check in fair.checks}["control_drift"] == "ok"
    assert sp.gate(fair, limit=0.1).decision == "pass"
    assert all(isinstance(risk, Risk) for risk in drifted.releases[0].risks)
