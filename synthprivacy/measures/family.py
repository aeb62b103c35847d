"""What every family of similarities has in common: which tables and columns it compares, and what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from synthprivacy.measures.comparing.ceiling import ceiling_scores, matched, matched_to_control
from synthprivacy.measures.comparing.influence import Gathered, mean_of, within
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


def two_by_two(tables: Mapping[str, Table]) -> dict[tuple[str, str], tuple[Table, Table]]:
    """Return every two of some tables: release and control beside the original, then beside each other."""
    return {labels: (tables[labels[0]], tables[labels[1]]) for labels in combinations(tables, 2)}


def family_scores(
    family: str,
    case: Case,
    similarities: Mapping[tuple[str, str], Gathered],
    *,
    labels: Sequence[str],
    shown: Iterable[int],
) -> tuple[Score, ...]:
    """Return the scores of a family: ``mean``, ``mean_control``, the ceiling, and one for each item shown.

    ``mean`` compares the release with the original, which rewards copying; ``mean_control`` compares it with people
    it cannot have copied. The references are what a fresh sample of the release's size would score, from what held-out
    people score against the original (`matched`): a release above its reference on ``mean`` but not on ``mean_control``
    resembles the training people, not the population.
    ``mean_ceiling`` and ``mean_above`` say whether that can be chance. Intervals are normal, by influence.

    Parameters
    ----------
    family : str
    case : Case
    similarities : mapping of pairs of tables to Gathered
        ``("original", "release")`` and, where there is a control, ``("original", "control")`` and
        ``("release", "control")``.
    labels : sequence of str
        The metric of each item.
    shown : iterable of int
        The items that get a score of their own.
    """
    found = similarities["original", "release"]
    held_out = similarities.get(("original", "control"))
    against_control = similarities.get(("release", "control"))
    people = np.full(len(found.values), np.nan) if held_out is None else held_out.values
    reference = _sized(people, matched(case))
    judged = ~np.isnan(found.values)  # the items that the release is judged on
    scores = [_score(family, "mean", found.mean, mean_of(reference[judged]), found.error)]
    if against_control is not None:
        expected = mean_of(_sized(people, matched_to_control(case))[judged])
        scores.append(_score(family, "mean_control", against_control.mean, expected, against_control.error))
    if held_out is not None:
        raw = mean_of(people[judged])
        scores += ceiling_scores(family, "mean", case, value=found.mean, reference=raw, scatter=held_out.mean_errors)
    scores += [
        _score(family, labels[item], _known(found.values[item]), _known(reference[item]), float(found.errors[item]))
        for item in shown
    ]
    return tuple(scores)


def _sized(alike: FloatArray, factor: float) -> FloatArray:
    """Return likenesses whose distances from 1 are so many times as large."""
    return np.clip(1.0 - (1.0 - alike) * factor, 0.0, 1.0)


def _score(family: str, metric: str, value: float | None, reference: float | None, error: float) -> Score:
    return Score(family, metric, value, reference, interval=within(value, error), better="higher")


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
