"""Constraints: how often rows break the rules that the user declared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthprivacy.kernels.contingency import combine
from synthprivacy.measures.comparing.influence import standard_error, wilson, within
from synthprivacy.results.risk import Interval, Score
from synthprivacy.schemata import Constraint
from synthprivacy.tables.table import BoolArray, Case, FloatArray, IntArray, Table


@dataclass(frozen=True, slots=True)
class _Broken:
    """How often one table breaks one rule."""

    share: float | None
    """Of its rows; None where it cannot be told."""
    interval: Interval | None
    reason: str | None = None
    """Why it cannot be told."""


def constraints(case: Case) -> tuple[Score, ...]:
    """Return the share of rows that break each declared rule, 0 to 1, lower is better.

    A *range* is broken by a known value outside of it. An *order* is broken by a row whose known values decrease from one
    named column to a later one. A *dependency* is broken by the rows that would have to change for each value on its left to have
    one value on its right (g₃): all but the most frequent one. *Uniqueness* is broken by every row that repeats another
    one: rows less distinct rows. Missing values break no range and no order; elsewhere they are a value like any other.

    The reference is the control's share; the original's is told beside. Dependencies and uniqueness are broken more often
    in larger tables, so they are looked at in as many rows of each table as the smallest has, drawn with a fixed seed.
    A rule about a column that the release lacks is undefined, and with one such rule so is the mean.
    Intervals (95 %) are Wilson's for ranges and orders, normal by influence for the others. A range or order about a number that
    is constant in the release is undefined: such a number is a label everywhere in this package.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Score
        Family ``constraints``, undefined without rules: ``mean`` over the rules, ``rule.NAME`` for each, and ``original.NAME``, the original's share
        in the place of the release's.

    References
    ----------
    Kivinen and Mannila (1995), Approximate inference of functional dependencies from relations, section 3 (g₃). Wilson
    (1927), Probable inference, the law of succession, and statistical inference.
    """
    rules = case.schema.constraints
    if not rules:
        return (Score("constraints", "mean", None, None, None, "lower", reason="no rule is declared"),)
    tables = [table for table in (case.release, case.original, case.control) if table is not None]
    fewest = min(len(table) for table in tables)
    drawn = [_drawn(table, fewest) for table in tables]
    scores: list[Score] = []
    for rule in rules:
        alone = rule.law in {"range", "order"}
        release, original, *control = [_broken(rule, table) for table in (tables if alone else drawn)]
        reference = control[0].share if control else None
        scores += [
            Score(
                "constraints",
                f"rule.{rule.name}",
                release.share,
                reference,
                release.interval,
                "lower",
                reason=release.reason,
            ),
            Score(
                "constraints",
                f"original.{rule.name}",
                original.share,
                reference,
                original.interval,
                "lower",
                reason=original.reason,
            ),
        ]
    return (_mean(scores), *scores)


def _mean(scores: list[Score]) -> Score:
    judged = [score for score in scores if score.metric.startswith("rule.")]
    if any(score.value is None for score in judged):
        return Score("constraints", "mean", None, None, None, "lower", reason="a rule cannot be told")
    values = [score.value for score in judged if score.value is not None]
    references = [score.reference for score in judged if score.reference is not None]
    value, reference = (float(np.mean(some)) if some else None for some in (values, references))
    return Score("constraints", "mean", value, reference, _of_mean(judged) if values else None, "lower")


def _of_mean(scores: list[Score]) -> Interval:
    """Return the mean of lower and of upper ends: wide enough whatever the rules have to do with each other."""
    ends = np.array([score.interval or (0.0, 1.0) for score in scores])
    return float(ends[:, 0].mean()), float(ends[:, 1].mean())


def _drawn(table: Table, rows: int) -> Table:
    if rows == len(table):
        return table
    return table.take(np.sort(np.random.default_rng(0).choice(len(table), rows, replace=False)))


def _broken(rule: Constraint, table: Table) -> _Broken:
    if not len(table) or not {*rule.columns, *rule.determined} <= {*table.names}:
        return _Broken(None, None, "the release lacks a column of the rule, or a table has no rows")
    if rule.law in {"range", "order"}:
        if not all(table[name].ordered for name in rule.columns):
            return _Broken(None, None, "a column of the rule is constant in the release, where a number is a label")
        values = [table[name].values for name in rule.columns]
        broken = _outside(values[0], rule) if rule.law == "range" else _decreasing(values)
        share = float(np.mean(broken))
        return _Broken(share, wilson(share, table.people))
    wrong = _repeated(table, rule.columns) if rule.law == "unique" else _dependent(table, rule)
    share = float(wrong.mean())
    if not wrong.any():  # nobody to tell a scatter from
        return _Broken(0.0, wilson(0.0, table.people))
    return _Broken(share, within(share, standard_error(wrong - share, table)))


def _outside(values: FloatArray, rule: Constraint) -> BoolArray:
    outside: BoolArray = np.less(values, rule.low) | np.greater(values, rule.high)  # neither holds of a missing value
    return outside


def _decreasing(columns: list[FloatArray]) -> BoolArray:
    """Return which rows (rows,) have a value below one of an earlier column."""
    highest = columns[0]
    decreasing = np.zeros(len(highest), dtype=np.bool_)
    for values in columns[1:]:
        decreasing |= np.less(values, highest)
        highest = np.fmax(highest, values)
    return decreasing


def _repeated(table: Table, names: tuple[str, ...]) -> FloatArray:
    """Return the share of each row (rows,) in the repetitions of its key: one of k rows is no repetition."""
    key = _key(table, names)
    times = np.bincount(key)[key]
    shares: FloatArray = 1.0 - 1.0 / times
    return shares


def _dependent(table: Table, rule: Constraint) -> FloatArray:
    """Return which rows (rows,) do not have the most frequent right side of their left side."""
    left = _key(table, rule.columns)
    right = combine([left, _key(table, rule.determined)])
    first = np.unique(right, return_index=True)[1]
    sizes = np.bincount(right)
    order = np.lexsort((np.arange(len(first)), -sizes, left[first]))
    chosen = order[np.unique(left[first][order], return_index=True)[1]]
    return (~np.isin(right, chosen)).astype(np.float64)


def _key(table: Table, names: tuple[str, ...]) -> IntArray:
    marks = [np.unique(table[name].marks(), return_inverse=True)[1].reshape(-1).astype(np.int64) for name in names]
    return combine(marks)
