"""A policy that names what no evaluation of its columns could hold is refused, with the nearest name."""

from __future__ import annotations

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.attacks.membership_battery import METHODS as SCORES
from synthprivacy.config import PlanSettings, Policy, Rule, require_nameable
from synthprivacy.config.plan import METHODS, THREATS, THREATS_ON_REQUEST, UTILITY, UTILITY_ON_REQUEST
from synthprivacy.config.vocabulary import CHECKS, ENDPOINTS, METRICS, is_endpoint, is_score
from synthprivacy.errors import PolicyError
from synthprivacy.gating import decide
from synthprivacy.gating.decide import REQUIRED

COLUMNS = {name: {"kind": "category"} for name in ("age", "sex", "income", "icd10", "a@b", "x.y", "is=ok", "p|q")}


def policy(of):
    """Return the policy of one rule."""
    score = of.partition(".")[0] in METRICS and not of.endswith((".upper", ".value"))
    return Policy((Rule(of, **({} if of.startswith("checks.") else {"min" if score else "max": 0.5})),))


@pytest.fixture
def found(evaluation, risk):
    """Return an evaluation that passes, and knows its columns."""
    return evaluation(risk(upper=0.01), plan={"columns": COLUMNS})


@pytest.mark.parametrize(
    ("of", "near"),
    [
        ("singling_out.multivariat.upper", "singling_out.multivariate.upper"),
        ("singling_out.univariat.excess.upper", "singling_out.univariate.excess.upper"),
        ("linkability.halfs.upper", "linkability.halves.upper"),
        ("linkability.halves@outlier.upper", "linkability.halves.upper"),
        ("linkability.halves@gender=F.upper", "linkability.halves.upper"),
        ("inference.incme.upper", "inference.income.upper"),
        ("inference.vot.income.value", "inference.vote.income.value"),
        ("inference.lerned.upper", "inference."),
        ("inference.lerned.age.upper", "inference.vote.age.upper"),
        ("inference:income.upper", ""),
        ("membership.domais.upper", "membership.domias.upper"),
        ("memorization.spans.aeg.upper", "memorization.spans.age.upper"),
        ("reconstruction.count.income.upper", "reconstruction.counts.income.upper"),
        ("model_inversion.forrest.income.upper", "model_inversion.forest.income.upper"),
        ("shapes.maen", "shapes.mean"),
        ("shapes.column.agee", "shapes.column.age"),
        ("pairs.pair.age|sexx", "pairs.pair.age|sex"),
        ("marginals.wassertein", "marginals.wasserstein"),
        ("distances.authenticity_control", "distances.authenticity"),
        ("memorization.eidetic.3", "memorization.eidetic."),
        ("detection.auc.trees", "detection.auc"),
        ("battery.bets", "battery.best"),
        ("checks.identiy", "checks.identity"),
    ],
)
def test_what_can_never_be_there_is_refused_with_the_nearest_name(found, of, near):
    """A slip of the pen in an endpoint, a stratum, a column, a statistic or a check is no endpoint that was left out."""
    if of.startswith(("inference:", "memorization.eidetic")):
        with pytest.raises(sp.SynthPrivacyError, match=r"bounds nothing|is of no family"):
            policy(of)
        return
    with pytest.raises(PolicyError, match="is about nothing that an evaluation of these columns could hold") as refused:
        decide(found, policy(of))
    assert f"did you mean {near}" in str(refused.value).replace('"', "")


@pytest.mark.parametrize(
    "of",
    [
        "singling_out.multivariate.upper",
        "inference.income.upper",
        "inference.vote.income.upper",
        "inference.boosting.x.y.upper",
        "inference.a@b.upper",
        "inference.a@b@sex=F.upper",
        "linkability.halves@outliers.upper",
        "linkability.halves@sex=F.upper",
        "linkability.halves@is=ok=yes.upper",
        "linkability.halves@a@b=x.upper",
        "membership.differencing.upper",
        "reconstruction.counts.icd10.upper",
        "model_inversion.forest.age.excess.upper",
        "memorization.spans.age.upper",
        "shapes.column.age",
        "pairs.pair.p|q|sex",
        "disclosure.TCAP.icd10",
        "constraints.rule.range(age)",
        "detection.auc_control.linear",
        "memorization.eidetic.5",
        "fairness.parity.sex",
        "survey.risk.linkability.halves",
        "checks.control_weights",
        "checks.shared_people",
    ],
)
def test_what_could_be_there_and_is_not_stays_inconclusive(found, of):
    """An attacker on request, a secret, a stratum, a statistic of another plan: possible, not evaluated, and no pass."""
    assert decide(found, policy(of)).decision == "inconclusive"


