"""Which people must be safe apart: the most unusual, and the declared groups."""

from __future__ import annotations

from collections.abc import Sequence

from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.config import PlanSettings
from synthprivacy.planning.plan import POWER, Endpoint
from synthprivacy.planning.power import attacked, decidable
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.strata import LEAST, OUTLIERS, UNUSUAL, Group
from synthprivacy.tables.table import Table

People = tuple[int, int]
"""Training and control people."""
WITHHELD = 9
"""Training people guessed that a public rendering takes for any number under ten."""


def strata_to_keep(
    primary: Sequence[Endpoint],
    release: Table,
    people: People,
    settings: PlanSettings,
    *,
    limit: float,
    groups: Sequence[Group],
) -> tuple[str, ...]:
    """Return the endpoints of strata that must keep the limit too.

    Declared groups always, for somebody asked; the most unusual people where they are enough for a perfect release to
    pass, inside and in public. A predicate that singles out is about a whole table, and the battery cross-fits its own people: neither has strata.

    Parameters
    ----------
    primary : sequence of Endpoint
    release : Table
    people : tuple of int
        In all.
    settings : PlanSettings
    limit : float
    groups : sequence of Group
    """
    names: list[str] = []
    for endpoint in primary:
        attack = endpoint.attack
        if isinstance(attack, SinglingOut | Battery) or not people[1]:
            continue
        met = attacked(attack, people, settings.targets)
        unusual = (int(met[0] * UNUSUAL), int(met[1] * UNUSUAL))
        if _may_pass(unusual, limit, settings.confidence):
            power, _ = decidable(attack, release, unusual, limit, settings.confidence)
            names += [f"{endpoint.name}@{OUTLIERS}"] if power >= POWER else []
        names += [f"{endpoint.name}@{group.name}" for group in groups]
    return tuple(names)


def _may_pass(people: People, limit: float, confidence: float) -> bool:
    """Return whether so many people can pass in public too, where nine guessed are told from none by nobody."""
    if min(people) < LEAST:
        return False
    return residual_risk(WITHHELD, people[0], 0, people[1]).interval(confidence, "clopper-pearson")[1] <= limit
