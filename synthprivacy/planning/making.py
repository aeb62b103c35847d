"""Making a plan from a release, the schema, and the sizes of the other tables."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from synthprivacy.attacks import ATTACKS, BATTERY, ON_REQUEST, Attack, Budget
from synthprivacy.attacks.inference import NearestGuess
from synthprivacy.attacks.inference_secrets import secrets_of
from synthprivacy.attacks.inference_vote import Vote
from synthprivacy.attacks.membership_battery import Battery, affordable
from synthprivacy.cards import status_of
from synthprivacy.config import THREATS_ON_REQUEST, PlanSettings
from synthprivacy.errors import ConfigError
from synthprivacy.planning.plan import POWER, Endpoint, Plan
from synthprivacy.planning.power import attacked, chance, decidable, with_studied
from synthprivacy.planning.strata import strata_to_keep
from synthprivacy.schemata import Schema
from synthprivacy.strata import Group
from synthprivacy.tables.table import Table

_NANOSECONDS_PER_PAIR = 5.0
_BASE_MEGABYTES = 250
MOST_ENDPOINTS = 30
"""Endpoints of a plan that nobody asked for one by one; with more, hardly anybody reads them all. The battery, which is read
as one, is not counted."""


def make_plan(
    schema: Schema,
    release: Table,
    settings: PlanSettings,
    *,
    original_people: int,
    control_people: int,
    limit: float = 0.05,
    jobs: int = 1,
    groups: Sequence[Group] = (),
) -> Plan:
    """Return the plan for releases like this one.

    Only the release and the sizes of the other tables are looked at. `groups` are those of people that the release
    tells of, as `strata.groups_of` returns them.

    Raises
    ------
    ConfigError
        If a declared primary endpoint will not be there.
    """
    attacks = _attacks(schema, release, settings, jobs)
    everyone = (original_people, control_people)
    sizes = (min(original_people, settings.targets), min(control_people, settings.targets))
    endpoints = []
    for key, attack in attacks:
        met = _met(attack, everyone, settings.targets, len(release))
        power, needs = decidable(attack, release, met, limit, settings.confidence)
        needs = with_studied(attack, needs)
        endpoints.append(Endpoint(key, attack, attack.knows(schema), False, power, needs, status_of(key)))
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
        strata=strata_to_keep(
            [endpoint for endpoint in endpoints if endpoint.primary],
            release,
            everyone,
            settings,
            limit=limit,
            groups=groups,
        ),
        groups=tuple(groups),
    )


def _attacks(schema: Schema, release: Table, settings: PlanSettings, jobs: int) -> list[tuple[str, Attack]]:
    """Return every attack by its key: of secrets nobody declared, as many as `MOST_ENDPOINTS` leaves room for."""
    budget = Budget(settings.queries, jobs=jobs)
    made = [
        (key, attack)
        for key, kind in (ATTACKS | ON_REQUEST | BATTERY).items()
        if _wanted(key, kind.name, settings.attacks)
        for attack in kind.variants(schema, release, budget)
    ]
    guesses = [attack.secret for _, attack in made if isinstance(attack, NearestGuess)]
    over = sum(not isinstance(attack, Battery) for _, attack in made) - MOST_ENDPOINTS
    if over <= 0 or schema.secrets or not guesses:
        return made
    strong = {attack.secret for _, attack in made if isinstance(attack, Vote)}
    room = max(0, len(guesses) - over - len(strong))
    others = [secret.name for secret in secrets_of(schema, release, room) if secret.name not in strong]
    kept = strong | frozenset(others)
    return [(key, attack) for key, attack in made if not isinstance(attack, NearestGuess) or attack.secret in kept]


def _met(attack: Attack, people: tuple[int, int], targets: int, rows: int) -> tuple[int, int]:
    """Return how many people of either side are attacked, with a release of so many rows."""
    sizes = attacked(attack, people, targets)
    if not isinstance(attack, Battery):
        return sizes
    most = affordable(attack.most or max(sizes), rows)
    return min(sizes[0], most), min(sizes[1], most)


def _wanted(key: str, threat: str, named: Sequence[str]) -> bool:
    """Return whether a plan has an attack: named itself, or by a threat for which it is made unasked."""
    return key in named or (threat in named and (key in ATTACKS or threat in THREATS_ON_REQUEST))


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
        chosen.append(min(first or guesses, key=lambda guess: chance(guess, release)).endpoint)
    return tuple(chosen)
