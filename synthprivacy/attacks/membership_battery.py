"""The membership battery: every score that a release and real people who were not trained on allow.

No single one of them is strongest on all releases, so all run. Each is a function in a file of its own; here is what
they have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from synthprivacy.attacks import membership_density as by_density
from synthprivacy.attacks import membership_difference as by_difference
from synthprivacy.attacks import membership_domias as by_domias
from synthprivacy.attacks import membership_edits as by_edits
from synthprivacy.attacks import membership_gower as by_gower
from synthprivacy.attacks import membership_likelihood as by_likelihood
from synthprivacy.attacks import membership_marginals as by_marginals
from synthprivacy.attacks import membership_neighbourhood as by_neighbourhood
from synthprivacy.attacks import membership_plagiarism as by_plagiarism
from synthprivacy.attacks import membership_surrogate as by_surrogate
from synthprivacy.attacks.membership_average import average
from synthprivacy.attacks.membership_space import Scorer
from synthprivacy.attacks.protocol import Attacker, Budget, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Scores
from synthprivacy.schemata import Schema
from synthprivacy.tables.table import Table

FEWEST = 30
"""People of the reference without whom nothing is calibrated."""
TOGETHER = "average"
"""The method that is made of others."""
PAIRS = 1_500_000_000
"""Pairs of a person attacked and a synthetic row, a side: every score meets each a few times over."""
PEOPLE = 2_000
"""People attacked a side, however many rows the release has."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to score."""

    study: Callable[[Table, Table, np.random.Generator, int], Scorer]
    """Release, reference, random stream and threads to a score."""
    parameters: Mapping[str, Any]
    most: int | None = None
    """People a side it can afford; None = as many as there are."""
    averaged: bool = True
    """Whether it is part of the average."""


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "difference": Method(by_difference.difference, by_difference.PARAMETERS),
        "neighbourhood": Method(by_neighbourhood.neighbourhood, by_neighbourhood.PARAMETERS),
        "density": Method(by_density.density, by_density.PARAMETERS, averaged=False),
        "domias": Method(by_domias.domias, by_domias.PARAMETERS),
        "plagiarism": Method(by_plagiarism.plagiarism, by_plagiarism.PARAMETERS),
    }
    | {
        f"likelihood_{k}": Method(by_likelihood.likelihood(k), by_likelihood.parameters(k), averaged=k == 5)
        for k in by_likelihood.NEIGHBOURS
    }
    | {
        "marginals": Method(by_marginals.marginals, by_marginals.PARAMETERS),
        "edits": Method(by_edits.edits, by_edits.PARAMETERS, most=by_edits.MOST, averaged=False),
        "gower": Method(by_gower.gower, by_gower.PARAMETERS),
        "surrogate": Method(by_surrogate.surrogate, by_surrogate.PARAMETERS),
    }
)
"""By name. Not averaged are those that are like another one, or cost too much."""
AVERAGED = tuple(name for name, method in METHODS.items() if method.averaged)


def affordable(targets: int, rows: int) -> int:
    """Return how many people a side the battery attacks with a release of so many rows, of `targets` asked for.

    Of a large release nothing is left out that a score would miss a copy by: fewer people are attacked, seeded and the same
    for every score, and the interval is theirs.
    """
    return min(targets, max(PEOPLE, PAIRS // max(rows, 1)))


@dataclass(frozen=True, slots=True)
class Battery:
    """One score of the battery: the attacker holds a whole record, the release, and real people of the same population.

    The real people are part of the control and are never attacked with what they taught: `crossfitting` sees to it.
    """

    method: str
    jobs: int = 1

    name: ClassVar[str] = "membership"
    everyone: ClassVar[bool] = False
    comparators: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def variants(cls, schema: Schema, release: Table, budget: Budget) -> tuple[Battery, ...]:
        """Return every method."""
        return tuple(cls(name, budget.jobs) for name in (*METHODS, TOGETHER))

    @property
    def endpoint(self) -> str:
        """Stable dotted name."""
        return f"membership.{self.method}"

    @property
    def why(self) -> str:
        """Why the attacker knows what it knows."""
        return "whoever asks whether a person was in the training table holds that person's whole record, and others'"

    @property
    def most(self) -> int | None:
        """People a side it can afford; None = as many as there are."""
        return None if self.method == TOGETHER else METHODS[self.method].most

    def knows(self, schema: Schema) -> tuple[str, ...]:
        """Return every usable column."""
        return schema.attackable

    def parameters(self) -> dict[str, Any]:
        """Return what was fixed before anyone was seen."""
        if self.method == TOGETHER:
            return {"scores": list(AVERAGED)}
        return dict(METHODS[self.method].parameters)

    def prepare(self, known: Knowledge, rng: np.random.Generator) -> Attacker:
        """Study the release and the reference.

        Raises
        ------
        NotEnoughDataError
            If there is no reference, or too few people or columns in it.
        """
        if known.reference is None or len(known.reference) < FEWEST:
            msg = "needs real people who were not trained on; a control of some hundred people"
            raise NotEnoughDataError(msg)
        columns = self.knows(known.schema)
        release, reference = known.releases[0].select(columns), known.reference.select(columns)
        study = _together if self.method == TOGETHER else METHODS[self.method].study
        scorer = study(release, reference, rng, self.jobs)
        return lambda people: Scores(scorer(people))


def _together(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the average of scores that study one half of the reference, with the other half as the yardstick."""
    order = rng.permutation(len(reference))
    yardstick, studied = (reference.take(np.sort(part)) for part in np.array_split(order, 2))
    return average([METHODS[name].study(release, studied, rng, jobs) for name in AVERAGED], yardstick)
