"""An impostor: an estimator known to be wrong, and the laws that must find it out.

The self-test is only worth what it can reject. Each impostor follows the published, or the obvious, way of doing it;
each is tried beside the house's own counterpart on the same replicates, for a law that the house breaks too would show
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synthprivacy.errors import DataError
from synthprivacy.selftest.finding import Finding, exact
from synthprivacy.selftest.laws import findings_of
from synthprivacy.selftest.scenario import Scenario
from synthprivacy.selftest.subjects import Reading, Readings, Subject

IMPOSTOR, HOUSE = "the impostor", "the house"


@dataclass(frozen=True, slots=True)
class Trial:
    """One law on one scenario, asked of an impostor and of the house alike."""

    impostor: Finding
    house: Finding

    @property
    def rejected(self) -> bool:
        """Whether the law tells the two apart."""
        return self.house.passed and not self.impostor.passed

    def to_dict(self) -> dict[str, Any]:
        """Return the trial as strict JSON."""
        return {"rejected": self.rejected, "impostor": self.impostor.to_dict(), "house": self.house.to_dict()}

    def __str__(self) -> str:
        told = f"{self.impostor.figure:.3f} for {self.house.figure:.3f} ({self.impostor.side} {self.impostor.bar:g})"
        return f"{self.impostor.law} on {self.impostor.scenario}: {told}"


@dataclass(frozen=True, slots=True)
class Impostor:
    """An estimator known to be wrong."""

    what: str
    """What it does wrong, in a few words."""
    source: str
    """Who does it, or where it is described."""
    trials: Callable[[int], tuple[Trial, ...]]
    """Seed → every law that must reject it."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """What became of one impostor."""

    impostor: str
    what: str
    trials: tuple[Trial, ...]

    @property
    def rejected(self) -> bool:
        """Whether every law that must reject it did, and the house kept them all."""
        return bool(self.trials) and all(trial.rejected for trial in self.trials)

    def finding(self) -> Finding:
        """Return whether it was rejected, as a finding of the self-test about itself."""
        share = sum(trial.rejected for trial in self.trials) / max(1, len(self.trials))
        scenarios = ", ".join(trial.impostor.scenario for trial in self.trials)
        return exact("known to be wrong", scenarios, self.impostor, share, side="at least", bar=1.0)

    def to_dict(self) -> dict[str, Any]:
        """Return the rejection as strict JSON."""
        trials = [trial.to_dict() for trial in self.trials]
        return {"impostor": self.impostor, "what": self.what, "rejected": self.rejected, "trials": trials}

    def __str__(self) -> str:
        mark = "rejected" if self.rejected else "BELIEVED"
        return f"{mark} {self.impostor}: {'; '.join(map(str, self.trials))}"


def both(impostor: Reading | None, house: Reading | None) -> Readings:
    """Return the readings of one replicate by the two who are tried on it."""
    return {IMPOSTOR: impostor, HOUSE: house}


def tried(subject: Subject, scenario: Scenario, law: str, *, replicates: int, seed: int) -> Trial:
    """Return what a law on a scenario finds of an impostor and of the house, judged like any other subject.

    Parameters
    ----------
    subject : Subject
        Reads every replicate as `both`.
    scenario : Scenario
    law : str
        One of those in `laws`, by the name its findings bear.
    replicates, seed : int

    Raises
    ------
    DataError
        If the law asks nothing of the scenario, or fewer than 20 replicates could be read.
    """
    rows = [subject(scenario, scenario.case(seed, number), number) for number in range(replicates)]
    return Trial(*(_found(scenario, law, side, rows) for side in (IMPOSTOR, HOUSE)))


def _found(scenario: Scenario, law: str, side: str, rows: list[Mapping[str, Reading | None]]) -> Finding:
    for finding in findings_of(scenario, side, [row[side] for row in rows]):
        if finding.law == law:
            return finding
    msg = (
        f"the law {law!r} says nothing of {side} on {scenario.name!r}: {len(rows)} replicates; give 20, or another law"
    )
    raise DataError(msg)
