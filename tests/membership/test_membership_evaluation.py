"""The membership battery where users meet it: in a plan, an evaluation, its JSON, a gate, a report, in public."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks import BATTERY
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_battery import METHODS, TOGETHER, Battery
from synthprivacy.config import PlanSettings, Policy, Rule
from synthprivacy.frames import case_of, read_tables
from synthprivacy.planning import make_plan
from synthprivacy.proof import prove
from synthprivacy.reporting.attackers import ATTACKERS
from synthprivacy.results import Skipped

ENDPOINTS = tuple(f"membership.{method}" for method in (*METHODS, TOGETHER))
COLUMNS = ["age", "sex", "region", "weight_kg"]
PLAN = (
    '[plan]\nattacks = ["membership", "membership.battery"]\nprimary = ["membership.domias", "membership.distance"]\n'
)
TABLES = '[tables]\noriginal = "o.csv"\ncontrol = "c.csv"\nsynthetic = { s = "s.csv" }\n'
ASKED = PlanSettings(attacks=("membership", "membership.battery"))


def people(rows, seed):
    """Return simulated people of a few columns."""
    return simulate.people(rows, seed)[COLUMNS]


def copying(original, fresh, share):
    """Return fresh people, a share of whom are training people."""
    released = fresh.copy()
    count = round(share * len(original))
    released.iloc[:count] = original.iloc[:count].to_numpy()
    return released


@pytest.fixture(scope="module")
def tables():
    """Return training people, control people, and a release of which half are training people."""
    original, control, fresh = (people(150, seed) for seed in range(3))
    return {"original": original, "control": control, "synthetic": {"s": copying(original, fresh, 0.5)}}


@pytest.fixture(scope="module")
def place(tables, command, tmp_path_factory):
    """Return a folder with what the command line makes of a TOML that names the battery."""
    place = tmp_path_factory.mktemp("battery")
    for name, frame in zip("ocs", (tables["original"], tables["control"], tables["synthetic"]["s"])):
        frame.to_csv(place / f"{name}.csv", index=False)
    (place / "synthprivacy.toml").write_text(TABLES + PLAN)
    done = command("evaluate", "synthprivacy.toml", "--json", "e.json", "--html", "e.html", folder=place)
    assert done.code == 0, done.err
    return place


@pytest.fixture(scope="module")
def evaluated(place):
    """Return that evaluation, read from its JSON."""
    return sp.Evaluation.from_json(place / "e.json")


def test_a_toml_that_names_the_battery_gets_an_endpoint_from_every_score(evaluated, place):
    """The JSON holds each endpoint of the plan, fits its schema, comes back byte for byte, and fills the frame."""
    schema = json.loads(files("synthprivacy.results").joinpath("evaluation.schema.json").read_text())
    jsonschema.validate(json.loads((place / "e.json").read_text()), schema)
    found = evaluated["s"].risks + evaluated["s"].skipped

    assert evaluated.dumps() == (place / "e.json").read_text()
    assert {one.endpoint for one in found if one.endpoint in ENDPOINTS} == set(ENDPOINTS)
    assert sorted(one.endpoint for one in found if one.primary) == ["membership.distance", "membership.domias"]
    assert set(ENDPOINTS) < set(evaluated.to_frame()["endpoint"])
    assert [entry["endpoint"] for entry in evaluated.plan["endpoints"]] == ["membership.distance", *ENDPOINTS]


def test_the_best_score_is_held_to_their_number(evaluated):
    """The release has the max-T p-value of every score and the least of them, which finds half of the people copied."""
    p_values = {score.metric: score.value for score in evaluated["s"].scores if score.family == "battery"}

    assert set(p_values) - {"membership.blocks"} == {"best", "membership.distance", *ENDPOINTS}
    assert p_values["best"] == min(p_values.values()) <= 0.01


def test_a_gate_reads_the_battery(evaluated):
    """A score that is primary decides once its card is green, and a rule may bound the best p-value."""
    limited = sp.gate(evaluated, limit=0.05)
    named = [finding for finding in limited.releases[0].findings if finding.endpoint == "membership.domias"]
    best = sp.gate(evaluated, policy=Policy((Rule("battery.best", min=0.025),)))

    assert {finding.rule for finding in named} >= {"every attack tested", "primary.upper ≤ 0.05"}
    assert any(finding.status == "fail" and finding.endpoint == "battery.best" for finding in best.releases[0].findings)


def test_distances_stand_beside_and_nobody_decides_on_them(evaluated):
    """Closest-record measures are scores of the release, with the control's values; no verdict names them."""
    scores = [score for score in evaluated["s"].scores if score.family == "distances"]

    assert {score.metric for score in scores} >= {"identical", "closest_share", "authenticity"}
    assert all(score.reference is not None for score in scores if not score.metric.endswith("_p"))
    assert "distances" not in str(sp.gate(evaluated, limit=0.05))


