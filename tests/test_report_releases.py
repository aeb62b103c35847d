"""Several releases in one report: against the one accepted last, across evaluations, and as candidates of a control."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import synthprivacy as sp
from synthprivacy import simulate
from synthprivacy.config import PlanSettings, policy_of_limit
from synthprivacy.errors import ConfigError
from synthprivacy.gating import decide
from synthprivacy.gating.candidates import as_candidates
from synthprivacy.reporting import render
from synthprivacy.reporting.amounts import digits, percent
from synthprivacy.reporting.entries import line_up
from synthprivacy.reporting.unpaired import unpaired
from synthprivacy.reporting.verdicts import judge
from synthprivacy.results import Evaluation, Score

LAST = "the release accepted last"


def words(html):
    """Return the text of a page, single-spaced."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def made(shares, **settings):
    """Return the evaluation of one release for each share of people it publishes."""
    rng = np.random.default_rng(0)
    original, control, *fresh = [simulate.people(300, stream) for stream in rng.spawn(2 + len(shares))]
    releases = {
        name: simulate.copy_share(original, one, share, rng) for (name, share), one in zip(shares.items(), fresh)
    }
    plan = PlanSettings(attacks=("linkability", "membership"), utility=("shapes",), **settings)
    return sp.evaluate(original=original, control=control, synthetic=releases, plan=plan)


@pytest.fixture(scope="module", name="three")
def _three():
    """Return an evaluation of an accepted release, one like it, and one that publishes half of the people."""
    return made({"v1": 0.1, "v2": 0.1, "v3": 0.5}, accepted="v1")


def test_every_primary_endpoint_is_compared(three):
    """Guesses and scores alike: each pair at each primary endpoint, with those of the accepted release apart."""
    primary = {risk.endpoint for risk in three["v1"].risks if risk.primary}
    for a, b in (("v1", "v2"), ("v1", "v3"), ("v2", "v3")):
        found = {pair["endpoint"]: pair for pair in three.pairs if (pair["a"], pair["b"]) == (a, b)}
        assert primary <= set(found)
        assert {end for end, pair in found.items() if "against_accepted" in pair} == (primary if a == "v1" else set())
    for pair in three.pairs:
        values = [next(r.value for r in three[pair[side]].risks if r.endpoint == pair["endpoint"]) for side in "ab"]
        assert pair["difference"]["value"] == pytest.approx(values[0] - values[1])


def test_the_first_screen_holds_each_release_against_the_accepted_one(three):
    """The copying release is riskier, the like one cannot be told, the accepted one is called so: from the JSON."""
    page = render(Evaluation.from_dict(three.to_dict()), inside=True)
    first = words(page).partition("May this be judged at all?")[0]

    assert f"Against v1, {LAST}, it is riskier at linkability.halves, membership.distance (2 primary endpoints" in first
    assert f"Against v1, {LAST}, it is neither safer nor riskier as far as anybody can tell (2 primary" in first
    assert "It is the release that was accepted last" in first
    assert "B and C" not in first
    assert re.search(r"A is safer than C at \d of \d endpoints compared \(2 of 2 primary ones\)", words(page))


def test_in_public_no_comparison_tells_a_withheld_count(three):
    """Comparisons that rest on withheld counts go with them, also those with the accepted release."""
    for pair in three.public().pairs:
        assert "difference" in pair or not {"against_accepted", "safer", "control"} & pair.keys()
    assert Evaluation.from_dict(three.public().to_dict()).public() == Evaluation.from_dict(three.public().to_dict())


def test_pairs_of_withheld_predicates_are_left_out(evaluation, release, matches):
    """A comparison of predicates is shown only where the counts of both releases are."""
    difference = {"value": 0.1, "interval": [0.0, 0.2], "lower": 0.0, "upper": 0.2, "confidence": 0.95,
                  "p_value": 0.1, "adjusted_p": 0.2}  # fmt: skip
    pair = {"a": "x", "b": "y", "endpoint": "singling_out.multivariate", "difference": difference, "safer": None}

    def shown(count):
        risks = [matches(original=hits, control=40, people=50) for hits in (60, count)]
        risks = [replace(risk, evidence=replace(risk.evidence, size=4_000)) for risk in risks]
        found = [release(risk, name=name) for name, risk in zip("xy", risks)]
        return evaluation(releases=found, pairs=[pair]).public().pairs

    assert shown(60) == (pair,)
    assert shown(9) == ()


def test_an_accepted_release_must_be_there():
    """A name that no release has is refused before anybody is attacked."""
    with pytest.raises(ConfigError, match=r"plan.accepted must be one of the releases: v9 is none; name one of v1, v2"):
        made({"v1": 0.1, "v2": 0.1}, accepted="v9")


