"""What is answered of each group: groups add up, leaks are found where they are, records are for their owner."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import run, stream
from synthprivacy.results import Skipped
from synthprivacy.results.strata import split_stratum
from synthprivacy.statistics.estimate import estimate
from synthprivacy.strata import Stratum, deciles, restricted, stratified
from synthprivacy.strata.records import path_of, records_of


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


def test_l5_a_leak_in_one_group_is_found_there(asked, streams):
    """L5: 30 % of a fifth of the people are published: that group reads .3, the others nothing, all people 6 %."""
    _, outcome, strata, _ = asked

    found = {one.endpoint: one for one in stratified(outcome, strata, confidence=0.95, streams=streams)}

    assert found["linkability.halves@g=few"].interval[0] < 0.3 < found["linkability.halves@g=few"].interval[1]
    assert found["linkability.halves@g=few"].lower > 0.2
    assert found["linkability.halves@g=many"].upper < 0.01
    assert found["linkability.halves@g=few"].parameters["stratum"] == "g=few"


def test_a_group_too_small_is_said_so_and_strangers_are_not_told_of(asked, streams):
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


def test_scores_have_strata_too_and_predicates_have_none(asked, streams):
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


def test_a_stratum_of_everybody_is_everybody(asked, streams):
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
