"""Joint distributions of two and three columns: how much of them a release has, beside what a fresh sample would have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from synthprivacy.measures.comparing.binned import Binned, binned
from synthprivacy.measures.comparing.ceiling import ceiling_scores, chance_of, no_larger
from synthprivacy.measures.comparing.cells import Accuracy, accuracies
from synthprivacy.measures.comparing.influence import within
from synthprivacy.measures.comparing.subsamples import equivalent
from synthprivacy.measures.family import compared_tables, two_by_two, with_fresh
from synthprivacy.results.risk import Interval, Score
from synthprivacy.tables.table import Case, IntArray

WAYS = (("two_way", 2, 2_000), ("three_way", 3, 200))
"""Metric, columns at once, and how many groups of columns are looked at: all up to this many, else a seeded choice."""
POINTS = 1_000.0
"""Of the k-marginal score at identity."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The score of one release in one number of columns."""

    value: float
    reference: float | None
    interval: Interval | None


def k_way(case: Case) -> tuple[Score, ...]:
    """Return the accuracy of joint distributions: one minus the total variation distance, the mean over groups of columns.

    Ordered columns are cut at the original's deciles, labels are its nine most frequent ones and the rest, missing is a
    cell of its own. All pairs of columns are looked at up to 2,000 and all triples up to 200; where there are more, as many
    drawn with a fixed seed. Free text and identifiers are left out.

    ``two_way`` and ``three_way`` lie between 0 and 1, higher is better. ``two_way_most`` and ``three_way_most`` are what a
    fresh sample would have scored by the sizes alone: one minus half of Σ √(2p(1 - p)(1/n + 1/m)/π), the mean of |p - q| in
    normal cells, and what it is in cells that are nearly empty (`by_chance`). The reference is what it would have
    scored by the control: the control's distance to the original, as much larger or smaller as sizes alone make it.
    ``…_control`` compares release and control. ``…_ceiling`` and ``…_above``: see `ceiling_scores`.

    ``k_marginal`` is (2 - mean of Σ|p - q|)·500 over the pairs, 0 to 1,000 at identity. ``subsample_equivalent`` is the
    share of the original that a random part of it must have to score as much, 0 to 1: 1 only for the original itself.
    Intervals are normal (95 %), by influence.

    A control that is larger than the release is cut to its size.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``k_way``; no scores of more columns than there are, and one undefined score of fewer than two.

    References
    ----------
    Platzer and Reutterer (2021), Holdout-based empirical assessment of mixed-type synthetic data, section 3 (accuracy of
    binned marginals). Task, Bhagat and Howarth (2023), SDNist v2: deidentified data report tool (k-marginal score,
    equivalent subsample); it bins by a dictionary of its own.
    """
    case = no_larger(case)
    tables = with_fresh(compared_tables(case))
    cut = binned(tuple(tables.values()))
    pairs = two_by_two(tables)
    scores: list[Score] = []
    for metric, ways, most in WAYS:
        groups = _groups(len(cut.levels), ways, most)
        if len(groups):
            found = accuracies(cut, groups, list(pairs), tables)
            scores += _scores(metric, case, found)
            if ways == 2:
                scores += _k_marginal(found, cut, groups)
    if not scores:
        scores.append(Score("k_way", "two_way", None, None, None, "higher", reason="there are fewer than two columns"))
    return tuple(scores)


def _groups(columns: int, ways: int, most: int) -> IntArray:
    """Return (groups, ways) positions of columns, rising in each group."""
    everything = comb(columns, ways)
    if everything <= most:
        return np.array(list(combinations(range(columns), ways)), dtype=np.int64).reshape(-1, ways)
    rng = np.random.default_rng(0)
    drawn: set[tuple[int, ...]] = set()
    while len(drawn) < most:
        drawn.add(tuple(sorted(rng.choice(columns, ways, replace=False).tolist())))
    return np.array(sorted(drawn), dtype=np.int64)


def _scores(metric: str, case: Case, found: dict[tuple[str, str], Accuracy]) -> list[Score]:
    seen = _seen(found)
    scores = [
        Score("k_way", metric, seen.value, seen.reference, seen.interval, "higher"),
        Score("k_way", f"{metric}_most", found["original", "release"].expected, None, None, "higher"),
    ]
    if ("original", "control") not in found:
        return scores
    held_out, against = found["original", "control"], found["release", "control"]
    interval, expected = (
        within(against.value, against.error),
        _fresh(found.get(("fresh", "control"), held_out), against),
    )
    scores.append(Score("k_way", f"{metric}_control", against.value, expected, interval, "higher"))
    error = chance_of(case, held_out.mean_errors, _shrunk(held_out, found["original", "release"]))
    return [*scores, *ceiling_scores("k_way", metric, value=seen.value, fresh=seen.reference, error=error)]


def _seen(found: dict[tuple[str, str], Accuracy]) -> _Seen:
    mine = found["original", "release"]
    held_out = found.get(("original", "control"))
    return _Seen(mine.value, None if held_out is None else _fresh(held_out, mine), within(mine.value, mine.error))


def _fresh(held_out: Accuracy, of: Accuracy) -> float:
    """Return the accuracy of held-out people at the sizes of two other tables."""
    return max(0.0, 1.0 - (1.0 - held_out.value) * _shrunk(held_out, of))


def _shrunk(held_out: Accuracy, of: Accuracy) -> float:
    """Return by what sizes alone make the distance of two tables larger than that of control and original."""
    least = 1.0 - held_out.expected
    return (1.0 - of.expected) / least if least > 0.0 else 1.0


def _k_marginal(found: dict[tuple[str, str], Accuracy], cut: Binned, groups: IntArray) -> list[Score]:
    """Return the k-marginal score, and which part of the original is worth as much."""
    seen = _seen(found)
    ends = None if seen.interval is None else (POINTS * seen.interval[0], POINTS * seen.interval[1])
    reference = None if seen.reference is None else POINTS * seen.reference
    part = equivalent(cut, groups)
    low, high = (part(seen.value), part(seen.value)) if seen.interval is None else map(part, seen.interval)
    fresh = None if seen.reference is None else part(seen.reference)
    return [
        Score("k_way", "k_marginal", POINTS * seen.value, reference, ends, "higher", (0.0, POINTS)),
        Score("k_way", "subsample_equivalent", part(seen.value), fresh, (low, high), "higher"),
    ]