def test_what_the_evaluation_holds_is_never_refused(evaluation, risk, skipped):
    """An endpoint of a newer version, evaluated, skipped or planned, can be named whatever this version knows."""
    made = evaluation(
        risk(upper=0.01), risk("linkability.newer"), skipped=[skipped("inference.x.new")], plan={"columns": COLUMNS}
    )

    for of in ("linkability.newer.upper", "inference.x.new.upper"):
        assert decide(made, policy(of)).decision in {"pass", "inconclusive"}


@pytest.mark.parametrize("columns", [None, {}, [], "text", 7])
def test_without_columns_any_name_may_be_one(evaluation, risk, columns):
    """Where the plan tells no columns a secret cannot be a slip; what has no column in it still can."""
    made = evaluation(risk(upper=0.01), plan={} if columns is None else {"columns": columns})

    assert decide(made, policy("inference.lerned.upper")).decision == "inconclusive"
    with pytest.raises(PolicyError, match=r"did you mean singling_out\.multivariate\.upper\?"):
        decide(made, policy("singling_out.multivariat.upper"))


def test_on_the_command_line(found, tmp_path, folder, command):
    """`gate` refuses with exit 2 whatever else would come out, with a ledger nothing is written, and `evaluate` before it starts."""
    found.to_json(tmp_path / "e.json")
    (tmp_path / "p.toml").write_text('[policy]\n[[policy.rule]]\nof = "inference.incme.upper"\nmax = 0.05\n')
    gate = ("gate", "e.json", "--policy", "p.toml")
    (tmp_path / "q.toml").write_text((tmp_path / "p.toml").read_text().replace("incme", "diagnosi"))
    tables = (
        "--original",
        folder / "train.csv",
        "--control",
        folder / "control.csv",
        "--synthetic",
        folder / "syn.csv",
    )

    for call in (gate, (*gate, "--ledger", "a.ledger"), (*gate, "--exit-zero")):
        done = command(*call, folder=tmp_path)
        assert (done.code, "did you mean inference.income.upper?" in done.last) == (2, True)
    done = command("ledger", "show", "a.ledger", folder=tmp_path)
    assert (done.code, done.out) != (0, "")
    done = command("evaluate", "q.toml", *tables, "--json", "new.json", folder=tmp_path)
    assert (done.code, "did you mean inference.diagnosis.upper?" in done.last) == (2, True)
    assert not (tmp_path / "new.json").exists()


def test_every_name_of_the_house_can_be_named():
    """Threats, families, methods of the battery and required checks are in the vocabulary, and nothing else is."""
    assert set(ENDPOINTS) == {*THREATS, *THREATS_ON_REQUEST}
    assert set(METRICS) == {*UTILITY, *UTILITY_ON_REQUEST, "battery"}
    assert {f"membership.{name}" for name in SCORES} <= {f"membership.{name}" for name in ENDPOINTS["membership"]}
    assert set(REQUIRED) <= set(CHECKS)
    require_nameable(policy("primary.upper"), None)


@pytest.mark.slow
def test_whatever_is_evaluated_can_be_named():
    """Every endpoint of a plan of all attacks, and every score and check of an evaluation, is in the vocabulary, by its own columns."""
    original, control, *fresh = (simulate.people(120, stream) for stream in np.random.default_rng(5).spawn(4))
    for table in (original, control, *fresh):
        table["note"] = table["region"] + " and some more words, " + table["age"].astype(str)
    roles = {"sex": {"role": "group"}, "region": {"role": "quasi_identifier"}, "note": {"kind": "text"}}
    schema = sp.schema(original, secrets=["diagnosis"], columns=roles, constraints=[{"column": "age", "max": 110}])
    tables = {"original": original, "control": control, "synthetic": dict(zip("ab", fresh)), "schema": schema}
    everything = PlanSettings(attacks=(*THREATS, *THREATS_ON_REQUEST, *METHODS), together=True)
    some = PlanSettings(attacks=("memorization",), utility=(*UTILITY, *UTILITY_ON_REQUEST), targets=100)
    made = sp.evaluate(**tables | {"synthetic": fresh[0]}, plan=some)
    planned = sp.plan(**tables, settings=everything)
    endpoints = {endpoint.name for endpoint in planned.endpoints} | set(planned.strata)
    scores = {f"{score.family}.{score.metric}" for release in made.releases for score in release.scores}

    assert [name for name in endpoints if not is_endpoint(name, schema.names)] == []
    assert [name for name in scores if not is_score(name, schema.names)] == []
    assert {name.partition(".")[0] for name in endpoints} == set(ENDPOINTS)
    assert {name.partition(".")[0] for name in scores} >= set(METRICS) - {"survey", "battery"}
    assert {check.check for check in made.checks} <= set(CHECKS)
