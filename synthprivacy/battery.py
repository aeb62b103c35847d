"""The whole membership battery on one release: every score cross-fitted, and the best one held to how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthprivacy.attacks import Attack
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_battery import AVERAGED, METHODS, TOGETHER, Battery
from synthprivacy.crossfitting import Crossfitted, averaged, crossfit, marks_of
from synthprivacy.driver import stream
from synthprivacy.results import Risk, Score, Skipped
from synthprivacy.statistics.best_score import Scored, adjusted_p_values
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.multiplicity import holm
from synthprivacy.tables.table import Case

if TYPE_CHECKING:
    import numpy as np

DISTANCE = "distance"
"""The attack that needs no reference, run like the others to be compared with them."""


@dataclass(frozen=True, slots=True)
class BatteryResult:
    """What the battery found."""

    results: tuple[Risk | Skipped, ...]
    adjusted: Mapping[str, float]
    """Endpoint to its p-value, as one of so many: max-T over the scores, Holm where people have weights."""

    @property
    def scores(self) -> tuple[Score, ...]:
        """The adjusted p-values as scores, which decide nothing."""
        return tuple(
            Score("battery", endpoint, value, None, interval=None, better="higher")
            for endpoint, value in self.adjusted.items()
        )

    @property
    def best(self) -> str | None:
        """The endpoint with the least adjusted p-value, and of equals that with the highest value."""
        risks = {result.endpoint: result.value for result in self.results if isinstance(result, Risk)}
        return min(self.adjusted, key=lambda name: (self.adjusted[name], -risks.get(name, 0.0)), default=None)


def run_battery(
    case: Case,
    seed: int,
    *,
    targets: int,
    methods: Sequence[str] = (DISTANCE, *METHODS, TOGETHER),
    confidence: float = 0.95,
    jobs: int = 1,
) -> BatteryResult:
    """Return the risks of the membership battery.

    Parameters
    ----------
    case : Case
    seed : int
    targets : int
        People attacked per side; all attacks that can afford them meet the same ones.
    methods : sequence of str
        Names in `METHODS`, the plain distance, and last the average of scores.
    confidence : float
    jobs : int
        Threads; they change no answer.
    """
    deal = int(stream(seed, "battery").integers(2**63))
    crossed: dict[str, Crossfitted | Skipped] = {}
    for method in methods:
        attack: Attack = Distance(jobs=jobs) if method == DISTANCE else Battery(method, jobs)
        parts = [one for name in AVERAGED if isinstance(one := crossed.get(name), Crossfitted)]
        if method == TOGETHER and len(parts) == len(AVERAGED):
            crossed[method] = averaged(parts, attack.endpoint)  # no need to study all of them again
            continue
        rng = stream(seed, attack.endpoint)
        crossed[method] = crossfit(attack, case, rng, targets=targets, deal=deal)
    found: dict[str, Crossfitted] = {}
    results: list[Risk | Skipped] = []
    for one in crossed.values():
        if isinstance(one, Skipped):
            results.append(one)
            continue
        rng = stream(seed, f"thresholds of {one.outcome.endpoint}")
        result = estimate(one.outcome, primary=False, confidence=confidence, rng=rng)
        results.append(result)
        if isinstance(result, Risk):
            found[one.outcome.endpoint] = one
    return BatteryResult(tuple(results), _adjusted(found, results, case, stream(seed, "best score")))


def _adjusted(
    found: Mapping[str, Crossfitted], results: Sequence[Risk | Skipped], case: Case, rng: np.random.Generator
) -> dict[str, float]:
    if not found or case.control is None:
        return {}
    if case.control.weight is not None or case.original.weight is not None:
        risks = [result for result in results if isinstance(result, Risk)]
        p_values = {risk.endpoint: 1.0 if risk.p_value is None else risk.p_value for risk in risks}
        return dict(zip(p_values, holm(list(p_values.values())).tolist()))
    scored = [
        Scored(
            marks_of(one.outcome.answers["original"]),
            marks_of(one.outcome.answers["control"]),
            one.original,
            one.control,
        )
        for one in found.values()
    ]
    people = (case.original.people, case.control.people)
    return dict(zip(found, adjusted_p_values(scored, members=people[0], nonmembers=people[1], rng=rng).tolist()))
