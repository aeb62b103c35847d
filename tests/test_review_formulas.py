"""Formulas and sizes that a second reading found wrong once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import STUDYING
from synthprivacy.attacks.memorization_blocks import BlockCopies
from synthprivacy.attacks.memorization_near import NearCopies
from synthprivacy.config import PlanSettings
from synthprivacy.driver import met
from synthprivacy.explaining.by_mechanism import ends_in_common
from synthprivacy.planning import make_plan
from synthprivacy.planning.power import attacked, decidable, with_studied
from synthprivacy.planning.strata import strata_to_keep
from synthprivacy.schemata import infer
from synthprivacy.statistics.trend import linear_trend
from synthprivacy.strata import LEAST
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

LIMIT = 0.05
NAMED = PlanSettings(attacks=("memorization.near", "memorization.blocks", "memorization.rare"))


def case_of(original, control, release):
    """Return tables as attackers meet them."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


def drawn(*rows):
    """Return tables of so many people each."""
    return case_of(*(simulate.people(size, seed) for seed, size in enumerate(rows)))


def planned(case, original, control, limit=LIMIT):
    """Return the plan of the attacks that study, for so many people."""
    return make_plan(case.schema, case.release, NAMED, original_people=original, control_people=control, limit=limit)


# ------------------------------------------------------------------------- who studies half of the control meets the other


@pytest.mark.parametrize("control", [399, 400, 701])
def test_the_plan_reckons_with_the_people_whom_the_driver_lets_an_attack_meet(control):
    """Of every attack that studies half of the control, be it of everyone or not, the plan counts the half that is met."""
    case = drawn(300, control, 300)
    attacks = [endpoint.attack for endpoint in planned(case, 300, control).endpoints]

    assert {type(attack) for attack in attacks} >= {NearCopies, BlockCopies}
    for attack in attacks:
        assert isinstance(attack, STUDYING)
        assert attacked(attack, (300, control), 10_000) == (300, met(attack, case).control.people)


def test_a_plan_promises_no_more_than_the_people_met_can_keep():
    """The power of an endpoint that studies half of a control of 500 is that of 250 control people."""
    case = drawn(300, 500, 300)

    for endpoint in planned(case, 1_000, 500).endpoints:
        power, _ = decidable(endpoint.attack, case.release, (1_000, 250), LIMIT, 0.95)
        assert endpoint.power == power


def test_fewer_targets_than_people_met_are_not_halved_again():
    """Of 10,000 control people 5,000 are met, of whom 500 can be attacked where so many are asked for."""
    assert attacked(NearCopies(), (10_000, 10_000), 500) == (500, 500)


def test_so_many_control_people_as_a_plan_wants_are_enough():
    """With as many people a side as an endpoint wants, it passes a perfect release nine times in ten."""
    case = drawn(300, 300, 300)
    endpoints = [one for one in planned(case, 500, 500, 0.02).endpoints if one.needs is not None]

    assert endpoints
    for endpoint in endpoints:
        again = {one.name: one.power for one in planned(case, endpoint.needs, endpoint.needs, 0.02).endpoints}
        assert again[endpoint.name] >= 0.9
    assert [with_studied(NearCopies(), people) for people in (None, 399, 400)] == [None, 399, 800]


def test_unusual_people_are_counted_among_those_met():
    """A stratum is not required of a release where half of its control people are studied and too few are left."""
    case = drawn(300, 300, 300)
    endpoint = next(one for one in planned(case, 9_000, 9_000).endpoints if isinstance(one.attack, NearCopies))
    kept = {
        people: strata_to_keep([endpoint], case.release, (people, people), NAMED, limit=LIMIT, groups=())
        for people in (500, 40_000)
    }
    enough = next(
        people for people in range(500, 40_000, 100)
        if strata_to_keep([endpoint], case.release, (40_000, people), NAMED, limit=LIMIT, groups=())
    )  # fmt: skip
    unusual = (1_000, int((enough - enough // 2) * 0.05))

    assert kept[500] == ()
    assert kept[40_000]
    assert min(unusual) >= LEAST
    assert decidable(endpoint.attack, case.release, unusual, LIMIT, 0.95)[0] >= 0.9


# ------------------------------------------------------------------------------------------- ends of columns by chance


def whole_numbers(rows, columns, rng):
    """Return columns of whole numbers, whose ends several people share."""
    drawn = rng.gamma(2.0, 20.0, (rows, columns)).round()
    return pd.DataFrame({f"x{place}": column for place, column in enumerate(drawn.T)})


def test_a_small_control_makes_no_mechanism_of_shared_ends():
    """A fresh release has more ends in common with ten times as many training people than with the control: by chance."""
    alarms = 0
    for stream in np.random.default_rng(4).spawn(6):
        original, release, control = (whole_numbers(rows, 30, stream) for rows in (5_000, 5_000, 250))
        found = ends_in_common(case_of(original, control, release))
        assert found.original > found.control
        alarms += found.p_value <= 0.025

    assert alarms == 0


def test_ends_of_training_people_alone_show_beside_a_small_control():
    """A release with all ends of a training table, of numbers that nobody shares, shows beside a quarter as many others."""
    original, control = (simulate.gaussian(rows, 8, np.random.default_rng(rows)) for rows in (2_000, 500))

    found = ends_in_common(case_of(original, control, original))

    assert (found.original, found.control) == (16, 0)
    assert found.p_value <= 0.001


# ------------------------------------------------------------------------------------------------------------- trends


def test_a_group_in_the_middle_of_which_nothing_is_known_makes_no_trend():
    """The middle one of five groups has no part in the rise, not even where its standard error has no bound."""
    values, errors = np.array([0.0, 0.1, -59.0, 0.1, 0.2]), np.array([0.1, 0.1, np.inf, 0.1, 0.1])

    found = linear_trend(values, errors, confidence=0.95)

    assert found == linear_trend(values, np.where(np.isinf(errors), 0.1, errors), confidence=0.95)
    assert 0.05 < found.p_value < 0.5
