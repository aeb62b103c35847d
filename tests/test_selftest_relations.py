"""Evaluators and gates that break a metamorphic relation or a refusal are found out by the self-test."""

from __future__ import annotations

import dataclasses

import pytest

from synthprivacy.config import PlanSettings
from synthprivacy.results.risk import Excess
from synthprivacy.selftest import damages, invariances, refusals
from synthprivacy.selftest.door import LAX, evaluate_with, gate, survey


def quickly(tables, seed, jobs):
    """Return an evaluation by the attacks that take no time."""
    settings = PlanSettings(attacks=("linkability", "membership", "memorization"))
    return evaluate_with(settings, tables, seed, jobs)


@pytest.fixture(scope="module")
def told():
    """Return a survey and a quick evaluation of it."""
    tables = survey(0, 220, leak=0.2)
    return tables, quickly(tables, 0, 1)


def test_another_seed_draws_anew(told):
    """The seed reaches the attacks: with another one something that is drawn differs."""
    tables, plain = told

    assert quickly(tables, 1, 1).releases != plain.releases


def first_rows_only(tables, seed, jobs):
    """Evaluate the first rows of the original: an evaluator that depends on their order."""
    return quickly(dataclasses.replace(tables, original=tables.original.iloc[:110]), seed, jobs)


def threads_count(tables, seed, jobs):
    """Evaluate with a seed that the threads are mixed into."""
    return quickly(tables, seed + jobs, jobs)


@pytest.mark.parametrize(("evaluator", "relation"), [(first_rows_only, "row order"), (threads_count, "two threads")])
def test_an_evaluator_that_depends_on_how_it_is_told_is_found_out(evaluator, relation, told):
    """An evaluator that reads row order or threads into its result breaks the relation that is about it."""
    tables, _ = told

    findings = {
        finding.scenario: finding for finding in invariances.unchanged(tables, evaluator(tables, 0, 1), evaluator)
    }

    assert not findings[relation].passed
    assert findings["row index"].passed


def of_risks(evaluation, change):
    """Return the evaluation with every risk changed."""
    releases = [
        dataclasses.replace(release, risks=tuple(map(change, release.risks))) for release in evaluation.releases
    ]
    return dataclasses.replace(evaluation, releases=tuple(releases))


def test_a_value_that_leaves_the_interval_is_found_out(told):
    """An evaluator whose values depend on units or labels breaks every endpoint's relation."""
    tables, plain = told

    def unit_bound(handed_in, _seed, _jobs):
        metres = handed_in.original.max(numeric_only=True).get("height_cm", 0) < 10
        shift = 0.9 if metres else 0.0
        return of_risks(plain, lambda risk: dataclasses.replace(risk, value=risk.value + shift))

    findings = list(invariances.within(tables, plain, unit_bound))

    assert {finding.scenario for finding in findings if not finding.passed} >= {"other units"}
    assert all(finding.passed for finding in findings if finding.scenario == "exchanged labels")


def test_a_gain_that_keeps_its_sign_is_found_out(told):
    """An evaluator that reports the size of a - c, not its sign, is found out by exchanging the sides."""
    tables, plain = told

    def unsigned(handed_in, seed, jobs):
        def size(risk):
            gain = risk.excess
            return (
                risk
                if gain is None
                else dataclasses.replace(risk, excess=Excess(abs(gain.value), gain.lower, gain.upper))
            )

        return of_risks(quickly(handed_in, seed, jobs), size)

    assert invariances.exchanged(tables, plain, quickly).passed
    assert not invariances.exchanged(tables, unsigned(tables, 0, 1), unsigned).passed


def test_a_gate_that_ignores_a_missing_endpoint_is_found_out():
    """A gate that judges the primary endpoints that are there, and forgets the others, is caught."""

    def forgetful(evaluation, limit):
        there = {risk.endpoint for release in evaluation.releases for risk in release.risks}
        primary = [name for name in evaluation.plan["primary"] if name in there]
        releases = tuple(dataclasses.replace(release, skipped=()) for release in evaluation.releases)
        return gate(
            dataclasses.replace(evaluation, releases=releases, plan={**evaluation.plan, "primary": primary}), limit
        )

    found = {finding.scenario: finding.passed for finding in damages.damages(0, decider=forgetful)}

    assert not found["without linkability.halves"]
    assert not found["linkability.halves skipped"]
    assert found["no release"]


def test_a_gate_that_ignores_a_failed_check_is_found_out():
    """A gate that drops what the checks found passes a control that holds training people, and is caught."""

    def trusting(evaluation, limit):
        checks = [dataclasses.replace(check, status="ok") for check in evaluation.checks]
        return gate(dataclasses.replace(evaluation, checks=tuple(checks)), limit)

    found = {finding.scenario: finding.passed for finding in refusals.suspects(0, trusting)}

    assert not any(found.values())
    assert set(found) == {"contaminated control", "drifted control"}


def test_an_evaluator_that_crashes_is_found_out():
    """Any exception that is not the package's own counts as broken."""

    def crashing(_tables, _seed, _jobs):
        msg = "height_cm"
        raise KeyError(msg)

    assert refusals.outcome(survey(0, 120), LAX, crashing, gate) == "crashed"


def test_an_evaluator_that_judges_other_people_is_found_out():
    """An evaluator that answers with the risks of a clean release whatever it is handed breaks most promises."""
    clean = damages.Evaluation.from_dict(damages.clean(0))

    found = refusals.refusals(0, evaluator=lambda *_: clean, decider=lambda evaluation, _: gate(evaluation, LAX))

    assert sum(not finding.passed for finding in found) > len(found) / 2
