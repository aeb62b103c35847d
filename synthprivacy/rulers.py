"""Two rulers from the user's own tables, on which every membership result is read as a number of people.

The *ladder* is the release with 3, 10, 30, … of its rows replaced by training people: how those people read says how
many published people the result itself is worth. It is made from the release and not from something like it, because
the same copies stand out in a small release and drown in a large one of common records. A *perfect release* is half
of the control standing in as the release: it leaks nothing about the training people by construction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from synthprivacy.attacks import Attack
from synthprivacy.driver import halves, run
from synthprivacy.errors import DataError
from synthprivacy.results import Copies, Marks, Outcome, Risk, ScoresEvidence, Series, Skipped
from synthprivacy.statistics.estimate import estimate
from synthprivacy.statistics.roc import auc
from synthprivacy.tables.table import Case, FloatArray


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the attack reads on releases with a known number of planted people."""

    people: int
    """Training people."""
    planted: FloatArray
    """(rungs,) planted people, from 0 to all of them."""
    gain: FloatArray
    """(rungs,) what they add to the value of a release without a leak; never falling."""
    perfect: Risk
    """What the attack reads on the perfect release: no leak, so its interval is noise alone."""

    def most(self, value: float) -> float:
        """Return the largest number of planted people that reads like `value`: on a flat part, its far end."""
        reached = max(value, 0.0)
        return self._before(int(np.searchsorted(self.gain, reached, side="right")), reached)

    def fewest(self, value: float) -> float:
        """Return the smallest number of planted people that reads like `value`: on a flat part, its near end."""
        reached = min(value, float(self.gain[-1]))
        return self._before(int(np.searchsorted(self.gain, reached, side="left")), reached)

    def _before(self, rung: int, value: float) -> float:
        """Return the planted people at a value on the way up to a rung."""
        if not 0 < rung < len(self.planted):
            return float(self.planted[min(rung, len(self.planted) - 1)])
        low, high = self.gain[rung - 1 : rung + 1]
        fewer, more = self.planted[rung - 1 : rung + 1]
        return float(fewer + (more - fewer) * ((value - low) / (high - low)))


def ladder(
    attack: Attack, case: Case, rng: np.random.Generator, *, targets: int, confidence: float
) -> Ladder | Skipped:
    """Return the ladder of one membership attack, or why it cannot be built.

    On each rung only the planted people are attacked: people drawn at random add their share of all people times the
    value they read. No more than a tenth of the rows is replaced, so that the release stays what it is (people whom it
    has published already would stand in it twice); beyond, every person adds as much as one on the last rung.

    Parameters
    ----------
    attack : Attack
        An attack that scores membership.
    case : Case
        With a control, one half of which plays the perfect release and the other its non-members.
    rng : numpy.random.Generator
    targets : int
        People attacked per side.
    confidence : float

    Raises
    ------
    DataError
        If the attack does not score membership.
    """
    if case.control is None:
        needs = "a control: people the generator never saw"
        return Skipped(attack.name, attack.endpoint, "the rulers are made from the control", needs)
    splitting, planting, attacking = (int(seed) for seed in rng.integers(2**63, size=3))
    inside, outside = halves(case.control, splitting)
    outcome = run(attack, replace(case, control=outside, release=inside), _stream(attacking), targets=targets)
    if isinstance(outcome, Skipped):
        return outcome
    perfect = estimate(outcome, primary=False, confidence=confidence, rng=_stream(attacking))
    if isinstance(perfect, Skipped):
        return perfect
    people, drawn = case.original.people, np.random.default_rng(planting)
    order, replaced = drawn.permutation(people), drawn.permutation(len(case.release))
    planted, gain = [0, *_rungs(min(people - 1, len(case.release) // 10)), people], [0.0]
    for rung in planted[1:-1]:
        chosen = case.original.of_people(order[:rung])
        release = case.release.take(replaced[len(chosen) :]).joined(chosen)
        outcome = run(attack, replace(case, original=chosen, release=release), _stream(attacking), targets=targets)
        if isinstance(outcome, Skipped):
            return outcome
        gain.append(rung / people * _value(outcome))
    gain.append(gain[-1] / planted[-2] * people)
    return Ladder(people, np.array(planted, dtype=np.float64), np.maximum.accumulate(gain), perfect)


def read(risk: Risk, ruler: Ladder) -> Copies:
    """Return a membership result as a number of people published outright.

    Where the ladder is flat, the lower end of an interval means the fewest people, all else the most; a value of 0 or
    less, which no leak gives too, means nobody. The detection floor is read at the result that a release without any
    leak exceeds in one run of forty (at a confidence of .95). With that many people published the lower end of the
    interval was above 0 in .50 to .53 of 300 to 600 simulated runs with 250 + 250 people who are all different, in .69
    where most were alike.
    """
    noise = _noise(risk, ruler.perfect)
    return Copies(
        value=_people(risk, ruler),
        interval=_interval(risk, ruler),
        of=ruler.people,
        perfect_value=_people(ruler.perfect, ruler),
        perfect_interval=_interval(ruler.perfect, ruler),
        floor=math.ceil(ruler.most(noise)) if noise < ruler.gain[-1] else None,
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
    """Return how far the decision bound of a release like this one, but without any leak, would lie below its value.

    The reach of the perfect release, which met half of the control only, in proportion to the root of the variance
    ``1 / members + 1 / nonmembers`` of an AUC of one half. A leaky release has less noise of its own.
    """
    return (perfect.value - perfect.lower) * _spread(risk) / _spread(perfect)


def _spread(risk: Risk) -> float:
    match risk.evidence:
        case ScoresEvidence(members=members, nonmembers=nonmembers):
            return math.sqrt(1.0 / members + 1.0 / nonmembers)
    msg = f"only membership scores are read on a ladder, which {risk.endpoint} does not give; pass another risk"
    raise DataError(msg)


def _value(outcome: Outcome) -> float:
    """Return ``2 * AUC - 1``, of however few people."""
    match outcome.answers["original"], outcome.answers.get("control"):
        case Marks() as members, Marks() as others:
            return 2.0 * auc(members.score, others.score, members.unit, others.unit).value - 1.0
    msg = f"a ladder is made of membership scores, which {outcome.endpoint} does not give; pass another attack"
    raise DataError(msg)


def _rungs(most: int) -> list[int]:
    """Return 3, 10, 30, … up to `most`."""
    steps = [round(10 ** (power // 2) * (3 if power % 2 else 1)) for power in range(2, 40)]
    return [3, *(step for step in steps if step <= most)]


def _stream(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
