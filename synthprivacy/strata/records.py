"""Who was found out, row by row: personal data, which only an explicit wish writes."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Outcome
from synthprivacy.results.files import write_text
from synthprivacy.strata.vulnerability import Vulnerability
from synthprivacy.tables.table import Case, FloatArray

WARNING = (
    "personal data: what attackers found out about single people of the original, by row of its file. "
    "For the secure room only; with this file the training table can be reconstructed in part."
)
"""First line of every file."""
_RIGHTS = 0o600


@dataclass(frozen=True, slots=True, repr=False)
class Records:
    """What was found about each training person of one release."""

    release: str
    row: FloatArray
    """(rows,) row of the original's file, from 1."""
    tenth: FloatArray
    """(rows,) 1 to 10, the most unusual tenth of people last; NaN where nobody looked."""
    hits: dict[str, FloatArray]
    """(rows,) by endpoint, the share of right guesses about the row's person; NaN where nothing was guessed."""

    def __repr__(self) -> str:
        return f"<records of {len(self.row):,} rows, values withheld>"

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the records as CSV for nobody but the owner of the file.

        Raises
        ------
        DataError
            If the file cannot be written.
        """
        text = io.StringIO()
        text.write(f"# {WARNING}\n")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["release", "row", "unusual_tenth", *self.hits])
        columns = [self.row, self.tenth, *self.hits.values()]
        writer.writerows([self.release, *map(_cell, cells)] for cells in zip(*(column.tolist() for column in columns)))
        write_text(path, text.getvalue(), mode=_RIGHTS)


Keep = Callable[[Records], None]
"""Takes the records of a release."""


def records_of(case: Case, vulnerability: Vulnerability | None, outcomes: dict[str, Outcome]) -> Records:
    """Return what was found about each training person, in the order of the rows of the original's file.

    Parameters
    ----------
    case : Case
    vulnerability : Vulnerability, optional
    outcomes : dict of str to Outcome
        By endpoint.
    """
    unit = case.original.unit
    rows = np.arange(len(unit)) if case.rows is None else case.rows
    order = np.argsort(rows)
    places = np.full(case.original.people, np.nan) if vulnerability is None else vulnerability.original
    tenth = np.minimum(np.floor(places * 10.0) + 1.0, 10.0)
    hits = {}
    for endpoint, outcome in outcomes.items():
        found, people = outcome.answers.get("original"), outcome.people.get("original")
        if isinstance(found, Hits) and found.person is not None and people is not None:
            share = np.full(case.original.people, np.nan)
            share[people[found.person]] = found.hits / found.trials
            hits[endpoint] = share[unit][order]
    return Records(case.name, rows[order].astype(np.float64) + 1.0, tenth[unit][order], hits)


def path_of(path: str | os.PathLike[str], release: str, *, several: bool) -> Path:
    """Return the file of one release: with several, its name stands before the ending.

    Raises
    ------
    DataError
        If the release's name cannot be part of a file's name.
    """
    target = Path(path)
    if not several:
        return target
    if not release.replace("-", "").replace("_", "").isalnum():
        msg = "the name of a release must be letters, digits, - and _ to name a file of records; name it NAME=FILE"
        raise DataError(msg)
    return target.with_name(f"{target.stem}.{release}{target.suffix}")


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:g}" if value % 1 else str(int(value))
