"""What will be attacked, what each attacker knows, and what the run can decide: all before anybody is looked at."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthprivacy.attacks import ATTACKS, Attack, Budget
from synthprivacy.attacks.inference import TOLERANCE, NearestGuess
from synthprivacy.config import PlanSettings
from synthprivacy.errors import ConfigError
from synthprivacy.schemata import Schema, shown
from synthprivacy.statistics.power import needed_for_isolation, power_for_auc, power_for_isolation
from synthprivacy.statistics.sample_size import Scale, needed_control, needed_for_auc, power_to_pass
from synthprivacy.tables.association import mode_share
from synthprivacy.tables.table import Table

POWER = 0.9
"""A plan should pass a perfect release at least this often."""
EASY = 0.5
"""A secret that is guessed this often anyway is judged by the excess a - c."""
_LINKED_BY_CHANCE = 0.01
_NANOSECONDS_PER_PAIR = 5.0
_BASE_MEGABYTES = 250


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One attack that will be made."""

    key: str
    """Its name in `ATTACKS`."""
    attack: Attack
    knows: tuple[str, ...]
    primary: bool
    power: float
    """Probability that a perfect release of these sizes shows an upper bound under the limit."""
    needs: int | None
    """Control people (and as many training people) for a power of .9; None beyond a million, or where it is reached."""

    @property
    def name(self) -> str:
        """Stable dotted name."""
        return self.attack.endpoint


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is decided before anyone is seen."""

    settings: PlanSettings
    endpoints: tuple[Endpoint, ...]
    limit: float
    schema: Schema
    original_people: int
    control_people: int
    seconds: float
    """Rough estimate for one release on one thread."""
    megabytes: float
    """Rough estimate of the peak."""

    @property
    def primary(self) -> tuple[str, ...]:
        """Endpoints that must all pass."""
        if self.settings.primary is not None:
            return self.settings.primary
        return tuple(endpoint.name for endpoint in self.endpoints if endpoint.primary)

    @property
    def kept(self) -> PlanSettings:
        """The settings with the primary endpoints that were shown, so that no other ones are judged later."""
        return replace(self.settings, primary=self.primary or None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who declared something, or who sets a limit, should hear before anyone is attacked."""
        weak = [
            f"a perfect release of this size would pass {shown(endpoint.name)} at a limit of {self.limit:g} in "
            f"{endpoint.power:.0%} of runs only; {_people(endpoint.needs)} people a side would do"
            for endpoint in self.endpoints
            if endpoint.name in self.primary and endpoint.power < POWER and self.control_people
        ]
        idle = [
            f"the role {role} of {shown(name)} has no effect yet"
            for role in ("group", "weight")
            for name in self.schema.with_role(role)
        ]
        return (*weak, *idle)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as strict JSON."""
        return {
            "attacks": list(self.settings.attacks),
            "primary": list(self.primary),
            "targets": self.settings.targets,
            "queries": self.settings.queries,
            "confidence": self.settings.confidence,
            "limit": self.limit,
            "endpoints": [
                {
                    "endpoint": endpoint.name,
                    "attack": endpoint.attack.name,
                    "primary": endpoint.name in self.primary,
                    **_known_or_hidden(endpoint.knows, self.schema.attackable),
                    "why": endpoint.attack.why,
                    "power_to_pass": round(endpoint.power, 3),
                    "needs": endpoint.needs,
                }
                for endpoint in self.endpoints
            ],
            "columns": {
                column.name: {"kind": column.kind, "role": column.role, "reason": column.reason}
                for column in self.schema.columns
            },
        }

    def __repr__(self) -> str:
        rows = [("endpoint", "", "passes a perfect release", "the attacker knows")]
        for endpoint in self.endpoints:
            mark = "primary" if endpoint.name in self.primary else ""
            needs = "" if endpoint.power >= POWER else f", wants {_people(endpoint.needs)} a side"
            words = _words(**_known_or_hidden(endpoint.knows, self.schema.attackable))
            rows.append(
                (shown(endpoint.name), mark, f"{endpoint.power:.0%}{needs}", f"{words} ({endpoint.attack.why})")
            )
        widths = [max(len(row[place]) for row in rows) for place in range(3)]
        lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[3]]) for row in rows]
        return "\n".join([self.headline, "", *lines, *(f"note: {note}" for note in self.notes)])

    @property
    def headline(self) -> str:
        """Sizes, limit and cost in one line."""
        return (
            f"{self.original_people:,} training and {self.control_people:,} control people; limit {self.limit:g}; "
            f"about {max(self.seconds / 60, 0.1):.1f} minutes and {self.megabytes:,.0f} MB per release"
        )


def make_plan(
    schema: Schema,
    release: Table,
    settings: PlanSettings,
    *,
    original_people: int,
    control_people: int,
    limit: float = 0.05,
    jobs: int = 1,
) -> Plan:
    """Return the plan for releases like this one.

    Only the release and the sizes of the other tables are looked at.

    Raises
    ------
    ConfigError
        If a declared primary endpoint will not be there.
    """
    budget = Budget(settings.queries, jobs=jobs)
    attacks = [
        (key, attack)
        for key, kind in ATTACKS.items()
        if kind.name in settings.attacks
        for attack in kind.variants(schema, release, budget)
    ]
    everyone = (original_people, control_people)
    sizes = (min(original_people, settings.targets), min(control_people, settings.targets))
    endpoints = []
    for key, attack in attacks:
        attacked = everyone if attack.everyone else sizes
        power, needs = _decidable(attack, release, attacked, limit, settings.confidence)
        endpoints.append(Endpoint(key, attack, attack.knows(schema), False, power, needs))
    primary = frozenset(_primary(settings, endpoints, release, schema))
    endpoints = [replace(endpoint, primary=endpoint.name in primary) for endpoint in endpoints]
    pairs = sum(sizes) * len(release) * (len(endpoints) + 2)
    cells = (original_people + control_people + len(release)) * max(1, len(release.features))
    return Plan(
        settings,
        tuple(endpoints),
        limit,
        schema,
        original_people,
        control_people,
        seconds=2 + pairs * _NANOSECONDS_PER_PAIR * 1e-9,
        megabytes=_BASE_MEGABYTES + cells * 100 / 1e6,
    )


def _primary(settings: PlanSettings, endpoints: Sequence[Endpoint], release: Table, schema: Schema) -> tuple[str, ...]:
    """Return the endpoints that must all pass: the declared ones, else one of each kind that can be decided."""
    there = {endpoint.name: endpoint for endpoint in endpoints}
    if settings.primary is not None:
        for name in settings.primary:
            if name != "copies" and name not in there:
                near = difflib.get_close_matches(name, there, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise ConfigError(f"primary endpoint {name} is not in the plan; {hint}`--dry-run` lists what is")
        return settings.primary
    chosen: list[str] = [
        name for name in ("linkability.halves", "membership.distance", "memorization.copies") if name in there
    ]
    isolation = there.get("singling_out.multivariate")
    if isolation is not None and isolation.power >= POWER:
        chosen.append(isolation.name)
    guesses = [endpoint.attack for endpoint in endpoints if isinstance(endpoint.attack, NearestGuess)]
    if guesses:
        first = [guess for guess in guesses if guess.secret == next(iter(schema.secrets), None)]
        chosen.append(min(first or guesses, key=lambda guess: _chance(guess, release)).endpoint)
    return tuple(chosen)


def _decidable(
    attack: Attack, release: Table, sizes: tuple[int, int], limit: float, confidence: float
) -> tuple[float, int | None]:
    """Return how often a perfect release would pass, and the people a side at which it would nearly always."""
    if min(sizes) < 1:
        return 0.0, None
    if attack.name == "membership":
        return (
            power_for_auc(*sizes, limit, confidence=confidence),
            needed_for_auc(limit=limit, power=POWER, confidence=confidence),
        )
    if attack.name == "singling_out":
        return (
            power_for_isolation(*sizes, limit, confidence=confidence),
            needed_for_isolation(limit, power=POWER, confidence=confidence),
        )
    chance = _chance(attack, release)
    if chance >= 1.0:
        return 0.0, None
    scale: Scale = "excess" if attack.name == "inference" and chance >= EASY else "residual"
    power = power_to_pass(*sizes, chance, limit, scale=scale, confidence=confidence)
    if power >= POWER:
        return power, None
    return power, needed_control(chance, limit=limit, power=POWER, scale=scale, confidence=confidence)


def _chance(attack: Attack, release: Table) -> float:
    """Return how often the attack should succeed without any leak, as far as the release's marginals tell."""
    if isinstance(attack, NearestGuess):
        secret = release[attack.secret]
        return mode_share(secret, TOLERANCE * secret.spread if secret.ordered else 0.0)
    if attack.name == "memorization":
        counts = np.unique(release.keys(), return_counts=True)[1]
        return float(counts[counts > 1].sum() / len(release))
    return _LINKED_BY_CHANCE


def _known_or_hidden(knows: tuple[str, ...], usable: tuple[str, ...]) -> dict[str, list[str] | None]:
    """Return the shorter way to say what an attacker knows: these columns, or all but those."""
    hidden = sorted(frozenset(usable) - frozenset(knows))
    if len(hidden) < len(knows):
        return {"knows": None, "hidden": hidden}
    return {"knows": sorted(knows), "hidden": None}


def _words(knows: list[str] | None, hidden: list[str] | None) -> str:
    if knows is not None:
        return ", ".join(shown(name) for name in knows)
    return f"every column but {', '.join(shown(name) for name in hidden)}" if hidden else "every column"


def _people(needs: int | None) -> str:
    return "more than a million" if needs is None else f"{needs:,}"
