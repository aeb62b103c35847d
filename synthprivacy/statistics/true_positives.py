"""True positives at a fixed false-positive rate, as a two-sample quantity."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.results import Excess, TruePositives
from synthprivacy.statistics.excess import excess
from synthprivacy.statistics.proportions import Method

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FALSE_POSITIVE_RATES = (0.1, 0.01, 0.001)


def true_positives(
    members: FloatArray, nonmembers: FloatArray, calibration: BoolArray, *, fpr: float
) -> TruePositives | None:
    """Return the members and the fresh non-members above a threshold calibrated to a false-positive rate.

    The threshold is the ``floor(fpr * (n + 1))``-th largest score of the n calibration people; a person is called a
    member if scored above it. A fresh non-member is then called a member with probability at most `fpr`: *marginally*,
    that is over calibration samples, not given the one at hand. What the threshold at hand does is seen on the other
    non-members, so both counts are returned and are to be compared as two samples; a threshold taken from the
    non-members it is judged on reads twice the nominal rate at 0.1 %.

    Parameters
    ----------
    members, nonmembers : ndarray of float64, shape (people,)
        One score a person, higher = more member-like.
    calibration : ndarray of bool, shape (nonmembers,)
        The non-members that set the threshold; the others are counted.
    fpr : float
        Nominal false-positive rate, within (0, 1).

    Returns
    -------
    TruePositives or None
        None where it cannot be measured: fewer calibration people than `calibration_needed`, or nobody left to count.

    Raises
    ------
    DataError
        If the mask does not fit the non-members.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), Algorithmic learning in a random world, chapter 2 (conformal p-values).
    """
    if calibration.shape != nonmembers.shape:
        msg = (
            f"the calibration mask must name every non-member: {calibration.size} for {nonmembers.size}; pass one each"
        )
        raise DataError(msg)
    reference, fresh = np.sort(nonmembers[calibration]), nonmembers[~calibration]
    if reference.size < calibration_needed(fpr) or not fresh.size or not members.size:
        return None
    rank = math.floor(fpr * (reference.size + 1) + 1e-9)  # 0.01 * 300 is a hair under 3 in binary
    threshold = reference[-rank]
    return TruePositives(
        fpr=fpr,
        successes=int((members > threshold).sum()),
        trials=members.size,
        false_positives=int((fresh > threshold).sum()),
        nonmembers=fresh.size,
    )


def advantage(point: TruePositives, *, confidence: float = 0.95, method: Method = "clopper-pearson") -> Excess:
    """Return by how much members are called members more often than fresh non-members: TPR - FPR with its limits.

    Both shares are counted above the same threshold, hence the difference of two samples, given that threshold.
    Setting the members' share against the nominal rate instead, as one sample, forgets that the threshold came
    from a sample too: with 2,000 members and 300 people who calibrate 1 %, a bound of one-sided level .025 is then
    above the nominal rate in 19 % of releases without a leak (of level .05 in 21 %), this one in under 1 %.

    Parameters
    ----------
    point : TruePositives
        With counts, as `true_positives` returns it.
    confidence : float
        Two-sided, within (0, 1); each limit is one-sided at ``(1 + confidence) / 2``.
    method : {"jeffreys", "clopper-pearson"}
        Limits of the two shares: Clopper-Pearson for decisions, Jeffreys for display.

    Raises
    ------
    DataError
        If counts were withheld, as a public rendering does.
    ConfigError
        If the confidence is not within (0, 1).

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions, method 10.
    """
    counts = (point.successes, point.trials, point.false_positives, point.nonmembers)
    numbers = [count for count in counts if not isinstance(count, str)]
    if len(numbers) < len(counts):
        msg = "counts under 10 are withheld in the public rendering; take the point from the evaluation kept inside"
        raise DataError(msg)
    return excess(*numbers, confidence=confidence, method=method)


def calibration_needed(fpr: float) -> int:
    """Return the fewest calibration people whose highest score bounds the rate by `fpr` with 95 % confidence.

    Of n people none exceeds the ``1 - fpr`` quantile with probability ``(1 - fpr)**n``: 29, 299 and 2,995 for a rate
    of .1, .01 and .001.
    """
    return math.ceil(math.log(0.05) / math.log1p(-fpr))
