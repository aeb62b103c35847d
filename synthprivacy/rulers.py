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
from synthprivacy.results import Copies, Evidence, Risk, ScoresEvidence, Series, Skipped
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
    """(rungs,) value on each rung less what the perfect release reads on those who are not planted; never falling."""
    perfect: Risk
    """What the attack reads on the perfect release: no leak, so its interval is noise alone."""

    def most(self, value: float) -> float:
        """Return the largest number of planted people that reads like `value`: on a flat part, its far end."""
        last = np.append(np.diff(self.gain) > 0, True)
        return float(np.interp(value, self.gain[last], self.planted[last]))

    def fewest(self, value: float) -> float:
        """Return the smallest number of planted people that reads like `value`: on a flat part, its near end."""
        first = np.append(True, np.diff(self.gain) > 0)
        return float(np.interp(value, self.gain[first], self.planted[first]))


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
    planted_people = np.array(rungs, dtype=np.float64)
    # the halves of the control differ by chance, which is read on the people who are not planted, and on them only
    chance = values[0] * (1.0 - planted_people / case.original.people)
    return Ladder(case.original.people, planted_people, np.maximum.accumulate(values - chance), risks[0])


def read(risk: Risk, ruler: Ladder) -> Copies:
    """Return a membership result as a number of people published outright.

    Where the ladder is flat, the lower end of the interval means the fewest people and the rest the most; a value of
    0 or less, which no leak gives too, means nobody.
    """
    noise = _noise(risk, ruler.perfect)
    top = float(ruler.gain[-1])
    return Copies(
        value=_people(risk, ruler),
        interval=_interval(risk, ruler),
        of=ruler.people,
        perfect_value=_people(ruler.perfect, ruler),
        perfect_interval=_interval(ruler.perfect, ruler),
        floor=math.ceil(ruler.most(noise)) if 0 < noise < top else None,
    )


def series(endpoint: str, ruler: Ladder) -> Series:
    """Return the ladder as a curve: planted people against what the attack gains from them."""
    return Series("ladder", endpoint, tuple(ruler.planted.tolist()), tuple(ruler.gain.tolist()))


def _people(risk: Risk, ruler: Ladder) -> float:
    return ruler.most(risk.value) if risk.value > 0 else 0.0


def _interval(risk: Risk, ruler: Ladder) -> tuple[float, float]:
    low, high = risk.interval
    return ruler.fewest(low), ruler.most(high)


def _noise(risk: Risk, perfect: Risk) -> float:
    """Return how far below its value the decision bound of a release without any leak would lie.

    That of the perfect release, which met half of the control only, in proportion to the root of the variance
    ``1 / members + 1 / nonmembers`` of an AUC of one half. The noise of a leaky release itself is smaller.
    """
    wide, narrow = (_spread(result.evidence) for result in (perfect, risk))
    return (perfect.value - perfect.lower) * narrow / wide


def _spread(evidence: Evidence) -> float:
    match evidence:
        case ScoresEvidence(members=members, nonmembers=nonmembers):
            return math.sqrt(1 / members + 1 / nonmembers)
    return 1.0


def _rungs(people: int) -> list[int]:
    """Return 0, 1, 3, 10, 30, … and everyone."""
    steps = [round(10 ** (power // 2) * (3 if power % 2 else 1)) for power in range(40)]
    return [0, *(step for step in steps if step < people), people]
