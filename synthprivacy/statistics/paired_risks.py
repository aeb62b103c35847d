"""Two releases held against the same people: whose risk is higher.

Both risks are one minus a ratio of failure rates, and both come from the same training people and the same control
people, so that what is chance in one is mostly chance in the other. What they share narrows the interval of their
difference; taken for independent, two releases that give away the same people would look less alike than they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Interval
from synthprivacy.statistics import mover
from synthprivacy.statistics.clusters import effective
from synthprivacy.statistics.proportions import Method
from synthprivacy.statistics.residual_risk import residual_risk

FloatArray = npt.NDArray[np.float64]

_HALVINGS = 20
"""Steps in which the p-value is closed in on from above: to 1e-6."""


class Estimated(Protocol):
    """A risk with an interval that is a question asked later."""

    @property
    def value(self) -> float:
        """The estimate."""

    def interval(self, confidence: float = 0.95, method: Method = "jeffreys") -> Interval:
        """Return the two-sided interval."""


@dataclass(frozen=True, slots=True)
class RiskDifference:
    """The risk of one release less that of another one; an interval is a question asked later.

    The public constructors are `risk_difference`, `score_difference` and `isolation_difference`.
    """

    first: Estimated
    second: Estimated
    correlation: float
    """Of the two estimates."""

    @property
    def value(self) -> float:
        """The estimate, above 0 where the first release has the higher risk."""
        return self.first.value - self.second.value

    def interval(self, confidence: float = 0.95, method: Method = "jeffreys") -> Interval:
        """Return the two-sided interval; parameters as those of `ResidualRisk.interval`.

        MOVER for a difference of two risks that each have their MOVER-R interval, with the correlation of the two
        estimates. By simulation over 200 + 200, 1,000 + 1,000 and 2,000 + 500 people, control rates .02 to .5, risks 0
        to .3, and answers that agree by chance, by half or by nine tenths (108 settings, 3,000 replicates each), Jeffreys
        limits cover the truth in at least .941 of samples; of a Clopper-Pearson interval both ends together miss it in at
        most .054, one alone in at most .034. Taken for independent, the same intervals cover up to .999: too wide to tell
        two releases apart that mostly give away the same people.

        References
        ----------
        Donner and Zou (2012), section 2 (a difference, with the correlation of the estimates); Newcombe (1998), Improved
        confidence intervals for the difference between binomial proportions based on paired data, method 10.
        """
        ends = [_limits(risk, confidence, method) for risk in (self.first, self.second)]
        values = [np.asarray(risk.value) for risk in (self.first, self.second)]
        low, high = mover.difference(values[0], ends[0], values[1], ends[1], self.correlation)
        return float(low), float(high)

    def p_value(self) -> float:
        """Return the two-sided p-value of no difference: the level at which the Clopper-Pearson interval just holds 0."""
        low, high = 0.0, 1.0  # the interval at confidence `low` leaves 0 out, or nothing does; that at `high` holds it
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            ends = self.interval(middle, "clopper-pearson")
            low, high = (low, middle) if ends[0] <= 0.0 <= ends[1] else (middle, high)
        return 1.0 - low


def risk_difference(first: tuple[Hits, Hits], second: tuple[Hits, Hits]) -> RiskDifference | None:
    """Return the difference of two residual risks ``(a - c) / (1 - c)`` about the same people.

    Parameters
    ----------
    first, second : pair of Hits
        Right guesses about the original's and about the control's people, made with one release and with the other; the
        same people in the same order.

    Returns
    -------
    RiskDifference or None
        None where one of the releases lets everyone of the control be guessed, so that it has no risk.

    Raises
    ------
    DataError
        If the people are not the same.
    """
    for one, other in zip(first, second):
        if not np.array_equal(one.trials, other.trials):
            msg = f"two releases are compared on the same people: {len(one.trials)} and {len(other.trials)} were asked about alike; attack them together"
            raise DataError(msg)
    risks = [residual_risk(*(count for side in sides for count in _effective(side))) for sides in (first, second)]
    if any(risk.saturated for risk in risks):
        return None
    return RiskDifference(risks[0], risks[1], correlation_of(_influence(first), _influence(second)))


def _effective(side: Hits) -> tuple[float, float]:
    return effective(side.hits, side.trials, side.weight)


def _limits(risk: Estimated, confidence: float, method: Method) -> mover.Limits:
    low, high = risk.interval(confidence, method)
    # A control whose failures have no positive lower limit bounds nothing from below; without an end there is no norm.
    return np.asarray(min(low, risk.value)), np.asarray(max(high, risk.value))


def _influence(sides: tuple[Hits, Hits]) -> FloatArray:
    """Return by how much each person moves the risk ``1 - (1 - a) / (1 - c)``, (people of both sides,)."""
    shares, moves = zip(*(_moves(side) for side in sides))
    missed = [1.0 - share for share in shares]
    return np.concatenate([moves[0] / missed[1], -missed[0] / missed[1] ** 2 * moves[1]])


def _moves(side: Hits) -> tuple[float, FloatArray]:
    """Return a rate, and by how much each person moves it."""
    weight = np.ones(len(side.trials)) if side.weight is None else side.weight
    total = float(weight @ side.trials)
    share = float(weight @ side.hits) / total
    return share, weight * (side.hits - share * side.trials) / total


def correlation_of(one: FloatArray, other: FloatArray) -> float:
    """Return the correlation of two estimates by what each person adds to them, (people,); 0 where one cannot vary."""
    spread = math.sqrt(float(one @ one) * float(other @ other))
    return max(-1.0, min(1.0, float(one @ other) / spread)) if spread > 0.0 else 0.0
