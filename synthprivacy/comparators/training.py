"""Has the population of the training table moved since a release went out? Told, never a reason to fail a release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from synthprivacy.comparators.drift import drift
from synthprivacy.results import Check
from synthprivacy.results.comparator import APART
from synthprivacy.tables.former import Beside

CHECK = "training_drift"


def training_drift(found: Beside, *, name: str, rng: np.random.Generator) -> Check:
    """Return whether a classifier tells the present training table from one of before.

    *warn*: they are shown to differ by more than is harmless, as `drift` has it for a control, or have different columns;
    else *ok*. What was found about the earlier release then says less about this one. People who are in both tables pull
    the AUC towards one half: the question is how the tables differ, not how those who joined differ from those who left.

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
    measured = drift(original=present, control=former, rng=rng)
    told = f"a classifier tells this training table from that of {name} with {measured}"
    if measured.apart:
        why = f"the population has moved by more than is harmless ({APART}); judge anew what was taken over from that release"
        return Check(CHECK, "warn", f"{told}: {why}{columns}")
    why = f"at most {APART}" if measured.alike else "no drift is shown, nor one that matters excluded"
    return Check(CHECK, status, f"{told}: {why}{columns}")


def _columns(found: Beside) -> Iterator[str]:
    """Yield in how many columns the two tables differ."""
    for count, what in ((found.added, "new"), (found.removed, "gone"), (found.other, "of another kind than before")):
        if count:
            yield f"{count} {'column is' if count == 1 else 'columns are'} {what}"
