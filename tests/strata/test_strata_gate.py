"""Strata at the gate, in the public rendering, on the page and on the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings
from synthprivacy.planning.strata import strata_to_keep
from synthprivacy.reporting.html import render
from synthprivacy.results import Deciles, Evaluation, Part, Rate
from synthprivacy.schemata import infer
from synthprivacy.strata import vulnerability
from synthprivacy.tables.encode import encode
from synthprivacy.tables.read import load

NAME = "linkability.halves"
UNUSUAL = f"{NAME}@outliers"


def decided(found, limit=0.05):
    """Return the decision on the only release."""
    return sp.gate(found, limit=limit).decision


@pytest.fixture
def stratum(risk):
    """Return how to make the risk of a stratum."""

    def made(name, original, control=(0, 1_000), **changes):
        return risk(f"{NAME}@{name}", original, control, primary=False, copies=None, **changes)

    return made


# ---------------------------------------------------------------------------------------------------- the gate


def test_a_leak_in_a_stratum_fails_a_release_whose_average_passes(evaluation, risk, stratum):
    """With or without being named in the plan, a stratum that is surely over the limit fails."""
    whole, leak = risk(NAME, (20, 4_000), (2, 2_000)), stratum("outliers", (60, 200))

    assert decided(evaluation(whole)) == "pass"
    for named in ([], [UNUSUAL]):
        assert decided(evaluation(whole, leak, plan={"strata": named})) == "fail"


def test_a_named_stratum_must_keep_the_limit_and_another_only_must_not_break_it(evaluation, risk, stratum):
    """A small group's wide interval is inconclusive where the plan named it, and no obstacle where it did not."""
    whole, wide = risk(NAME, (20, 4_000), (2, 2_000)), stratum("g=few", (1, 40), (0, 40))

    assert decided(evaluation(whole, wide, plan={"strata": [f"{NAME}@g=few"]})) == "inconclusive"
    assert decided(evaluation(whole, wide)) == "pass"


@pytest.mark.parametrize("plan", [{"strata": [UNUSUAL]}, {"strata": None}, {"strata": "none"}])
def test_a_stratum_that_was_not_judged_is_no_pass(plan, evaluation, risk):
    """A stratum of the plan that is absent, and a plan that does not say which there are, are inconclusive."""
    assert decided(evaluation(risk(NAME, (20, 4_000), (2, 2_000)), plan=plan)) == "inconclusive"


def test_a_skipped_stratum_says_what_it_needs(evaluation, risk, skipped):
    """The verdict names the group, the people it needs, and that a larger group would do."""
    few = skipped(f"{NAME}@g=few", primary=False, needs="30 people a side")
    found = evaluation(risk(NAME, (20, 4_000), (2, 2_000)), skipped=[few], plan={"strata": [few.endpoint]})

    verdict = sp.gate(found, limit=0.05)

    assert verdict.decision == "inconclusive"
    assert verdict.needs == (f"{NAME}@g=few: 30 people a side, or that group joined with another one",)


def test_holm_counts_strata(evaluation, risk, stratum):
    """One stratum just over the limit fails alone, and no longer among forty."""
    whole, leak = risk(NAME, (20, 4_000), (2, 2_000)), stratum("g=a", (32, 400))
    others = [stratum(f"g=b{number}", (0, 400)) for number in range(40)]

    assert leak.lower > 0.05
    assert decided(evaluation(whole, leak)) == "fail"
    assert decided(evaluation(whole, leak, *others)) == "pass"


# ---------------------------------------------------------------------------------------------------- the plan


@pytest.mark.parametrize(("rows", "kept"), [(20_000, True), (2_000, False)])
def test_unusual_people_are_kept_apart_where_a_perfect_release_can_pass(rows, kept):
    """With a thousand unusual people a side the plan names them; with a hundred it does not, declared groups always."""
    frames = [simulate.people(300, seed).assign(g="a") for seed in range(3)]
    schema = sp.schema(frames[0], columns={"g": {"role": "group"}})
    plan = sp.plan(original=frames[0], control=frames[1], synthetic=frames[2], schema=schema)
    primary = [endpoint for endpoint in plan.endpoints if endpoint.name == NAME]
    case = _encoded(*frames)

    found = strata_to_keep(primary, case.release, (rows, rows), plan.settings, limit=0.05, groups=plan.groups)

    assert found == ((UNUSUAL,) if kept else ()) + (f"{NAME}@g=a",)
    assert f"{NAME}@g=a" in plan.strata
    assert any("smallest declared group" in note for note in sp.plan(**_tables(frames), schema=_grouped(frames)).notes)


