"""Overfitting: a release closer to the training people than a fresh sample of the population could be."""

from __future__ import annotations

from collections.abc import Iterable

from synthprivacy.results.risk import Score

CEILING, ABOVE = "_ceiling", "_above"
"""What a score is called beside the one, ``METRIC``, that it belongs to: where its ceiling is, and whether it is passed."""


def above_ceiling(scores: Iterable[Score]) -> tuple[str, ...]:
    """Return the scores, as ``FAMILY.METRIC``, in which a release is above its ceiling: an overfitting flag.

    The ceiling is the end of what fresh samples of as many people score on the side of the training table: the most of a
    likeness, the least of a distance. A fresh sample passes any of all ceilings in at most one of 50 runs. Ceiling and flag are kept
    as scores, ``METRIC_ceiling`` and ``METRIC_above`` (1 = above): rounded for the public rendering, the flag stands,
    but beside a score that is withheld there.
    """
    return tuple(
        f"{score.family}.{score.metric.removesuffix(ABOVE)}"
        for score in scores
        if is_about_ceiling(score) and score.metric.endswith(ABOVE) and score.value is not None and score.value > 0.5
    )


def is_about_ceiling(score: Score) -> bool:
    """Return whether a score says something of another one, and nothing of the release by itself."""
    return "." not in score.metric and score.metric.endswith((CEILING, ABOVE))  # a column may be called so
