"""By column: what of a risk goes with one column of the release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from synthprivacy.explaining.coarsening import coarsened, emptied
from synthprivacy.explaining.reading import Reader, risk_or_none
from synthprivacy.explaining.values import ByColumn, best, fall
from synthprivacy.results import Risk
from synthprivacy.tables.table import Case

MOST = 16
"""Columns that are read in full; of more, those that a first look finds to matter most."""
FIRST_LOOK = 1_000
"""People a side asked in the first look."""

Told = Callable[[str], None]
"""Called with what comes next."""


def by_column(reader: Reader, case: Case, read: Risk, *, told: Told) -> tuple[tuple[ByColumn, ...], int]:
    """Return the endpoint's risk without each column and with each made coarser, and how many columns were passed over.

    A column that the attack neither knows nor guesses has no part in it and is left out. Of many columns all are emptied
    in turn on a few people first, and those read in full whose absence takes most.

    Parameters
    ----------
    reader : Reader
    case : Case
    read : Risk
        What the endpoint reads on the release as it is.
    told : callable
    """
    guessed = guessed_column(reader)
    known = [name for name in reader.endpoint.attack.knows(case.schema) if name != guessed]
    chosen = _first_look(reader, case, known, told) if len(known) > MOST else known
    columns = [_read(reader, case, name, guessed=False, told=told) for name in chosen]
    columns.sort(key=lambda one: _rank(one, read))
    if guessed is not None:
        columns.append(_read(reader, case, guessed, guessed=True, told=told))
    return tuple(columns), len(known) - len(chosen)


def guessed_column(reader: Reader) -> str | None:
    """Return the column that the attack guesses; None where it guesses none."""
    secret: str | None = getattr(reader.endpoint.attack, "secret", None)
    return secret


def _first_look(reader: Reader, case: Case, known: Sequence[str], told: Told) -> list[str]:
    """Return the columns whose absence takes most of the risk of a few people, in the order given."""
    quick = replace(reader, targets=min(reader.targets, FIRST_LOOK))
    left: dict[str, float] = {}
    for name in known:
        told(f"first look at {name}")
        found = risk_or_none(quick.read(emptied(case, name)))
        left[name] = 0.0 if found is None else found.value
    chosen = sorted(known, key=lambda name: left[name])[:MOST]
    return [name for name in known if name in chosen]


def _read(reader: Reader, case: Case, name: str, *, guessed: bool, told: Told) -> ByColumn:
    told(f"without {name}")
    without = None if guessed else risk_or_none(reader.read(emptied(case, name)))
    gone = without is None and not guessed
    rounded = coarsened(case, name, guessed=guessed) if name in case.release.names else None
    if rounded is None:
        return ByColumn(name, guessed, without, None, None, gone)
    coarser = risk_or_none(reader.read(rounded.case))
    return ByColumn(name, guessed, without, coarser, rounded.how, gone)


def _rank(one: ByColumn, read: Risk) -> tuple[float, str]:
    """Return the place of a column: the larger the fall without it the nearer the front; nothing left is the largest."""
    fallen = fall(read, best(one))
    return -(read.value if fallen is None else fallen), one.column
