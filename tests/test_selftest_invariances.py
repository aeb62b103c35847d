"""The self-test's laws that need no replicates are kept by the house, and its contract catches every impostor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from synthprivacy.attacks.linkability import Halves
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.memorization import ExactCopies
from synthprivacy.kernels import neighbors
from synthprivacy.results import Claims, Conjunctions, Scores, Values
from synthprivacy.selftest import contract, damages, invariances, refusals
from synthprivacy.selftest.contract import blind, equal, one_at_a_time, read_only, repeatable
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


@pytest.mark.slow
def test_the_house_keeps_every_relation():
    """Retold tables, threads, units, labels, seeds and an exchange of sides change nothing that they should not."""
    assert not broken(invariances.invariances(0))


@pytest.mark.slow
def test_the_house_refuses_what_cannot_be_judged():
    """Spoilt tables, too few people and a control that is none never pass, and never crash."""
    assert not broken(refusals.refusals(0))


@pytest.mark.slow
def test_the_house_does_not_pass_what_was_lost():
    """An evaluation with any deciding part cut out does not pass, and no part overwritten crashes the gate."""
    assert not broken(damages.damages(0))


@pytest.mark.slow
def test_the_house_keeps_every_law_on_more_tables():
    """The thorough run of every law: more scenarios, two surveys, every spoil on every table, 3,000 damages."""
    laws = (contract.contract, invariances.invariances, refusals.refusals, damages.damages)

    assert not broken(finding for law in laws for finding in law(1, thorough=True))