def _tables(frames):
    return dict(zip(("original", "control", "synthetic"), frames))


def _grouped(frames):
    for frame in frames:
        frame.loc[::10, "g"] = "b"
    return sp.schema(frames[0], columns={"g": {"role": "group"}})


def _encoded(original, control, release):
    frames = [load(frame, label="table") for frame in (original, control, release)]
    return encode(original=frames[0], control=frames[1], release=frames[2], schema=infer(frames[0]))


# ---------------------------------------------------------------------------------------------------- known leaks


@pytest.fixture(scope="module")
def people():
    """Return 6,000 training and control people and 6,000 fresh ones, with a minority."""
    frames = [simulate.people(6_000, seed).drop(columns="registered") for seed in (40, 41, 42)]
    for seed, frame in enumerate(frames):
        frame["minority"] = np.where(np.random.default_rng(seed).random(6_000) < 0.03, "yes", "no")
    return frames


def _released(people, rows):
    """Return fresh people of whom some are replaced by these training people."""
    original, control, fresh = people
    release = pd.concat([fresh.iloc[len(rows) :], original.iloc[rows]], ignore_index=True)
    schema = sp.schema(original, columns={"minority": {"role": "group"}})
    settings = PlanSettings(attacks=("linkability", "memorization"), utility=("shapes",))
    return sp.evaluate(original=original, control=control, synthetic=release, schema=schema, plan=settings)


@pytest.fixture(scope="module")
def outliers(people):
    """Return the evaluation of a release that publishes the most unusual hundredth of the training people."""
    original, control, fresh = people
    case = _encoded(original, control, fresh)
    places = vulnerability(case.original, case.control).original[case.original.unit]
    return _released(people, case.rows[np.argsort(-places)[:60]])


def test_l4_outliers_alone_pass_the_average_and_fail_their_stratum(outliers):
    """L4: one training person in a hundred, the most unusual: all read .01, one in twenty .2, and the gate fails."""
    found = {risk.endpoint: risk for risk in outliers["synthetic"].risks}

    assert found[NAME].upper < 0.02
    assert found[UNUSUAL].interval[0] < 0.2 < found[UNUSUAL].interval[1]
    assert found[UNUSUAL].lower > 0.1
    verdict = sp.gate(outliers, limit=0.05)
    assert verdict.decision == "fail"
    assert {f.endpoint for f in verdict.releases[0].findings if f.status == "fail"} >= {UNUSUAL}
    assert all(f.status == "pass" for f in verdict.releases[0].findings if f.endpoint == NAME)


def test_risk_rises_with_being_unusual_where_it_does(outliers):
    """The last tenth reads .1, the others nothing, and the trend says so."""
    found = next(one for one in outliers["synthetic"].deciles if one.endpoint == NAME)

    assert found.parts[-1].value == pytest.approx(0.1, abs=0.02)
    assert max(abs(part.value) for part in found.parts[:-1]) < 0.02
    assert found.p_value < 0.001


def test_l5_a_minority_alone_fails_by_its_lower_end(people):
    """L5: 30 % of a group of 3 % of the people: all read .009, the group has its lower end over the limit."""
    group = np.flatnonzero(people[0]["minority"] == "yes")
    found = _released(people, group[: round(0.3 * len(group))])
    risks = {risk.endpoint: risk for risk in found["synthetic"].risks}

    assert risks[NAME].upper < 0.02
    assert risks[f"{NAME}@minority=yes"].lower > 0.2
    assert risks[f"{NAME}@minority=no"].upper < 0.01
    assert decided(found) == "fail"


