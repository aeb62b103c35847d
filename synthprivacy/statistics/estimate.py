"""From the answers of an attack to a risk: the bridge between attacks and statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthprivacy.errors import DataError
from synthprivacy.results import Hits, Marks, Matches, Outcome, Risk, Skipped
from synthprivacy.statistics.estimate_hits import estimate_hits
from synthprivacy.statistics.estimate_marks import estimate_marks
from synthprivacy.statistics.estimate_matches import QUERIES_NEEDED, estimate_matches
from synthprivacy.statistics.sample_size import PEOPLE_NEEDED

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PEOPLE_NEEDED", "QUERIES_NEEDED", "estimate"]


def estimate(
    outcome: Outcome,
    *,
    primary: bool,
    confidence: float,
    rng: np.random.Generator,
    least: int = PEOPLE_NEEDED,
    sizing: bool = True,
) -> Risk | Skipped:
    """Return the risk an attack found, or why there are too few answers to tell.

    Parameters
    ----------
    outcome : Outcome
        With answers about ``original`` and, where there is one, about ``control``; without a control the answers of
        ``others`` take its place, and without these too the risk is the raw rate. Other populations are kept as evidence
        and decide nothing.
    primary : bool
        Whether the endpoint was declared primary before the data were seen.
    confidence : float
        Two-sided, within (0, 1). The interval is for display; the bounds `lower` and `upper` decide, each one-sided
        at ``(1 + confidence) / 2``.
    rng : numpy.random.Generator
        Draws permutations, jackknife groups and the calibration half of the control; unused for hits.
    least : int
        People a side below which nothing is said; of matches it is always `PEOPLE_NEEDED`.
    sizing : bool
        Whether to work out the control people needed, which for easy guesses takes longer than all else.

    Raises
    ------
    DataError
        If there are no answers about the original, or those about the control are of another kind.
    ConfigError
        If the confidence is not within (0, 1).
    """
    others = outcome.answers.get("others")
    match outcome.answers.get("original"), outcome.answers.get("control"):
        case Hits() as hits, None if isinstance(others, Hits):
            return estimate_hits(
                outcome, hits, others, primary=primary, confidence=confidence, paired=True, least=least, sizing=sizing
            )
        case Hits() as original, (Hits() | None) as control:
            return estimate_hits(
                outcome, original, control, primary=primary, confidence=confidence, least=least, sizing=sizing
            )
        case Marks() as marks, (Marks() | None) as others:
            return estimate_marks(outcome, marks, others, primary=primary, confidence=confidence, rng=rng, least=least)
        case Matches() as matches, (Matches() | None) as elsewhere:
            return estimate_matches(outcome, matches, elsewhere, primary=primary, confidence=confidence, rng=rng)
    msg = f"{outcome.endpoint} must be answered for original, and for control in the same kind; run the attack on both"
    raise DataError(msg)
