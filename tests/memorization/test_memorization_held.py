"""How many people hold a record, and extremes that are repeated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from synthprivacy import simulate
from synthprivacy.measures.memorization import eidetic_shares, memorization, repeated_bounds


def test_records_by_how_many_people_hold_them(case_of):
    """Counted by hand: of five synthetic records one is held by one person, two by two people, one by twelve."""
    original = pd.DataFrame({"a": ["one", *["two"] * 2, *["twelve"] * 12], "b": "x"})
    release = pd.DataFrame({"a": ["one", "two", "two", "twelve", "nobody"], "b": "x"})
    case = case_of(original, None, release)

    assert eidetic_shares(case.release, case.original, 15) == pytest.approx([0.2, 0.4, 0.0, 0.2])
    drawn = [hypergeom.pmf(1, 15, held, 5) * share for held, share in ((1, 0.2), (2, 0.4), (12, 0.2))]
    assert eidetic_shares(case.release, case.original, 5)[0] == pytest.approx(sum(drawn))


def test_holders_are_people_and_not_rows(case_of):
    """L7: who stands in the table three times with one record is one holder; two people with one record are two."""
    original = pd.DataFrame({"id": [1, 1, 1, 2, 3], "a": ["x", "x", "x", "y", "y"], "b": 0})
    release = pd.DataFrame({"id": [7, 8], "a": ["x", "y"], "b": 0})
    case = case_of(original, None, release, unit="id")

    assert eidetic_shares(case.release, case.original, 3) == [0.5, 0.5, 0.0, 0.0]


def test_nobody_stands_alone_where_everybody_is_there_twice(case_of):
    """L7: of a published table with everybody twice, every record is held by two people and none by one."""
    original = simulate.people(300, 0)
    case = case_of(pd.concat([original, original]), simulate.people(300, 1), original)

    scores = {score.metric: score for score in memorization(case)}

    assert scores["eidetic.1"].value == pytest.approx(0.5, abs=0.01)  # as in half of the table: one of two is drawn
    assert eidetic_shares(case.release, case.original, 600) == [0.0, 1.0, 0.0, 0.0]


def test_control_and_original_are_counted_in_tables_of_one_size(case_of):
    """Fresh records read alike on original and control, four times as many as these, within .02 over 12 replicates."""
    off = []
    for seed in range(12):
        streams = np.random.default_rng([14, seed]).spawn(3)
        frames = [simulate.discrete(rows, 6, 3, stream) for rows, stream in zip((4000, 1000, 4000), streams)]
        off.append(
            [score.value - score.reference for score in memorization(case_of(*frames)) if score.value is not None]
        )

    assert np.mean(off, axis=0) == pytest.approx(0.0, abs=0.02)


def test_repeated_extremes_are_counted_and_never_told(case_of, fresh):
    """Ends taken from the training table stand out against the control; no score names a column or a value."""
    frames = [simulate.gaussian(500, 4, stream) for stream in np.random.default_rng(5).spawn(3)]
    original, control, fresh = frames
    clipped = fresh.clip(original.min(), original.max(), axis=1)
    clipped.loc[0], clipped.loc[1] = original.min(), original.max()
    case = case_of(original, control, clipped)

    scores = {score.metric: score for score in memorization(case)}

    assert (scores["bounds"].value, scores["bounds"].reference) == (1.0, 0.0)
    assert repeated_bounds(case.release, case.original) == dict.fromkeys(case.release.names, 2)
    assert not any(name in metric for metric in scores for name in original)
    assert memorization(case_of(original, control, fresh))[0].value == 0.0


def test_each_end_counts_by_itself(case_of):
    """Of three columns one repeats its smallest value, one its largest, one neither; missing values are no end."""
    original = pd.DataFrame({"a": [1.0, 5.0, None], "b": [1.0, 5.0, 2.0], "c": [1.0, 5.0, 2.0]})
    release = pd.DataFrame({"a": [1.0, 4.0, 2.0], "b": [2.0, 5.0, None], "c": [0.0, 6.0, 1.0]})
    case = case_of(original, None, release)

    assert repeated_bounds(case.release, case.original) == {"a": 1, "b": 1, "c": 0}
    assert memorization(case)[0].value == pytest.approx(1 / 3)


def test_ends_that_every_table_has_are_no_finding(case_of):
    """A column with fixed ends repeats them on the control as well."""
    rng = np.random.default_rng(5)
    frames = [
        pd.DataFrame({"score": stream.integers(0, 5, 500), "age": stream.integers(18, 30, 500)})
        for stream in rng.spawn(3)
    ]

    bounds = memorization(case_of(*frames))[0]

    assert bounds.value == bounds.reference == 1.0
