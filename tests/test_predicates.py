"""Predicates against their definition, one row at a time."""

import numpy as np
import pytest

from synthprivacy.kernels import predicates


@pytest.fixture
def columns():
    """Return a small table with missing values."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 6, (4, 500)).astype(np.float64)
    values[rng.random(values.shape) < 0.1] = np.nan
    return values


def holds(operator, operand, value):
    """Return whether one value satisfies one condition."""
    if operator == predicates.MISSING:
        return np.isnan(value)
    return {
        predicates.EQUAL: value == operand,
        predicates.AT_MOST: value <= operand,
        predicates.AT_LEAST: value >= operand,
    }[operator]


def drawn(columns, queries, width, rng):
    """Return random conjunctions made from records, and their records."""
    record = rng.integers(columns.shape[1], size=queries)
    column = np.stack([rng.choice(len(columns), width, replace=False) for _ in range(queries)])
    operand = columns[column, record[:, None]]
    operator = np.where(np.isnan(operand), predicates.MISSING, rng.integers(0, 3, column.shape))
    return record, column, operator, operand


@pytest.mark.parametrize("width", [1, 2, 3])
def test_counts_and_matches_follow_the_definition(columns, width):
    """A row matches where every condition holds; a missing value satisfies only `missing`."""
    _, column, operator, operand = drawn(columns, 60, width, np.random.default_rng(1))
    terms = predicates.terms(column, operator, operand)
    expected = [
        [
            all(holds(operator[q, t], operand[q, t], columns[column[q, t], row]) for t in range(width))
            for row in range(columns.shape[1])
        ]
        for q in range(60)
    ]

    comparable = predicates.comparable(columns)
    query, row = predicates.matches(terms, comparable)
    table = np.zeros((60, columns.shape[1]), dtype=bool)
    table[query, row] = True

    assert np.array_equal(table, expected)
    assert np.array_equal(predicates.counts(terms, comparable), np.sum(expected, axis=1))


def test_screening_loses_and_keeps_nothing_wrong(columns):
    """The screened candidates are exactly those that match one row of the whole table."""
    record, column, operator, operand = drawn(columns, 3000, 3, np.random.default_rng(2))
    terms = predicates.terms(column, operator, operand)
    comparable = predicates.comparable(columns)

    alone = predicates.isolating(terms, comparable, record)

    assert np.array_equal(alone, predicates.counts(terms, comparable) == 1)
    assert 0 < alone.sum() < len(alone)
