"""Two rulers from the user's own tables, on which every membership result is read as a number of people.

A *perfect release* is half of the control standing in as the release: it leaks nothing about the training people
by construction. The *ladder* is that release with 1, 3, 10, 30, … training people planted in it. The number of
planted people that gives the same result as the real release is the headline.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks import Attack
from synthprivacy.driver import halves, run
from synthprivacy.results import Copies, Interval, Risk, Series, Skipped
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case, FloatArray


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the attack reads on releases with a known number of planted people."""

    people: int
    """Training people."""
    planted: FloatArray
    """(rungs,) planted people, from 0."""
    gain: FloatArray
    """(rungs,) value on each rung less the value on the perfect release; never falling."""
    perfect: Risk
    """What the attack reads on the perfect release: no leak, so its interval is noise alone."""

    def count(self, value: float) -> float:
        """Return how many planted people read like `value`; between 0 and all of them."""
        return float(np.interp(value, *_increasing(self.gain, self.planted)))


def ladder(
    attack: Attack, case: Case, rng: np.random.Generator, *, targets: int, confidence: float
) -> Ladder | Skipped:
    """Return the ladder of one membership attack, or why it cannot be built.

    Parameters
    ----------
    attack : Attack
        An attack that scores membership.
    case : Case
        With a control, one half of which plays the release and the other the non-members.
    rng : numpy.random.Generator
    targets : int
        People attacked per side.
    confidence : float
    """
    needs = "a control: people the generator never saw"
    if case.control is None:
        return Skipped(attack.name, attack.endpoint, "the rulers are made from the control", needs)
    splitting, planting, attacking = (int(seed) for seed in rng.integers(2**63, size=3))
    perfect, outside = halves(case.control, splitting)
    order = np.random.default_rng(planting).permutation(case.original.people)
    risks: list[Risk] = []
    rungs = _rungs(case.original.people)
    for rung in rungs:
        release = perfect if rung == 0 else perfect.joined(case.original.of_people(order[:rung]))
        planted = Case(case.name, case.original, outside, release, case.schema)
        stream = np.random.default_rng(attacking)
        outcome = run(attack, planted, stream, targets=targets)
        if isinstance(outcome, Skipped):
            return outcome
        risk = estimate(outcome, primary=False, confidence=confidence, rng=stream)
        if isinstance(risk, Skipped):
            return risk
        risks.append(risk)
    values = np.array([risk.value for risk in risks])
    gain = np.maximum.accumulate(values - values[0])
    return Ladder(case.original.people, np.array(rungs, dtype=np.float64), gain, risks[0])


def read(risk: Risk, ruler: Ladder) -> Copies:
    """Return a membership result as a number of people published outright.

    Only gains over the perfect release are compared, so that chance differences between the halves of the
    control cancel. The detection floor is the number of planted people whose expected gain equals the distance
    from the value to its own decision bound.
    """
    noise = risk.value - risk.lower
    top = float(ruler.gain[-1])
    floor = math.ceil(ruler.count(noise)) if 0 < noise < top else None
    return Copies(
        value=ruler.count(risk.value),
        interval=_counts(risk.interval, ruler),
        of=ruler.people,
        perfect_value=ruler.count(ruler.perfect.value),
        perfect_interval=_counts(ruler.perfect.interval, ruler),
        floor=floor,
    )


def series(endpoint: str, ruler: Ladder) -> Series:
    """Return the ladder as a curve: planted people against what the attack gains from them."""
    return Series("ladder", endpoint, tuple(ruler.planted.tolist()), tuple(ruler.gain.tolist()))


def _counts(interval: Interval, ruler: Ladder) -> tuple[float, float]:
    low, high = interval
    return ruler.count(low), ruler.count(high)


def _rungs(people: int) -> list[int]:
    """Return 0, 1, 3, 10, 30, … and everyone."""
    steps = [round(10 ** (power // 2) * (3 if power % 2 else 1)) for power in range(40)]
    return [0, *(step for step in steps if step < people), people]


def _increasing(gain: FloatArray, planted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rungs at which the gain rises: on a flat part the most people are meant, the cautious reading."""
    keep = np.append(np.diff(gain) > 0, True)
    return gain[keep], planted[keep]
