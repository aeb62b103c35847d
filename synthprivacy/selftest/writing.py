"""From findings to cards: what each attack was tested on, cannot see, and needs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from synthprivacy import __version__
from synthprivacy.attacks import ATTACKS
from synthprivacy.cards import Blindness, Card, file_name
from synthprivacy.results.files import write_text
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.finding import Finding
from synthprivacy.selftest.subjects import COSTLY, NOMINAL, Reading
from synthprivacy.selftest.tiers import Tier
from synthprivacy.selftest.trends import ByScenario
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED, needed_control

LIMITS = (0.01, 0.05, 0.1)
POWER = 0.9
NEEDS = ("nothing, continuous", "nothing, survey")
"""Scenarios without a leak on which the people needed are measured."""

BLIND: Mapping[str, tuple[tuple[str, str], ...]] = {
    "singling_out": (("a tenth of the people, published outright", "copied 0.1, continuous"),),
    "linkability.halves": (("a tenth of the people, in 5 of 50 columns", "a block of columns"),),
    "inference.nearest": (("everything of three people in ten but the secret", "copied without the secret"),),
    "membership.distance": (
        ("the most unusual hundredth of the people", "outliers only"),
        ("a tenth of the people, in 5 of 50 columns", "a block of columns"),
    ),
    "memorization.copies": (("every person, with a little noise on each number", "noise 0.05"),),
}
"""By attacker: leaks it may miss, and the scenario that shows how much of them it reads."""


def cards_of(findings: Sequence[Finding], read: ByScenario, tier: Tier) -> dict[str, Card]:
    """Return the card of every attacker that a tier tests.

    A card is green where every law held and the attack was judged both without and with a leak.
    """
    owners = {
        endpoint: reading.key
        for endpoints in read.values()
        for endpoint, readings in endpoints.items()
        for reading in readings
        if reading is not None
    }
    owned = [(_owner(finding.subject, owners), finding) for finding in findings]
    cards = {}
    for key in tier.attackers:
        mine = [finding for owner, finding in owned if owner == key]
        laws = {finding.law for finding in mine}
        tested = "false alarm" in laws and bool(laws & {"power to alarm", "monotone"})
        cards[key] = Card(
            attack=key,
            version=__version__,
            tier=tier.name,
            replicates=tier.costly if key in COSTLY else tier.replicates,
            green=tested and all(finding.passed for finding in mine),
            findings=tuple(finding.to_dict() for finding in mine),
            blind=tuple(_blindness(key, read)),
            needs={name: _needs(key, name, read) for name in NEEDS if name in read},
        )
    return cards


def _owner(subject: str, owners: Mapping[str, str]) -> str | None:
    """Return the attacker a finding is about: of an endpoint that no scenario has, the first of its threat."""
    threat = subject.partition(".")[0]
    return owners.get(subject) or next((key for key, kind in ATTACKS.items() if kind.name == threat), None)


def write_cards(cards: Mapping[str, Card], folder: Path) -> None:
    """Write every card as a JSON file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, card in cards.items():
        text = json.dumps(card.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        write_text(folder / file_name(key), text + "\n")


def _blindness(attack: str, read: ByScenario) -> list[Blindness]:
    found = []
    for leak, scenario in BLIND.get(attack, ()):
        values = [reading.value for reading in _of(attack, scenario, read)]
        if values:
            found.append(Blindness(leak, scenario, round(float(np.mean(values)), 4)))
    return found


def _needs(attack: str, scenario: str, read: ByScenario) -> dict[str, int | None]:
    """Return the people a side with which a perfect release passes nine times in ten, by limit."""
    readings = _of(attack, scenario, read)
    rates = [reading.control_rate for reading in readings if reading.control_rate is not None]
    if not readings:
        return {}
    if rates:
        c = float(np.mean(rates))
        return {f"{limit:g}": needed_control(c, limit=limit, power=POWER) for limit in LIMITS}
    reach = float(np.median([reading.upper - reading.value for reading in readings]))
    return {f"{limit:g}": _scaled(reach, SCENARIOS[scenario].people, limit) for limit in LIMITS}


def _scaled(reach: float, people: int, limit: float) -> int:
    """Return the size at which a bound whose reach falls with the root of the size keeps a limit with the power wanted.

    The bound lies z(.975) standard errors over a value that itself lies z(.9) over 0 in one replicate of ten.
    """
    decided = float(ndtri((1.0 + NOMINAL) / 2.0))
    wanted = limit / (1.0 + float(ndtri(POWER)) / decided)
    return max(PEOPLE_NEEDED, _round_up(people * (reach / wanted) ** 2))


def _round_up(size: float) -> int:
    """Return the next number of two significant digits."""
    step = int(10 ** max(0, math.floor(math.log10(size)) - 1))
    return math.ceil(size / step) * step


def _of(attack: str, scenario: str, read: ByScenario) -> list[Reading]:
    endpoints = read.get(scenario, {})
    return [r for readings in endpoints.values() for r in readings if r is not None and r.key == attack]
