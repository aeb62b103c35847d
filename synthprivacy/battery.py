"""The whole membership battery on one release: every score cross-fitted, and the best one held to how many there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from synthprivacy.attacks import Attack, Budget
from synthprivacy.attacks.membership import Distance
from synthprivacy.attacks.membership_battery import AVERAGED, METHODS, TOGETHER, Battery, affordable
from synthprivacy.attacks.membership_blocks import BlockDistance
from synthprivacy.crossfitting import Crossfitted, averaged, crossfit, marks_of
from synthprivacy.driver import stream
from synthprivacy.results import Risk, Score, Skipped
from synthprivacy.statistics.best_score import Scored, adjusted_p_values
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.multiplicity import holm
from synthprivacy.tables.table import Case

if TYPE_CHECKING:
    import numpy as np

DISTANCE, BLOCKS = "distance", "blocks"
"""The attacks that need no reference, run like the others to be compared with them."""
Stage = Callable[[str], AbstractContextManager[None]]
"""Something that is entered while a part of the work is done."""


@dataclass(frozen=True, slots=True)
class BatteryResult:
    """What the battery found."""

    results: tuple[Risk | Skipped, ...]
    adjusted: Mapping[str, float]
    """Endpoint to its p-value, as one of so many: max-T over the scores, Holm where people have weights."""

    @property
    def scores(self) -> tuple[Score, ...]:
        """The adjusted p-values as scores, the least of them first; they decide nothing but by a declared limit."""
        best = {} if self.best is None else {"best": self.adjusted[self.best]}
        return tuple(
            Score("battery", metric, value, None, interval=None, better="higher")
            for metric, value in (best | dict(self.adjusted)).items()
        )

    @property
    def best(self) -> str | None:
        """The endpoint with the least adjusted p-value, and of equals that with the highest value."""
        risks = {result.endpoint: result.value for result in self.results if isinstance(result, Risk)}
        return min(self.adjusted, key=lambda name: (self.adjusted[name], -risks.get(name, 0.0)), default=None)


def _untold(_endpoint: str) -> AbstractContextManager[None]:
    return nullcontext()


def run_battery(
    case: Case,
    seed: int,
    *,
    targets: int,
    methods: Sequence[str] = (DISTANCE, BLOCKS, *METHODS, TOGETHER),
    primary: Collection[str] = (),
    confidence: float = 0.95,
    jobs: int = 1,
    stage: Stage = _untold,
) -> BatteryResult:
    """Return the risks of the membership battery, an endpoint each, or why one cannot be judged.

    Parameters
    ----------
    case : Case
    seed : int
    targets : int
        People attacked per side; all attacks that can afford them meet the same ones, and of a large release fewer, see
        `affordable`.
    methods : sequence of str
        Names in `METHODS`, the distance on whole rows and on blocks of columns, and last the average of scores.
    primary : collection of str
        Endpoints that were declared primary before the data were seen.
    confidence : float
    jobs : int
        Threads; they change no answer.
    stage : callable
        Entered with an endpoint's name while it is worked out.
    """
    targets = affordable(targets, len(case.release))
    deal = int(stream(seed, "battery").integers(2**63))
    crossed: dict[str, Crossfitted | Skipped] = {}
    results: dict[str, Risk | Skipped] = {}
    for method in methods:
        attack = _attack(method, case, jobs)
        if attack is None:
            continue
        with stage(attack.endpoint):
            one = crossed[method] = _crossed(attack, case, crossed, seed, targets=targets, deal=deal)
            results[method] = _judged(one, seed, primary=attack.endpoint in primary, confidence=confidence)
    found = {
        result.endpoint: one
        for one, result in zip(crossed.values(), results.values())
        if isinstance(one, Crossfitted) and isinstance(result, Risk)
    }
    judged = tuple(results.values())
    return BatteryResult(judged, _adjusted(found, judged, case, stream(seed, "best score")))


def _attack(method: str, case: Case, jobs: int) -> Attack | None:
    """Return the attack of that name; None of blocks of columns, where there is only one."""
    if method == DISTANCE:
        return Distance(jobs)
    if method == BLOCKS:
        return next(iter(BlockDistance.variants(case.schema, case.release, Budget(queries=1, jobs=jobs))), None)
    return Battery(method, jobs)


def _crossed(
    attack: Attack, case: Case, crossed: Mapping[str, Crossfitted | Skipped], seed: int, *, targets: int, deal: int
) -> Crossfitted | Skipped:
    """Return an attack's scores; of the average, from the scores that are there already."""
    parts = [one for name in AVERAGED if isinstance(one := crossed.get(name), Crossfitted)]
    if isinstance(attack, Battery) and attack.method == TOGETHER and len(parts) == len(AVERAGED):
        return averaged(parts, attack.endpoint)
    return crossfit(attack, case, stream(seed, attack.endpoint), targets=targets, deal=deal)


def _judged(one: Crossfitted | Skipped, seed: int, *, primary: bool, confidence: float) -> Risk | Skipped:
    if isinstance(one, Skipped):
        return replace(one, primary=primary)
    rng = stream(seed, f"thresholds of {one.outcome.endpoint}")
    return estimate(one.outcome, primary=primary, confidence=confidence, rng=rng)


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
