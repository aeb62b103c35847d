"""The ceiling: how like the training people a fresh sample of the population can be.

What lies above it is closer to the training table than the population explains: it was copied.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case

CERTAIN = 2.5758293035489004
"""Standard errors up to the ceiling: a fresh sample passes it in one of 200 runs; four scores have one."""
_EXACT = 1e-9


def matched(case: Case) -> float:
    """Return by what the distance of the control to the original shrinks or grows at the size of the release.

    Original and control are samples of one population, so all their distance is chance, of a size that goes with
    √(1/n + 1/m) for every distance between shares, distribution functions or moments, as long as cells are not nearly
    empty. The factor is 1 for a release of the control's size and without a control.
    """
    if case.control is None:
        return 1.0
    original, control, release = (1.0 / max(len(table), 1) for table in (case.original, case.control, case.release))
    return float(np.sqrt((original + release) / (original + control)))


def matched_to_control(case: Case) -> float:
    """Return by what the same distance shrinks or grows where the release stands beside the control; see `matched`."""
    if case.control is None:
        return 1.0
    original, control, release = (1.0 / max(len(table), 1) for table in (case.original, case.control, case.release))
    return float(np.sqrt((release + control) / (original + control)))


def no_larger(case: Case) -> Case:
    """Return the case with a control of at most the release's size: in cells that are nearly empty no scaling helps."""
    control, rows = case.control, len(case.release)
    if control is None or len(control) <= rows:
        return case
    drawn = np.random.default_rng(0).choice(len(control), rows, replace=False)
    return replace(case, control=control.take(np.sort(drawn)))


def ceiling_scores(
    family: str, metric: str, case: Case, *, value: float | None, reference: float | None, scatter: tuple[float, float]
) -> tuple[Score, ...]:
    """Return the ceiling of a likeness and whether the release is above it; nothing without a control.

    Parameters
    ----------
    family, metric : str
        Of the likeness (1 = alike).
    case : Case
    value : float or None
        Of the release.
    reference : float or None
        Of the control, over the items that the release is judged on.
    scatter : pair of float
        Standard errors of the reference that the original's and the control's sampling give it. In cells that are
        nearly empty every control row is in one that has too many, and the control's own looks like none: then it
        is that of the original, whose shares say where a new row would fall.

    Returns
    -------
    tuple of Score
        ``METRIC_ceiling``, the upper end of what fresh samples of the release's size score (99.5 %, one-sided): a
        prediction interval from the control, size-matched, its own chance included. ``METRIC_above`` is 1 where the
        release is above it, else 0.
    """
    if case.control is None or value is None or reference is None:
        return ()
    shrunk = matched(case)
    fresh = max(0.0, 1.0 - (1.0 - reference) * shrunk)
    scattered = max(scatter[1], scatter[0] * float(np.sqrt(len(case.original) / max(len(case.control), 1))))
    error = scattered * np.sqrt(shrunk**2 + len(case.control) / max(len(case.release), 1))
    ceiling = min(1.0, fresh + CERTAIN * float(error))
    above = float(value > ceiling + _EXACT)
    return (
        Score(family, f"{metric}_ceiling", ceiling, fresh, interval=None, better="higher"),
        Score(family, f"{metric}_above", above, 0.0, interval=None, better="lower"),
    )
