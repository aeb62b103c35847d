"""What each game of an audit found, as values.

Targets are numbered in an order that was drawn, so that a number tells nothing of a place in the original; who they are
is written only by `records`, on demand. Counts here are counts of fits, not of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from synthprivacy.results import Interval, TruePositives
from synthprivacy.results.serialize import number

ADJACENCY = "replacing one person: a target that is not trained on has its place taken by another person"

Choice = Literal["vulnerable", "random"]


@dataclass(frozen=True, slots=True)
class TargetRisk:
    """How well a fit with one target is told from a fit without."""

    number: int
    chosen: Choice
    value: float
    """``2 AUC - 1``."""
    interval: Interval
    p_value: float
    """Of no leak about this target; exact."""
    adjusted: float
    """The same, all targets and means being looked at (max-T)."""
    fits_in: int
    fits_out: int
    design_effect: float
    """By how much learning the score on the same fits widens the interval, as a factor of the variance."""
    by_features: Mapping[str, float]
    """``2 AUC - 1`` of each set of features alone."""
    tpr: tuple[TruePositives, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "number": self.number,
            "chosen": self.chosen,
            "value": number(self.value),
            "interval": [number(end) for end in self.interval],
            "p_value": number(self.p_value),
            "adjusted": number(self.adjusted),
            "fits_in": self.fits_in,
            "fits_out": self.fits_out,
            "design_effect": number(self.design_effect),
            "by_features": {name: number(value) for name, value in self.by_features.items()},
            "tpr": [point.to_dict() for point in self.tpr],
        }


@dataclass(frozen=True, slots=True)
class MeanRisk:
    """The mean over targets chosen in one way."""

    chosen: Choice
    targets: int
    value: float
    interval: Interval
    p_value: float
    adjusted: float
    """All targets and means being looked at (max-T)."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "chosen": self.chosen,
            "targets": self.targets,
            "value": number(self.value),
            "interval": [number(end) for end in self.interval],
            "p_value": number(self.p_value),
            "adjusted": number(self.adjusted),
        }


@dataclass(frozen=True, slots=True)
class MembershipRisk:
    """Membership inference with shadow models."""

    targets: tuple[TargetRisk, ...]
    means: tuple[MeanRisk, ...]
    confidence: float

    @property
    def worst(self) -> TargetRisk:
        """The target told apart best."""
        return max(self.targets, key=lambda target: target.value)

    @property
    def p_value(self) -> float:
        """Of no leak about any target: the smallest adjusted one, of targets and of means."""
        return min(*(target.adjusted for target in self.targets), *(mean.adjusted for mean in self.means))

    @property
    def found(self) -> bool:
        """Whether a leak was found, at one-sided level ``(1 - confidence) / 2`` for all of them together."""
        return self.p_value <= (1.0 - self.confidence) / 2.0

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "found": self.found,
            "p_value": number(self.p_value),
            "worst": self.worst.number,
            "means": [mean.to_dict() for mean in self.means],
            "targets": [target.to_dict() for target in self.targets],
        }


@dataclass(frozen=True, slots=True)
class SecretRisk:
    """How much better a secret is guessed from releases of fits with the person than of fits without."""

    column: str
    success_in: float
    success_out: float
    value: float
    """``(a - c) / (1 - c)`` of the two: 0 where being trained on adds nothing."""
    excess: float
    """``a - c``."""
    interval: Interval
    """Of the excess."""
    p_value: float
    adjusted: float
    """All secrets being looked at (max-T)."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "column": self.column,
            "success_in": number(self.success_in),
            "success_out": number(self.success_out),
            "value": number(self.value),
            "excess": number(self.excess),
            "interval": [number(end) for end in self.interval],
            "p_value": number(self.p_value),
            "adjusted": number(self.adjusted),
        }


@dataclass(frozen=True, slots=True)
class ClaimBound:
    """What the fits prove about the epsilon of the generator."""

    epsilon: float
    """Lower bound; 0 proves nothing."""
    ceiling: float
    """What as many fits would have proved, were every guess right."""
    delta: float
    fits: int
    """Judged; the others taught."""
    target: int
    """Number of the target it is proven with."""
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "epsilon": number(self.epsilon),
            "ceiling": number(self.ceiling),
            "delta": number(self.delta),
            "adjacency": ADJACENCY,
            "fits": self.fits,
            "target": self.target,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class PoisonedRisk:
    """Membership inference after a contributor added crafted rows."""

    crafted: int
    """Rows for each target; 0 is the comparison."""
    targets: int
    fits: int
    value: float
    """Mean ``2 AUC - 1`` over the targets."""
    interval: Interval
    amplification: float
    """Value minus that without crafted rows."""
    amplification_interval: Interval
    p_value: float
    """Of no amplification, one-sided; all numbers of crafted rows being looked at (Holm)."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "crafted": self.crafted,
            "targets": self.targets,
            "fits": self.fits,
            "value": number(self.value),
            "interval": [number(end) for end in self.interval],
            "amplification": number(self.amplification),
            "amplification_interval": [number(end) for end in self.amplification_interval],
            "p_value": number(self.p_value),
        }


@dataclass(frozen=True, slots=True)
class PropertyRisk:
    """How often the release tells which of two shares the training table had."""

    column: str
    shares: tuple[float, float]
    fits: int
    accuracy: float
    interval: Interval
    best: float
    """What as many people themselves would tell: the likelihood-ratio test of two binomials."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "column": self.column,
            "shares": [number(share) for share in self.shares],
            "fits": self.fits,
            "accuracy": number(self.accuracy),
            "interval": [number(end) for end in self.interval],
            "best": number(self.best),
        }


@dataclass(frozen=True, slots=True)
class SupportRisk:
    """Whether the domain of a column follows one person, which no promise of differential privacy allows."""

    column: str
    moved_in: int
    """Fits with the probe whose release lies beyond all real people."""
    moved_out: int
    """The same without it."""
    fits_in: int
    fits_out: int
    epsilon: float
    """What is proven about pure epsilon, replacing one person; 0 proves nothing."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "column": self.column,
            "moved_in": self.moved_in,
            "moved_out": self.moved_out,
            "fits_in": self.fits_in,
            "fits_out": self.fits_out,
            "epsilon": number(self.epsilon),
        }
