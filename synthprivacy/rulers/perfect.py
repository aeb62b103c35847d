"""The perfect release: half of the control stands in as the release, so that nothing of the training people is in it.

Both halves play both roles, the release and the people it never held, and the readings are averaged. Why not three parts,
with one kept back? Nothing is left for it to do: the noise that a floor is measured in is that of the control on the
user's own release (`statistics.floor`) and not the perfect release's. A third of the control in either role only adds
noise: simulated with 400 + 400 people (150 pairs of tables, a health survey and one of many ties), the upper end of a
membership reading differed between two random partitions of the *same* control by (standard deviation)

==============================  ======  ====
reading                         survey  ties
==============================  ======  ====
thirds                          .042    .049
halves                          .033    .033
halves, both roles              .019    .024
the same, two partitions        .013    .016
==============================  ======  ====

Ends of intervals are averaged too. That is cautious: the standard deviation of a mean is at most the mean of the standard
deviations, however the parts hang together, and they do, because two people who are each other's nearest are near in
either role. Pooling the answers of the halves instead, as if they were independent, took the share of intervals that hold
0 down to .93 to .95 from .98 to .99.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.attacks import Attack
from synthprivacy.driver import halves, sample
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Answers, Interval, Outcome, Risk, Skipped
from synthprivacy.rulers.planting import answers_together
from synthprivacy.statistics.estimate import estimate
from synthprivacy.tables.table import Case, Table


@dataclass(frozen=True, slots=True)
class Perfect:
    """What an attack reads on a release without a leak."""

    value: float
    interval: Interval


def perfect(
    attack: Attack,
    case: Case,
    control: Table,
    rng: np.random.Generator,
    *,
    targets: int,
    confidence: float,
    partitions: int = 1,
) -> Perfect | Skipped:
    """Return what an attack reads on the perfect release, or why it reads nothing.

    Parameters
    ----------
    attack : Attack
    case : Case
    control : Table
        Its control.
    rng : numpy.random.Generator
    targets : int
        People attacked per side, unless the attack can afford everyone.
    confidence : float
    partitions : int
        How often the control is parted anew.

    Raises
    ------
    NotEnoughDataError
        If half of the control has nothing to attack with.
    """
    (found,) = perfect_together(
        [attack], case, control, rng, targets=targets, confidence=confidence, partitions=partitions
    )
    if isinstance(found, NotEnoughDataError):
        raise found
    return found


def perfect_together(
    attacks: Sequence[Attack],
    case: Case,
    control: Table,
    rng: np.random.Generator,
    *,
    targets: int,
    confidence: float,
    partitions: int = 1,
) -> list[Perfect | Skipped | NotEnoughDataError]:
    """Return the same for several attacks on the same people, which share their searches."""
    read: list[list[Risk | Skipped | NotEnoughDataError]] = [[] for _ in attacks]
    for part in rng.spawn(partitions):
        seed = int(part.integers(2**63))
        first, second = halves(control, seed)
        for release, others in ((first, second), (second, first)):
            shown = {"original": case.original, "control": others}
            if not attacks[0].everyone:
                shown = {population: sample(people, targets, seed) for population, people in shown.items()}
            for place, found in enumerate(answers_together(attacks, release, shown, case, seed)):
                read[place].append(_risk(attacks[place], found, confidence, seed))
    return [_mean(readings) for readings in read]


def _risk(
    attack: Attack, found: dict[str, Answers] | NotEnoughDataError, confidence: float, seed: int
) -> Risk | Skipped | NotEnoughDataError:
    if isinstance(found, NotEnoughDataError):
        return found
    outcome = Outcome(attack.name, attack.endpoint, found, attack.parameters())
    return estimate(outcome, primary=False, confidence=confidence, rng=np.random.default_rng(seed))


def _mean(readings: Sequence[Risk | Skipped | NotEnoughDataError]) -> Perfect | Skipped | NotEnoughDataError:
    """Return the mean reading, or the first that is none."""
    risks: list[Risk] = []
    for reading in readings:
        if not isinstance(reading, Risk):
            return reading
        risks.append(reading)
    low, high = (float(np.mean(ends)) for ends in zip(*(risk.interval for risk in risks)))
    return Perfect(float(np.mean([risk.value for risk in risks])), (low, high))
