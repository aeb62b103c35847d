"""What every family of similarities has in common: which tables and columns it compares, and what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from synthprivacy.measures.comparing.ceiling import ceiling_scores, chance_of
from synthprivacy.measures.comparing.influence import Gathered, mean_of, within
from synthprivacy.results.risk import Score
from synthprivacy.schemata import Kind
from synthprivacy.tables.table import BoolArray, Case, FloatArray, Table

NOT_COMPARED: frozenset[Kind] = frozenset({"text", "identifier"})
"""Kinds whose values are not expected to come again."""
_FRESH = 1
"""Not the seed by which a control is cut: rows lie in the order of their content, equal places would be equal people."""


def compared_tables(case: Case) -> dict[str, Table]:
    """Return the tables of a case with the columns that similarities are about."""
    tables = {"original": case.original, "release": case.release}
    if case.control is not None:
        tables["control"] = case.control
    names = tuple(feature.name for feature in case.original.features if feature.kind not in NOT_COMPARED)
    return {label: table.select(names) for label, table in tables.items()}


def with_fresh(tables: dict[str, Table]) -> dict[str, Table]:
    """Return the tables with ``fresh``: as many rows of a larger original as the release has.

    Beside the control they say what a fresh sample would score there.
    """
    original, rows = tables["original"], len(tables["release"])
    if "control" not in tables or len(original) <= rows:
        return tables
    drawn = np.random.default_rng(_FRESH).choice(len(original), rows, replace=False)
    return tables | {"fresh": original.take(np.sort(drawn))}


def two_by_two(tables: Mapping[str, Table]) -> dict[tuple[str, str], tuple[Table, Table]]:
    """Return two tables beside each other: release and control with the original, then the control with release and fresh."""
    pairs = [("original", "release"), ("original", "control"), ("release", "control"), ("fresh", "control")]
    return {pair: (tables[pair[0]], tables[pair[1]]) for pair in pairs if tables.keys() >= {*pair}}


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
    it cannot have copied. The references are what a fresh sample of the release's size would score: the control's distance
    to the original, as much larger or smaller as chance makes it between tables of these sizes (`Compared.chance`). A
    release above its reference on ``mean`` but not on ``mean_control`` resembles the training people, not the population.
    ``mean_ceiling`` and ``mean_above`` say whether that can be chance. Intervals are normal, by influence.

    Parameters
    ----------
    family : str
    case : Case
    similarities : mapping of pairs of tables to Gathered
        As `two_by_two`.
    labels : sequence of str
        The metric of each item.
    shown : iterable of int
        The items that get a score of their own.
    """
    found = similarities["original", "release"]
    held_out = similarities.get(("original", "control"))
    against_control = similarities.get(("release", "control"))
    instead = similarities.get(("fresh", "control"), held_out)
    judged = ~np.isnan(found.values)  # the items that the release is judged on
    reference = _fresh(held_out, found)
    why = why_none(found.reasons)
    scores = [_score((family, "mean"), found.mean, mean_of(reference[judged]), found.error, why)]
    if held_out is not None and against_control is not None:
        expected = mean_of(_fresh(instead, against_control)[judged])
        scores.append(_score((family, "mean_control"), against_control.mean, expected, against_control.error, why))
        error = chance_of(case, held_out.mean_errors, _shrunk(held_out, found, judged))
        scores += ceiling_scores(family, "mean", value=found.mean, fresh=scores[0].reference, error=error)
    scores += [
        _score(
            (family, labels[item]),
            known(found.values[item]),
            known(reference[item]),
            float(found.errors[item]),
            found.reasons[item],
        )
        for item in shown
    ]
    return tuple(scores)


def why_none(reasons: Sequence[str | None]) -> str:
    """Return why a mean over some items is undefined, should it be."""
    first = next((reason for reason in reasons if reason is not None), None)
    return "there is nothing to compare" if first is None else f"nothing can be compared, since {first}"


def known(value: np.float64) -> float | None:
    """Return a number, None where it is NaN."""
    return None if np.isnan(value) else float(value)


def _fresh(held_out: Gathered | None, found: Gathered) -> FloatArray:
    """Return the likenesses of held-out people at the sizes of two other tables."""
    if held_out is None:
        return np.full(len(found.values), np.nan)
    return np.clip(1.0 - (1.0 - held_out.values) * found.chances / held_out.chances, 0.0, 1.0)


def _shrunk(held_out: Gathered, found: Gathered, judged: BoolArray) -> float:
    """Return by what the control's distance shrinks or grows at the size of the release, the mean over items."""
    ratios = (found.chances / held_out.chances)[judged]
    return float(np.nanmean(ratios)) if np.isfinite(ratios).any() else 1.0


def _score(name: tuple[str, str], value: float | None, reference: float | None, error: float, why: str | None) -> Score:
    reason = why if value is None else None
    return Score(*name, value, reference, interval=within(value, error), better="higher", reason=reason)
