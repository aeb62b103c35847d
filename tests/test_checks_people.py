"""Laws of the rules about who people are: how many, and never on both sides."""

from __future__ import annotations

import pyarrow as pa
import pytest

from synthprivacy.errors import DataError
from synthprivacy.tables.checks import (
    check_size,
    shared_people,
)


@pytest.mark.parametrize(("people", "status"), [(30, "warn"), (99, "warn"), (100, "ok")])
def test_few_people_are_worth_a_warning(people, status):
    """From 30 people on a table is judged, under 100 with a warning."""
    assert check_size({"original": 5_000, "control": people}).status == status


def ids(values):
    """Return an arrow column of person ids."""
    return pa.chunked_array([pa.array(values)])


def test_a_person_on_both_sides_is_refused():
    """An id in both tables is an error with counts, in whatever type the ids are; small counts are not told."""
    original = ids(list(range(100)))
    with pytest.raises(DataError, match=r"20 of 50 are in both; pass the split that was held out"):
        shared_people(original, ids([str(number) for number in range(80, 130)]))
    with pytest.raises(DataError, match=r"fewer than ten of 50 are in both"):
        shared_people(original, ids([*range(99, 149), None]))
