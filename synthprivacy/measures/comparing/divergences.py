"""Distances of one column in two tables, each with what it owes to every row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.measures.comparing.influence import Compared, by_cells, undefined
from synthprivacy.tables.table import BoolArray, Feature, FloatArray, IntArray

_NONE = 1e-14
"""Squared distances of at most so much are rounding errors."""
NOT_ORDERED = "the column has no order"
TAIL = 0.05
"""Share of the original on either side of what is compared as tails."""


def jensen_shannon(cells: Sequence[IntArray], size: int) -> Compared:
    """Return the Jensen–Shannon distance to base 2 of the shares of cells.

    Parameters
    ----------
    cells : sequence of two ndarrays of shape (rows,), int64
        The cell of each row of either table, -1 for rows that are not compared.
    size : int
        Number of cells.

    References
    ----------
    Lin (1991), Divergence measures based on the Shannon entropy; Endres and Schindelin (2003), A new metric for
    probability distributions.
    """
    shares = [_shares(cell, size) for cell in cells]
    middle = (shares[0] + shares[1]) / 2.0
    logs = [np.log2(np.divide(p, middle, out=np.ones(size), where=p > 0.0)) for p in shares]
    divergence = float(sum((p * log).sum() for p, log in zip(shares, logs))) / 2.0
    distance = _root(divergence)
    steep = 0.25 / distance if distance > 0.0 else 0.0
    return by_cells(distance, (logs[0] * steep, logs[1] * steep), cells, shares)


def hellinger(cells: Sequence[IntArray], size: int) -> Compared:
    """Return the Hellinger distance of the shares of cells: √(1 - Σ√(pq)). Parameters as in `jensen_shannon`."""
    shares = [_shares(cell, size) for cell in cells]
    distance = _root(1.0 - float(np.sqrt(shares[0] * shares[1]).sum()))
    steep = -0.25 / distance if distance > 0.0 else 0.0
    slopes = [steep * np.sqrt(np.divide(q, p, out=np.zeros(size), where=p > 0.0)) for p, q in (shares, shares[::-1])]
    return by_cells(distance, (slopes[0], slopes[1]), cells, shares)


def wasserstein(one: Feature, other: Feature) -> Compared:
    """Return the area between the distribution functions of an ordered column, over the first table's range.

    What lies beyond that range counts as its end, or the distance would tell how far one person lies beyond.
    Undefined for other columns, and where the first table has no range.

    References
    ----------
    Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.
    """
    known = [feature.values[~np.isnan(feature.values)] for feature in (one, other)]
    if not one.ordered:
        return undefined(NOT_ORDERED)
    if not len(known[0]) or not len(known[1]):
        return undefined(nobody_knows(known[0]))
    low, high = float(known[0].min()), float(known[0].max())
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = [np.clip((values - low) / (high - low), 0.0, 1.0) if high > low else values for values in known]
    if not high > low or not all(np.isfinite(values).all() for values in scaled):
        return undefined("the original has no range, or one too large for arithmetic")
    points = np.sort(np.concatenate(scaled))
    widths = np.diff(points)
    places = [np.searchsorted(points, values) for values in scaled]
    below = [np.cumsum(np.bincount(place, minlength=len(points)))[:-1] / len(place) for place in places]
    gaps = below[0] - below[1]
    signed = np.sign(gaps) * widths
    beyond = np.append(np.cumsum(signed[::-1])[::-1], 0.0)  # from each point to the last
    influences = [
        _spread(beyond[place] - float((signed * share).sum()), feature, sign)
        for place, share, feature, sign in zip(places, below, (one, other), (1.0, -1.0))
    ]
    return Compared(float((np.abs(gaps) * widths).sum()), influences[0], influences[1])


def missing_alike(one: Feature, other: Feature) -> Compared:
    """Return one minus the difference of the shares of missing values (SDMetrics' *MissingValueSimilarity*)."""
    gone = [np.isnan(feature.values).astype(np.float64) for feature in (one, other)]
    shares = [float(missing.mean()) if len(missing) else 0.0 for missing in gone]
    sign = float(np.sign(shares[0] - shares[1]))
    nobody = tuple(-float(share in {0.0, 1.0}) for share in shares)
    return Compared(
        1.0 - abs(shares[0] - shares[1]),
        -sign * (gone[0] - shares[0]),
        sign * (gone[1] - shares[1]),
        unseen=(nobody[0], nobody[1]),
    )


def tails_alike(one: Feature, other: Feature) -> Compared:
    """Return how alike the shares in the tails of an ordered column are: smaller over larger, the mean of both ends.

    A tail is what lies strictly beyond the 5 % or 95 % quantile of the first table; one that is empty there, because many
    people share the quantile, does not count. Undefined for other columns and where both tails are empty.
    """
    known = [~np.isnan(feature.values) for feature in (one, other)]
    if not one.ordered:
        return undefined(NOT_ORDERED)
    if not known[0].any() or not known[1].any():
        return undefined(nobody_knows(one.values[known[0]]))
    cut = np.quantile(one.values[known[0]], [TAIL, 1.0 - TAIL], method="inverted_cdf")
    tails = []
    for outside in (np.less, np.greater):
        end = cut[0] if outside is np.less else cut[1]
        sides = [outside(feature.values, end) & there for feature, there in zip((one, other), known)]
        if sides[0].any():
            tails.append(_ratio(sides, known))
    if not tails:
        return undefined("too many people of the original share its 5 % and its 95 % quantile")
    return Compared(
        float(np.mean([tail.value for tail in tails])),
        np.mean([tail.one for tail in tails], axis=0),
        np.mean([tail.other for tail in tails], axis=0),
        unseen=(0.0, float(np.mean([tail.unseen[1] for tail in tails]))),
    )


def _ratio(inside: Sequence[BoolArray], known: Sequence[BoolArray]) -> Compared:
    """Return the smaller of two shares over the larger; the first is not 0.

    Equal shares count as if the second were the smaller one: their ratio is at its most, and only chance keeps it there.
    """
    shares = [float(there.sum() / among.sum()) for there, among in zip(inside, known)]
    small, large = (1, 0) if shares[1] <= shares[0] else (0, 1)
    value = shares[small] / shares[large]
    slopes = {small: 1.0 / shares[large], large: -value / shares[large]}
    sides = [
        np.where(among, slopes[place] * (there - shares[place]), 0.0) * (len(among) / among.sum())
        for place, (there, among) in enumerate(zip(inside, known))
    ]
    return Compared(value, sides[0], sides[1], unseen=(0.0, 1.0 / shares[0] if shares[1] == 0.0 else 0.0))


def nobody_knows(original: FloatArray) -> str:
    """Return which of original and release knows no value of a column, in words."""
    return f"no value is known in the {'release' if len(original) else 'original'}"


def _root(squared: float) -> float:
    """Return a distance from its square; what rounding errors leave of none is none."""
    return float(np.sqrt(min(squared, 1.0))) if squared > _NONE else 0.0


def _shares(cell: IntArray, size: int) -> FloatArray:
    counts = np.bincount(cell + 1, minlength=size + 1)[1:]
    shares: FloatArray = counts / counts.sum()
    return shares


def _spread(owed: FloatArray, feature: Feature, sign: float) -> FloatArray:
    """Return what is owed to the known values, over all rows."""
    influence = np.zeros(len(feature.values))
    influence[~np.isnan(feature.values)] = sign * owed * (len(influence) / len(owed))
    return influence
