"""Who is at risk: unusual people and declared groups, against their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, kstest

from synthprivacy import simulate
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run, stream
from synthprivacy.results import Hits, Outcome, Skipped
from synthprivacy.results.strata import split_stratum
from synthprivacy.schemata import infer
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.trend import linear_trend
from synthprivacy.strata import Stratum, deciles, groups_of, restricted, strata_of, stratified, vulnerability
from synthprivacy.strata.records import path_of, records_of
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

NAMES = ("a", "b", "c", "d")


def streams(name):
    """Return the stream of a part."""
    return stream(0, name)


def case_of(original, control, release, **declared):
    """Return the encoded case."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], unit=declared.pop("unit", None), declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def mixed(rows, seed):
    """Return two numbers, some missing, and two label columns."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=rows).round(2),
            "b": rng.exponential(size=rows).round(2),
            "c": rng.choice(list("xyz"), rows),
            "d": rng.choice(list("pqrst"), rows),
        }
    )
    frame.loc[rng.random(rows) < 0.1, "a"] = np.nan
    return frame


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


def test_vulnerability_is_the_mean_distance_to_the_five_nearest_others():
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


def test_tables_are_treated_alike():
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


def test_several_rows_of_one_person_do_not_keep_company():
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


def test_a_person_is_as_unusual_as_the_most_unusual_row():
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


def test_one_in_twenty_is_unusual():
    """The stratum holds five in a hundred of all people, those with the largest places."""
    case = case_of(mixed(700, 9), mixed(300, 10), mixed(500, 11))
    found = vulnerability(case.original, case.control)

    (unusual,) = strata_of(case, found)

    assert unusual.name == "outliers"
    assert unusual.original.sum() + unusual.control.sum() == 50
    assert found.original[unusual.original].min() > found.original[~unusual.original].max()


def test_groups_are_what_the_columns_say():
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


def test_groups_of_one_release_are_found_in_another():
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


# ---------------------------------------------------------------------------------------------------- answers


@pytest.fixture(scope="module")
def asked():
    """Return a case of which 30 % of one group are copied, and the outcome of linkability on a sample of people."""
    people = [simulate.people(1_500, seed).assign(g="many") for seed in (20, 21, 22)]
    for frame in people:
        frame.loc[::5, "g"] = "few"
    few = people[0][people[0]["g"] == "few"]
    release = pd.concat([people[2].iloc[90:], few.sample(90, random_state=0)], ignore_index=True)
    case = case_of(*people[:2], release, g={"role": "group"})
    usable = [name for name in case.schema.attackable if name != "g"]
    outcome = run(Halves(tuple(usable[::2]), tuple(usable[1::2])), case, stream(0, "x"), targets=1_200)
    places = vulnerability(case.original, case.control)
    return case, outcome, strata_of(case, places, groups_of(case)), places


def test_the_groups_of_a_column_add_up_to_everybody(asked):
    """Hits and trials of the groups sum to those of all people, who are those that were attacked."""
    _, outcome, strata, _ = asked
    parts = [
        restricted(outcome, one.name, {"original": one.original, "control": one.control})
        for one in strata
        if one.name.startswith("g=")
    ]

    for side in ("original", "control"):
        whole = outcome.answers[side]
        assert sum(part.answers[side].hits.sum() for part in parts) == whole.hits.sum()
        assert sum(part.answers[side].trials.sum() for part in parts) == whole.trials.sum() == 1_200


def test_l5_a_leak_in_one_group_is_found_there(asked):
    """L5: 30 % of a fifth of the people are published: that group reads .3, the others nothing, all people 6 %."""
    _, outcome, strata, _ = asked

    found = {one.endpoint: one for one in stratified(outcome, strata, confidence=0.95, streams=streams)}

    assert found["linkability.halves@g=few"].interval[0] < 0.3 < found["linkability.halves@g=few"].interval[1]
    assert found["linkability.halves@g=few"].lower > 0.2
    assert found["linkability.halves@g=many"].upper < 0.01
    assert found["linkability.halves@g=few"].parameters["stratum"] == "g=few"


def test_a_group_too_small_is_said_so_and_strangers_are_not_told_of(asked):
    """A named group of under 30 people is skipped with its need; people without a label of the release are left out."""
    case, outcome, strata, _ = asked
    names = [one.name for one in strata]
    assert {"g=other labels", "g=missing"} <= set(names)
    tiny = Stratum("g=tiny", np.arange(case.original.people) < 20, np.arange(case.control.people) < 400)

    found = stratified(outcome, (*strata, tiny), confidence=0.95, streams=streams)

    assert [one.endpoint for one in found if isinstance(one, Skipped)] == ["linkability.halves@g=tiny"]
    assert next(one for one in found if isinstance(one, Skipped)).needs == "30 people a side"


def test_people_about_whom_nothing_was_guessed_are_in_no_stratum(asked):
    """People whose secret is missing are no trials of their group, and shift nobody else into it."""
    case, _, strata, _ = asked
    secret = next(name for name in case.schema.attackable if np.isnan(case.original[name].values).any())
    known = tuple(name for name in case.schema.attackable if name != secret)
    outcome = run(NearestGuess(secret, known), case, stream(0, "w"), targets=10_000)
    few = next(one for one in strata if one.name == "g=few")

    found = restricted(outcome, few.name, {"original": few.original, "control": few.control})

    there = ~np.isnan(case.original[secret].values[few.original])
    assert 0 < there.sum() < few.original.sum()
    assert len(found.answers["original"].hits) == there.sum()


def test_scores_have_strata_too_and_predicates_have_none(asked):
    """A membership score is judged among the people of a group; a predicate is about a whole table."""
    case, _, strata, places = asked
    scored = run(Distance(), case, stream(0, "y"), targets=1_200)
    single = run(SinglingOut(2, 60), case, stream(0, "z"), targets=1_200)

    found = {one.endpoint: one for one in stratified(scored, strata, confidence=0.95, streams=streams)}

    few, many = found["membership.distance@g=few"], found["membership.distance@g=many"]
    assert few.evidence.members + many.evidence.members == 1_200
    assert few.lower > max(many.value, 0.1)
    assert stratified(single, strata, confidence=0.95, streams=streams) == ()
    assert deciles(single, places, confidence=0.95, streams=streams) is None


def test_a_stratum_of_everybody_is_everybody(asked):
    """With all people inside, the risk is that of the endpoint."""
    case, outcome, _, _ = asked
    all_people = Stratum("e=all", np.ones(case.original.people, bool), np.ones(case.control.people, bool))

    (found,) = stratified(outcome, (all_people,), confidence=0.95, streams=streams)
    whole = estimate(outcome, primary=False, confidence=0.95, rng=streams("x"))

    assert (found.value, found.interval, found.lower, found.upper) == (
        whole.value,
        whole.interval,
        whole.lower,
        whole.upper,
    )


# ---------------------------------------------------------------------------------------------------- deciles


def outcome_of(places, share, rng):
    """Return guesses that are right in `share(place)` of training people and never of control people."""
    hits = (rng.random(len(places.original)) < share(places.original)).astype(np.int64)
    nobody = np.zeros(len(places.control), dtype=np.int64)
    people = {"original": np.arange(len(hits)), "control": np.arange(len(nobody))}
    answers = {
        "original": Hits(hits, np.ones_like(hits), person=people["original"]),
        "control": Hits(nobody, np.ones_like(nobody), person=people["control"]),
    }
    return Outcome("linkability", "linkability.halves", answers, {}, people)


@pytest.fixture(scope="module")
def places():
    """Return how unusual 4,000 and 2,000 people are."""
    case = case_of(mixed(4_000, 30), mixed(2_000, 31), mixed(500, 32))
    return vulnerability(case.original, case.control)


def test_deciles_show_where_the_risk_is(places):
    """Ten parts of equal size; the risk of each lies in its interval, and a rise is found."""
    found = deciles(
        outcome_of(places, lambda place: 0.4 * place, np.random.default_rng(0)),
        places,
        confidence=0.95,
        streams=streams,
    )

    assert len(found.parts) == 10
    assert [part.original.people for part in found.parts] == pytest.approx([400] * 10, abs=60)
    inside = [part.interval[0] <= 0.4 * (d + 0.5) / 10 <= part.interval[1] for d, part in enumerate(found.parts)]
    assert sum(inside) >= 8
    assert found.trend == pytest.approx(0.36, abs=0.05)
    assert found.p_value < 1e-10


def test_few_people_are_divided_into_five_parts_and_fewer_not_at_all():
    """With 30 people a side in a fifth but not in a tenth there are five parts; with fewer, none."""
    for control, parts in ((250, 5), (100, 0)):
        case = case_of(mixed(400, 33), mixed(control, 34), mixed(200, 35))
        places = vulnerability(case.original, case.control)
        found = deciles(
            outcome_of(places, lambda place: place * 0 + 0.2, np.random.default_rng(1)),
            places,
            confidence=0.95,
            streams=streams,
        )
        assert (0 if found is None else len(found.parts)) == parts


def test_a_straight_line_has_its_rise():
    """The contrast of exact values on a line is its rise, with the error of a least-squares slope."""
    values, errors = 0.1 + 0.05 * np.arange(10.0), np.full(10, 0.02)

    found = linear_trend(values, errors, confidence=0.95)

    assert found.rise == pytest.approx(0.45)
    slope_error = 0.02 / np.sqrt(((np.arange(10) - 4.5) ** 2).sum())
    assert found.interval[1] - found.rise == pytest.approx(1.959964 * 9 * slope_error)
    assert linear_trend(values[::-1], errors, confidence=0.95).p_value == pytest.approx(1 - found.p_value)


def test_no_trend_no_alarm(places):
    """Under the same risk everywhere the p-value of a rise is at most alpha as often as alpha (60 replicates, 99 %)."""
    rng = np.random.default_rng(2)
    found = [
        deciles(
            outcome_of(places, lambda place: place * 0 + 0.2, rng), places, confidence=0.95, streams=streams
        ).p_value
        for _ in range(60)
    ]

    assert binomtest(sum(p <= 0.025 for p in found), len(found)).proportion_ci(0.99).low <= 0.025
    assert kstest(found, "uniform").pvalue > 0.001


# ---------------------------------------------------------------------------------------------------- records


def test_records_are_in_the_order_of_the_file_and_for_the_owner_only(tmp_path, asked):
    """Each row of the original has its own line, its tenth and its share of right guesses; rights are 0600."""
    case, outcome, _, places = asked

    found = records_of(case, places, {"linkability.halves": outcome})
    found.write(tmp_path / "r.csv")

    assert (tmp_path / "r.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "r.csv").read_text().startswith("# personal data")
    table = pd.read_csv(tmp_path / "r.csv", comment="#")
    assert table["row"].tolist() == list(range(1, 1_501))
    assert table["linkability.halves"].sum() == outcome.answers["original"].hits.sum()
    assert table["linkability.halves"].notna().sum() == 1_200
    hit = table.loc[table["linkability.halves"] == 1, "row"] - 1
    assert (hit % 5 == 0).mean() > 0.95  # those copied are every fifth row of the file
    assert table["unusual_tenth"].value_counts().between(100, 200).all()
    assert "1500" not in repr(found)
    assert "values withheld" in repr(found)


def test_records_of_several_releases_have_files_of_their_own(tmp_path):
    """The name of a release stands in the file's name only where it can."""
    assert path_of(tmp_path / "r.csv", "a", several=False).name == "r.csv"
    assert path_of(tmp_path / "r.csv", "a-1", several=True).name == "r.a-1.csv"
    with pytest.raises(Exception, match="letters, digits"):
        path_of(tmp_path / "r.csv", "../a", several=True)


def test_strata_are_told_from_columns_with_an_at_sign():
    """`inference.e@mail` is about everybody; `inference.e@mail@outliers` and `inference.e@g=x` are not."""
    known = {"inference.e@mail", "inference.e", "inference.e@mail@outliers", "inference.e@g=a@b"}

    assert split_stratum("inference.e@mail", known) is None
    assert split_stratum("inference.e@mail@outliers", known) == ("inference.e@mail", "outliers")
    assert split_stratum("inference.e@g=a@b", known) == ("inference.e", "g=a@b")
