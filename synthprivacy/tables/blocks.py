"""Blocks of columns: the themes somebody declared, else clusters of columns that go together in the release."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from synthprivacy.schemata import Schema
from synthprivacy.tables.association import entropy, joint_entropy
from synthprivacy.tables.digits import digits_of
from synthprivacy.tables.table import FloatArray, Table

FEWEST = 8
"""Columns from which on a table is cut into clusters."""
WIDTH = 4
"""Columns of a cluster, about; more where there would be more than `MOST` clusters."""
MOST = 12
_ROWS = 4_000


def column_blocks(schema: Schema, release: Table) -> tuple[tuple[str, ...], ...]:
    """Return disjoint blocks of at least two columns, sorted by name; none where the table is narrow.

    Somebody who declares themes knows which columns come from one source, and so may leak together. Else columns are
    clustered by the information they share (average linkage), by the release alone.

    References
    ----------
    Sokal and Michener (1958), A statistical method for evaluating systematic relationships (average linkage).
    """
    themes: dict[str, list[str]] = {}
    for column in schema.columns:
        if column.theme is not None and column.name in release.names:
            themes.setdefault(column.theme, []).append(column.name)
    declared = [tuple(sorted(names)) for names in themes.values() if len(names) > 1]
    if declared:
        return tuple(sorted(declared))
    if len(release.features) < FEWEST:
        return ()
    apart = 1.0 - shared_information(release)
    np.fill_diagonal(apart, 0.0)
    count = min(MOST, max(2, len(release.features) // WIDTH))
    labels = fcluster(linkage(squareform(apart, checks=False), "average"), count, "maxclust")
    clusters = [tuple(name for name, own in zip(release.names, labels) if own == label) for label in np.unique(labels)]
    return tuple(sorted(cluster for cluster in clusters if len(cluster) > 1))


def shared_information(release: Table) -> FloatArray:
    """Return the information that each two columns share over the larger of their entropies, (columns, columns).

    Ordered columns are cut into eighths; the first 4,000 rows are looked at.

    References
    ----------
    Kvålseth (1987), Entropy and correlation: some comments, section III (normalised by the maximum).
    """
    values = digits_of(release).values[:, :_ROWS]
    own = [entropy(column) for column in values]
    shared = np.eye(len(values))
    for i in range(len(values)):
        for j in range(i):
            both = own[i] + own[j] - joint_entropy(values[i], values[j])
            shared[i, j] = shared[j, i] = min(max(both / max(own[i], own[j], 1e-12), 0.0), 1.0)
    return shared
