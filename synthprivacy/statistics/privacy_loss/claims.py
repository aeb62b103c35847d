"""Claims of differential privacy, as trade-offs between success on people who are in and on people who are not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from scipy.special import ndtr, ndtri

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.privacy_loss.search import require_level


class Claim(Protocol):
    """A trade-off f, read from either side; both directions of replacing count, so f is its own inverse."""

    def highest(self, control_rate: float) -> float:
        """Return ``1 - f(c)``: the highest success rate on the original at this one on the control."""

    def lowest(self, original_rate: float) -> float:
        """Return the lowest success rate on the control at which this one on the original is allowed."""


@dataclass(frozen=True, slots=True)
class Approximate:
    """(epsilon, delta)-differential privacy; pure where delta is 0.

    References
    ----------
    Dong, Roth and Su (2022), Gaussian differential privacy, proposition 2.5 (both faces).
    """

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        require_level(0.5, self.delta)
        _require_nonnegative("epsilon", self.epsilon)

    def highest(self, control_rate: float) -> float:
        """Return ``min(e^eps c + delta, 1 - e^-eps (1 - delta - c), 1)``."""
        missed = math.exp(-self.epsilon) * (1.0 - self.delta - control_rate)
        return min(math.exp(min(self.epsilon, 700.0)) * control_rate + self.delta, 1.0 - missed, 1.0)

    def lowest(self, original_rate: float) -> float:
        """Return ``max(e^-eps (a - delta), 1 - delta - e^eps (1 - a), 0)``."""
        missed = math.exp(min(self.epsilon, 700.0)) * (1.0 - original_rate)
        return max(math.exp(-self.epsilon) * (original_rate - self.delta), 1.0 - self.delta - missed, 0.0)


@dataclass(frozen=True, slots=True)
class Gaussian:
    """mu-Gaussian differential privacy.

    References
    ----------
    Dong, Roth and Su (2022), definition 2.6 and equation 6.
    """

    mu: float

    def __post_init__(self) -> None:
        _require_nonnegative("mu", self.mu)

    def highest(self, control_rate: float) -> float:
        """Return ``Phi(z(c) + mu)``."""
        return float(ndtr(ndtri(control_rate) + self.mu))

    def lowest(self, original_rate: float) -> float:
        """Return ``Phi(z(a) - mu)``."""
        return float(ndtr(ndtri(original_rate) - self.mu))


def _require_nonnegative(name: str, value: float) -> None:
    if not value >= 0.0:
        msg = f"{name} must be at least 0: {value}; pass what the claim says"
        raise ConfigError(msg)
