"""The parts of an explanation: coarser columns, marked rows, what is taken from a release, what may leave the house."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from synthprivacy import simulate
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.errors import ConfigError
from synthprivacy.explaining import public
from synthprivacy.explaining.between import lies_between
from synthprivacy.explaining.by_column import by_column
from synthprivacy.explaining.by_mechanism import by_mechanism, ends_in_common
from synthprivacy.explaining.coarsening import coarsened, emptied
from synthprivacy.explaining.explanation import explain_case
from synthprivacy.explaining.marking import Marks
from synthprivacy.explaining.reading import Reader
from synthprivacy.explaining.taking import taken
from synthprivacy.planning import Endpoint
from synthprivacy.rendering import score_step
from synthprivacy.rendering.risks import mask
from synthprivacy.results import Release
from synthprivacy.schemata import infer
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

PEOPLE = 400


def case_of(original, control, release, **declared):
    """Return the encoded case of three frames."""
    frames = [load(frame, label="table") for frame in (original, control, release)]
    schema = infer(frames[0], declared=declared)
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=schema)


def reader_of(attack, case):
    """Return a reader of one endpoint."""
    return Reader(Endpoint("test", attack, attack.knows(case.schema), True, 1.0, None), 0, 20_000, 0.95)


def silent(_):
    """Tell nobody."""


@pytest.fixture(scope="module")
def survey():
    """Return a case of the survey with a code of five digits."""
    frames = []
    for stream in np.random.default_rng(0).spawn(3):
        frame = simulate.people(PEOPLE, stream)
        frame["icd"] = [f"{number:05d}" for number in stream.integers(100_000, size=PEOPLE)]
        frames.append(frame)
    return case_of(*frames, icd={"kind": "code"})


@pytest.mark.parametrize(
    ("column", "values", "how"),
    [
        ("household income", 10, "rounded to about 10 bins of equal size"),
        ("registered", 7, "rounded to the year"),
        ("diagnosis", 4, "with the labels pooled that fewer than 5% of its rows have"),
        ("icd", 400, "cut to its first 3 characters"),
    ],
)
def test_a_coarser_column_has_fewer_values_in_the_same_places(survey, column, values, how):
    """A coarser column tells fewer values apart, never parts equals, and lacks what it lacked."""
    found = coarsened(survey, column, guessed=False)
    assert found is not None
    assert found.how == how
    for table, coarser in ((survey.release, found.case.release), (survey.original, found.case.original)):
        fine, coarse = table[column].values, coarser[column].values
        assert np.array_equal(np.isnan(fine), np.isnan(coarse))
        pairs = np.unique(np.stack([fine, coarse])[:, ~np.isnan(fine)], axis=1)
        assert len(np.unique(pairs[0])) == pairs.shape[1]
    known = found.case.release[column].values
    assert len(np.unique(known[~np.isnan(known)])) <= values
    again = coarsened(found.case, column, guessed=False)
    assert again is None or np.array_equal(again.case.release[column].values, known, equal_nan=True)


def test_a_code_that_is_cut_begins_as_before(survey):
    """Of a code cut to its first characters these stay, and nothing tells the rest apart."""
    before = survey.release["icd"]
    after = coarsened(survey, "icd", guessed=False).case.release["icd"]

    assert all(np.array_equal(one, other) for one, other in zip(before.parts[:3], after.parts[:3]))
    assert len(np.unique(after.values)) == len(np.unique(before.parts[2]))


@pytest.mark.parametrize("column", ["sex", "smoker"])
def test_a_column_that_is_coarse_already_is_left_alone(survey, column):
    """There is no coarser form of two labels."""
    assert coarsened(survey, column, guessed=False) is None


def test_the_truth_about_a_guessed_column_stays_as_fine_as_it_is(survey):
    """Where the column is guessed only the release is coarser; where it is known the people are as well."""
    guessed = coarsened(survey, "systolic", guessed=True).case
    known = coarsened(survey, "systolic", guessed=False).case

    assert guessed.original is survey.original
    assert not np.array_equal(known.original["systolic"].values, survey.original["systolic"].values)


def test_an_emptied_column_is_as_good_as_none(survey):
    """An attack reads the same with a column emptied and without it: here the share of people whose record is there."""
    case = emptied(survey, "icd")
    attack = ExactCopies()
    without = replace(
        survey,
        original=survey.original.select(case.schema.attackable[:-1]),
        control=survey.control.select(case.schema.attackable[:-1]),
        release=survey.release.select(case.schema.attackable[:-1]),
    )

    assert case.schema.attackable[-1] == "icd"
    assert reader_of(attack, case).read(case).evidence == reader_of(attack, without).read(without).evidence


def test_points_on_a_line_between_two_others_are_found_and_no_others():
    """Interpolated points lie between, fresh ones and the ends themselves do not."""
    rng = np.random.default_rng(0)
    ends, fresh = rng.normal(size=(300, 4)), rng.normal(size=(300, 4))
    near = np.argsort(((ends[:, None] - ends[None]) ** 2).sum(axis=2), axis=1)[:, 3]
    mixed = ends + rng.random((300, 1)) * (ends[near] - ends)

    assert lies_between(mixed, ends).mean() > 0.95
    assert not lies_between(fresh, ends).any()
    assert not lies_between(ends, ends).any()


def test_what_is_taken_from_a_release(survey):
    """Up to half of the rows are left out; of more, whole records are shuffled and parts of records emptied."""
    rng, few, many = np.random.default_rng(0), np.arange(PEOPLE) < 100, np.arange(PEOPLE) < 300
    (shorter, left_out), (mixed, shuffled), (blank, empty) = (
        (case.release, how)
        for case, how in (taken(survey, marks, rng) for marks in (Marks(few), Marks(many), Marks(many, ("age",))))
    )

    assert (left_out, shuffled, empty) == ("left out", "shuffled", "emptied")
    assert np.array_equal(shorter.keys(), survey.release.keys()[100:])
    assert np.array_equal(np.sort(mixed["age"].values), np.sort(survey.release["age"].values))
    assert not np.isin(mixed.keys()[:300], survey.release.keys()).any()
    assert np.array_equal(mixed.keys()[300:], survey.release.keys()[300:])
    assert np.isnan(blank["age"].values[:300]).all()
    assert np.array_equal(blank["sex"].values, survey.release["sex"].values)


def test_quoted_texts_are_named():
    """A release that quotes people's remarks shows it, and telling so quotes nobody."""
    rng = np.random.default_rng(1)
    words = ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 7)) for _ in range(400)]
    frames = [simulate.people(PEOPLE, stream)[["age", "sex", "region"]] for stream in rng.spawn(3)]
    for frame in frames:
        frame["remark"] = [" ".join(row) for row in rng.choice(words, (PEOPLE, 14))]
    frames[2].loc[:120, "remark"] = frames[0].loc[:120, "remark"].to_numpy()
    case = case_of(*frames, remark={"kind": "text"})
    attack = Distance()

    found = explain_case(reader_of(attack, case), case, reader_of(attack, case).read(case))

    assert (found.mechanism.name, found.mechanism.column) == ("text_spans", "remark")
    assert 0.25 < found.mechanism.rows < 0.35
    assert not any(word in repr(found) + json.dumps(found.to_dict()) for word in words)


