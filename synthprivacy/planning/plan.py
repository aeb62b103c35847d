"""The plan: every attack that will be made, and what it can decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from synthprivacy.attacks import Attack
from synthprivacy.cards import Status
from synthprivacy.config import PlanSettings
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.schemata import Schema, shown
from synthprivacy.strata import Group

POWER = 0.9
"""A plan should pass a perfect release at least this often."""
SMALL_GROUP = 200
"""People a side below which a declared group hardly passes any limit; about 200 do for .05 where one in a hundred is guessed."""
HOPELESS = 0.1
"""A plan that is to decide is refused where a perfect release would pass a primary endpoint less often than this."""


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
    card: Status = "missing"
    """What the self-test says of the attack; a gate passes nothing that rests on a card that is not green."""

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
    strata: tuple[str, ...] = ()
    """Endpoints of unusual people and of declared groups that must keep the limit too; all others can only fail."""
    groups: tuple[Group, ...] = ()
    """What the columns declared as groups hold."""

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

    def require_hope(self) -> None:
        """Refuse a plan that is to decide, but could hardly pass even a release without any leak.

        Raises
        ------
        NotEnoughDataError
            If a perfect release of this size would pass a primary endpoint less often than `HOPELESS`, with the size
            at which it would pass nine times in ten.
        """
        for endpoint in self.endpoints:
            if endpoint.name in self.primary and endpoint.power < HOPELESS and self.control_people:
                msg = (
                    f"a plan must be able to pass a perfect release: {shown(endpoint.name)} would pass one in "
                    f"{endpoint.power:.0%} of runs at a limit of {self.limit:g}, with {self.original_people:,} training "
                    f"and {self.control_people:,} control people; {_people(endpoint.needs)} people a side would do, "
                    "else raise the limit, name other primary endpoints, or leave the policy out to measure only"
                )
                raise NotEnoughDataError(msg)

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who declared something, or who sets a limit, should hear before anyone is attacked."""
        weak = [
            f"a perfect release of this size would pass {shown(endpoint.name)} at a limit of {self.limit:g} in "
            f"{endpoint.power:.0%} of runs only; {_people(endpoint.needs)} people a side would do"
            for endpoint in self.endpoints
            if endpoint.name in self.primary and endpoint.power < POWER and self.control_people
        ]
        weights = self.schema.with_role("weight")
        surveyed = [
            f"{shown(name)} is a survey weight: the family survey tells of the population it stands for; every risk, and all "
            "other measures, count each person of the training table once"
            for name in weights[:1]
        ] + [f"{shown(name)} is a survey weight too, and not used: {shown(weights[0])} is" for name in weights[1:]]
        unread = [
            f"{shown(name)} is free text, of which only exact copies are looked for; name memorization.text in plan.attacks"
            for name in self.schema.texts
            if "memorization.text" not in self.settings.attacks
        ]
        fewest = min((group.share for group in self.groups), default=1.0) * min(
            self.original_people, self.control_people
        )
        small = [
            f"the smallest declared group should have about {fewest:,.0f} people a side, too few to pass; pool its labels"
        ]
        return (*weak, *(small if fewest < SMALL_GROUP and self.control_people else []), *surveyed, *unread)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as strict JSON."""
        return {
            "attacks": list(self.settings.attacks),
            "primary": list(self.primary),
            "strata": list(self.strata),
            "targets": self.settings.targets,
            "queries": self.settings.queries,
            "confidence": self.settings.confidence,
            "utility": list(self.settings.utility),
            "together": self.settings.together,
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
                    "card": endpoint.card,
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
        apart = [f"judged apart too: {', '.join(map(shown, self.strata))}"] if self.strata else []
        return "\n".join([self.headline, "", *lines, *apart, *(f"note: {note}" for note in self.notes)])

    @property
    def headline(self) -> str:
        """Sizes, limit and cost in one line."""
        return (
            f"{self.original_people:,} training and {self.control_people:,} control people; limit {self.limit:g}; "
            f"about {max(self.seconds / 60, 0.1):.1f} minutes and {self.megabytes:,.0f} MB per release"
        )


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
