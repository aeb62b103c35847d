"""Manifold: whether single synthetic rows are typical, whether they reach all people, and whether they are new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from threadpoolctl import threadpool_limits

from synthprivacy.kernels import neighbors
from synthprivacy.kernels.index import Index
from synthprivacy.kernels.points import Points
from synthprivacy.measures.comparing.ceiling import ceiling_scores, twice
from synthprivacy.measures.comparing.depth import remoteness
from synthprivacy.measures.comparing.influence import standard_error, wilson, within
from synthprivacy.measures.family import compared_tables
from synthprivacy.results.risk import Interval, Score
from synthprivacy.tables.space import points
from synthprivacy.tables.table import BoolArray, Case, FloatArray, IntArray, Table

ROWS = 2_000
"""Rows of each table at most, the same number of all: what depends on neighbours depends on how many there are."""
NEIGHBOURS = 5
"""A person is reached by a synthetic row that is as near as the fifth nearest other person."""
STEPS = (np.arange(30) + 0.5) / 30
"""Levels of α and β: the middles of 30 equal parts, so that a straight line is integrated exactly."""


@dataclass(frozen=True, slots=True, repr=False)
class _People:
    """The people that releases are held against."""

    table: Table
    """Those that were drawn."""
    points: Points
    remote: FloatArray
    """(drawn,) how far from their middle each lies."""
    radius: IntArray
    """(drawn,) to the fifth nearest other one of them, in grid steps."""
    everyone: Points
    index: Index
    """Of everyone: a copy of somebody who was not drawn is a copy too."""


@dataclass(frozen=True, slots=True)
class _Found:
    value: float
    error: float
    interval: Interval | None


CLOSER: Mapping[str, Literal["higher", "lower"]] = MappingProxyType(
    {"precision": "higher", "recall": "higher", "authenticity": "lower"}
)
"""Where a table scores that is closer to the people."""


def manifold(case: Case) -> tuple[Score, ...]:
    """Return α-precision, β-recall and authenticity, the mean of the first two over their levels.

    P(α) is the share of synthetic rows among the α most typical of the people: no farther from their middle than the
    α-quantile of the people. R(β) is the share of people who have, as near as their fifth nearest other person, a
    synthetic row that is among the β most typical of the release. Both are α, or β, where the two are of one
    population and dense, and ``precision`` = 1 - 2∫|P(α) - α|dα, ``recall`` = 1 - 2∫|R(β) - β|dβ. ``authenticity`` is the
    share of synthetic rows farther from the nearest person than that person is from the next one. All lie between 0 and 1;
    higher is better. Recall of independent rows stays below 1, and authenticity is about one half: their references, from
    as many control people in the place of the release, say what can be expected. ``METRIC_control`` is the same against the
    control, whom the release cannot have copied. ``METRIC_ceiling`` and ``METRIC_above``: see `ceiling_scores`; of
    authenticity the ceiling is a floor, below which rows are somebody's.

    Distances are Gower's. Authenticity is held against all training people. Remoteness is the mean distance to all people: the authors embed rows in a ball by a neural
    network, and its middle is not defined between labels. For all else the same number of rows of each table is drawn, at most 2,000.
    Intervals (95 %): normal by influence for precision and recall, binomial (Wilson) for authenticity.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``manifold``: ``precision``, ``recall`` and ``authenticity``, and where there is a control ``METRIC_control``,
        ``METRIC_ceiling`` and ``METRIC_above``; undefined where there are fewer than 10 rows in a table.

    References
    ----------
    Alaa, van Breugel, Saveliev and van der Schaar (2022), How faithful is your synthetic data? Sample-level metrics for
    evaluating and auditing generative models, section 3. Wilson (1927), Probable inference, the law of succession, and
    statistical inference.
    """
    tables = compared_tables(case)
    size = min(ROWS, *(len(table) for table in tables.values()))
    if size < 2 * NEIGHBOURS or not tables["original"].features:
        reason = f"a table has fewer than {2 * NEIGHBOURS} rows, or there is no column to compare"
        return tuple(Score("manifold", metric, None, None, None, "higher", reason=reason) for metric in CLOSER)
    rng = np.random.default_rng(0)  # which rows are drawn is part of the measure
    drawn = {label: _drawn(table, size, rng) for label, table in tables.items()}
    people = _people(drawn["original"], tables["original"])
    found = dict(_measured(people, drawn["release"]))
    if "control" not in drawn:
        return tuple(Score("manifold", name, one.value, None, one.interval, "higher") for name, one in found.items())
    fresh = dict(_measured(people, drawn["control"]))
    against = dict(_measured(_people(drawn["control"], tables["control"]), drawn["release"]))
    return tuple(score for name in CLOSER for score in _scores(name, found[name], against[name], fresh[name]))


def _scores(metric: str, found: _Found, against: _Found, fresh: _Found) -> Iterator[Score]:
    """Yield the scores of a release against original and control, and how close to the original chance may bring it."""
    yield Score("manifold", metric, found.value, fresh.value, found.interval, "higher")
    yield Score("manifold", f"{metric}_control", against.value, fresh.value, against.interval, "higher")
    error = float(np.sqrt(2.0)) * fresh.error if metric == "authenticity" else twice(fresh.error)
    yield from ceiling_scores(
        "manifold", metric, value=found.value, fresh=fresh.value, error=error, closer=CLOSER[metric]
    )


def _drawn(table: Table, rows: int, rng: np.random.Generator) -> Table:
    return table if rows == len(table) else table.take(np.sort(rng.choice(len(table), rows, replace=False)))


def _people(drawn: Table, everyone: Table) -> _People:
    shown, whole = points(drawn), points(everyone)
    index = neighbors.build(whole)
    own = index if drawn is everyone else neighbors.build(shown)
    steps = neighbors.nearest(own, shown, NEIGHBOURS + 1).steps  # the first is the person, or a double
    return _People(drawn, shown, remoteness(drawn, drawn), steps[:, NEIGHBOURS], whole, index)


def _measured(people: _People, release: Table) -> Iterator[tuple[str, _Found]]:
    shown = points(release)
    yield "precision", _evenness(people.remote, remoteness(release, people.table), people.table, release)
    remote = remoteness(release, release)
    yield "recall", _evenness(remote, _best_within(people, shown, remote), release, people.table)
    authentic = float(_authentic(people, shown).mean())
    error = float(np.sqrt(authentic * (1.0 - authentic) / release.people))
    yield "authenticity", _Found(authentic, error, wilson(authentic, release.people))


def _authentic(people: _People, release: Points) -> BoolArray:
    """Return which rows are farther from the person nearest to them than that person is from the next one."""
    closest = neighbors.nearest(people.index, release, 1)
    found, place = np.unique(closest.rows[:, 0], return_inverse=True)
    next_one = neighbors.nearest(people.index, people.everyone.take(found), 2).steps[:, 1]
    authentic: BoolArray = closest.steps[:, 0] > next_one[place.reshape(-1)]
    return authentic


def _best_within(people: _People, release: Points, remote: FloatArray) -> FloatArray:
    """Return how remote (people,) the most typical synthetic row is that reaches each person; infinite where none does."""
    index = neighbors.build(release)
    starts, rows = neighbors.within(index, people.points, people.radius)
    reached = np.diff(starts) > 0
    best = np.full(len(reached), np.inf)
    if reached.any():
        best[reached] = np.minimum.reduceat(remote[rows], starts[:-1][reached])
    return best


def _evenness(typical: FloatArray, values: FloatArray, one: Table, other: Table) -> _Found:
    """Return 1 - 2∫|share of values up to the α-quantile of `typical` - α|dα."""
    cut = np.quantile(typical, STEPS, method="inverted_cdf")
    below = np.less_equal(values[:, None], cut)
    inside = np.less_equal(typical[:, None], cut)
    gaps = below.mean(axis=0) - inside.mean(axis=0)  # of ties there may be more than α below its quantile
    signs = 2.0 * np.sign(gaps) / len(STEPS)
    with threadpool_limits(1):  # how many threads a product uses must not show in the last digits
        owed = [(seen - seen.mean(axis=0)) @ signs for seen in (below, inside)]
    error = float(np.hypot(standard_error(owed[0], other), standard_error(owed[1], one)))
    value = max(0.0, 1.0 - 2.0 * float(np.abs(gaps).mean()))
    return _Found(value, error, within(value, error))
