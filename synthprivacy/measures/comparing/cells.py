"""Shares of joint cells of several columns at once, and how alike two tables are in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.measures.comparing.binned import Binned, CellArray
from synthprivacy.measures.comparing.chance import by_chance
from synthprivacy.measures.comparing.influence import standard_error
from synthprivacy.tables.table import FloatArray, IntArray, Table

_BLOCK = 1 << 20
"""Codes of joint cells held at once: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One minus the total variation distance of two tables, the mean over groups of columns."""

    value: float
    expected: float
    """What it would be for two samples of these sizes of the people of the very first table."""
    mean_errors: tuple[float, float]
    """Standard errors of the value, owed to the first and to the second table."""

    @property
    def error(self) -> float:
        """Standard error of the value."""
        return float(np.hypot(*self.mean_errors))


@dataclass(frozen=True, slots=True, repr=False)
class Joint:
    """Some groups of columns of one table."""

    codes: IntArray
    """(groups, rows): each row's cell, numbered over all groups."""
    shares: FloatArray
    """(cells,): of the rows."""


def accuracies(
    cut: Binned, groups: IntArray, pairs: Sequence[tuple[str, str]], tables: dict[str, Table]
) -> dict[tuple[str, str], Accuracy]:
    """Return how alike every two tables are.

    Parameters
    ----------
    cut : Binned
        The tables, in the order of `tables`.
    groups : ndarray of shape (groups, ways), int64
        Positions of columns.
    pairs : sequence of pairs of labels
    tables : dict of labels to Table
    """
    distance = dict.fromkeys(pairs, 0.0)
    chance = dict.fromkeys(pairs, 0.0)
    owed = {pair: [np.zeros(len(tables[label])) for label in pair] for pair in pairs}
    labels = list(tables)
    for some in blocks(groups, max(cells.shape[1] for cells in cut.cells)):
        _, size = starts_of(cut.levels, some)
        joint = {label: joint_cells(cells, cut.levels, some, size) for label, cells in zip(labels, cut.cells)}
        for pair in pairs:
            one, other = (joint[label] for label in pair)
            gaps = one.shares - other.shares
            distance[pair] += float(np.abs(gaps).sum())
            people = joint[labels[0]]
            sizes = (side.codes.shape[1] for side in (people, one, other))
            chance[pair] += by_chance(people.shares, *sizes)
            signs = np.sign(gaps)
            for side, half, total in zip((one, other), (-0.5, 0.5), owed[pair]):
                np.add(total, half * (signs[side.codes].sum(axis=0) - (signs * side.shares).sum()), out=total)
    count = len(groups)
    return {
        pair: Accuracy(
            1.0 - distance[pair] / 2.0 / count,
            1.0 - chance[pair] / 2.0 / count,
            _errors(owed[pair], [tables[label] for label in pair], count),
        )
        for pair in pairs
    }


def _errors(owed: list[FloatArray], tables: list[Table], groups: int) -> tuple[float, float]:
    one, other = (standard_error(total, table) / groups for total, table in zip(owed, tables))
    return one, other


def blocks(groups: IntArray, rows: int) -> Iterator[IntArray]:
    """Yield some groups after the other, few enough that their codes fit."""
    step = max(1, _BLOCK // max(rows, 1))
    for start in range(0, len(groups), step):
        yield groups[start : start + step]


def starts_of(levels: IntArray, groups: IntArray) -> tuple[IntArray, int]:
    """Return where the cells of each group (groups,) start, and how many cells there are."""
    sizes = levels[groups].prod(axis=1)
    ends = np.cumsum(sizes)
    return ends - sizes, int(ends[-1])


def joint_cells(cells: CellArray, levels: IntArray, groups: IntArray, size: int) -> Joint:
    """Return the joint cells of one table's rows (columns, rows)."""
    starts, _ = starts_of(levels, groups)
    codes = cells[groups[:, 0]].astype(np.int64)
    for column in groups.T[1:]:
        codes *= levels[column][:, None]
        codes += cells[column]
    codes += starts[:, None]
    rows = max(cells.shape[1], 1)
    return Joint(codes, np.bincount(codes.ravel(), minlength=size) / rows)
