"""The attacker who holds consecutive releases: what came and went gives people away, fresh releases give away nobody."""

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks import Knowledge
from synthprivacy.attacks.membership_differencing import Differencing
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import Risk, Skipped
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load
from synthprivacy.together import differencing, judge_differences, union_of
from synthprivacy.together.differences import encoded_alike

PEOPLE = 400


def tables(count, seed, people=PEOPLE, make=simulate.people):
    """Return independent samples of one population."""
    return [make(people, stream) for stream in np.random.default_rng(seed).spawn(count)]


def numbers(people, rng):
    """Return people of five numbers."""
    return simulate.gaussian(people, 5, rng)


def copied(original):
    """Return a generator that publishes its training table: the same one for the same table."""
    return original.copy()


def blended(original):
    """Return a generator that publishes the middle of each record and its nearest other one: nobody is copied."""
    values = original.to_numpy()
    apart = np.abs(values[:, None] - values[None]).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return pd.DataFrame((values + values[apart.argmin(axis=1)]) / 2.0, columns=original.columns)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("back", [False, True], ids=["went", "came"])
def test_q2_a_deterministic_generator_gives_the_person_away(seed, back):
    """Q2: with one person gone, or come, nobody of all people scores as high as that one; a risk needs more of them."""
    original, control = tables(2, seed)
    without = original.drop(index=17)
    before, after = (without, original) if back else (original, without)

    found = differencing(
        original=(before, after), synthetic=(copied(before), copied(after)), control=control, seed=seed
    )

    assert found.changed == 1
    assert found.ranks.tolist() == [1]
    assert found.of == 2 * PEOPLE
    assert isinstance(found.risk, Skipped)


def test_q2_a_generator_that_copies_nobody_gives_the_person_away_too():
    """Of ten people gone from blended releases, one each time, nine rank among the first hundredth, and most rank first."""
    original, control = tables(2, 5, make=numbers)
    ranks = []
    for gone in range(10):
        without = original.drop(index=gone)
        found = differencing(
            original=(original, without), synthetic=(blended(original), blended(without)), control=control
        )
        ranks += (found.ranks / found.of).tolist()

    assert np.mean(np.array(ranks) <= 0.01) >= 0.9
    assert np.mean(np.array(ranks) <= 1 / 600) >= 0.6


def test_many_who_came_and_went_are_a_risk():
    """A third of the training people are replaced: the releases, half of each copied, tell who changed."""
    stayed, went, came, control, *fresh = tables(6, 6, 300)
    rng = np.random.default_rng(7)
    before, after = (pd.concat([stayed, some], ignore_index=True) for some in (went, came))
    halves = [pd.concat(fresh, ignore_index=True), pd.concat(fresh[::-1], ignore_index=True)]
    releases = tuple(simulate.copy_share(one, other, 0.5, rng) for one, other in zip((before, after), halves))

    found = differencing(original=(before, after), synthetic=releases, control=control)

    assert found.changed == 600
    assert found.risk.lower > 0.3
    assert found.of == 600 + 300 + 300


@pytest.mark.parametrize("same", [False, True], ids=["fresh", "identical"])
def test_releases_that_tell_nothing_raise_no_alarm(same):
    """Two fresh releases, or one published twice, whoever came and went: the interval holds 0."""
    stayed, went, came, control, one, other = tables(6, 8, 300)
    before, after = (pd.concat([stayed, some], ignore_index=True) for some in (went, came))

    found = differencing(original=(before, after), synthetic=(one, one if same else other), control=control)

    assert found.risk.interval[0] <= 0.0 <= found.risk.interval[1]


@pytest.mark.slow
def test_false_alarms_are_as_rare_as_promised():
    """Of 120 pairs of fresh releases no more alarm than 2.5 % allow (99 %)."""
    alarms = 0
    for seed in range(120):
        original, control, one, other = tables(4, 100 + seed, 200, numbers)
        alarms += risk_of([one, other], original, control).lower > 0.0

    assert alarms <= 8


def test_a_household_has_left_when_its_rows_have():
    """With a declared unit people are counted, not rows: two rows of one person are one who changed."""
    original, control = tables(2, 9, 120)
    for frame, first in ((original, 0), (control, 1_000)):
        frame.insert(0, "person", [f"p{first + row // 2}" for row in range(len(frame))])
    without = original[original["person"] != "p7"]
    schema = infer(load(original, label="original"), unit="person")
    releases = tuple(frame.drop(columns="person") for frame in (original, without))

    found = differencing(original=(original, without), synthetic=releases, control=control, schema=schema)

    assert (found.changed, found.of) == (1, 120)
    assert found.ranks.tolist() == [1]


