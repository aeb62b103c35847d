"""Memorisation as a description: how many people share a record of the release, and whose extremes it repeats."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import hypergeom

from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, Feature, FloatArray, Table

HOLDERS = (1, 2, 5, 10)
"""Training people who hold a record: bins from each number to below the next."""


def memorization(case: Case) -> tuple[Score, ...]:
    """Return how memorised a release looks, without telling whom or what.

    ``eidetic.k`` is the share of synthetic records that are the record of k training people exactly (of k or more, up to
    the next bin: 1, 2 to 4, 5 to 9, 10 and more). The fewer hold it, the more of a secret it was. The reference is the
    share by the control: what as many people would hold whom the release cannot have been learned from. For that both
    are counted as in tables of the same size, drawn without replacement.

    ``bounds`` is the share of the ends of ordered columns (smallest and largest value) where the release repeats the
    training table exactly; the reference is the same share by the control. Most ends of ages or scores are the same in
    every table; far above its reference, the release tells extremes of real people. A control that is smaller than the
    original has such ends less often without any leak: the two compare where both are of one size. Which columns they are
    is told by `repeated_bounds` alone: beside a public release, the name of the column is the value.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``memorization``: ``bounds`` (undefined without ordered columns), ``eidetic.1``, ``eidetic.2``,
        ``eidetic.5``, ``eidetic.10``.

    References
    ----------
    Carlini et al. (2021), Extracting training data from large language models (k-eidetic memorization). Annamalai, Ganev
    and De Cristofaro (2024), "What do you want from theory alone?" Experimenting with tight auditing of differentially
    private synthetic data generation (bounds taken from the training table).
    """
    tables = [case.original] if case.control is None else [case.original, case.control]
    size = min(table.people for table in tables)
    shares = [eidetic_shares(case.release, table, size) for table in tables]
    ends = [_mean(repeated_bounds(case.release, table)) for table in tables]
    values = {"bounds": ends} | {
        f"eidetic.{fewest}": [share[place] for share in shares] for place, fewest in enumerate(HOLDERS)
    }
    return tuple(
        Score(
            "memorization",
            metric,
            sides[0],
            sides[1] if len(sides) > 1 else None,
            interval=None,
            better="lower",
            reason="no column has an order" if sides[0] is None else None,
        )
        for metric, sides in values.items()
    )


def eidetic_shares(release: Table, people: Table, size: int) -> list[float]:
    """Return the shares of synthetic records held by as many people as each bin says, (bins,).

    Parameters
    ----------
    release, people : Table
        In one encoding.
    size : int
        People of the table that is reckoned with: of K people with a record so many are among those drawn.
    """
    pairs = np.unique(np.column_stack([people.keys(), people.unit.astype(np.uint64)]), axis=0)
    held, holders = np.unique(pairs[:, 0], return_counts=True)
    keys = release.keys()
    place = np.minimum(np.searchsorted(held, keys), len(held) - 1)
    count = np.where(held[place] == keys, holders[place], 0)
    numbers, rows = np.unique(count, return_counts=True)
    edges = np.array([*HOLDERS, people.people + 1])
    at_most = np.array([hypergeom.cdf(edges - 1, people.people, number, size) for number in numbers])
    shares: FloatArray = (np.diff(at_most, axis=1) * rows[:, None]).sum(axis=0) / len(release)
    return [float(share) for share in shares]


def repeated_bounds(release: Table, people: Table) -> Mapping[str, int]:
    """Return for each ordered column how many of its two ends are exactly those of some people: 0, 1 or 2.

    Not fit for print beside a release that is handed out, see `memorization`.
    """
    return {
        feature.name: int((_ends(feature) == _ends(people[feature.name])).sum())
        for feature in release.features
        if feature.ordered
    }


def _ends(feature: Feature) -> FloatArray:
    """Return the smallest and the largest value, NaN where there is none."""
    known = feature.values[~np.isnan(feature.values)]
    return np.array([known.min(), known.max()]) if len(known) else np.full(2, np.nan)


def _mean(repeated: Mapping[str, int]) -> float | None:
    return sum(repeated.values()) / (2 * len(repeated)) if repeated else None
