"""Retouched people: how near is near, and who sets the threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.attacks.memorization_near import NearCopies, nearest_hundredth
from synthprivacy.config import PlanSettings


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_retouched_people_are_found_where_exact_copies_see_nothing(share, retouched, risk_of):
    """Noise of a hundredth of the spread hides nobody: the share retouched is read, within .02 over 4 replicates."""
    cases = [retouched(share, 0.01, seed) for seed in range(4)]

    assert np.mean([risk_of(NearCopies(), case).value for case in cases]) == pytest.approx(share, abs=0.02)
    assert all(risk_of(ExactCopies(), case).value == 0.0 for case in cases)


def test_the_more_retouched_the_fewer_are_near(retouched, risk_of):
    """What near copies read falls with the noise, down to nothing."""
    values = [np.mean([risk_of(NearCopies(), retouched(0.5, noise, seed)).value for seed in range(3)])
              for noise in (0.0, 0.01, 0.1, 0.3, 3.0)]  # fmt: skip

    assert all(np.diff(values) <= 0.005)
    assert values[0] == pytest.approx(0.5, abs=0.02)
    assert abs(values[-1]) < 0.02


def test_near_is_what_a_hundredth_of_independent_people_reach(claims, retouched):
    """A hundredth of fresh people of the same number lies within the threshold of each other, within a factor of two."""
    case = retouched(0.0, 0.0, 0, people=4000)

    shares = [
        claims(NearCopies(), case, case.original).mean(),
        claims(NearCopies(), case, case.original, case.control).mean(),
    ]

    assert all(0.005 < share < 0.02 for share in shares)


def test_real_people_set_the_threshold_where_there_are_any(case_of, claims):
    """A release that repeats everybody with small changes hides them behind its own threshold, and not behind real people's."""
    rng = np.random.default_rng(4)
    original, control = (simulate.gaussian(500, 6, stream) for stream in rng.spawn(2))
    twice = pd.concat([original + rng.normal(0, 0.05, original.shape), original + rng.normal(0, 0.05, original.shape)])
    case = case_of(original, control, twice)
    reach = [nearest_hundredth(table, rng) for table in (case.release, case.control)]

    hidden, found = (claims(NearCopies(), case, case.original, usual).mean() for usual in (None, case.control))

    assert reach[0] < reach[1] / 2
    assert hidden < 0.2
    assert found > 0.9


def test_half_of_the_control_sets_the_threshold():
    """A release that repeats everybody twice with small changes is found out, by control people who are not attacked."""
    rng = np.random.default_rng(4)
    original, control = (simulate.gaussian(500, 6, stream) for stream in rng.spawn(2))
    twice = pd.concat([original + rng.normal(0, 0.05, original.shape), original + rng.normal(0, 0.05, original.shape)])
    settings = PlanSettings(attacks=("memorization.near",))

    (risk,) = sp.evaluate(original=original, control=control, synthetic=twice, plan=settings)["synthetic"].risks

    assert risk.value > 0.9
    assert risk.evidence.control.trials == 250
    assert risk.copies.value == pytest.approx(500, rel=0.1)
