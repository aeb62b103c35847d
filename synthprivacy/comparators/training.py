"""Has the population of the training table moved since a release went out? Told, never a reason to fail a release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from synthprivacy.comparators.drift import drift
from synthprivacy.results import Check
from synthprivacy.results.comparator import APART
from synthprivacy.tables.checks import people_keys
from synthprivacy.tables.former import Beside
from synthprivacy.tables.table import KeyArray, Table

CHECK = "training_drift"
FEWEST = 50
"""People of either table for whom a classifier is asked at all."""
_DOUBLES = 0.05
"""With a larger share of people who have a double in their own table, equal rows are no sign of one person."""


def training_drift(found: Beside, *, name: str, rng: np.random.Generator) -> Check:
    """Return whether a classifier tells the present training table from one of before.

    *warn*: they are shown to differ by more than is harmless, as `drift` has it for a control, or have different columns;
    else *ok*. What was found about the earlier release then says less about this one.

    People who are in both tables are dealt to one of them each, half to either: a classifier that has seen somebody on one
    side would take their twin on the other for the same, and the AUC would fall far below one half whatever has moved.

    Parameters
    ----------
    found : Beside
    name : str
        Of the release that was made of the former one.
    rng : numpy.random.Generator
        Deals the folds.
    """
    columns = "".join(f"; {words}" for words in _columns(found))
    if found.tables is None:
        return Check(CHECK, "warn", f"no column is shared with the training table of {name}{columns}")
    present, former = found.tables
    status: Literal["ok", "warn"] = "warn" if columns else "ok"
    if np.array_equal(np.sort(present.keys()), np.sort(former.keys())):
        return Check(CHECK, status, f"the rows are those of the training table of {name}{columns}")
    dealing, folding = rng.spawn(2)
    dealt = _dealt(present, former, dealing)
    if dealt is None:
        columns += "; too many rows have doubles to tell who is in both tables: if many are, drift is hidden"
    present, former = dealt or (present, former)
    if min(present.people, former.people) < FEWEST:
        why = f"too few people are in only one of this training table and that of {name} to tell drift: {FEWEST} are the least"
        return Check(CHECK, status, f"{why}{columns}")
    measured = drift(original=present, control=former, rng=folding)
    told = f"a classifier tells this training table from that of {name} with {measured}"
    if measured.apart:
        why = f"the population has moved by more than is harmless ({APART}); judge anew what was taken over from that release"
        return Check(CHECK, "warn", f"{told}: {why}{columns}")
    why = f"at most {APART}" if measured.alike else "no drift is shown, nor one that matters excluded"
    return Check(CHECK, status, f"{told}: {why}{columns}")


def _dealt(present: Table, former: Table, rng: np.random.Generator) -> tuple[Table, Table] | None:
    """Return the tables without people in common; None where they cannot be told from doubles."""
    keys = [people_keys(table) for table in (present, former)]
    alone = [np.flatnonzero(np.isin(side, _once(side))) for side in keys]
    if min(len(some) / len(side) for some, side in zip(alone, keys)) < 1.0 - _DOUBLES:
        return None
    of_present, of_former = (side[some] for side, some in zip(keys, alone))
    _, *places = np.intersect1d(of_present, of_former, return_indices=True)
    order = rng.permutation(len(places[0]))
    half = len(order) // 2
    left_out = [alone[side][places[side][some]] for side, some in enumerate((order[:half], order[half:]))]
    kept = [np.setdiff1d(np.arange(len(side)), out) for side, out in zip(keys, left_out)]
    return present.of_people(kept[0]), former.of_people(kept[1])


def _once(keys: KeyArray) -> KeyArray:
    """Return the keys that occur once."""
    found, counts = np.unique(keys, return_counts=True)
    once: KeyArray = found[counts == 1]
    return once


def _columns(found: Beside) -> Iterator[str]:
    """Yield in how many columns the two tables differ."""
    for count, what in ((found.added, "new"), (found.removed, "gone"), (found.other, "of another kind than before")):
        if count:
            yield f"{count} {'column is' if count == 1 else 'columns are'} {what}"
