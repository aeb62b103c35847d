"""Three releases whose leak is known by construction, and whether an evaluation found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from synthprivacy import simulate
from synthprivacy.results import Release
from synthprivacy.samples import adult
from synthprivacy.simulate import Truth

if TYPE_CHECKING:
    import pandas as pd

_SHARE_COPIED = 0.2
_SHARE_OUTLIERS = 0.01
_SIMULATED = 4000


@dataclass(frozen=True, slots=True)
class Demonstration:
    """The tables of the demo and the truth about each release."""

    original: pd.DataFrame
    control: pd.DataFrame
    releases: dict[str, tuple[pd.DataFrame, Truth]]


def demonstration(data: Literal["simulated", "adult"], seed: int = 0) -> Demonstration:
    """Return original, control and three releases: clean, a fifth of the people copied, only outliers memorised.

    What is not copied is fresh people: the output of a generator that has learned the population and nobody in it.

    Parameters
    ----------
    data : {"simulated", "adult"}
        4,000 simulated people a table, or 2,000 rows of the Adult excerpt.
    seed : int
    """
    rng = np.random.default_rng(seed)
    if data == "adult":
        rows = adult()
        original, control, fresh = np.split(rng.permutation(len(rows)), 3)
        tables = [rows.iloc[part].reset_index(drop=True) for part in (original, control, fresh)]
    else:
        tables = [simulate.people(_SIMULATED, stream) for stream in rng.spawn(3)]
    training, held_out, others = tables
    return Demonstration(
        training,
        held_out,
        {
            "clean": simulate.release_clean(training, others),
            "copied": simulate.release_copied(training, others, _SHARE_COPIED, rng),
            "outliers": simulate.release_outliers(training, others, _SHARE_OUTLIERS, rng),
        },
    )


def found(release: Release, truth: Truth) -> bool:
    """Return whether the evaluation of a release says what is true.

    No leak: the headline's interval holds 0. Copies: it holds their number. Outliers, too few for an average:
    the interval of the exact copies lies above 0 and holds their share.
    """
    copies = release.copies
    memorised = next((risk for risk in release.risks if risk.endpoint == "memorization.copies"), None)
    if copies is None or memorised is None:
        return False
    low, high = copies.interval
    match truth.leak:
        case "none":
            return low == 0
        case "copies":
            return isinstance(low, float) and isinstance(high, float) and low <= truth.published <= high
        case "outliers":
            return memorised.lower > 0 and memorised.interval[0] <= truth.risk <= memorised.interval[1]
