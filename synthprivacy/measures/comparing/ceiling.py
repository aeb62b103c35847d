"""The ceiling: how like the training people a fresh sample of the population can be.

What lies above it is closer to the training table than the population explains: it was copied, or fitted to these people.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from scipy.special import ndtri

from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case

LOOKED_AT = (
    "shapes.mean",
    "pairs.mean",
    "marginals.wasserstein",
    "marginals.jensen_shannon",
    "marginals.hellinger",
    "marginals.missingness",
    "association.mean",
    "k_way.two_way",
    "k_way.three_way",
    "manifold.precision",
    "manifold.recall",
    "manifold.authenticity",
    "detection.auc",
    "detection.pmse",
    "estimates.functionals",
    "estimates.coefficients",
)
"""Scores that have a ceiling. No other one is closer to the training table only where people are remembered: rare labels may
be there because a generator likes them, tails are a ratio of small shares whose chance is not normal, a gap between groups is
the same by chance now and then, the k-marginal score is ``two_way`` again, what is predicted are people never used, and
distances and records have tests of their own."""
ALARM = 0.02
"""Chance that a fresh sample passes any of the ceilings, at most (Bonferroni)."""
MISSED = ALARM / len(LOOKED_AT)
"""The same for each of them."""
CERTAIN = float(ndtri(1.0 - MISSED))
"""Standard errors up to the ceiling."""
_TOGETHER = 0.5 / (1.0 - 2.0 / np.pi)
"""How much more the variance of a sum of |Z| may be than that of one where their correlation is unknown: signs that are drawn
say 2/π ρ asin ρ of the covariance, of which the absolute values have at most one half, and one alone has 1 - 2/π."""
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


def no_larger(case: Case) -> Case:
    """Return the case with a control of at most the release's size: in cells that are nearly empty no scaling helps."""
    control, rows = case.control, len(case.release)
    if control is None or len(control) <= rows:
        return case
    drawn = np.random.default_rng(0).choice(len(control), rows, replace=False)
    return replace(case, control=control.take(np.sort(drawn)))


def chance_of(case: Case, scatter: tuple[float, float], shrunk: float) -> float:
    """Return the standard error of a sum of absolute gaps between the original and a fresh sample, told from the control.

    Parameters
    ----------
    case : Case
        With a control.
    scatter : pair of float
        Standard errors of the control's score that the original's and the control's sampling give it. In cells that are
        nearly empty every control row is in one that has too many, and the control's own looks like none: then it
        is that of the original, whose shares say where a new row would fall.
    shrunk : float
        By what distances shrink or grow at the size of the release.
    """
    control = 0 if case.control is None else len(case.control)
    scattered = max(scatter[1], scatter[0] * float(np.sqrt(len(case.original) / max(control, 1))))
    shared = 1.0 / max(len(case.original), 1)
    common = shared / (shared + 1.0 / max(control, 1))
    return folded(common) * scattered * float(np.sqrt(shrunk**2 + control / max(len(case.release), 1)))


def twice(error: float, shared: float = 0.5) -> float:
    """Return the same standard error, where the control's score has the given one and is as large as the release.

    Parameters
    ----------
    error : float
    shared : float
        Part of its variance that is the original's, and so the fresh sample's too: one half where all tables are of one size.
    """
    return folded(shared) * float(np.sqrt(2.0 * (1.0 - shared))) * error


def folded(shared: float) -> float:
    """Return the deviation of |X - Z| - |Y - Z| for normal X, Y and Z, over that of X - Y, which is what influence tells.

    Both gaps have variance 1 and covariance ρ, that of Z. The variance of their difference is 2 (1 - 2/π - cov), with cov(|U|, |V|)
    = 2/π (√(1 - ρ²) + ρ asin ρ - 1); that of X - Y is 2 (1 - ρ).

    Parameters
    ----------
    shared : float
        ρ, 0 to 1.
    """
    if shared >= 1.0:
        return 1.0
    together = 2.0 / np.pi * (np.sqrt(1.0 - shared**2) + shared * np.arcsin(shared) - 1.0)
    return float(np.sqrt(min(1.0, _TOGETHER * (1.0 - 2.0 / np.pi - together) / (1.0 - shared))))


def ceiling_scores(
    family: str,
    metric: str,
    *,
    value: float | None,
    fresh: float | None,
    error: float,
    closer: Literal["higher", "lower"] = "higher",
    most: float = 1.0,
) -> tuple[Score, ...]:
    """Return the ceiling of a score and whether the release is above it; nothing where one of the two is undefined.

    Parameters
    ----------
    family, metric : str
        One of `LOOKED_AT`.
    value : float or None
        Of the release.
    fresh : float or None
        What a fresh sample of the release's size is expected to score.
    error : float
        Standard error of the difference between the two.
    closer : {"higher", "lower"}
        Where a table scores that is closer to the original: a distance has a floor for a ceiling.
    most : float
        The most that the score can be; the least is 0.

    Returns
    -------
    tuple of Score
        ``METRIC_ceiling``, the end of what fresh samples score, their own chance and that of the expectation included
        (`CERTAIN`); ``METRIC_above`` is 1 where the release is closer than that, else 0.
    """
    if value is None or fresh is None:
        return ()
    sign = 1.0 if closer == "higher" else -1.0
    ceiling = float(np.clip(fresh + sign * CERTAIN * error, 0.0, most))
    above = float(sign * (value - ceiling) > _EXACT)
    return (
        Score(family, f"{metric}_ceiling", ceiling, fresh, interval=None, better=closer, range=(0.0, most)),
        Score(family, f"{metric}_above", above, 0.0, interval=None, better="lower"),
    )
