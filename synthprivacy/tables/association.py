"""How much the columns of a release say, and say about each other: what a plan is made from."""

from __future__ import annotations

import numpy as np

from synthprivacy.tables.table import Feature, IntArray, Table

_BINS = 20
_ROWS = 10_000
_COLUMNS = 64
_DENSE = 1 << 16


def entropies(table: Table) -> dict[str, float]:
    """Return the Shannon entropy of each column in bits, ordered columns with more values than rows can tell included.

    References
    ----------
    Shannon (1948), A mathematical theory of communication, section 6.
    """
    return {feature.name: entropy(_exact(feature)) for feature in table.features}


def predictability(table: Table) -> dict[str, float]:
    """Return for each column the largest share of its entropy that one other column explains.

    Ordered columns are cut into 20 bins of equal weight. At most 10,000 rows are looked at, and each column is
    compared with the 64 columns after it in a cycle.

    References
    ----------
    Theil (1970), On the estimation of relationships involving qualitative variables, section 2 (uncertainty
    coefficient).
    """
    codes = [_binned(feature)[:_ROWS] for feature in table.features]
    own = [entropy(column) for column in codes]
    best = np.zeros(len(codes))
    for i, column in enumerate(codes):
        for step in range(1, min(len(codes) - 1, _COLUMNS) + 1):
            j = (i + step) % len(codes)
            shared = own[i] + own[j] - joint_entropy(column, codes[j])
            best[i] = max(best[i], shared / own[i] if own[i] > 0 else 0.0)
            best[j] = max(best[j], shared / own[j] if own[j] > 0 else 0.0)
    return dict(zip(table.names, best.tolist()))


def explained(table: Table, name: str) -> dict[str, float]:
    """Return for each other column the share of one column's entropy that it explains.

    Cut and limited as in `predictability`.
    """
    own = _binned(table[name])[:_ROWS]
    whole = entropy(own)
    shares = {}
    for feature in table.features:
        if feature.name != name:
            shared = mutual_information(own, _binned(feature)[:_ROWS])
            shares[feature.name] = shared / whole if whole > 0 else 0.0
    return shares


def mode_share(feature: Feature, tolerance: float) -> float:
    """Return how often the best constant guess of a column is right in the release.

    Parameters
    ----------
    feature : Feature
    tolerance : float
        Half-width of a hit for an ordered column, in its own unit.
    """
    present = np.sort(feature.values[~np.isnan(feature.values)])
    if not len(present):
        return 1.0
    with np.errstate(over="ignore"):
        ends = present + 2 * tolerance
    reach = np.searchsorted(present, ends, side="right") - np.arange(len(present))
    return float(reach.max() / len(present))


def entropy(codes: IntArray) -> float:
    """Return the Shannon entropy of some codes (rows,), not negative, in bits."""
    if int(codes.max(initial=0)) <= _DENSE:  # counting is a tenth of the work of sorting
        counts = np.bincount(codes)
        counts = counts[counts > 0]
    else:
        counts = np.unique(codes, return_counts=True)[1]
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def joint_entropy(one: IntArray, other: IntArray) -> float:
    """Return the Shannon entropy of pairs of codes, row by row, in bits."""
    return entropy(one * (int(other.max(initial=0)) + 1) + other)


def mutual_information(one: IntArray, other: IntArray) -> float:
    """Return how much of one column's entropy the other explains, in bits.

    References
    ----------
    Shannon (1948), A mathematical theory of communication, section 12.
    """
    return entropy(one) + entropy(other) - joint_entropy(one, other)


def _exact(feature: Feature) -> IntArray:
    return np.unique(feature.values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _binned(feature: Feature) -> IntArray:
    if not feature.ordered:
        return _exact(feature)
    present = feature.values[~np.isnan(feature.values)]
    edges = np.unique(np.quantile(present, np.linspace(0, 1, _BINS + 1)[1:-1], method="inverted_cdf"))
    bins = np.searchsorted(edges, feature.values, side="right")
    return np.where(np.isnan(feature.values), len(edges) + 1, bins).astype(np.int64)
