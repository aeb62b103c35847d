"""Distances as measures: the usual shares and ratios of closest records, each beside the same of people held out.

They describe and decide nothing: releases that leak through a few unusual people, or along one column, look clean to all
of them (Yao, Krčo, Ganev and de Montjoye 2025, The DCR delusion).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from synthprivacy.kernels import neighbors
from synthprivacy.kernels.boxed import any_in_box
from synthprivacy.kernels.hashing import hash_columns
from synthprivacy.kernels.points import UNIT
from synthprivacy.results.risk import Score
from synthprivacy.tables.space import points
from synthprivacy.tables.table import BoolArray, Case, FloatArray, IntArray, Table

ROWS = 2_000
"""Rows of each table at most."""
RELABELLINGS = 199
PART = 30
"""A number is hit within this part of its range."""
_NEIGHBOURS = 24
"""Records looked at around each: under changed labels all of one side with probability 2⁻²⁴."""

BETTER: Mapping[str, Literal["higher", "lower"]] = MappingProxyType(
    {
        "identical": "lower",
        "closest_share": "lower",
        "closest_median": "higher",
        "closest_ratio": "higher",
        "adversarial_accuracy": "higher",
        "hitting_rate": "lower",
        "identifiability": "lower",
        "authenticity": "higher",
    }
)
"""Metric to what is better for the people."""


@dataclass(frozen=True, slots=True, repr=False)
class _Around:
    """Distances of as many training, control and synthetic rows, in grid steps; the first half of people are members."""

    to_people: IntArray
    """(release, k) from each synthetic row to the nearest people."""
    people: IntArray
    """(release, k) who they are."""
    to_release: IntArray
    """(people,) from each person to the nearest synthetic row."""
    to_others: IntArray
    """(people, k) from each person to the nearest others."""
    others: IntArray
    """(people, k) who they are."""
    within: IntArray
    """(release,) from each synthetic row to the nearest other one."""
    columns: int
    """Columns compared."""
    hit: BoolArray
    """(people,) whether a synthetic row has the same labels and nearly the same numbers."""

    def __repr__(self) -> str:
        return f"<distances of {len(self.within)} rows>"  # never a value: tracebacks are logs


def distances(case: Case) -> tuple[Score, ...]:
    """Return the distance measures under Gower's distance; undefined without a control.

    Training, control and synthetic rows are drawn in equal numbers, at most 2,000, because every one of these measures
    depends on the sizes of the tables. The value is that of the training rows, the reference that of the control rows;
    for each ``METRIC``, ``METRIC_p`` is the share of random exchanges of training and control rows that look as bad.

    ``identical`` is the share of synthetic rows that are the record of a person. ``closest_share`` is the share nearer to
    a training row than to any control row, ties counting one half: a half without a leak. ``closest_median`` is the median
    distance to the closest person, ``closest_ratio`` the mean ratio of it to the second closest
    (NNDR). ``adversarial_accuracy`` is how often the nearest neighbour tells people from synthetic rows (NNAA);
    ``hitting_rate`` the share of people with a synthetic row of the same labels and all numbers within a thirtieth of the
    range; ``identifiability`` the share nearer to a synthetic row than to any other person, columns weighing the same;
    ``authenticity`` the share of synthetic rows farther from their closest person than that person is from the next one.

    References
    ----------
    Platzer and Reutterer (2021), Holdout-based empirical assessment of mixed-type synthetic data; Yale et al.
    (2020), Generation and evaluation of privacy preserving synthetic health data; Yoon, Drumright and van der
    Schaar (2020), Anonymization through data synthesis using generative adversarial networks (ADS-GAN);
    Alaa et al. (2022), How faithful is your synthetic data? (authenticity).
    """
    if case.control is None:
        return (_undefined("there is no control"),)
    rng = np.random.default_rng(0)  # which rows are drawn is part of the measure
    tables = (case.original, case.control, case.release)
    size = min(ROWS, *(len(table) for table in tables))
    if size < 2:
        return (_undefined("a table has fewer than two rows"),)
    around = _around(*(_drawn(table, size, rng) for table in tables))
    member = np.arange(2 * size) < size
    value, reference = dict(_measured(around, member)), dict(_measured(around, ~member))
    sign = {metric: 1.0 if better == "lower" else -1.0 for metric, better in BETTER.items()}
    worse = dict.fromkeys(BETTER, 1)
    for _ in range(RELABELLINGS):
        exchanged = rng.permutation(member)
        one, other = dict(_measured(around, exchanged)), dict(_measured(around, ~exchanged))
        for metric in BETTER:
            found = sign[metric] * (value[metric] - reference[metric])
            worse[metric] += sign[metric] * (one[metric] - other[metric]) >= found - 1e-12
    scores: list[Score] = []
    for metric, better in BETTER.items():
        scores.append(Score("distances", metric, value[metric], reference[metric], interval=None, better=better))
        p_value = worse[metric] / (1 + RELABELLINGS)
        scores.append(Score("distances", f"{metric}_p", p_value, None, interval=None, better="higher"))
    return tuple(scores)


def _undefined(reason: str) -> Score:
    return Score("distances", "identical", None, None, interval=None, better=BETTER["identical"], reason=reason)


def _measured(around: _Around, side: BoolArray) -> Iterator[tuple[str, float]]:
    """Yield every metric of one side of the people; the other side is only there to be closer."""
    mine = side[around.people]
    first = _first(mine)
    near, who = (_taken(of, first) for of in (around.to_people, around.people))
    second = _taken(around.to_people, _first(mine & (np.arange(mine.shape[1]) > first[:, None])))
    rival = _taken(around.to_people, _first(~mine))
    own = _taken(around.to_others, _first(side[around.others] == side[:, None]))
    yield "identical", float(np.mean(near == 0))
    yield "closest_share", float(np.mean(near < rival) + np.mean(near == rival) / 2.0)
    yield "closest_median", float(np.median(near)) / (UNIT * around.columns)
    yield "closest_ratio", float(np.mean(np.where(second > 0, near / np.maximum(second, 1), 1.0)))
    yield "adversarial_accuracy", float(np.mean((around.to_release > own)[side]) + np.mean(near > around.within)) / 2.0
    yield "hitting_rate", float(np.mean(around.hit[side]))
    yield "identifiability", float(np.mean((around.to_release < own)[side]))
    yield "authenticity", float(np.mean(near > own[who]))


def _first(wanted: BoolArray) -> IntArray:
    """Return the place (rows,) of the first neighbour that is wanted; of none, the last place."""
    place = np.argmax(wanted, axis=1)
    first: IntArray = np.where(wanted.any(axis=1), place, wanted.shape[1] - 1)
    return first


def _taken(values: IntArray, place: IntArray) -> IntArray:
    found: IntArray = values[np.arange(len(values)), place]
    return found


def _around(original: Table, control: Table, release: Table) -> _Around:
    people = original.joined(control)
    shown, synthetic = points(people), points(release)
    by_people, by_release = neighbors.build(shown), neighbors.build(synthetic)
    k = min(_NEIGHBOURS, len(people) - 1)
    to_people = neighbors.nearest(by_people, synthetic, k)
    to_others = neighbors.nearest(by_people, shown, k + 1)
    others = _without_self(to_others.rows)
    return _Around(
        to_people=to_people.steps,
        people=to_people.rows,
        to_release=neighbors.nearest_steps(by_release, shown),
        to_others=to_others.steps[others].reshape(-1, k),
        others=to_others.rows[others].reshape(-1, k),
        within=neighbors.nearest(by_release, synthetic, 2).steps[:, 1],
        columns=len(release.features),
        hit=any_in_box(*_boxed(people), *_boxed(release)),
    )


def _without_self(rows: IntArray) -> BoolArray:
    """Return all neighbours (people, k + 1) but each person; of one with so many doubles that it is not there, the last."""
    others: BoolArray = rows != np.arange(len(rows))[:, None]
    others[others.all(axis=1), -1] = False
    return others


def _boxed(table: Table) -> tuple[npt.NDArray[np.uint64], FloatArray]:
    """Return a hash of each row's labels, and its numbers in thirtieths of their range; NaN where missing."""
    labels = hash_columns([feature.marks() for feature in table.features if not feature.ordered], len(table))
    numbers = [feature.values / feature.scale * PART for feature in table.features if feature.ordered]
    return labels, np.stack(numbers, axis=1) if numbers else np.zeros((len(table), 0))


def _drawn(table: Table, rows: int, rng: np.random.Generator) -> Table:
    return table.take(np.sort(rng.choice(len(table), rows, replace=False)))
