"""A release without what some of its rows show: it explains, and must never be released."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthprivacy.driver import shuffled
from synthprivacy.explaining.coarsening import blank, emptied, with_column
from synthprivacy.explaining.marking import Marks
from synthprivacy.explaining.values import How
from synthprivacy.tables.table import Case, Feature, IntArray, Table, Text, frozen

MOST_LEFT_OUT = 0.5
"""If a larger share of the rows shows a mechanism they stay, with what they show taken from them: a release needs rows."""


def taken(case: Case, marks: Marks, rng: np.random.Generator) -> tuple[Case, How]:
    """Return the case without what some rows show, and how it was taken: for explanation, never for release.

    Rows are left out. If they are more than half of all they stay: whole records with their columns shuffled among each
    other, parts of records emptied.

    Parameters
    ----------
    case : Case
    marks : Marks
    rng : numpy.random.Generator
    """
    release, rows = case.release, np.flatnonzero(marks.rows)
    if marks.rows.mean() <= MOST_LEFT_OUT:
        return replace(case, release=release.take(np.flatnonzero(~marks.rows))), "left out"
    if marks.columns is None:
        mixed = shuffled(release.take(rows), rng)
        return replace(case, release=_replaced(release, rows, mixed)), "shuffled"
    texts = tuple(_emptied(text, rows) if text.name in marks.columns else text for text in release.texts)
    case = replace(case, release=replace(release, texts=texts))
    for name in marks.columns:
        case = _blank(case, name, rows)
    return case, "emptied"


def _blank(case: Case, name: str, rows: IntArray) -> Case:
    """Return the case with nothing in some cells of the release; a column without a value is none for people either."""
    release = with_column(case.release, name, lambda feature: blank(feature, rows))
    held = [feature.values for feature in release.features if feature.name == name]
    nothing = bool(held) and bool(np.isnan(held[0]).all())
    return emptied(case, name) if nothing else replace(case, release=release)


def _emptied(text: Text, rows: IntArray) -> Text:
    values = text.values.copy()
    values[rows] = None
    return Text(text.name, frozen(values))


def _replaced(release: Table, rows: IntArray, mixed: Table) -> Table:
    """Return a release with some rows replaced by others; texts stay, as records are compared without them."""
    features = tuple(_mixed(mine, theirs, rows) for mine, theirs in zip(release.features, mixed.features))
    return replace(release, features=features)


def _mixed(mine: Feature, theirs: Feature, rows: IntArray) -> Feature:
    values, *parts = (array.copy() for array in (mine.values, *mine.parts))
    for array, new in zip((values, *parts), (theirs.values, *theirs.parts)):
        array[rows] = new
    return replace(mine, values=frozen(values), parts=tuple(frozen(part) for part in parts))
