"""Limits on all releases of the same people together: what a ledger is held against."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from synthprivacy.errors import ConfigError

VALID_DAYS = 365
"""A pass is good for a year: attacks get better, and people who left stay in what was published."""


@dataclass(frozen=True, slots=True)
class ReleaseLimits:
    """``[policy.ledger]``: how much may go out in all, and for how long a pass is good.

    Raises
    ------
    ConfigError
        If a limit is out of range.
    """

    leak: float | None = None
    """Most of the share of people given away by all releases together; None: the smallest limit of a rule on
    ``primary.upper``."""
    rows: int | None = None
    """Most rows released in all; None = no limit."""
    epsilon: float | None = None
    """Most of the sum of the claimed epsilons; None = no limit."""
    queries: int | None = None
    """Most releases judged by a gate in all; None = no limit."""
    days: int = VALID_DAYS
    """Days after which a pass must be judged again."""

    def __post_init__(self) -> None:
        """Check every limit."""
        for name, limit, most in (
            ("leak", self.leak, 1.0),
            ("rows", self.rows, math.inf),
            ("epsilon", self.epsilon, math.inf),
            ("queries", self.queries, math.inf),
            ("days", self.days, math.inf),
        ):
            if limit is not None and not 0.0 < limit < most:
                msg = f"policy.ledger.{name} must lie above 0{'' if most == math.inf else ' and below 1'}: {limit}; change it"
                raise ConfigError(msg)

    def to_dict(self) -> dict[str, Any]:
        """Return the limits as strict JSON, in the form of the file."""
        return {name: limit for name, limit in asdict(self).items() if limit is not None}
