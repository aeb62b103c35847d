"""Who is at risk: unusual people and declared groups, against their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy.strata import groups_of, strata_of, vulnerability

NAMES = ("a", "b", "c", "d")


def gower(one, other, release):
    """Return the distance of two records, column by column, as the house defines it."""
    total = 0.0
    for name in NAMES:
        feature = release[name]
        x, y = one[name], other[name]
        if np.isnan(x) or np.isnan(y):
            total += float(np.isnan(x) != np.isnan(y))
        elif feature.ordered:
            total += min(abs(x - y) / feature.scale, 1.0)
        else:
            total += float(x != y)
    return total / len(NAMES)


def test_vulnerability_is_the_mean_distance_to_the_five_nearest_others(case_of, mixed):
    """One person at a time: sorting by the definition sorts as `vulnerability` does."""
    case = case_of(mixed(60, 0), mixed(40, 1), mixed(80, 2))
    rows = [
        {feature.name: feature.values[row] for feature in table.features}
        for table in (case.original, case.control)
        for row in range(len(table))
    ]
    far = [
        np.mean(sorted(gower(one, other, case.release) for j, other in enumerate(rows) if j != i)[:5])
        for i, one in enumerate(rows)
    ]

    found = vulnerability(case.original, case.control)

    places = np.concatenate([found.original, found.control])
    order = np.argsort(places)
    assert (np.diff(np.array(far)[order]) > -1e-5).all()
    assert np.allclose(np.sort(places), (np.arange(100) + 0.5) / 100)


def test_tables_are_treated_alike(case_of, mixed):
    """Swapping original and control swaps their places; equal records have equal places, whatever table they are in."""
    original, control, release = mixed(80, 3), mixed(60, 4), mixed(70, 5)
    control.iloc[:20] = original.iloc[:20].to_numpy()
    case, swapped = case_of(original, control, release), case_of(control, original, release)

    there, back = vulnerability(case.original, case.control), vulnerability(swapped.original, swapped.control)

    assert np.array_equal(there.original, back.control)
    assert np.array_equal(there.control, back.original)
    places = dict(zip(case.original.keys(), there.original))
    shared = [(places[key], place) for key, place in zip(case.control.keys(), there.control) if key in places]
    assert len(shared) >= 20
    assert all(one == other for one, other in shared)


def test_several_rows_of_one_person_do_not_keep_company(case_of, mixed):
    """A person far from everybody else is unusual even with ten rows that are all alike."""
    original, control, release = mixed(60, 6), mixed(60, 7), mixed(60, 8)
    original["a"] = original["a"].fillna(0.0)
    odd = original.iloc[[0] * 10].assign(a=9.0, b=9.0)
    frames = [
        frame.assign(id=[f"{side}{row}" for row in range(60)]) for side, frame in (("t", original), ("c", control))
    ]
    frames[0] = pd.concat([frames[0], odd.assign(id="hermit")])
    case = case_of(*frames, release.assign(id="s"), id={"role": "unit"})

    found = vulnerability(case.original, case.control)

    hermit = int(np.flatnonzero(np.bincount(case.original.unit) == 10)[0])
    assert found.original[hermit] == max(found.original.max(), found.control.max())


def test_a_person_is_as_unusual_as_the_most_unusual_row(case_of):
    """Five other people count for every row, no more and never oneself: 10.5 away in one row is more than 10 in one of two."""
    names = list("abcdef")
    release = pd.DataFrame({name: np.linspace(0.0, 99.0, 100) for name in names})
    crowd = pd.DataFrame(0.0, index=range(9), columns=names).assign(id=[f"p{row}" for row in range(9)])
    several = [pd.DataFrame(0.0, index=range(2), columns=names).assign(id=f"z{name}") for name in names[:5]]
    for rows, name in zip(several, names):
        rows.loc[1, name] = 10.0
    alone = pd.DataFrame(0.0, index=[0], columns=names).assign(f=10.5, id="w")
    original = pd.concat([crowd, *several, alone], ignore_index=True)
    case = case_of(original, crowd.assign(id="c" + crowd["id"]), release.assign(id="s"), id={"role": "unit"})

    found = vulnerability(case.original, case.control)

    people = np.array(sorted(original["id"].unique()))[np.argsort(-found.original)]
    assert people[0] == "w"
    assert set(people[1:6]) == {"za", "zb", "zc", "zd", "ze"}


def test_one_in_twenty_is_unusual(case_of, mixed):
    """The stratum holds five in a hundred of all people, those with the largest places."""
    case = case_of(mixed(700, 9), mixed(300, 10), mixed(500, 11))
    found = vulnerability(case.original, case.control)

    (unusual,) = strata_of(case, found)

    assert unusual.name == "outliers"
    assert unusual.original.sum() + unusual.control.sum() == 50
    assert found.original[unusual.original].min() > found.original[~unusual.original].max()


def test_groups_are_what_the_columns_say(case_of, mixed):
    """Everybody is in exactly one group of a column: its label, number or quarter, another label, or none."""
    release = mixed(200, 12).assign(e=np.arange(200) % 3, d="p")
    people = [mixed(90, seed).assign(e=np.arange(90) % 4) for seed in (13, 14)]
    roles = {name: {"role": "group"} for name in NAMES} | {"e": {"role": "group", "kind": "integer"}}
    case = case_of(*people, release, **roles)

    groups = groups_of(case)
    strata = {one.name: one for one in strata_of(case, vulnerability(case.original, case.control), groups)}

    assert [group.name for group in groups if group.column == "c"] == ["c=x", "c=y", "c=z"]
    assert [group.name for group in groups if group.column == "d"] == ["d=p"]
    assert [group.name for group in groups if group.column == "e"] == ["e=0", "e=1", "e=2"]
    assert next(group.label for group in groups if group.column == "a") == "lowest quarter"
    values = case.original["e"].values
    assert np.array_equal(strata["e=1"].original, values == 1)
    assert np.array_equal(strata["e=other labels"].original, values == 3)
    assert strata["d=p"].original.sum() == (people[0]["d"] == "p").sum()
    assert strata["d=other labels"].control.sum() == (people[1]["d"] != "p").sum()
    quarters = [one.original.mean() for name, one in strata.items() if name.startswith("b=") and "quarter" in name]
    assert quarters == pytest.approx([0.25] * 4, abs=0.12)
    for column in "abcde":
        parts = [one.original for name, one in strata.items() if name.startswith(f"{column}=")]
        assert (np.sum(parts, axis=0) == 1).all()


def test_groups_of_one_release_are_found_in_another(case_of, mixed):
    """A label that a later release lacks still makes the same group of the same people."""
    original, control = mixed(90, 15), mixed(80, 16)
    first = case_of(original, control, mixed(100, 17), c={"role": "group"})
    later = case_of(original, control, mixed(100, 17).assign(c="x"), c={"role": "group"})
    nobody = case_of(original, control.assign(c="x"), mixed(100, 17).assign(c="x"), c={"role": "group"})

    sizes = [
        {
            one.name: one.original.sum()
            for one in strata_of(case, vulnerability(case.original, case.control), groups_of(first))
        }
        for case in (first, later, nobody)
    ]

    assert sizes[0]["c=y"] == (original["c"] == "y").sum() > 0
    assert all(
        {name: size[name] for name in ("c=x", "c=y", "c=z")} == {name: sizes[0][name] for name in ("c=x", "c=y", "c=z")}
        for size in sizes[1:]
    )
