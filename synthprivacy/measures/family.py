"""What every family of similarities has in common: which tables and columns it compares, and what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from synthprivacy.results.risk import Score
from synthprivacy.schemata import Kind
from synthprivacy.tables.table import Case, FloatArray, Table

NOT_COMPARED: frozenset[Kind] = frozenset({"text", "identifier"})
"""Kinds whose values are not expected to come again."""


def compared_tables(case: Case) -> dict[str, Table]:
    """Return the tables of a case with the columns that similarities are about."""
    tables = {"original": case.original, "release": case.release}
    if case.control is not None:
        tables["control"] = case.control
    names = tuple(feature.name for feature in case.original.features if feature.kind not in NOT_COMPARED)
    return {label: table.select(names) for label, table in tables.items()}


def family_scores(
    family: str, similarities: Mapping[tuple[str, str], FloatArray], *, labels: Sequence[str], shown: Iterable[int]
) -> tuple[Score, ...]:
    """Return the scores of a family: ``mean``, ``mean_control`` and one for each item shown.

    ``mean`` compares the release with the original, which rewards copying; ``mean_control`` compares it with people
    it cannot have copied. The reference of both is what held-out people score against the original: a release
    above its reference on ``mean`` but not on ``mean_control`` resembles the training people, not the population.

    Parameters
    ----------
    family : str
    similarities : mapping of pairs of tables to ndarray of shape (items,), float64
        ``("original", "release")`` and, where there is a control, ``("original", "control")`` and
        ``("release", "control")``; NaN where a similarity is undefined.
    labels : sequence of str
        The metric of each item.
    shown : iterable of int
        The items that get a score of their own.
    """
    value = similarities["original", "release"]
    reference = similarities.get(("original", "control"), np.full(len(value), np.nan))
    against_control = similarities.get(("release", "control"))
    expected = _mean(reference[~np.isnan(value)])  # over the items that the release is judged on
    scores = [_score(family, "mean", _mean(value), expected)]
    if against_control is not None:
        scores.append(_score(family, "mean_control", _mean(against_control), expected))
    scores += [_score(family, labels[item], _known(value[item]), _known(reference[item])) for item in shown]
    return tuple(scores)


def _score(family: str, metric: str, value: float | None, reference: float | None) -> Score:
    return Score(family=family, metric=metric, value=value, reference=reference, interval=None, better="higher")


def _mean(values: FloatArray) -> float | None:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else None


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
