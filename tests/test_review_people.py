"""What a review of strata, pairs and explanations found: counts that differences told, and passes of what was not judged."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import tempfile
import threading
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.errors import DataError, SchemaError
from synthprivacy.generators.command import Command
from synthprivacy.results import Check, Evaluation, Score
from synthprivacy.strata import groups_of, strata_of, vulnerability
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

NAME = "linkability.halves"
SCORE = Score("shapes", "mean", 0.5, None, (0.4, 0.6), "higher")


@pytest.fixture
def shown(evaluation, risk):
    """Return which strata a public rendering shows, by name, of (hits, people) of everybody and of each stratum."""

    def made(whole, endpoint=NAME, **groups):
        risks = [risk(endpoint, *whole)]
        risks += [risk(f"{endpoint}@{name}", *counts, primary=False, copies=None) for name, counts in groups.items()]
        (release,) = evaluation(*risks).public().releases
        return {found.endpoint.removeprefix(f"{endpoint}@") for found in release.risks} - {endpoint}

    return made


# ------------------------------------------------------------------------------------------------ differences


def test_a_control_that_is_withheld_does_not_open_the_original(shown):
    """A leaking release has few control hits; the 7 of group M are still everybody's 500 less the 493 of F."""
    groups = {"sex=F": ((493, 1_000), (1, 1_000)), "sex=M": ((7, 1_000), (2, 1_000))}

    assert shown(((500, 2_000), (3, 2_000)), **groups) == set()


def test_groups_together_tell_what_a_group_that_was_skipped_has(shown):
    """No group is near everybody, but all of them together are: the group of 25 people that was skipped has 4 hits."""
    groups = {f"d={name}": ((200, 1_000), (50, 1_000)) for name in "ns"}

    assert shown(((404, 2_025), (104, 2_025)), **groups) == set()
    assert shown(((412, 2_025), (112, 2_025)), **groups) == set(groups)


def test_people_of_no_group_are_not_counted_by_difference(shown):
    """Five people of whom the release knows no label are everybody less the groups, be hits withheld or not."""
    groups = {f"d={name}": ((0, 1_000), (0, 1_000)) for name in "ns"}

    assert shown(((0, 2_005), (0, 2_000)), **groups) == set()
    assert shown(((0, 2_000), (0, 2_000)), **groups) == set(groups)


def test_unusual_people_are_looked_at_on_each_side(shown):
    """All hits but three are of unusual people: everybody less them is a count under ten."""
    assert shown(((303, 2_000), (0, 2_000)), outliers=((300, 400), (0, 400))) == set()


def test_an_at_sign_in_a_column_hides_no_difference(shown):
    """Groups at `inference.e@mail` are groups of that endpoint, and not of `inference.e`."""
    groups = {"sex=F": ((493, 1_000), (100, 1_000)), "sex=M": ((14, 1_000), (100, 1_000))}

    assert shown(((512, 2_004), (204, 2_004)), endpoint="inference.e@mail", **groups) == set()


def test_zero_and_nine_of_a_small_group_read_alike(evaluation, risk):
    """Whatever a group has between none and nine hits, the public JSON is the same, byte for byte."""

    def told(few):
        counts = {NAME: (500 + few, 2_000), f"{NAME}@sex=F": (500, 1_000), f"{NAME}@sex=M": (few, 1_000)}
        found = [risk(name, of, (0, of[1]), primary=name == NAME, copies=None) for name, of in counts.items()]
        (release,) = evaluation(*found).public().releases
        return [one.endpoint for one in release.risks], release.skipped

    assert [told(few) for few in range(10)] == [told(0)] * 10


@pytest.mark.parametrize(
    ("first", "second", "both", "told"), [(500, 400, 3, 0), (500, 400, 395, 0), (500, 400, 200, 1)]
)
def test_the_union_of_releases_tells_no_overlap(first, second, both, told, evaluation, release, risk):
    """Copies of all releases, less those of one, or both less all, are people: fewer than ten are not told."""
    found = {"a": first, "b": second, "together": first + second - both}
    name = "memorization.copies"
    releases = [release(risk(name, (hits, 4_000), (0, 4_000)), name=of) for of, hits in found.items()]

    copied = Check("identity", "failed", f"{found['together']} of 4,000 people are in it as they are", "together")
    shown = evaluation(releases=releases, checks=[copied], plan={"together": True}).public()

    assert [len(one.risks) for one in shown.releases] == [1, 1, told]
    assert sp.gate(shown, limit=0.05).decision == "fail"
    assert [str(found["together"]) in check.detail for check in shown.checks if check.release == "together"] == [False]


def test_an_explanation_knows_the_groups_of_a_column_with_an_at_sign(release, risk):
    """`inference.e@mail` has its own strata, and is no stratum of `inference.e`."""
    names = ("inference.e", "inference.e@outliers", "inference.e@mail", "inference.e@mail@outliers")
    found = release(*(risk(name) for name in names))

    assert [one.endpoint for one in found.explain("inference.e").groups] == ["inference.e@outliers"]
    assert [one.endpoint for one in found.explain("inference.e@mail").groups] == ["inference.e@mail@outliers"]


