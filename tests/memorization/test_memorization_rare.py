"""Rare values and pairs of values of one person, published again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.memorization_parts import have_some, rare_parts
from synthprivacy.attacks.memorization_rare import SELECTIONS, RareCopies
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.selftest import releases


def test_published_tokens_are_found_and_nothing_else(claims, vocabulary):
    """L6: over 5 replicates every holder of a leaked token is claimed, and at most 1 % of the claims are about others."""
    found = []
    for seed in range(5):
        case = vocabulary(seed)
        held = case.original["word"].values < 60  # the release's labels are sorted, and "token" comes before "word"
        claimed = claims(RareCopies(1), case, case.original)
        found.append((int((held & claimed).sum()), int(held.sum()), int(claimed.sum())))
    hit, there, claimed = np.sum(found, axis=0)

    assert hit == there == 5 * 60
    assert hit / claimed >= 0.99


def test_rare_values_read_the_share_of_their_holders(risk_of, vocabulary):
    """The risk of rare values is the share of training people whose token was leaked, within .01 over 5 replicates."""
    values = [risk_of(RareCopies(1), vocabulary(seed)).value for seed in range(5)]

    assert np.mean(values) == pytest.approx(0.06, abs=0.01)


def test_rare_pairs_of_common_values_are_found_by_pairs_alone(case_of, claims, fresh, risk_of):
    """Pairs that 40 training people have, and nobody else, are found by pairs; their values are as common as any."""
    rng = np.random.default_rng(8)
    original, control, fresh = (_going_together(4000, stream) for stream in rng.spawn(3))
    for frame in (original, fresh):
        frame.loc[:39, "first"] = range(40)
        frame.loc[:39, "second"] = [(place + 20) % 40 for place in range(40)]
    declared = {name: {"kind": "category"} for name in original}
    case = case_of(original, control, fresh, declared=declared)

    pairs = risk_of(RareCopies(2), case)

    assert pairs.value == pytest.approx(0.01, abs=0.001)
    assert pairs.lower > 0.0
    with pytest.raises(NotEnoughDataError, match="fewer than 10 records share; columns with rare values"):
        claims(RareCopies(1), case, case.original)


def _going_together(people, rng):
    """Return two columns of 40 labels, of which the second is near the first, and a third one that is free."""
    first = rng.integers(0, 40, people)
    second = (first + rng.integers(0, 3, people)) % 40
    return pd.DataFrame({"first": first, "second": second, "third": rng.integers(0, 3, people)})


def test_parts_of_a_person_published_again_stay_rare_and_are_not_taken_for_chance(case_of, fresh, risk_of):
    """A bootstrap repeats a quarter of the people; pairs of their values are claimed all the same, of nearly everybody."""
    rng = np.random.default_rng(1)
    original, control, fresh = (simulate.people(600, stream) for stream in rng.spawn(3))
    case = case_of(original, control, releases.bootstrap(original, fresh, rng))

    assert risk_of(RareCopies(2), case).value == pytest.approx(1 - np.exp(-1), abs=0.05)


def test_parts_that_chance_meets_are_left_out_but_for_the_best(case_of):
    """Selections that independent people share too often are not used; of nothing but such, the least shared one is."""
    case = case_of(*(simulate.people(2000, seed) for seed in range(3)))
    names = [(name,) for name in case.release.names]

    few, none = (rare_parts(case.release, names, chance=chance) for chance in (0.1, 0.0))
    chances = [one.chance for one in rare_parts(case.release, names, chance=1e9)]

    assert sum(one.chance for one in few) <= 0.1
    assert 1 < len(few) < len(chances)
    assert len(none) == 1
    assert none[0].chance == min(chances) > 0.0


def test_chance_is_what_independent_people_show(case_of):
    """The chance read off the release is that of fresh people, within .04, and so is the one read off real people."""
    case = case_of(*(simulate.people(3000, seed) for seed in range(3)))
    for name in ("registered", "household income", "weight_kg", "diagnosis"):
        (by_release,), (by_people,) = (rare_parts(case.release, [(name,)], usual) for usual in (None, case.control))
        shown = have_some(case.original, [by_release]).mean()
        assert by_release.chance == pytest.approx(shown, abs=0.04)
        assert by_people.chance == pytest.approx(shown, abs=0.04)


def test_of_many_columns_some_pairs_are_drawn(case_of, claims):
    """A table of 40 columns has 780 pairs; 500 of them are looked at, the same ones for the same seed."""
    rng = np.random.default_rng(0)
    case = case_of(*(simulate.gaussian(200, 40, stream) for stream in rng.spawn(3)))

    assert np.array_equal(claims(RareCopies(2), case, case.release), claims(RareCopies(2), case, case.release))
    assert RareCopies(2).parameters()["selections"] == SELECTIONS == 500
