"""How near a release comes to targets, and what it says of their secrets to one who knows the rest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.auditing.coding import BoolArray, Coding, FloatArray, IntArray

Distances = npt.NDArray[np.float32]

NEAREST = (1, 2, 5, 20)
"""Ranks whose distances are read."""
VOTERS = 5
"""Nearest rows that guess a secret."""
TOLERANCE = 0.1
"""A guessed number is right within so many interquartile ranges of the people at hand."""
_BLOCK = 1 << 22
"""Cells compared at once."""


def column_distances(targets: FloatArray, release: FloatArray, coding: Coding) -> Distances:
    """Return Gower's distance in each column, (columns, targets, rows), float32, from 0 to 1.

    Both missing: 0. One missing: 1. Parameters are coded tables, (columns, rows).
    """
    made = np.empty((len(targets), targets.shape[1], release.shape[1]), dtype=np.float32)
    for place, column in enumerate(coding.columns):
        mine, theirs = targets[place][:, None], release[place][None, :]
        if column.ordered:
            here = np.minimum(np.abs(mine - theirs) / column.scale, 1.0)
        else:
            here = (mine != theirs).astype(np.float64)
        missing = np.isnan(mine).astype(np.int64) + np.isnan(theirs)
        made[place] = np.where(missing == 0, here, missing == 1)
    return made


def nearness(distances: Distances) -> FloatArray:
    """Return logarithms of the distances of the nearest rows, (targets, ranks); from those of `column_distances`."""
    whole = distances.mean(axis=0)
    ranks = np.minimum(np.array(NEAREST), whole.shape[1]) - 1
    ordered = np.partition(whole, np.unique(ranks), axis=1)[:, ranks]
    return np.asarray(np.log(ordered + 1e-3), dtype=np.float64)


def nearest_distance(targets: FloatArray, release: FloatArray, coding: Coding) -> FloatArray:
    """Return Gower's distance of each target to the nearest row of a release, (targets,), in bounded memory."""
    step = max(1, _BLOCK // max(release.size, 1))
    blocks = [
        column_distances(targets[:, start : start + step], release, coding).mean(axis=0).min(axis=1)
        for start in range(0, targets.shape[1], step)
    ]
    return np.concatenate(blocks).astype(np.float64)


def guessed_right(
    distances: Distances, targets: FloatArray, release: FloatArray, coding: Coding, secrets: IntArray
) -> BoolArray:
    """Return whether the nearest rows guess each target's secrets, (targets, secrets), from all its other columns.

    The guess is the median of the nearest rows for numbers, their most frequent label otherwise (the smallest code of
    several); a missing secret is never guessed.

    Parameters
    ----------
    distances : ndarray of shape (columns, targets, rows)
        Of `column_distances`.
    targets, release : ndarray of shape (columns, rows)
        Coded.
    coding : Coding
    secrets : ndarray of int64, shape (secrets,)
        Columns.
    """
    total = distances.sum(axis=0)
    voters = min(VOTERS, release.shape[1])
    right = np.zeros((targets.shape[1], len(secrets)), dtype=np.bool_)
    for place, secret in enumerate(secrets):
        near = np.argpartition(total - distances[secret], voters - 1, axis=1)[:, :voters]
        votes, truth = release[secret][near], targets[secret]
        column = coding.columns[secret]
        if column.ordered:
            guess = _median(votes)
            right[:, place] = np.abs(guess - truth) <= TOLERANCE * column.spread
        else:
            right[:, place] = _most_frequent(votes) == truth
    return right


def _median(votes: FloatArray) -> FloatArray:
    """Return the median of what is there, NaN where nothing is."""
    ordered = np.sort(votes, axis=1)  # missing ones last
    present = (~np.isnan(votes)).sum(axis=1)
    low, high = np.maximum(present - 1, 0) // 2, present // 2
    rows = np.arange(len(votes))
    return np.asarray((ordered[rows, low] + ordered[rows, np.minimum(high, votes.shape[1] - 1)]) / 2.0)


def _most_frequent(votes: FloatArray) -> FloatArray:
    agreeing = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    rank = agreeing - np.where(np.isnan(votes), 0.0, votes) * 1e-9
    return np.asarray(votes[np.arange(len(votes)), rank.argmax(axis=1)])
