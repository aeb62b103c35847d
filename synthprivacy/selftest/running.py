"""The whole self-test on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synthprivacy.cards import Card
from synthprivacy.provenance import versions
from synthprivacy.selftest import closed_forms, golden
from synthprivacy.selftest.catalogue import SCENARIOS
from synthprivacy.selftest.contract import contract
from synthprivacy.selftest.damages import damages
from synthprivacy.selftest.decisions import kept, promises
from synthprivacy.selftest.finding import Finding
from synthprivacy.selftest.impostors.impostor import Rejection
from synthprivacy.selftest.impostors.rejecting import reject
from synthprivacy.selftest.invariances import invariances
from synthprivacy.selftest.laws import findings_of
from synthprivacy.selftest.refusals import refusals
from synthprivacy.selftest.replicates import cut, read_all
from synthprivacy.selftest.subjects import House
from synthprivacy.selftest.tiers import Tier
from synthprivacy.selftest.trends import ByScenario, monotone
from synthprivacy.selftest.work import results_of
from synthprivacy.selftest.writing import cards_of

FORMAT = "synthprivacy/selftest/1"

PARTS: dict[str, Callable[..., list[Finding]]] = {
    "contract": contract,
    "invariances": invariances,
    "refusals": refusals,
    "damages": damages,
}
"""Laws about single tables: how every attack must behave, what must change nothing, what must never pass."""

Progress = Callable[[int, int, str], None]
"""Called with the steps done, the steps in all, and what was read."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What one run of the self-test found."""

    tier: Tier
    seed: int
    findings: tuple[Finding, ...]
    rejections: tuple[Rejection, ...]
    """What became of the estimators known to be wrong."""
    cards: dict[str, Card]

    @property
    def passed(self) -> bool:
        """Whether every law was kept, and every known-bad estimator rejected."""
        return all(finding.passed for finding in self.findings) and all(one.rejected for one in self.rejections)

    def to_dict(self) -> dict[str, Any]:
        """Return the run as strict JSON."""
        return {
            "format": FORMAT,
            "tier": self.tier.name,
            "seed": self.seed,
            "versions": versions(),
            "replicates": {"cheap": self.tier.replicates, "costly": self.tier.costly},
            "passed": self.passed,
            "findings": [finding.to_dict() for finding in self.findings],
            "impostors": [rejection.to_dict() for rejection in self.rejections],
            "cards": {key: card.to_dict() | {"findings": None} for key, card in self.cards.items()},
        }


def run_selftest(tier: Tier, *, seed: int = 0, jobs: int = 1, progress: Progress | None = None) -> SelfTest:
    """Return what the self-test finds.

    Parameters
    ----------
    tier : Tier
    seed : int
        The same tier, seed and version give the same findings.
    jobs : int
        Processes; they change nothing but the time.
    progress : callable, optional
        See `Progress`.
    """
    count = _Counter(progress, _steps(tier))
    findings = [*closed_forms.findings(), *golden.findings()]
    for found in results_of(findings_of_part, [(name, seed, tier.thorough) for name in tier.parts], jobs):
        findings += found
        count("contract, invariances, refusals")
    rejections = []
    for rejection in results_of(reject, [(name, seed) for name in tier.impostors], jobs):
        rejections.append(rejection)
        count("known-bad estimators")
    house = House(tier.attackers)
    read = read_all(
        tier.scenarios, tier.replicates, costly=tier.costly, seed=seed, jobs=jobs, advance=count,
        subjects=(house, house.quickly()),
    )  # fmt: skip
    findings += on_scenarios(read)
    for training, control, replicates in tier.gates:
        findings += kept(training, control, replicates, seed=seed, jobs=jobs, advance=count)
    cards = cards_of(findings, read, tier)
    return SelfTest(tier, seed, tuple(findings), tuple(rejections), cards)


def findings_of_part(name: str, seed: int, thorough: bool) -> list[Finding]:
    """Return what one of `PARTS` finds."""
    return PARTS[name](seed, thorough=thorough)


def on_scenarios(read: ByScenario) -> list[Finding]:
    """Return what every law finds in some readings."""
    scenarios = [SCENARIOS[name] for name in read]
    found = [
        finding
        for scenario in scenarios
        for endpoint, readings in read[scenario.name].items()
        for finding in findings_of(scenario, endpoint, readings)
    ]
    return found + monotone(scenarios, read)


@dataclass(slots=True)
class _Counter:
    """Steps done so far."""

    progress: Progress | None
    steps: int
    done: int = 0

    def __call__(self, what: str) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.steps, what)


def _steps(tier: Tier) -> int:
    chunks = len(cut(tier.costly, tier.replicates)) * len(tier.scenarios)
    decided = (
        replicates * len({promise.scenario.name for promise in promises(training, control)})
        for training, control, replicates in tier.gates
    )
    return len(tier.parts) + len(tier.impostors) + chunks + sum(decided)