def test_in_public_no_count_and_no_extreme_is_told(evaluated):
    """Counts under ten are withheld, distances keep away from 0 and 1, and p-values err towards more risk."""
    step = 0.1  # ten of the 150 people
    shown = evaluated.public()["s"]
    inside = {(score.family, score.metric): score.value for score in evaluated["s"].scores}

    for score in shown.scores:
        if score.family == "distances" and not score.metric.endswith("_p"):
            assert all(step <= value <= 1 - step for value in (score.value, score.reference) if value is not None)
        if score.family == "battery":
            assert (score.value >= 0.025) <= (inside["battery", score.metric] >= 0.025)
    for risk in shown.risks:
        for point in risk.evidence.tpr:
            counts = (point.successes, point.false_positives)
            assert all(isinstance(count, str) or count >= 10 for count in counts)


def test_the_report_says_what_each_score_does(place):
    """Every endpoint has words of its own on the page, and every score of the battery a heading."""
    page = html.unescape((place / "e.html").read_text())

    assert set(ENDPOINTS) < set(ATTACKERS)
    assert all(ATTACKERS[endpoint] in page for endpoint in ENDPOINTS)
    assert "What each attacker does" in page
    assert "the best score (p-value)" in page


def test_the_battery_runs_on_request_only(tables):
    """No default plan has it, nor one that names membership; where it is named it takes no secret's place."""
    frames = read_tables(**tables, schema=None)
    case = case_of(frames, "s")

    def keys(settings):
        plan = make_plan(case.schema, case.release, settings, original_people=3_000, control_people=9_000)
        return [endpoint.key for endpoint in plan.endpoints]

    usual = keys(PlanSettings())
    assert not set(usual) & set(BATTERY)
    assert not set(keys(PlanSettings(attacks=("membership",)))) & set(BATTERY)
    named = keys(PlanSettings(attacks=(*PlanSettings().attacks, "membership.battery")))
    assert [key for key in named if key not in BATTERY] == usual
    assert named.count("membership.battery") == len(ENDPOINTS)


def test_a_plan_knows_how_few_people_a_costly_score_meets(tables):
    """What a perfect release would pass is planned with the people a score can afford, not with all."""
    case = case_of(read_tables(**tables, schema=None), "s")

    plan = make_plan(case.schema, case.release, ASKED, original_people=20_000, control_people=20_000, limit=0.03)
    power = {endpoint.name: endpoint.power for endpoint in plan.endpoints}

    assert power["membership.edits"] < power["membership.domias"]


def quick(tables, progress=None, plan=ASKED, **options):
    """Return an evaluation by two scores of the battery, which takes a moment."""
    return sp.evaluate(**tables, plan=plan, progress=progress, **options)


@pytest.fixture
def two_scores(monkeypatch):
    """Leave two quick scores of the battery."""
    few = tuple(Battery(method) for method in ("difference", "neighbourhood"))
    monkeypatch.setattr(Battery, "variants", classmethod(lambda *_: few))


