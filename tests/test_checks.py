"""Laws of the rules that say whether tables may be judged."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.tables import identity as identities
from synthprivacy.tables.checks import (
    check_release,
    check_tables,
    control_overlap,
    own_doubles,
    shared_people,
)
from synthprivacy.tables.table import Feature, Table


def feature(name, values, *, ordered=True):
    """Return a column made by hand."""
    values = np.asarray(values, dtype=float)
    return Feature(name, "number" if ordered else "category", values, ordered, 0 if ordered else 50, 0.0, 6.0, 2.0)


def table(numbers, codes, unit=None):
    """Return a table of some numbers and some codes, (rows, columns) each."""
    features = [feature(f"n{place}", column) for place, column in enumerate(numbers.T)]
    features += [feature(f"c{place}", column, ordered=False) for place, column in enumerate(codes.T)]
    rows = len(numbers)
    return Table(tuple(sorted(features, key=lambda f: f.name)), np.arange(rows) if unit is None else unit)


def unique(rows, seed, *, digits=2):
    """Return practically unique people: three numbers and two codes."""
    rng = np.random.default_rng(seed)
    return table(np.round(rng.normal(100, 20, (rows, 3)), digits), rng.integers(0, 5, (rows, 2)))


def alike(rows, seed, cells=40):
    """Return people of whom most have doubles."""
    rng = np.random.default_rng(seed)
    return table(np.floor(rng.exponential(3, (rows, 1))), rng.integers(0, cells // 10, (rows, 1)))


def joined(*tables):
    """Return the rows of several tables."""
    features = [
        feature(parts[0].name, np.concatenate([part.values for part in parts]), ordered=parts[0].ordered)
        for parts in zip(*(one.features for one in tables))
    ]
    return Table(tuple(features), np.arange(sum(map(len, tables))))


def some(whole, rows, start=0):
    """Return some consecutive rows of a table."""
    return whole.take(np.arange(start, start + rows))


def changed(whole, change):
    """Return the table with its numbers changed."""
    features = [feature(f.name, change(f.values) if f.ordered else f.values, ordered=f.ordered) for f in whole.features]
    return Table(tuple(features), whole.unit)


def rng():
    """Return a fresh generator of a fixed seed."""
    return np.random.default_rng(0)


def test_too_few_people_are_refused():
    """Under 30 people nothing is said: the error names the table, the rule and the remedy."""
    with pytest.raises(NotEnoughDataError, match=r"control must have at least 30 people: it has 29; pass a larger"):
        check_tables(original=unique(100, 0), control=unique(29, 1), rng=rng())
    with pytest.raises(NotEnoughDataError, match=r"release ctgan must have at least 30 rows: it has 29; sample more"):
        check_release(original=unique(100, 0), control=None, release=unique(29, 1), name="ctgan")


def test_people_are_counted_not_rows():
    """A hundred rows of twenty people are twenty people."""
    rows = unique(100, 0)
    repeated = Table(rows.features, np.repeat(np.arange(20), 5))
    with pytest.raises(NotEnoughDataError, match="it has 20"):
        check_tables(original=repeated, control=None, rng=rng())


def test_constant_tables_are_refused():
    """Where every column is constant, or wholly missing, there is nothing to judge; one missing value is something."""
    flat = np.ones((50, 2))
    with pytest.raises(DataError, match="nothing to judge"):
        check_tables(original=table(flat, flat * np.nan), control=None, rng=rng())
    flat[7, 0] = np.nan
    assert check_tables(original=table(flat, flat), control=None, rng=rng())


def test_an_honest_control_passes():
    """Fresh people of the same population pass every check, whether unique or full of doubles."""
    for draw in (unique, alike):
        checks = check_tables(original=draw(800, 0), control=draw(200, 1), rng=rng())
        assert {check.check: check.status for check in checks} == {"size": "ok", "control_overlap": "ok"}


def test_the_original_is_no_control_of_itself():
    """A control that equals the original, in whatever order, is refused."""
    original = alike(200, 0)
    shuffled = joined(some(original, 150, start=50), some(original, 50))
    with pytest.raises(DataError, match="the two tables are equal"):
        control_overlap(original=original, control=shuffled, rng=rng())


def test_a_part_of_the_original_is_no_control():
    """More than 20 points of overlap beyond chance are refused, with the counts."""
    original = unique(800, 0)
    with pytest.raises(DataError, match=r"100 of 200 are in both, 50 points more .*; pass the people held out"):
        control_overlap(original=original, control=joined(some(original, 100), unique(100, 1)), rng=rng())


def test_a_contaminated_control_is_found():
    """A tenth of the control taken from the original makes risks uninterpretable."""
    original = unique(800, 0)
    control = joined(some(original, 20), unique(180, 1))
    check = control_overlap(original=original, control=control, rng=rng())
    assert check.status == "failed"
    assert "20 of 200 control people are in original" in check.detail


def test_small_counts_are_not_told():
    """Overlaps of fewer than ten people are found but their number is not told."""
    original = unique(800, 0)
    check = control_overlap(original=original, control=joined(some(original, 8), unique(192, 1)), rng=rng())
    assert check.status == "failed"
    assert check.detail.startswith("fewer than ten of 200")


def test_chance_doubles_rarely_alarm():
    """Honest controls of people with doubles alarm in at most 1 of 400 replicates (nominal .001)."""
    alarms = 0
    for seed in range(400):
        drawn = alike(150, seed)
        original, control = some(drawn, 110), some(drawn, 40, start=110)
        check = control_overlap(original=original, control=control, rng=np.random.default_rng(seed))
        alarms += check.status == "failed"
    assert alarms <= 1


def test_people_with_several_rows_are_compared_as_a_whole():
    """A person is in both tables where all rows are the same in any order; sharing one row is not enough."""
    rows = unique(300, 0)
    original = Table(rows.features, np.repeat(np.arange(100), 3))
    backwards = original.take(np.arange(60)[::-1])
    others = Table(unique(120, 1).features, np.repeat(np.arange(40), 3))
    both = Table(joined(backwards, others).features, np.concatenate([backwards.unit, others.unit + 20]))
    with pytest.raises(DataError, match="20 of 60 are in both"):
        control_overlap(original=original, control=both, rng=rng())
    one_row_each = Table(rows.features, np.roll(np.repeat(np.arange(100), 3), 1))
    assert control_overlap(original=original, control=one_row_each, rng=rng()).status == "ok"


def ids(values):
    """Return an arrow column of person ids."""
    return pa.chunked_array([pa.array(values)])


def test_people_apart_are_accepted_and_missing_ids_are_nobody():
    """Disjoint ids pass; a missing id on both sides is not the same person."""
    assert shared_people(ids([1, 2, None]), ids([3, None, None])).status == "ok"
    checks = check_tables(
        original=unique(100, 0),
        control=unique(100, 1),
        original_ids=ids(list(range(100))),
        control_ids=ids(list(range(100, 200))),
        rng=rng(),
    )
    assert [check.check for check in checks] == ["size", "shared_people", "control_overlap"]


def identity(*, original, control, release):
    """Return the check of one release called r."""
    readings = identities.find_people(original=original, control=control, release=release)
    return identities.identity(readings, name="r")


def control_in_release(*, original, control, release):
    """Return the check of one release called r."""
    readings = identities.find_people(original=original, control=control, release=release)
    return identities.control_in_release(readings, doubles=own_doubles(original), name="r")


ORIGINAL, CONTROL, FRESH = (unique(1_000, seed) for seed in range(3))


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (lambda values: values, "as they are"),
        (lambda values: values.astype(np.float32), "rounded"),
        (lambda values: values + 1e-9, "rounded"),
        (np.rint, "rounded"),
        (lambda values: np.round(values, -1), "rounded"),
        (lambda values: 5 * np.rint(values / 5), "rounded"),
        (lambda values: 5 * np.floor(values / 5), "cut off"),
        (lambda values: 10 * np.floor(values / 10) + 5, "rounded"),
    ],
)
def test_copies_are_found_however_they_are_written(change, how):
    """A tenth of the original in the release is found as it is, as float32, with tiny noise, rounded or cut off."""
    release = changed(joined(some(ORIGINAL, 100), some(FRESH, 900)), change)
    check = identity(original=ORIGINAL, control=CONTROL, release=release)
    assert check.status == "failed"
    assert how in check.detail
    found, _, rest = check.detail.partition(" ")
    assert rest.startswith("of 1,000 people of original")
    assert int(found) >= 95  # a few values lie on a boundary; coarse rounding makes others alike by chance
    assert check.release == "r"


def test_counts_are_told_exactly_but_small_ones_not_at_all():
    """A hundred copies are a hundred; none of the control is "fewer than ten"."""
    check = identity(original=ORIGINAL, control=CONTROL, release=joined(some(ORIGINAL, 100), FRESH))
    assert check.detail.startswith("100 of 1,000 people of original are in the release as they are")
    assert check.detail.endswith("fewer than ten of 1,000 of control")


def test_a_fresh_release_is_not_accused():
    """Fresh people pass, rounded or not, and so does a table of doubles where all of the original is found by chance."""
    for digits in (6, 2, 0, -1):
        release = changed(FRESH, lambda values, digits=digits: np.round(values, digits))
        assert identity(original=ORIGINAL, control=CONTROL, release=release).status == "ok"
    original, control, release = (alike(1_000, seed) for seed in range(3))
    assert identity(original=original, control=control, release=release).status == "ok"


@pytest.mark.parametrize("numbers", [[-1.7e308, 1.7e308], [1e18, 1e18 + 256], [5e-324, 1e-323], [1e16, 1e16 + 2]])
def test_numbers_at_the_edge_of_float64_do_no_harm(numbers):
    """Huge, tiny and hardly different numbers make no warning and accuse nobody where the control is alike."""
    people = table(np.resize(numbers, (60, 1)), np.zeros((60, 1)))
    assert identity(original=people, control=people, release=people).status == "ok"


def test_a_few_copies_are_a_warning():
    """Significantly many copies, but under 1 % of the original, are a warning."""
    original, control = unique(4_000, 0), unique(4_000, 1)
    check = identity(original=original, control=control, release=joined(some(original, 30), FRESH))
    assert check.status == "warn"
    assert "30 of 4,000" in check.detail


def test_without_a_control_copies_are_a_warning_at_most():
    """Without a control nobody knows what chance gives: 1 % of copies are a warning, never a verdict."""
    leaking = joined(some(ORIGINAL, 100), FRESH)
    assert identity(original=ORIGINAL, control=None, release=leaking).status == "warn"
    assert identity(original=ORIGINAL, control=None, release=FRESH).status == "ok"
    assert [check.check for check in check_release(original=ORIGINAL, control=None, release=FRESH, name="r")] == [
        "size",
        "identity",
    ]


def test_a_release_of_the_control_is_noticed():
    """A release that copies the control, rounded or not, rather than the original may be the control."""
    release = changed(some(CONTROL, 500), np.rint)
    assert control_in_release(original=ORIGINAL, control=CONTROL, release=release).status == "failed"
    assert control_in_release(original=ORIGINAL, control=CONTROL, release=FRESH).status == "ok"
    leaking = joined(some(ORIGINAL, 100), FRESH)
    assert control_in_release(original=ORIGINAL, control=CONTROL, release=leaking).status == "ok"
    assert identity(original=ORIGINAL, control=CONTROL, release=release).status == "ok"


def test_a_control_that_was_trained_on_is_noticed():
    """A release that publishes half of both tables leaks no less for treating them alike: the control is none."""
    release = joined(some(ORIGINAL, 500), some(CONTROL, 500))
    assert control_in_release(original=ORIGINAL, control=CONTROL, release=release).status == "failed"
    assert identity(original=ORIGINAL, control=CONTROL, release=release).status == "ok"


def test_one_row_of_a_person_is_enough_to_be_found():
    """A person with several rows is found by any of them, and counted once."""
    original = Table(ORIGINAL.features, np.repeat(np.arange(200), 5))
    release = joined(ORIGINAL.take(np.arange(0, 500, 5)), FRESH)
    check = identity(original=original, control=CONTROL, release=release)
    assert check.detail.startswith("100 of 200 people of original")