def test_everything_of_a_stratum_survives_the_file(outliers, tmp_path):
    """Deciles and strata are the same after writing and reading, and the page made of either is the same."""
    outliers.to_json(tmp_path / "e.json")
    back = Evaluation.from_json(tmp_path / "e.json")

    assert json.loads(back.dumps()) == json.loads(outliers.dumps())
    assert len(back["synthetic"].deciles) == len(outliers["synthetic"].deciles) > 0
    page = render(outliers)
    assert render(back) == page
    assert "Who is at risk" in page
    assert "The most unusual people" in page


# ---------------------------------------------------------------------------------------------------- public


def test_a_withheld_stratum_alone_is_shown_masked_and_beside_others_of_its_column_it_is_not(evaluation, risk, stratum):
    """Nothing can be subtracted from one stratum; the groups of a column would tell each other."""
    whole = risk(NAME, (100, 4_000), (50, 2_000))
    alone = evaluation(whole, stratum("outliers", (4, 200), (0, 100))).public().releases[0]
    groups = [stratum("g=a", (4, 2_000)), stratum("g=b", (96, 2_000), (50, 1_000))]
    beside = evaluation(whole, *groups).public().releases[0]

    assert [one.endpoint for one in alone.risks] == [NAME, UNUSUAL]
    assert alone.risks[1].evidence.original.successes == "<10"
    assert [one.endpoint for one in beside.risks] == [NAME]
    assert {one.endpoint for one in beside.skipped} == {f"{NAME}@g=a", f"{NAME}@g=b"}


def test_one_column_of_groups_does_not_hide_another(evaluation, risk, stratum):
    """Groups are hidden with those of their own column only."""
    whole = risk(NAME, (100, 4_000), (50, 2_000))
    hidden = [stratum("g=a", (4, 2_000)), stratum("g=b", (96, 2_000), (50, 1_000))]
    told = [stratum(f"h={name}", (50, 2_000), (25, 1_000)) for name in "ab"]

    found = evaluation(whole, *hidden, *told).public().releases[0]

    assert [one.endpoint for one in found.risks] == [NAME, f"{NAME}@h=a", f"{NAME}@h=b"]


def _parts(hits, people=400):
    """Return parts of people with these hits among training people, 20 among 200 control people each."""
    return tuple(Part(0.1, (0.0, 0.2), Rate(k, people, people), Rate(20, 200, 200)) for k in hits)


@pytest.mark.parametrize(
    ("hits", "unusual", "told"),
    [
        ([40] * 10, None, True),
        ([40] * 9 + [9], None, False),
        ([40] * 9 + [395], None, False),
        ([40] * 10, (20, 200), True),
        ([40] * 10, (35, 200), False),
    ],
)
def test_deciles_that_would_tell_a_small_count_are_left_out(hits, unusual, told, evaluation, risk, stratum):
    """By themselves, or by what the last part has more than the unusual people within it."""
    found = Deciles(NAME, _parts(hits), 0.0, (-0.1, 0.1), 0.5)
    risks = [risk(NAME, (400, 4_000), (200, 2_000))]
    risks += [stratum("outliers", unusual, (10, 100))] if unusual else []

    public = evaluation(*risks, deciles=(found,)).public().releases[0]

    assert bool(public.deciles) is told
    assert not evaluation(replace(risks[0], endpoint="x"), deciles=(found,)).public().releases[0].deciles


# ---------------------------------------------------------------------------------------------------- command line


def test_records_are_written_only_where_asked_for(command, tmp_path):
    """--records writes one line a training row and says what it is; nothing else has any of it."""
    for name, seed in (("train", 0), ("control", 1), ("syn", 2)):
        simulate.people(300, seed).to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "c.toml").write_text('[plan]\nattacks = ["linkability"]\nutility = ["shapes"]\n')
    tables = ("--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv")

    done = command("evaluate", "c.toml", *tables, "--records", "records.csv", folder=tmp_path)

    assert done.code == 0
    assert "personal data" in done.err
    lines = (tmp_path / "records.csv").read_text().splitlines()
    assert lines[1].split(",")[:3] == ["release", "row", "unusual_tenth"]
    assert len(lines) == 302
    assert (tmp_path / "records.csv").stat().st_mode & 0o777 == 0o600
