"""What became of planted secrets, as values: how exposed they are, and whether they can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synthprivacy.results import Interval
from synthprivacy.results.serialize import number


@dataclass(frozen=True, slots=True)
class CanaryRisk:
    """How exposed planted secrets are; without a leak at most 1 / ln 2 = 1.44 bits on average."""

    kind: str
    canaries: int
    fits: int
    first: int
    """Secrets ranked before all other candidates."""
    bits: float
    """Mean exposure."""
    ceiling: float
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "kind": self.kind,
            "canaries": self.canaries,
            "fits": self.fits,
            "first": self.first,
            "bits": number(self.bits),
            "ceiling": number(self.ceiling),
            "p_value": number(self.p_value),
        }


@dataclass(frozen=True, slots=True)
class ExtractionRisk:
    """How often the generator, given the body of a canary, goes on with its secret."""

    kind: str
    canaries: int
    fits: int
    completions: int
    """Drawn for each canary."""
    guesses: int
    """The most frequent of them, taken for guesses."""
    answered: int
    """Canaries that were completed at all."""
    extracted: int
    """Secrets among the guesses."""
    first: int
    """Secrets that were the first guess."""
    value: float
    """Share of the canaries whose secret was extracted."""
    interval: Interval
    """Of the value; the fits are the units."""
    chance: float
    """The same without a leak: how often the guesses name what else the secret could have been."""
    p_value: float
    """Of no leak; exact."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "kind": self.kind,
            "canaries": self.canaries,
            "fits": self.fits,
            "completions": self.completions,
            "guesses": self.guesses,
            "answered": self.answered,
            "extracted": self.extracted,
            "first": self.first,
            "value": number(self.value),
            "interval": [number(end) for end in self.interval],
            "chance": number(self.chance),
            "p_value": number(self.p_value),
        }
