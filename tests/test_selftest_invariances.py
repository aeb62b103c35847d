"""The self-test's laws that need no replicates: the contract of an attack, metamorphic relations, refusals."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.config import PlanSettings
from synthprivacy.kernels import neighbors
from synthprivacy.results import Claims, Conjunctions, Scores, Values
from synthprivacy.results.risk import Excess
from synthprivacy.selftest import contract, damages, invariances, refusals
from synthprivacy.selftest.contract import blind, equal, one_at_a_time, read_only, repeatable
from synthprivacy.selftest.door import LAX, evaluate_with, gate, survey
from synthprivacy.tables.space import points


def broken(findings):
    """Return the promises that were not kept, in words."""
    return [str(finding) for finding in findings if not finding.passed]


@dataclass(frozen=True)
class Impostor:
    """An attack on whole records; each of the children below breaks a law."""

    name: ClassVar[str] = "membership"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()
    endpoint: ClassVar[str] = "membership.impostor"

    def knows(self, schema):
        """Return every usable column."""
        return schema.attackable

    def parameters(self):
        """Return nothing."""
        return {}


class BatchRadius(Impostor):
    """Takes its radius from the people it is shown."""

    def prepare(self, known, _rng):
        """Index the release."""
        index = neighbors.build(points(known.releases[0].select(known.schema.attackable)))

        def attacker(people):
            steps = neighbors.nearest_steps(index, points(people)).astype(float)
            return Scores((steps <= np.median(steps)).astype(float))

        return attacker


class BatchPredicates(Impostor):
    """Makes its predicates from the people it is shown."""

    def prepare(self, _known, _rng):
        """Look at nothing."""

        def attacker(people):
            values = people.features[0].values[:1]
            zero = np.zeros(1, dtype=np.int64)
            return Conjunctions(1, zero, zero, zero, values)

        return attacker


class Peek(Impostor):
    """Asks to be shown the column that it has to guess."""

    def prepare(self, _known, _rng):
        """Look at nothing."""
        return lambda people: Values("x0", people["x0"].values, 0.0, np.zeros(len(people)))


class Favourite(Impostor):
    """Counts whom it has been shown, and believes that the first are the training people."""

    def prepare(self, _known, _rng):
        """Forget everyone."""
        shown = []

        def attacker(people):
            shown.append(len(people))
            return Claims(np.full(len(people), len(shown) == 1))

        return attacker


class Dice(Impostor):
    """Draws from a generator that the seed does not reach."""

    def prepare(self, _known, _rng):
        """Look at nothing."""
        return lambda people: Scores(np.random.default_rng().random(len(people)))


class Forger(Impostor):
    """Unlocks the people's columns and writes into them."""

    def prepare(self, _known, _rng):
        """Look at nothing."""

        def attacker(people):
            for feature in people.features:
                feature.values.setflags(write=True)
                feature.values[0] = 7.0
            return Claims(np.zeros(len(people), dtype=bool))

        return attacker


@pytest.fixture(scope="module")
def case():
    """Return one of the contract's cases."""
    return contract.SCENARIOS["copied 0.3, continuous"].case(0, 0)


IMPOSTORS = {
    BatchRadius: {one_at_a_time},
    BatchPredicates: {one_at_a_time},
    Peek: {blind},
    Favourite: {one_at_a_time, equal},
    Dice: {one_at_a_time, blind, equal, repeatable},
    Forger: {read_only},
}
"""Attacks and the laws that must find them out."""


@pytest.mark.parametrize("impostor", IMPOSTORS, ids=lambda kind: kind.__name__)
def test_every_law_of_the_contract_catches_its_impostor(impostor):
    """An attack that breaks the contract is found out, by the law that it breaks."""
    fresh = contract.SCENARIOS["copied 0.3, continuous"].case(0, 0)

    assert {law for law in IMPOSTORS[impostor] if law(impostor(), fresh).passed} == set()


@pytest.mark.parametrize("attack", [Distance(), ExactCopies()], ids=lambda attack: attack.endpoint)
def test_an_honest_attack_breaks_no_law(attack, case):
    """An attack that keeps the contract is not accused."""
    assert not broken(law(attack, case) for law in contract.LAWS)


def test_an_attack_that_cannot_be_made_keeps_nothing(case):
    """Where an attack has nothing to work on, no law is called kept."""
    single = Halves(("x0",), ())

    assert not any(law(single, case).passed for law in (one_at_a_time, blind, equal, repeatable))


@pytest.mark.slow
def test_the_house_keeps_the_contract():
    """Every registered attack keeps every law of the contract."""
    assert not broken(contract.contract(0))


def quickly(tables, seed, jobs):
    """Return an evaluation by the attacks that take no time."""
    settings = PlanSettings(attacks=("linkability", "membership", "memorization"))
    return evaluate_with(settings, tables, seed, jobs)


@pytest.fixture(scope="module")
def told():
    """Return a survey and a quick evaluation of it."""
    tables = survey(0, 220, leak=0.2)
    return tables, quickly(tables, 0, 1)


@pytest.mark.slow
def test_the_house_keeps_every_relation():
    """Retold tables, threads, units, labels, seeds and an exchange of sides change nothing that they should not."""
    assert not broken(invariances.invariances(0))


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


@pytest.mark.slow
def test_the_house_refuses_what_cannot_be_judged():
    """Spoilt tables, too few people and a control that is none never pass, and never crash."""
    assert not broken(refusals.refusals(0))


@pytest.mark.slow
def test_the_house_does_not_pass_what_was_lost():
    """An evaluation with any deciding part cut out does not pass, and no part overwritten crashes the gate."""
    assert not broken(damages.damages(0))


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


@pytest.mark.slow
def test_the_house_keeps_every_law_on_more_tables():
    """The thorough run of every law: more scenarios, two surveys, every spoil on every table, 3,000 damages."""
    laws = (contract.contract, invariances.invariances, refusals.refusals, damages.damages)

    assert not broken(finding for law in laws for finding in law(1, thorough=True))
