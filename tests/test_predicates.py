"""Conjunctions against plain boolean masks, in whatever memory, on however many threads, in whatever order of rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthprivacy.kernels import counting, predicates
from synthprivacy.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING, NO_CONDITION, Terms
from synthprivacy.kernels.screening import isolating, screens

NAN = float("nan")
VALUES = st.sampled_from([NAN, -np.inf, -2.5, -1.0, -0.0, 0.0, 1.0, 1e300, np.inf])
OPERATORS = st.sampled_from([EQUAL, AT_MOST, AT_LEAST, MISSING, NO_CONDITION])


@st.composite
def questions(draw):
    """Return a small table, columns by rows, and conjunctions on it."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 40))
    queries, width = draw(st.integers(0, 12)), draw(st.integers(1, 4))
    table = [draw(st.lists(VALUES, min_size=rows, max_size=rows)) for _ in range(columns)]
    term = st.tuples(st.integers(0, columns - 1), OPERATORS, VALUES)
    terms = draw(st.lists(term, min_size=queries * width, max_size=queries * width))
    column, operator, operand = zip(*terms) if terms else ((), (), ())
    shape = (queries, width)
    return np.array(table), Terms(
        np.array(column, dtype=np.int64).reshape(shape),
        np.array(operator, dtype=np.int64).reshape(shape),
        np.array(operand, dtype=np.float64).reshape(shape),
    )


def masks(table, terms):
    """Return (queries, rows): the definition."""
    held = np.ones((len(terms), table.shape[1]), dtype=bool)
    for query, term in np.ndindex(terms.column.shape):
        values, operand = table[terms.column[query, term]], terms.operand[query, term]
        held[query] &= {
            EQUAL: values == operand,
            AT_MOST: values <= operand,
            AT_LEAST: values >= operand,
            MISSING: np.isnan(values),
            NO_CONDITION: np.ones_like(values, dtype=bool),
        }[terms.operator[query, term]]
    return held


@settings(max_examples=300, deadline=None)
@given(questions(), st.sampled_from([1, 40, 100, 1 << 20]))
def test_counts_and_matches_follow_the_definition(question, memory):
    """A row matches where every condition holds; a missing value satisfies `missing` and nothing else."""
    table, terms = question
    index = counting.build(list(table))
    spans = counting.spans(terms, index)
    expected = masks(table, terms)

    query, row = counting.matches(spans, index, memory=memory)

    assert np.array_equal(np.stack([query, row]), np.nonzero(expected))
    assert np.array_equal(counting.counts(spans, index, memory=memory), expected.sum(axis=1))
    assert np.array_equal(counting.counts(spans, index, enough=2), np.minimum(expected.sum(axis=1), 2))


@settings(max_examples=100, deadline=None)
@given(questions(), st.integers(0, 2**32 - 1))
def test_people_match_where_any_row_of_theirs_does(question, seed):
    """A person matches once, however many of its rows do."""
    table, terms = question
    unit = np.random.default_rng(seed).integers(0, 5, table.shape[1])
    index = counting.build(list(table))

    query, person = counting.people(counting.spans(terms, index), index, unit)

    rows = masks(table, terms)
    expected = np.stack([rows[:, unit == one].any(axis=1) for one in range(5)], axis=1)
    assert np.array_equal(np.stack([query, person]), np.nonzero(expected))


def drawn(table, queries, width, rng):
    """Return conjunctions made from records, and these."""
    record = rng.integers(table.shape[1], size=queries)
    column = np.argsort(rng.random((queries, len(table))), axis=1)[:, :width]
    operand = table[column, record[:, None]]
    operator = np.where(np.isnan(operand), MISSING, rng.integers(0, 3, column.shape))
    return record, Terms(column, operator, operand)


@pytest.fixture(scope="module")
def large():
    """Return a table with labels, numbers that are hardly ever equal, and missing values."""
    rng = np.random.default_rng(0)
    table = rng.integers(0, 6, (5, 70_000)).astype(np.float64)
    table[3], table[4] = rng.normal(size=70_000).round(2), rng.normal(size=70_000)
    table[rng.random(table.shape) < 0.1] = NAN
    return table


def test_memory_threads_and_row_order_change_nothing(large):
    """Any budget, one thread or two, and any order of rows give the same counts, those of the definition."""
    _, terms = drawn(large, 60, 3, np.random.default_rng(1))
    index = counting.build(list(large))
    expected = masks(large, terms).sum(axis=1)
    order = np.random.default_rng(2).permutation(large.shape[1])
    mixed = counting.build(list(large[:, order]))

    for table, memory, jobs in ((index, 1 << 12, 1), (index, 1 << 21, 2), (index, 1 << 30, 1), (mixed, 1 << 21, 1)):
        found = counting.counts(counting.spans(terms, table), table, memory=memory, jobs=jobs)
        assert np.array_equal(found, expected)


def test_more_values_than_a_small_rank_holds():
    """A column with over 65,534 values is ranked in wider numbers and counted as well."""
    index = counting.build([np.arange(70_000.0)])
    terms = Terms(np.zeros((2, 1), dtype=np.int64), np.array([[AT_LEAST], [AT_MOST]]), np.array([[65_000.0], [3.0]]))

    assert index.ranks.dtype == np.uint32
    assert counting.counts(counting.spans(terms, index), index).tolist() == [5_000, 4]


@pytest.mark.parametrize("sizes", [(), (64,), (64, 512, 4096)])
@pytest.mark.parametrize("rows", [50, 64, 1000, 5000])
def test_screening_loses_and_keeps_nothing_wrong(large, sizes, rows):
    """The candidates left are exactly those that match one row of the whole table, whatever parts are looked at first."""
    table = large[:, :rows]
    index = counting.build(list(table))
    record, terms = drawn(table, 3_000, 4, np.random.default_rng(rows))
    spans = counting.spans(terms, index)

    for memory in (1, 1 << 26):
        found = isolating(spans, record, index, screens(index, sizes=sizes), memory=memory)
        assert np.array_equal(found, np.flatnonzero(masks(table, terms).sum(axis=1) == 1))
    assert 0 < len(found) < len(record)


def test_bit_sets_that_would_not_fit_are_left_out(large):
    """A part whose bit sets pass the budget is not made; the answer does not need it."""
    index = counting.build(list(large))

    small = counting.build(list(large[:, :600]))

    assert [part.rows for part in screens(small)] == [64, 512, 600]
    assert [part.rows for part in screens(index)] == [64, 512, 4096]
    assert [part.rows for part in screens(index, memory=1 << 19)] == [64, 512]


def test_lists_of_conditions_become_conjunctions():
    """Conditions in any order, of different numbers, are put under their conjunction; none at all holds for everybody."""
    query, column = np.array([2, 0, 2]), np.array([1, 0, 0])
    terms = predicates.of_lists(3, query, column, np.array([AT_LEAST, EQUAL, MISSING]), np.array([5.0, 1.0, NAN]))
    index = counting.build([np.array([1.0, NAN, 1.0]), np.array([5.0, 6.0, 4.0])])

    assert terms.width.tolist() == [1, 0, 2]
    assert counting.counts(counting.spans(terms, index), index).tolist() == [2, 3, 1]


def test_operands_are_not_printed():
    """What is printed of conjunctions has no value of a record in it: tracebacks end in logs."""
    terms = Terms(np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1), dtype=np.int64), np.array([[31_337.0]]))

    assert "31" not in repr(terms)
    assert "values withheld" in repr(terms)