def test_equal_records_leave_one_by_one():
    """Of two people with the same record one has gone: one has changed, and nobody can say which."""
    original, control = tables(2, 10, 150)
    original.loc[1] = original.loc[0]

    found = differencing(
        original=(original, original.drop(index=1)), synthetic=(original, original.drop(index=1)), control=control
    )

    assert found.changed == 1
    assert found.ranks.tolist() == [found.of]


def test_training_tables_of_the_same_people_are_refused():
    """Where nobody came or went there is no truth to be found; the order of the rows is none."""
    original, control, release = tables(3, 11, 120)

    with pytest.raises(DataError, match="nothing came or went"):
        differencing(original=(original, original[::-1]), synthetic=(release, release), control=control)


def case_of(releases, original, control):
    """Return the releases encoded alike, the case of their union, and the union."""
    frames = [load(frame, label="table") for frame in (original, control, *releases)]
    schema, union = infer(frames[0]), union_of({str(place): frame for place, frame in enumerate(frames[2:])})
    case = encode(original=frames[0], control=frames[1], release=union, schema=schema)
    return encoded_alike(frames[2:], union, schema), case, union, frames[2:]


def risk_of(releases, original, control):
    """Return the risk of several releases of one original."""
    _, case, union, frames = case_of(releases, original, control)
    rng = np.random.default_rng(1)
    return judge_differences(frames, case, rng, union=union, targets=10_000)


def test_of_several_releases_every_change_counts():
    """A share of the people published in the middle one of three releases is found; in all of them it is no change."""
    original, control, *fresh = tables(5, 12)
    rng = np.random.default_rng(13)
    middle = [fresh[0], simulate.copy_share(original, fresh[1], 0.4, rng), fresh[2]]

    assert risk_of(middle, original, control).lower > 0.1
    assert risk_of([original] * 3, original, control).value == 0.0
    assert risk_of(fresh, original, control).interval[0] <= 0.0


@pytest.fixture(scope="module")
def studied():
    """Return an attacker and the people it may be shown."""
    original, control, *fresh = tables(4, 14)
    releases, case, _, _ = case_of(fresh, original, control)
    return Differencing().prepare(Knowledge(tuple(releases), None, case.schema), np.random.default_rng(3)), case


def test_law_1_one_at_a_time(studied):
    """The score of a person is the same alone, backwards and among the control."""
    attacker, case = studied
    people, known = case.original.select(case.schema.attackable), case.schema.attackable
    together = attacker(people).real

    assert np.array_equal(together[::-1], attacker(people.take(np.arange(len(people))[::-1])).real)
    assert np.array_equal(together[:5], [attacker(people.take(np.array([row]))).real[0] for row in range(5)])
    assert np.array_equal(together, attacker(people.joined(case.control.select(known))).real[: len(people)])


def test_law_5_repeatable():
    """The same releases and seed give the same scores; another seed, for the yardstick, hardly moves them."""
    original, control, *fresh = tables(4, 15)
    releases, case, _, _ = case_of(fresh, original, control)
    known = Knowledge(tuple(releases), None, case.schema)
    people = case.original.select(case.schema.attackable)
    one, again, other = (Differencing().prepare(known, np.random.default_rng(seed))(people).real for seed in (3, 3, 4))

    assert np.array_equal(one, again)
    assert np.corrcoef(one, other)[0, 1] > 0.99


def test_one_release_is_not_enough():
    """With a single release nothing can have changed: what is needed is said."""
    original, control, release = tables(3, 16, 120)
    releases, case, _, _ = case_of([release], original, control)

    with pytest.raises(NotEnoughDataError, match="two releases"):
        Differencing().prepare(Knowledge(tuple(releases), None, case.schema), np.random.default_rng(3))


def test_few_people_are_skipped():
    """Law 7: fewer than 100 people a side give no number, but what would be needed."""
    original, control, *fresh = tables(4, 17, 90)
    found = risk_of(fresh, original, control)

    assert not isinstance(found, Risk)
    assert "100" in found.needs
