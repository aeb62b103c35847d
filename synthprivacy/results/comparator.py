"""What success on the original is held against: who the other people are, and whether they can let a release pass.

All thresholds of a comparator's own checks stand here, because those who make one, the gate and the report must agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["holdout", "weighted", "crossfitted", "none"]

APART = 0.55
"""Area under the ROC curve from which on a difference between original and control may matter."""
OVERLAP_NEEDED = 0.95
"""Share of the original that needs control people like it: what the others add stays under one person in twenty."""
EFFECTIVE_NEEDED = 100
"""People that a weighted control must be worth: fewer than are needed a side for any endpoint decide nothing."""
FOLDS = 10
"""Parts of the original that take turns in being left out: a release from the others is at most a tenth too small."""

_DIGITS = 3
_SHARE_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Balance:
    """How well a classifier tells original from control people: area under its ROC curve, one half = not at all."""

    auc: float
    lower: float
    upper: float

    @property
    def apart(self) -> bool:
        """Whether they are shown to differ, by more than is harmless."""
        return self.lower > 0.5 and self.upper > APART

    @property
    def alike(self) -> bool:
        """Whether a difference that matters is excluded."""
        return self.upper <= APART

    def to_dict(self) -> dict[str, float]:
        """Return strict JSON, the ends rounded outwards: who reads them decides no better than who wrote them."""
        step = 10.0**_DIGITS
        return {
            "auc": round(self.auc, _DIGITS),
            "lower": math.floor(self.lower * step) / step,
            "upper": math.ceil(self.upper * step) / step,
        }

    def __str__(self) -> str:
        return f"AUC {self.auc:.3f}, {self.lower:.3f} to {self.upper:.3f}"


@dataclass(frozen=True, slots=True)
class Holdout:
    """People of the same population whom the generator never saw."""

    kind: Kind = "holdout"

    @property
    def can_pass(self) -> bool:
        """A release may pass against it."""
        return True

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class Weighted:
    """Later or other people, weighted so that together they look like the original."""

    effective_people: float
    """What the weighted control people are worth. Kish (1965), Survey Sampling, section 11.7."""
    overlap: float
    """Share of original people in whose place control people are found."""
    balance: Balance
    """Of original against weighted control."""
    kind: Kind = "weighted"

    @property
    def can_pass(self) -> bool:
        """A release may pass against it if it passes its own checks."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """Which of its own checks it fails, in words."""
        found = {
            f"control people are found in the place of {self.overlap:.0%} of original, {OVERLAP_NEEDED:.0%} are needed": (
                not self.overlap >= OVERLAP_NEEDED
            ),
            f"the weighted control is worth {self.effective_people:,.0f} people, {EFFECTIVE_NEEDED} are needed": (
                not self.effective_people >= EFFECTIVE_NEEDED
            ),
            f"a classifier may still tell it from original ({self.balance}), at most {APART} is needed": (
                not self.balance.alike
            ),
        }
        return tuple(fault for fault, is_fault in found.items() if is_fault)

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON; rounded down, in steps that tell of no small number of people."""
        return {
            "kind": self.kind,
            "effective_people": math.floor(self.effective_people),
            "overlap": round(math.floor(self.overlap / _SHARE_STEP + 1e-9) * _SHARE_STEP, 2),
            "balance": self.balance.to_dict(),
            "ok": self.can_pass,
        }


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """Other training people as the release, guessing about those left out: without a control.

    An excess over them is a finding; no excess proves nothing.
    """

    folds: int = FOLDS
    kind: Kind = "crossfitted"

    @property
    def can_pass(self) -> bool:
        """No release passes against it."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {"kind": self.kind, "folds": self.folds}


@dataclass(frozen=True, slots=True)
class NoComparator:
    """Nobody: every risk is a raw rate, and only copies and identifiers can be judged."""

    kind: Kind = "none"

    @property
    def can_pass(self) -> bool:
        """No release passes without one."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {"kind": self.kind}


Comparator = Holdout | Weighted | CrossFitted | NoComparator


def comparator_from_dict(data: Mapping[str, Any]) -> Comparator:
    """Return the comparator a JSON object describes; whatever cannot be read is none, so that nothing passes by it."""
    match data:
        case {"kind": "holdout"}:
            return Holdout()
        case {"kind": "weighted", "effective_people": people, "overlap": overlap, "balance": Mapping() as balance}:
            numbers = [people, overlap, *(balance.get(name) for name in ("auc", "lower", "upper"))]
            if all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
                return Weighted(people, overlap, Balance(*numbers[2:]))
        case {"kind": "crossfitted", "folds": int() as folds}:
            return CrossFitted(folds)
    return NoComparator()
