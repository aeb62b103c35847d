"""One endpoint read again: the same attack on the same people, by the driver's own path, with another release."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from synthprivacy.attacks import Attack
from synthprivacy.driver import run, stream
from synthprivacy.planning import Endpoint
from synthprivacy.results import Risk, Skipped
from synthprivacy.statistics.estimate import estimate
from synthprivacy.strata import Stratum, stratified
from synthprivacy.tables.table import Case


@dataclass(frozen=True, slots=True)
class Reader:
    """How an endpoint is read: everything but the tables."""

    endpoint: Endpoint
    seed: int
    """Of the evaluation: so the same people are drawn."""
    targets: int
    """People attacked per side."""
    confidence: float
    stratum: Stratum | None = None
    """The people who count; None = all."""

    def read(self, case: Case) -> Risk | Skipped:
        """Return the risk of the endpoint with this release, or why there is none."""
        rng = stream(self.seed, self.endpoint.key)
        outcome = run(self.endpoint.attack, case, rng, targets=self.targets)
        if isinstance(outcome, Skipped):
            return outcome
        if self.stratum is None:
            return estimate(outcome, primary=self.endpoint.primary, confidence=self.confidence, rng=rng)
        streams = partial(stream, self.seed)
        found = stratified(outcome, [self.stratum], confidence=self.confidence, streams=streams)
        if not found:
            reason = "its answers are not about single people"
            return Skipped(outcome.attack, outcome.endpoint, reason, "an endpoint about all people")
        return found[0]

    def by(self, attack: Attack, case: Case) -> Risk | Skipped:
        """Return what another attack finds about all people."""
        rng = stream(self.seed, f"explain {attack.endpoint}")
        outcome = run(attack, case, rng, targets=self.targets)
        if isinstance(outcome, Skipped):
            return outcome
        return estimate(outcome, primary=False, confidence=self.confidence, rng=rng)


def risk_or_none(found: Risk | Skipped) -> Risk | None:
    """Return the risk; None where nothing can be attacked any more."""
    return found if isinstance(found, Risk) else None
