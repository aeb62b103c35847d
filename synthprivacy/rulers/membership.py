"""The ladder of a membership score, rung by rung: what it gains from a person depends on how many there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.attacks import Attack
from synthprivacy.driver import COMPARISON_TARGETS, sample
from synthprivacy.errors import DataError
from synthprivacy.results import Answers, Marks, Skipped
from synthprivacy.rulers.ladder import Ladder
from synthprivacy.rulers.perfect import perfect
from synthprivacy.rulers.planting import LEAST, Beds, answers, beds
from synthprivacy.statistics.estimate_marks import auc_of
from synthprivacy.statistics.roc import Auc
from synthprivacy.tables.table import Case, FloatArray, Table

PARTITIONS = 2
"""How often the control is parted for the perfect release of the headline."""
NO_CONTROL = ("the rulers are made from the control", "a control: people the generator never saw")


def ladder(
    attack: Attack, case: Case, rng: np.random.Generator, *, targets: int, confidence: float, few: bool = False
) -> Ladder | Skipped:
    """Return the ladder of one membership attack, or why it cannot be built.

    The *ladder* is the release with 3, 10, 30, … of its rows replaced by training people: how those people read says
    how many published people the result itself is worth. It is made from the release and not from something like it,
    because the same copies stand out in a small release and drown in a large one of common records. On each rung only
    the planted people are attacked: people drawn at random add their share of all people times the value they read.
    The last rung replaces a tenth of the rows; beyond, every person adds as much as one on it.

    Parameters
    ----------
    attack : Attack
        An attack that scores membership.
    case : Case
        With a control.
    rng : numpy.random.Generator
    targets : int
        People attacked per side.
    confidence : float
    few : bool
        Two rungs, of a hundredth and a tenth of the rows, and the control parted once: a tenth of the effort.

    Raises
    ------
    DataError
        If the attack does not score membership.
    """
    if case.control is None:
        return Skipped(attack.name, attack.endpoint, *NO_CONTROL)
    standing, planting, attacking = rng.spawn(3)
    partitions = 1 if few else PARTITIONS
    held_out = perfect(
        attack, case, case.control, standing, targets=targets, confidence=confidence, partitions=partitions
    )
    if isinstance(held_out, Skipped):
        return held_out
    ground, people = beds(case, planting), case.original.people
    rungs, seed = _rungs(ground.most, few=few), int(attacking.integers(2**63))
    gain, noise = _climb(attack, ground, case.control, rungs, seed=seed, targets=targets)
    gain = [0.0, *gain, gain[-1] / rungs[-1] * people]
    rise: FloatArray = np.maximum.accumulate(gain)
    return Ladder(people, np.array([0, *rungs, people], dtype=np.float64), rise, held_out, noise=noise)


def _climb(
    attack: Attack, ground: Beds, control: Table, rungs: Sequence[int], *, seed: int, targets: int
) -> tuple[list[float], Auc]:
    """Return what the planted people of each rung add to the value, and the AUC of the control against itself.

    The latter with everyone attacked, on the lowest rung, which is most like the release; to tell what a rung adds, few
    control people do.
    """
    others = sample(control, targets, seed)
    gain: list[float] = []
    noises: list[Auc] = []
    for rung in rungs:
        there = ground.plant(rung)
        shown = {"original": sample(there.people, targets, seed), "control": others}
        members, nonmembers = _marks(answers(attack, there.release, shown, ground.case, seed), attack)
        gain.append(rung / ground.case.original.people * (2.0 * auc_of(members, nonmembers).value - 1.0))
        if not noises:
            noises.append(auc_of(nonmembers, nonmembers))
            others = sample(others, COMPARISON_TARGETS, seed)
    return gain, noises[0]


def _marks(found: dict[str, Answers], attack: Attack) -> tuple[Marks, Marks]:
    match found["original"], found["control"]:
        case Marks() as members, Marks() as nonmembers:
            return members, nonmembers
    msg = f"a ladder is made of membership scores, which {attack.endpoint} does not give; pass another attack"
    raise DataError(msg)


def _rungs(most: int, *, few: bool) -> list[int]:
    """Return 3, 10, 30, … up to `most`, or a tenth of `most` and all of it."""
    if few:
        return sorted({max(LEAST, most // 10), most})
    steps = [round(10 ** (power // 2) * (3 if power % 2 else 1)) for power in range(2, 40)]
    return [LEAST, *(step for step in steps if step <= most)]