def test_the_command_line_names_the_accepted_release(folder, command):
    """`--accepted` wins over the file, and a wrong name exits 2."""
    wrong = command(
        "evaluate", "--original", "train.csv", "--control", "control.csv", "--synthetic", "s=syn.csv",
        "--accepted", "t", folder=folder,
    )  # fmt: skip

    assert wrong.code == 2
    assert "plan.accepted must be one of the releases: t is none" in wrong.err


@pytest.fixture(name="alone")
def _alone(evaluation, release, risk):
    """Return evaluations of one release each, by the hits on 2,000 people."""

    def of(name, *hits):
        endpoints = ("linkability.halves", "linkability.few")
        return evaluation(releases=[release(*(risk(e, (h, 2_000)) for e, h in zip(endpoints, hits)), name=name)])

    return of


def test_across_evaluations_nothing_is_paired(alone):
    """Only a difference larger than both uncertainties is told, and the page says that nothing is paired."""
    page = words(render([alone("x", 20, 20), alone("y", 300, 24)], inside=True))

    assert "they are not paired" in page
    assert "hold together for 2 comparisons (Bonferroni)" in page
    assert "A is safer than B at 1 of 2 primary endpoints; at the others nobody can tell." in page
    assert "A and B: nobody can tell at any of 2 primary endpoints." in words(
        render([alone("x", 20, 20), alone("y", 30, 24)], inside=True)
    )
    assert "not paired" not in words(render(alone("x", 20, 20), inside=True))


def test_bounds_are_stricter_the_more_is_compared(alone):
    """What two evaluations show apart is not told any more among many: the error is shared out."""
    one, other = alone("x", 20, 20), alone("y", 64, 20)
    many = [alone(f"z{number}", 64, 64) for number in range(20)]

    def first(*evaluations):
        return unpaired(line_up(evaluations, [judge(found) for found in evaluations])).sentences[0]

    assert first(one, other) == "A is safer than B at 1 of 2 primary endpoints; at the others nobody can tell."
    assert first(one, other, *many) == "A and B: nobody can tell at any of 2 primary endpoints."


def test_against_an_evaluation_that_is_not_shown(alone, tmp_path, command):
    """`--against` holds all releases against the accepted one, which has no column of its own on the page."""
    alone("now", 20, 20).to_json(tmp_path / "now.json")
    alone("last", 300, 300).to_json(tmp_path / "last.json")
    done = command("report", "now.json", "--html", "r.html", "--inside", "--against", "last.json", folder=tmp_path)
    page = words((tmp_path / "r.html").read_text(encoding="utf-8"))

    assert done.code == 0, done.err
    assert f"now is safer than last, {LAST} at 2 of 2 primary endpoints." in page
    assert "What the release “now” gives away" in page


def test_a_ledger_says_which_candidate_it_is(alone, tmp_path, command):
    """The third evaluation that a gate judged with this control is no. 3, with the bounds that the gate used."""
    for name in ("one", "two", "three", "four"):
        found = replace(
            alone(name, 20, 20), plan={**alone(name, 20, 20).plan, "policy": policy_of_limit(0.05).to_dict()}
        )
        found.to_json(tmp_path / f"{name}.json")
    for name in ("one", "two", "three"):
        command("gate", f"{name}.json", "--limit", "0.05", "--ledger", "l.ledger", folder=tmp_path)

    def told(name, *more):
        done = command("report", f"{name}.json", "--html", "r.html", "--inside", *more, folder=tmp_path)
        assert done.code == 0, done.err
        return words((tmp_path / "r.html").read_text(encoding="utf-8"))

    page = told("three", "--ledger", "l.ledger")
    held = as_candidates(Evaluation.from_json(tmp_path / "three.json"), {"three": 3})

    assert "It is candidate no. 3 judged with this control: its decision bounds are at 0.0675 of the error" in page
    worst = held["three"].worst
    assert f"decision bound {percent(worst.upper, digits(worst.interval), 'up')} (" in page
    assert decide(held, policy_of_limit(0.05)).decision == "pass"
    assert "not counted, no ledger was kept" in told("three")
    assert "The ledger has not judged four" in told("four", "--ledger", "l.ledger")
    assert "no. 3" not in told("three")


def test_every_release_has_its_matrix_of_dependence(evaluation, release, risk):
    """Differences of every two columns are drawn for each of several releases, with its letter."""
    scores = [Score("association", f"pair.{pair}", 0.1, 0.02, None, "lower") for pair in ("a|b", "a|c", "b|c")]
    page = render(evaluation(releases=[release(risk(), name=name, scores=scores) for name in "xy"]), inside=True)

    assert re.findall(r"every two columns, release (\w)<", page) == ["A", "B"]
