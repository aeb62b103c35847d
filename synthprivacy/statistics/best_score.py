"""Several membership scores of the same people: which is best, and what it is worth after so many tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from synthprivacy.errors import DataError
from synthprivacy.results import Marks
from synthprivacy.statistics.max_t import max_t

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RELABELLINGS = 999


@dataclass(frozen=True, slots=True)
class Scored:
    """What one attack says of some of the people."""

    members: Marks
    nonmembers: Marks
    which_members: IntArray
    """(people,) who they are among all members: the units of the marks, in this order."""
    which_nonmembers: IntArray


def adjusted_p_values(
    scored: Sequence[Scored],
    *,
    members: int,
    nonmembers: int,
    rng: np.random.Generator,
    relabellings: int = RELABELLINGS,
) -> FloatArray:
    """Return max-T adjusted p-values (attacks,) of an AUC of at most one half.

    The best of many attacks looks like a leak by chance: the least of these values is what it is worth. People change
    sides at random, with all their rows and with the scores of all attacks at once, and only with people whom the same
    attacks have met.

    Parameters
    ----------
    scored : sequence of Scored
        Without weights: people who count differently do not change sides.
    members, nonmembers : int
        People on either side, attacked or not.
    rng : numpy.random.Generator
    relabellings : int

    Raises
    ------
    DataError
        If people have weights; `multiplicity.holm` needs no relabelling.

    References
    ----------
    Westfall and Young (1993), Resampling-based multiple testing, chapter 2; Mann and Whitney (1947), On a test of whether
    one of two random variables is stochastically larger than the other.
    """
    if any(side.weight is not None for one in scored for side in (one.members, one.nonmembers)):
        msg = "people with weights cannot change sides; adjust their p-values by holm instead"
        raise DataError(msg)
    people = members + nonmembers
    sums, rows = np.zeros((people, len(scored))), np.zeros((people, len(scored)))
    for attack, one in enumerate(scored):
        who = np.concatenate([one.which_members[one.members.unit], members + one.which_nonmembers[one.nonmembers.unit]])
        ranks = rankdata(np.concatenate([one.members.score, one.nonmembers.score]))
        sums[:, attack] = np.bincount(who, weights=ranks, minlength=people)
        rows[:, attack] = np.bincount(who, minlength=people)
    anyone = rows.any(axis=1)
    label = (np.arange(people) < members)[anyone]
    sums, rows = sums[anyone], rows[anyone]
    met = _groups(rows > 0)
    drawn = np.stack([_advantage(_relabelled(label, met, rng), sums, rows) for _ in range(relabellings)])
    spread = drawn.std(axis=0)
    spread[spread == 0.0] = 1.0
    return max_t(_advantage(label, sums, rows) / spread, drawn / spread)


def _groups(met: BoolArray) -> list[IntArray]:
    """Return the people by which attacks met them."""
    group = np.unique(met, axis=0, return_inverse=True)[1].reshape(-1)
    return [np.flatnonzero(group == number) for number in range(int(group.max(initial=-1)) + 1)]


def _relabelled(label: BoolArray, groups: list[IntArray], rng: np.random.Generator) -> BoolArray:
    changed = label.copy()
    for people in groups:
        changed[people] = rng.permutation(label[people])
    return changed


def _advantage(member: BoolArray, sums: FloatArray, rows: FloatArray) -> FloatArray:
    """Return ``AUC - 1/2`` of each attack, from the rank sums and the rows of people."""
    own, everyone = rows[member].sum(axis=0), rows.sum(axis=0)
    pairs = own * (everyone - own)
    found: FloatArray = (sums[member].sum(axis=0) - own * (own + 1) / 2) / np.maximum(pairs, 1.0) - 0.5
    return found
