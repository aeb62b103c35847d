"""Validity cards: what the self-test found of each attack when this version was made.

They are data of the package, written by the self-test and read here, so that a gate can refuse an attack that nobody
has tested without running the test again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

from synthprivacy import __version__

FORMAT = "synthprivacy/card/1"
HOME = ("selftest", "cards")
"""Where the cards lie in the package."""

Status = Literal["green", "red", "missing"]


@dataclass(frozen=True, slots=True)
class Blindness:
    """A leak that an attack does not see, or hardly."""

    leak: str
    scenario: str
    reads: float
    """Mean reading there."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of one attack."""

    attack: str
    """Its name in `ATTACKS`."""
    version: str
    """Of the package that was tested."""
    tier: str
    replicates: int
    green: bool
    """Whether every law held on every scenario."""
    findings: tuple[Mapping[str, Any], ...]
    """The findings, as `Finding.to_dict` gives them."""
    blind: tuple[Blindness, ...]
    needs: Mapping[str, Mapping[str, int | None]]
    """Scenario without a leak → limit → people a side with which a perfect release passes nine times in ten."""

    def to_dict(self) -> dict[str, Any]:
        """Return the card as strict JSON."""
        return {
            "format": FORMAT,
            "attack": self.attack,
            "version": self.version,
            "tier": self.tier,
            "replicates": self.replicates,
            "green": self.green,
            "findings": [dict(finding) for finding in self.findings],
            "blind": [{"leak": b.leak, "scenario": b.scenario, "reads": b.reads} for b in self.blind],
            "needs": {scenario: dict(sizes) for scenario, sizes in self.needs.items()},
        }


def file_name(attack: str) -> str:
    """Return the name of an attack's card."""
    return f"{attack}.json"


def status_of(attack: str) -> Status:
    """Return whether an attack was tested in this version, and kept every law.

    A card that cannot be read, or that is about another version, is missing.
    """
    card = card_of(attack)
    if card is None or card.get("version") != __version__:
        return "missing"
    return "green" if card.get("green") is True else "red"


def card_of(attack: str) -> Mapping[str, Any] | None:
    """Return an attack's card as it was written, None where there is none that can be read."""
    home: Traversable = files("synthprivacy").joinpath(*HOME)
    try:
        card = json.loads(home.joinpath(file_name(attack)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) and card.get("format") == FORMAT else None