@pytest.mark.usefixtures("two_scores")
def test_other_endpoints_do_not_notice(tables):
    """What the driver's attacks find is the same to the last bit with the battery in the plan."""
    alone = sp.evaluate(**tables, plan=PlanSettings(attacks=("membership",)))["s"]
    beside = quick(tables)["s"]

    assert beside.risks[0] == alone.risks[0]
    assert beside.copies == alone.copies
    assert [score for score in beside.scores if score.family != "battery"] == list(alone.scores)


@pytest.mark.usefixtures("two_scores")
def test_the_battery_brings_the_distances(tables):
    """Where the battery runs its distances stand beside it, whatever other measures a plan names."""
    found = quick(tables, plan=replace(ASKED, utility=("shapes",)))["s"]

    assert {score.family for score in found.scores} == {"shapes", "distances", "battery"}


@pytest.mark.usefixtures("two_scores")
def test_threads_change_nothing(tables):
    """Two threads give the same bytes as one."""
    assert quick(tables, jobs=2).dumps() == quick(tables).dumps()


@pytest.mark.usefixtures("two_scores")
def test_progress_names_every_score_and_never_goes_back(tables):
    """Steps rise to the total, each score of the battery is one, and every stage has its seconds."""
    told = []

    evaluation = quick(tables, progress=lambda *step: told.append(step))

    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert {total for _, total, _ in told} == {told[-1][0] + 1}
    assert {"s: battery, membership.difference", "s: battery, membership.neighbourhood"} < {what for *_, what in told}
    assert all(seconds >= 0.0 for seconds in evaluation.timings.values())


@pytest.mark.usefixtures("two_scores")
def test_an_interrupt_inside_the_battery_is_one(tables):
    """Ctrl-C while a score is worked out comes out as it is."""

    def progress(_done, _total, what):
        if "battery" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quick(tables, progress)


@pytest.mark.filterwarnings("ignore:no control")
@pytest.mark.parametrize("held_out", [None, 60])
def test_too_few_people_skip_every_score_with_a_reason(tables, held_out):
    """Without enough of a control every endpoint is skipped: the reason and what is needed, never a low number."""
    control = None if held_out is None else tables["control"][:held_out]
    asked = PlanSettings(attacks=("membership", "membership.battery"), primary=("membership.domias",))

    evaluation = sp.evaluate(**{**tables, "control": control}, plan=asked)
    skipped = {one.endpoint: one for one in evaluation["s"].skipped}

    assert set(ENDPOINTS) <= set(skipped)
    assert all(
        isinstance(skipped[name], Skipped) and skipped[name].reason and skipped[name].needs for name in ENDPOINTS
    )
    assert skipped["membership.domias"].primary
    assert not any(score.family == "battery" for score in evaluation["s"].scores)
    told = [
        finding for finding in sp.gate(evaluation, limit=0.05).releases[0].findings if finding.status == "inconclusive"
    ]
    assert held_out is None or any(finding.endpoint == "membership.domias" for finding in told)
    best = sp.gate(evaluation, policy=Policy((Rule("battery.best", min=0.025),))).releases[0].findings
    assert [finding.status for finding in best if finding.endpoint == "battery.best"] == ["inconclusive"]


def test_a_proof_leaves_the_battery_out(tables):
    """Scores that were told of control people prove nothing about the coins: with them the proof is the same."""
    case = case_of(read_tables(**tables, schema=None), "s")
    attacks = [Distance()]

    proofs = [
        prove(some, case, 0.5, np.random.default_rng(0), targets=1_000)
        for some in (attacks, [*attacks, *(Battery(method) for method in METHODS)])
    ]

    assert proofs[0] is not None
    assert proofs[0] == proofs[1]
    assert prove([Battery("domias")], case, 0.5, np.random.default_rng(0), targets=1_000) is None


def test_a_decision_can_be_made_from_the_public_json(evaluated, tmp_path):
    """The public rendering comes back byte for byte, and is no nearer to passing."""
    evaluated.public().to_json(tmp_path / "public.json")
    again = sp.Evaluation.from_json(tmp_path / "public.json")

    assert again.dumps() == evaluated.public().dumps()
    assert sp.gate(again, limit=0.05).decision in {"fail", "inconclusive"}