# ------------------------------------------------------------------------------------------------ names


def _case(labels, **more):
    frames = []
    for seed in range(3):
        frame = simulate.people(300, seed)[["age", "height_cm"]]
        drawn = np.random.default_rng(seed).choice(np.array(labels, dtype=object), 300)
        frames.append(frame.assign(g=pd.Series(drawn, dtype=object), **more))
    schema = sp.schema(frames[0], columns={name: {"role": "group"} for name in ("g", *more)})
    tables = [load(frame, label="table") for frame in frames]
    return encode(original=tables[0], control=tables[1], release=tables[2], schema=schema)


def test_a_label_may_be_called_missing():
    """The people of a label `missing`, or `other labels`, and those without a label have names of their own."""
    case = _case(["missing", "other labels", "a", None])
    strata = strata_of(case, vulnerability(case.original, case.control), groups_of(case))

    assert len({stratum.name for stratum in strata}) == len(strata) == 6
    assert np.sum([stratum.original for stratum in strata[1:]], axis=0).tolist() == [1] * case.original.people


def test_two_groups_of_one_name_are_refused():
    """Label `b=c` of `g` and label `c` of `g=b` would be one endpoint, of which only one would be judged in public."""
    with pytest.raises(SchemaError, match="must have different names"):
        groups_of(_case(["b=c", "d"], **{"g=b": "c"}))


# ------------------------------------------------------------------------------------------------ the gate


@pytest.mark.parametrize("odd", [None, 0, 1e308, {}, []])
def test_strata_that_cannot_be_read_are_no_pass(odd, evaluation, risk, skipped):
    """One name of the plan's strata that is no text makes the list unreadable: not a list of none."""
    few = skipped(f"{NAME}@g=few", primary=False)
    whole = risk(NAME, (20, 4_000), (2, 2_000))
    plan = {"strata": [few.endpoint, odd]}

    assert sp.gate(evaluation(whole, skipped=[few], plan=plan), limit=0.05).decision == "inconclusive"


@pytest.mark.parametrize(
    ("field", "odd"),
    [("family", {}), ("family", None), ("metric", 7), ("value", "text"), ("reference", []), ("interval", ["a", 1])],
)
def test_a_score_of_the_wrong_shape_is_refused(field, odd, evaluation, risk):
    """A damaged score is refused in a sentence, not met later by a traceback of the public rendering."""
    data = json.loads(json.dumps(evaluation(risk(NAME), scores=[SCORE]).to_dict()))
    data["releases"][0]["scores"][0][field] = odd

    with pytest.raises(DataError, match="lacks a part"):
        Evaluation.from_dict(data)


@pytest.mark.parametrize("odd", [0, -1, 0.0])
def test_what_is_divided_by_is_positive(odd, evaluation, risk):
    """A design effect or a number of people of nothing is refused."""
    whole = json.loads(json.dumps(evaluation(risk(NAME)).to_dict()))
    for way in (("evidence", "original", "design_effect"), ("copies", "of")):
        data = json.loads(json.dumps(whole))
        place = data["releases"][0]["risks"][0]
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = odd
        with pytest.raises(DataError, match="lacks a part"):
            Evaluation.from_dict(data)


@pytest.mark.parametrize(
    "way", [("copies", "of"), ("evidence", "original", "trials"), ("evidence", "control", "people")]
)
def test_people_are_whole(way, evaluation, risk):
    """A number of people that is none, such as 1e308, is refused: a search among so many would never end."""
    data = json.loads(json.dumps(evaluation(risk(NAME)).to_dict()))
    place = data["releases"][0]["risks"][0]
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = 1e308

    with pytest.raises(DataError, match="lacks a part"):
        Evaluation.from_dict(data)


def test_a_score_beyond_all_numbers_is_rendered(evaluation, risk):
    """An end of 1e308 in steps is beyond what a number can hold; it stays as it is."""
    odd = replace(SCORE, interval=(0.1, 1e308))

    assert evaluation(risk(NAME), scores=[odd]).public().releases[0].scores


# ------------------------------------------------------------------------------------------------ what is left behind


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_whoever_ends_a_fit_leaves_no_people_behind(tmp_path, monkeypatch):
    """A SIGTERM, which a scheduler sends and which ends other processes of ours, takes folder and program with it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    started = tmp_path / "started"
    program = f"import os,sys,time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    made = Command(f"{shlex.quote(sys.executable)} -c {shlex.quote(program)} {{train}} {{out}}")

    def end():
        while not (started.exists() and started.read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    with pytest.raises(SystemExit) as ended:
        made.fit_sample(pa.table({"age": [1, 2]}), 2, 0)
    thread.join()

    assert ended.value.code == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == [started]
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
