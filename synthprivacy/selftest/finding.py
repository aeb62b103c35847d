"""What the self-test found: one law, one scenario, one figure against its bar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from synthprivacy.results import Interval
from synthprivacy.statistics.proportions import clopper_pearson

Side = Literal["at least", "at most"]

CONFIDENCE = 0.99
"""Of the interval a share of replicates is held against its bar with: a sound estimator fails one law in two hundred."""
MANY = 2_000
"""Replicates from which on a share must lie within `MARGIN` of its bar, whatever the interval says."""
MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class Finding:
    """One law on one scenario."""

    law: str
    scenario: str
    subject: str
    """What was judged: an endpoint, an interval, the gate."""
    figure: float
    """What was measured; NaN where nothing could be."""
    interval: Interval | None
    """Of the figure, at `CONFIDENCE`; None where the figure is exact."""
    side: Side
    bar: float
    replicates: int
    passed: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as strict JSON."""
        return {
            "law": self.law,
            "scenario": self.scenario,
            "subject": self.subject,
            "figure": _plain(self.figure),
            "interval": None if self.interval is None else [_plain(end) for end in self.interval],
            "side": self.side,
            "bar": self.bar,
            "replicates": self.replicates,
            "passed": self.passed,
        }

    def __str__(self) -> str:
        mark = "kept  " if self.passed else "BROKEN"
        measured = f"{self.figure:.3f} ({self.side} {self.bar:g}; {self.replicates:,} replicates)"
        return f"{mark} {self.law}: {self.subject} on {self.scenario}: {measured}"


def share(law: str, scenario: str, subject: str, hits: int, replicates: int, *, side: Side, bar: float) -> Finding:
    """Return the finding that some share of replicates is at least, or at most, its bar.

    Below `MANY` replicates it is broken only where the 99 % Clopper-Pearson interval of the share lies wholly on the
    wrong side: a self-test that cries wolf is not run. From there on the share itself must come within `MARGIN`.
    """
    low, high = (float(end) for end in clopper_pearson(float(hits), float(replicates), CONFIDENCE))
    figure = hits / replicates
    if replicates >= MANY:
        passed = figure >= bar - MARGIN if side == "at least" else figure <= bar + MARGIN
    else:
        passed = high >= bar if side == "at least" else low <= bar
    return Finding(law, scenario, subject, figure, (low, high), side, bar, replicates, passed)


def exact(law: str, scenario: str, subject: str, figure: float, *, side: Side, bar: float) -> Finding:
    """Return the finding that a number without chance in it keeps its bar; NaN never does."""
    passed = figure >= bar if side == "at least" else figure <= bar
    return Finding(law, scenario, subject, figure, None, side, bar, 1, passed)


def _plain(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
