"""Who is drawn from the tables of a case: equal numbers of rows, all rows of a person together, always the same."""

from __future__ import annotations

import numpy as np

from synthprivacy.tables.table import IntArray, Table


def drawn(table: Table, rows: int) -> Table:
    """Return about so many rows of a table, of people drawn at random; the same ones from the same table."""
    if len(table) <= rows:
        return table
    people = max(1, round(rows * table.people / len(table)))
    return table.of_people(np.sort(order_of(table)[:people]))


def order_of(table: Table) -> IntArray:
    """Return the people (people,) in an order that their own table draws.

    One order for all tables would draw equal people of two of them together, since rows lie in the order of their content.
    """
    return np.random.default_rng(int(table.keys().sum(dtype=np.uint64))).permutation(table.people)


def drawn_alike(*tables: Table, most: int) -> list[Table]:
    """Return as many rows of each table, at most `most`: what depends on the size of a table is then comparable."""
    rows = min(most, *(len(table) for table in tables))
    return [drawn(table, rows) for table in tables]


def halves(table: Table) -> tuple[Table, Table]:
    """Return two disjoint halves of a table's people."""
    order = np.random.default_rng(1).permutation(table.people)
    middle = table.people // 2
    return table.of_people(np.sort(order[:middle])), table.of_people(np.sort(order[middle:]))
