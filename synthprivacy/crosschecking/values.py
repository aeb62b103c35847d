"""What both sides say of one release, and why they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synthprivacy.results import Skipped

Interval = tuple[float, float]
Answer = Mapping[str, Any]
"""What a peer says of one task: its numbers, or ``error``, the kind of error it ended with."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as one side gives it; None where there is none, or where it would tell of fewer than ten people."""

    value: float | None
    interval: Interval | None = None
    note: str = ""
    """What stands in place of the number."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "value": self.value,
            "interval": None if self.interval is None else list(self.interval),
            "note": self.note,
        }

    def __str__(self) -> str:
        if self.value is None:
            return self.note or "-"
        ends = "" if self.interval is None else f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]"
        return f"{self.value:.3f}{ends}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of a peer beside ours."""

    release: str
    peer: str
    measure: str
    """As the peer calls it."""
    endpoint: str
    """As we call it: an endpoint, or a score as ``FAMILY.METRIC``."""
    theirs: Reading
    ours: Reading
    setup: str
    """What both were asked, and what could not be made the same."""
    reasons: tuple[str, ...]
    """Why the numbers differ, or that they do not."""

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "release": self.release,
            "peer": self.peer,
            "measure": self.measure,
            "endpoint": self.endpoint,
            "theirs": self.theirs.to_dict(),
            "ours": self.ours.to_dict(),
            "setup": self.setup,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Question:
    """One task of a peer, and the rows that its answer makes."""

    task: Mapping[str, Any]
    rows: Callable[[Answer], tuple[Row, ...]]


@dataclass(frozen=True, slots=True, repr=False)
class Crosscheck:
    """What the peers say of some releases beside what we say; no cell of a person."""

    seed: int
    attacks: int
    """People attacked a side at most."""
    inside: bool
    """Whether counts under ten may be read off it."""
    versions: Mapping[str, str]
    """Of us and of the peers."""
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    """Peers that were not asked, or did not answer."""

    def __repr__(self) -> str:
        from synthprivacy.crosschecking.telling import told

        return told(self)

    def to_dict(self) -> dict[str, Any]:
        """Return strict JSON."""
        return {
            "format": "synthprivacy/crosscheck/1",
            "rendering": "inside" if self.inside else "public",
            "seed": self.seed,
            "attacks": self.attacks,
            "versions": dict(self.versions),
            "rows": [row.to_dict() for row in self.rows],
            "skipped": [
                {"peer": skipped.attack, "reason": skipped.reason, "needs": skipped.needs} for skipped in self.skipped
            ],
        }
