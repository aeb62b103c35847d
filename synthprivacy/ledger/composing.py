"""What differential privacy claims add up to over several releases of the same people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from synthprivacy.errors import ConfigError

SLACK = 1e-6
"""Delta that advanced composition spends by default; it must be small beside one over the number of people."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a generator promises of one release."""

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no claim."""
        if not (0.0 <= self.epsilon < math.inf and 0.0 <= self.delta < 1.0):
            msg = f"a claim needs epsilon from 0 and delta within [0, 1): {self.epsilon}, {self.delta}; change them"
            raise ConfigError(msg)


def basic(claims: Sequence[Claim]) -> Claim:
    """Return the sum of all epsilons and of all deltas, which always holds.

    References
    ----------
    Dwork, Kenthapadi, McSherry, Mironov and Naor (2006), Our data, ourselves: privacy via distributed noise generation.
    """
    return Claim(sum(claim.epsilon for claim in claims), min(sum(claim.delta for claim in claims), _BELOW_ONE))


def advanced(claims: Sequence[Claim], slack: float = SLACK) -> Claim:
    """Return what holds but for another `slack` of delta, which is less than the sum where there are many small claims.

    Epsilon is ``sqrt(2 ln(1 / slack) sum(e_i²)) + sum(e_i (exp(e_i) - 1))``; with k equal claims this is the published
    ``sqrt(2 k ln(1 / slack)) e + k e (exp(e) - 1)``, whose proof (a sum of bounded differences) takes unequal ones as
    well. The claims must have been fixed before the first release, not chosen by what the others showed.

    References
    ----------
    Dwork, Rothblum and Vadhan (2010), Boosting and differential privacy, theorem III.3.

    Raises
    ------
    ConfigError
        If `slack` is not within (0, 1).
    """
    if not 0.0 < slack < 1.0:
        raise ConfigError(f"the delta to spend must lie within (0, 1): {slack}; a common choice is {SLACK:g}")
    each = [claim.epsilon for claim in claims]
    if max(each, default=0.0) > _LARGE:
        return Claim(_NOTHING, basic(claims).delta)
    epsilon = math.sqrt(2.0 * math.log(1.0 / slack) * math.fsum(e * e for e in each))
    epsilon += math.fsum(e * math.expm1(e) for e in each)
    return Claim(epsilon, min(basic(claims).delta + slack, _BELOW_ONE))


_BELOW_ONE = math.nextafter(1.0, 0.0)
_LARGE = 300.0
_NOTHING = 1e300
"""An epsilon that promises nothing."""
