"""Laws of the split into people to train on and people to hold out."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from synthprivacy import simulate
from synthprivacy.errors import ConfigError, NotEnoughDataError
from synthprivacy.tables.people import person_keys
from synthprivacy.tables.read import load
from synthprivacy.tables.split import split, split_facts, split_rows


@pytest.fixture(scope="module")
def visits():
    """Return 3,000 visits of 1,000 patients whose numbers are too long for float64."""
    rng = np.random.default_rng(0)
    frame = simulate.people(3_000, rng)
    return frame.assign(patient=10**17 + rng.integers(0, 1_000, 3_000))


def rows_of(frame):
    """Return the sorted rows as hashes of their content."""
    return np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy())


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_everybody_has_the_same_chance(share):
    """The share held out is within the 99.9 % limits of a binomial, for 20 seeds in 20."""
    frame = load(simulate.people(2_000, 0), label="members")
    low, high = stats.binom.interval(0.999, 2_000, share)
    for seed in range(20):
        assert low <= split_rows(frame, share=share, seed=seed).sum() <= high


def test_draws_are_independent_between_people_and_seeds():
    """Two people, and one person under two seeds, are held out together as often as independence says (4 SE)."""
    frame = load(pd.DataFrame({"id": np.arange(20_000)}), label="members")
    one, other = (split_rows(frame, share=0.5, seed=seed) for seed in (0, 1))
    for both in (one & other, one[1:] & one[:-1], one[::2] & one[1::2]):
        assert both.mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.1875 / len(both)))


def test_no_person_is_on_both_sides(visits):
    """All rows of a person are on one side, also where ids differ only beyond float64's digits."""
    train, control = split(visits, unit="patient", seed=3)
    assert not set(train["patient"]) & set(control["patient"])
    assert len(train) + len(control) == len(visits)
    people = stats.binom.interval(0.999, visits["patient"].nunique(), 0.2)
    assert people[0] <= control["patient"].nunique() <= people[1]


@pytest.mark.parametrize("unit", [None, "patient"])
def test_order_changes_nothing_but_order(visits, unit):
    """Shuffled rows and columns are split into the same two sets of rows."""
    doubled = pd.concat([visits, visits.iloc[:500]])  # equal rows are told apart by their number
    shuffled = doubled.sample(frac=1, random_state=0)[sorted(doubled.columns, reverse=True)]
    for one, other in zip(split(doubled, unit=unit), split(shuffled, unit=unit)):
        np.testing.assert_array_equal(rows_of(one), rows_of(other[one.columns]))


def test_equal_rows_are_different_people():
    """Without a unit, a thousand equal rows are a thousand people of whom a fifth is held out (99.9 % limits)."""
    held_out = split_rows(load(pd.DataFrame({"x": np.ones(1_000)}), label="members")).sum()
    low, high = stats.binom.interval(0.999, 1_000, 0.2)
    assert low <= held_out <= high


def test_a_row_without_an_id_is_a_person():
    """Missing ids tie no rows together."""
    ids = pd.array([None] * 1_000 + list(range(500)), dtype="Int64")
    frame = load(pd.DataFrame({"id": ids, "x": np.arange(1_500)}), label="members")
    assert len(np.unique(person_keys(frame, "id"))) == 1_500


def test_the_seed_decides(visits):
    """The same seed gives the same split, another seed another one."""
    frame = load(visits, label="members")
    np.testing.assert_array_equal(split_rows(frame, seed=5), split_rows(frame, seed=5))
    assert (split_rows(frame, seed=5) != split_rows(frame, seed=6)).any()


@pytest.mark.parametrize(
    ("unit", "held_out"),
    [("id", [1, 0, 0, 0, 0, 1, 0, 1]), ("name", [0, 1, 1, 1, 0, 0, 1, 0]), (None, [0, 0, 0, 1, 0, 0, 0, 1])],
)
def test_the_draws_are_fixed_for_good(unit, held_out):
    """A control stays the control in every version and on every machine."""
    frame = pa.table({"id": [1, 2, 3, 4, 5, 6, 7, 8], "name": ["a", "b", "ü", None, "", "a", "b", "c"]})
    assert split_rows(frame, unit=unit, share=0.5, seed=1).astype(int).tolist() == held_out


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_frame_comes_back_as_what_it_was(make):
    """Train and control are frames of the caller's library with all rows, in their order; other libraries agree."""
    columns = {"member id": list(range(400)), "x": [number / 7 for number in range(400)]}
    train, control = split(make(columns), unit="member id")
    assert type(train) is type(control) is type(make(columns))
    expected = split(pa.table(columns), unit="member id")
    for side, ids in zip((train, control), expected):
        np.testing.assert_array_equal(np.asarray(side["member id"]), np.asarray(ids["member id"]))


def test_pandas_keeps_index_and_types(visits):
    """A pandas frame keeps its index, its types and its column order."""
    indexed = visits.set_index(np.arange(len(visits)) * 2)
    train, control = split(indexed)
    pd.testing.assert_frame_equal(pd.concat([train, control]).sort_index(), indexed)


def test_files_and_lazy_frames_come_back_as_arrow(tmp_path):
    """What is no frame in memory is read once and comes back as arrow tables, split the same way."""
    frame = pl.DataFrame({"id": list(range(400))})
    frame.write_parquet(tmp_path / "members.parquet")
    expected = split(frame.to_arrow())
    for members in (tmp_path / "members.parquet", frame.lazy()):
        train, control = split(members)
        assert (train, control) == expected


def test_facts_tell_the_split_but_no_data(visits):
    """The facts hold both sides' rows and people and whether the control suffices, and are strict JSON."""
    frame = load(visits, label="members")
    in_control = split_rows(frame, unit="patient", seed=2)
    settings = {"unit": "patient", "share": 0.2, "seed": 2, "limit": 0.05}
    facts = split_facts(frame, in_control, **settings, needed={0.1: 4_000, 0.01: 150, 0.9: None})
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["format"] == "synthprivacy/split/1"
    assert (facts["share"], facts["probability"]) == (0.2, 0.8)
    assert facts["train"]["rows"] + facts["control"]["rows"] == 3_000
    assert facts["control"]["people"] == visits["patient"][in_control].nunique()
    assert [need["enough"] for need in facts["needed"]] == [True, False, False]


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"share": 0.0}, "share must be between 0 and 1"),
        ({"share": 1.2}, "share must be between 0 and 1"),
        ({"limit": 1.0}, "limit must be between 0 and 1"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"unit": "nobody"}, "unit must be a column of members: 'nobody' is none"),
    ],
)
def test_settings_out_of_range_are_refused(settings, rule):
    """A setting that makes no sense is an error that names it."""
    with pytest.raises(ConfigError, match=rule):
        split(pd.DataFrame({"x": range(500)}), **settings)


def test_too_few_people_are_refused_before_training():
    """A table on which no release could ever pass, or whose control could not be used, is refused with the count."""
    with pytest.raises(NotEnoughDataError, match=r"train must have at least 72 people for a limit of 0\.05"):
        split(pd.DataFrame({"x": range(120)}), share=0.5)
    with pytest.raises(NotEnoughDataError, match="control must have at least 30 people"):
        split(pd.DataFrame({"x": range(120)}), share=0.05)