def test_of_many_columns_those_that_matter_are_read_in_full(monkeypatch):
    """Of more columns than are read a first look passes over those that nothing goes through, and keeps the one that leaks."""
    monkeypatch.setattr("synthprivacy.explaining.by_column.MOST", 2)
    frames = [simulate.discrete(PEOPLE, 4, 2, stream) for stream in np.random.default_rng(2).spawn(3)]
    for frame, stream in zip(frames, np.random.default_rng(3).spawn(3)):
        frame["name"] = [f"n{number}" for number in stream.integers(10**6, size=PEOPLE)]
        frame["secret"] = stream.choice(list("abcdef"), PEOPLE)
    frames[2][["name", "secret"]] = frames[0][["name", "secret"]].to_numpy()
    case = case_of(*frames, name={"kind": "category"})
    reader = reader_of(NearestGuess("secret", ("c0", "c1", "name")), case)

    columns, passed_over = by_column(reader, case, reader.read(case), told=silent)

    assert passed_over == 1
    assert columns[0].column == "name"
    assert (columns[-1].column, columns[-1].guessed) == ("secret", True)


def copies(count, seed=0):
    """Return the case of a release with so many training people's records in it."""
    original, control, release = (simulate.people(PEOPLE, stream) for stream in np.random.default_rng(seed).spawn(3))
    return case_of(original, control, pd.concat([original[:count], release[count:]], ignore_index=True))


def shown(found, risk):
    """Return the public rendering of an explanation, where that of the evaluation shows its risk or does not."""
    release = Release(found.release, None, () if risk is None else (risk,))
    return public(found, lambda one: mask(one, PEOPLE), release, score_step)


def explained(case):
    """Return the explanation of exact copies, and the risk explained."""
    reader = reader_of(ExactCopies(), case)
    risk = reader.read(case)
    return explain_case(reader, case, risk), risk


def test_no_public_byte_tells_none_from_nine():
    """With no copy and with nine the public explanation of copies is the same but for rounding elsewhere."""
    told = [shown(*explained(copies(count))) for count in (0, 9)]
    exact = [next(one for one in found.mechanisms if one.name == "exact") for found in told]

    assert all(one == exact[0] and one.evidence is None and not one.evident for one in exact)
    assert all(found.risk == told[0].risk and found.columns == () for found in told)
    assert len({tuple(one.name for one in found.mechanisms) for found in told}) == 1


def test_in_public_a_copied_release_is_explained_in_steps_of_ten_people():
    """A mechanism with many people behind it is shown, in steps; ends of columns never are, nor what is withheld elsewhere."""
    inside, risk = explained(copies(163))
    found, step = shown(inside, risk), score_step(PEOPLE)
    numbers = [found.risk.value, *found.risk.interval, *(one.without.value for one in found.columns)]

    assert found.mechanism.name == "exact"
    assert all(abs(value / step - round(value / step)) < 1e-9 for value in numbers)
    assert next(one for one in found.mechanisms if one.name == "bounds").evidence is None
    assert found == shown(found, None)
    with pytest.raises(ConfigError, match="withheld from the public rendering"):
        shown(inside, None)


def test_ends_of_columns_are_counted_on_both_sides():
    """A release whose ends are all the training people's has them in common, and chance has none."""
    original, control, release = (simulate.gaussian(PEOPLE, 3, stream) for stream in np.random.default_rng(5).spawn(3))
    release = pd.DataFrame({name: release[name].clip(original[name].min(), original[name].max()) for name in release})
    release.iloc[0], release.iloc[1] = original.min(), original.max()

    found = ends_in_common(case_of(original, control, release))

    assert (found.of, found.original, found.control) == (6, 6, 0)
    assert found.p_value == pytest.approx(1 / 924)


def test_what_cannot_be_looked_for_is_said():
    """A mechanism that the tables do not allow to look for has a reason, and is never evident."""
    frames = [simulate.discrete(PEOPLE, 3, 4, stream) for stream in np.random.default_rng(6).spawn(3)]
    case = case_of(*frames)

    found = {one.name: one for one in by_mechanism(reader_of(Distance(), case), case, None, jobs=1, told=silent)}

    for name in ("segment", "block", "bounds"):
        assert found[name].reason
        assert not found[name].evident
