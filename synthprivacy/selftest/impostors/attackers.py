"""Attackers that break the contract: one knows who was trained on, the other looks at the company."""
# ruff: noqa: ARG002, ARG003 - an attack need not use all it is offered

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks import Attacker, Budget, Knowledge
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.membership import Distance
from synthprivacy.kernels.closeness import nearest_distances, shares_within
from synthprivacy.results import Guesses, Scores, Values
from synthprivacy.schemata import Schema
from synthprivacy.selftest import contract
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.finding import Finding
from synthprivacy.selftest.impostors.impostor import HOUSE, IMPOSTOR, Trial, both, tried
from synthprivacy.selftest.impostors.thresholds import scaled
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.selftest.subjects import Readings, read
from synthprivacy.tables.table import Case, KeyArray, Table, frozen

CLEAN = SCENARIOS["nothing, continuous"]
COPIED = SCENARIOS["copied 0.6, continuous"]


@dataclass(frozen=True, slots=True)
class Peeking:
    """The attacker was handed the training table, and looks people up in it by their whole record.

    What it finds there it answers, the hidden column included; about all others it guesses as an honest one does. It is
    right about the training people and about nobody else, whatever is released. The driver hands no attacker the
    training table; this one gets it at its making.

    References
    ----------
    Architecture of this package, section 6, laws 2 and 4.
    """

    honest: NearestGuess
    told: KeyArray
    """Hashes of the training people's whole records."""

    name: ClassVar[str] = NearestGuess.name
    everyone: ClassVar[bool] = NearestGuess.everyone
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Peeking, ...]:
        """Return none: without the training table there is nothing to peek at."""
        return ()

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return self.honest.endpoint

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "it peeked"

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every column, the secret too."""
        return schema.attackable

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        return self.honest.parameters()

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Prepare the honest attacker, and correct it where the training table says otherwise."""
        guess = self.honest.prepare(known, rng)

        def attacker(people: Table) -> Guesses:
            guesses = guess(people.select(self.honest.known))
            if not isinstance(guesses, Values):
                return guesses
            trained_on = np.isin(people.keys(), self.told)
            return replace(guesses, value=np.where(trained_on, people[self.honest.secret].values, guesses.value))

        return attacker


@dataclass(frozen=True, slots=True)
class MedianRadius:
    """Monte Carlo membership, its radius the median distance of the people shown to the release.

    The radius was published as a heuristic for one batch of members and non-members together. Shown the training people
    alone, of whom most are copied, it shrinks to nothing, and the control gets a wide one: a release that copies
    three in five people reads as if it copied nobody. An answer that depends on the company is an answer about it.

    References
    ----------
    Hilprecht, Härterich and Bernau (2019), Monte Carlo and reconstruction membership inference attacks against
    generative models, equation 4.
    """

    name: ClassVar[str] = Distance.name
    everyone: ClassVar[bool] = Distance.everyone
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[MedianRadius, ...]:
        """Return the one attack on whole records."""
        return (cls(),)

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return "membership.monte_carlo"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return Distance().why

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every usable column."""
        return schema.attackable

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen: not the radius."""
        return {"radius": "median over the people shown"}

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Keep the release."""
        candidates = scaled(known.releases[0].select(self.knows(known.schema)))

        def attacker(people: Table) -> Scores:
            shown = scaled(people)
            radius = float(np.median(nearest_distances(shown, candidates)))
            return Scores(shares_within(shown, candidates, radius))

        return attacker


def peeking(case: Case) -> tuple[Peeking, NearestGuess]:
    """Return the attacker that peeks at the training table of a case, and the honest one it was made from."""
    honest = NearestGuess.variants(case.schema, case.release, Budget(queries=0, secrets=1))[0]
    told = np.unique(case.original.select(case.schema.attackable).keys())
    return Peeking(honest, frozen(told)), honest


def read_peeking(_scenario: Scenario, case: Case, seed: int) -> Readings:
    """Read inference by the attacker that peeks, and by the honest one."""
    impostor, honest = peeking(case)
    return both(read(impostor, case, seed), read(honest, case, seed))


def read_median_radius(_scenario: Scenario, case: Case, seed: int) -> Readings:
    """Read membership by the attacker that looks at the company, and by distance."""
    return both(read(MedianRadius(), case, seed), read(Distance(), case, seed))


def reject_peeking(seed: int) -> tuple[Trial, ...]:
    """Return the laws that reject peeking: no alarm where nothing leaked, and none who sees what is hidden."""
    case = _named(CLEAN, seed)
    blind = (contract.blind(attack, case) for attack in peeking(case))
    return tried(read_peeking, CLEAN, "false alarm", replicates=20, seed=seed), Trial(*_sides(*blind))


def reject_median_radius(seed: int) -> tuple[Trial, ...]:
    """Return the laws that reject the median radius: one at a time, and power to alarm."""
    case = _named(COPIED, seed)
    alone = (contract.one_at_a_time(attack, case) for attack in (MedianRadius(), Distance()))
    return Trial(*_sides(*alone)), tried(read_median_radius, COPIED, "power to alarm", replicates=20, seed=seed)


def _named(scenario: Scenario, seed: int) -> Case:
    return replace(scenario.case(seed, 0), name=scenario.name)


def _sides(impostor: Finding, house: Finding) -> tuple[Finding, Finding]:
    return replace(impostor, subject=IMPOSTOR), replace(house, subject=HOUSE)
