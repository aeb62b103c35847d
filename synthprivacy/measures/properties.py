"""Property inference: what the release says about the training table as a whole, beyond what it says of the population."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from synthprivacy.results.risk import Score
from synthprivacy.tables.table import BoolArray, Case, FloatArray, Table

FEWEST = 10
"""A share is of at least so many people, with as many left over: of fewer it is a fact about people, not the table."""
GROUPS = 8
"""Groups that a property is looked at in, the most frequent ones of the release."""
HELD = 0.95
"""Confidence of an outsider's interval."""


@dataclass(frozen=True, slots=True)
class Property:
    """A confidential figure of a table."""

    column: str
    figure: Literal["mean", "quantile", "share"]
    """Of an ordered column its mean, or its quantile; of any other the share of a label."""
    at: float | None = None
    """The quantile's level (None = the median), or the label's code (None = the most frequent one of the release)."""
    by: str | None = None
    """A column within whose groups it is looked at; in the score, their mean."""

    @property
    def metric(self) -> str:
        """What its score is called."""
        of = self.column if self.by is None else f"{self.column}|{self.by}"
        return f"{self.figure}.{of}"


@dataclass(frozen=True, slots=True)
class _Reading:
    """One figure of one table, as the mean of some numbers."""

    values: FloatArray
    """(known,)"""
    size: float
    """People behind them."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """One figure of the training table beside that of another table."""

    gap: float
    """Other minus training."""
    deviation: float
    """Of one person, over both."""
    training: float
    other: float
    """People behind either."""


def properties(case: Case) -> tuple[Score, ...]:
    """Return `property_inference` of what the schema calls secret; undefined where it calls nothing so.

    A secret that is ordered has its mean and median, any other the share of its most frequent label, in the whole table
    and within each column of the role ``group``.
    """
    return property_inference(case, declared(case))


def declared(case: Case) -> tuple[Property, ...]:
    """Return the properties that the roles of the columns declare."""
    groups = [name for name in case.schema.with_role("group") if _is_label(case, name)]
    found = []
    for name in case.schema.secrets:
        if name in case.release.names:
            figures: tuple[Literal["mean", "quantile", "share"], ...] = (
                ("share",) if _is_label(case, name) else ("mean", "quantile")
            )
            found += [
                Property(name, figure, by=by) for figure in figures for by in (None, *(g for g in groups if g != name))
            ]
    return tuple(found)


def property_inference(case: Case, wanted: Iterable[Property]) -> tuple[Score, ...]:
    """Return how close the release comes to confidential figures of the training table, and what an outsider gains.

    *Closeness* is the share of fresh tables of the release's size that would have come out farther from the training
    table: 1 = its very figure. A table that is independent of the training table draws it uniformly between 0 and 1,
    one half on average; the control's is the reference. One figure decides nothing, so ``closeness`` is the mean over all of them.
    A figure's scatter is that of independent people; a quantile is compared as the share of people below the other
    table's quantile, so that every figure is a mean. Figures that fewer than ten people make are undefined.

    *Narrowed* is how much narrower the release makes the interval of an outsider who knew as many people of the population
    as the control has, if it is believed to be drawn from the training table; the reference is what as many fresh
    people would have done. Both follow from the sizes alone, whatever the figure. ``held`` says whether that belief is
    right: the share of figures of the training table that the narrowed interval (95 %) holds, its reference being the
    interval before. A release that narrows much and holds gives away the training table's figures, which no
    protection of single people prevents (differential privacy guards a group of k people k times less).

    Parameters
    ----------
    case : Case
    wanted : iterable of Property

    Returns
    -------
    tuple of Score
        Family ``properties``: ``closeness``, where there is a control ``narrowed`` and ``held``, and ``FIGURE.COLUMN`` or
        ``FIGURE.COLUMN|GROUP`` for each property.

    References
    ----------
    Ateniese et al. (2015), Hacking smart machines with smarter ones, section 2 (what is inferred: properties of the
    training table). Closeness is the two-sided p-value of the z test of two means; Student's argument is not needed at
    these sizes. The interval is that of two independent normal readings, weighted by precision.
    """
    figures = list(wanted)
    if not figures:
        return (_score("closeness", None, None, "no column that the release has is declared a secret"),)
    release = [_compare(case, figure, case.release) for figure in figures]
    control = [[] if case.control is None else _compare(case, figure, case.control) for figure in figures]
    close, reference = ([_closeness(parts) for parts in side] for side in (release, control))
    scores = [_score("closeness", _mean(close), _mean(reference))]
    known = [
        (mine, theirs)
        for parts, others in zip(release, control)
        for mine, theirs in zip(parts, others)
        if mine is not None and theirs is not None
    ]
    if known:
        gains = np.array([_gain(mine, theirs) for mine, theirs in known]).mean(axis=0)
        narrowed, fresh, held, before = map(float, gains)
        scores += [_score("narrowed", narrowed, fresh), _score("held", held, before)]
    scores += [_score(figure.metric, mine, theirs) for figure, mine, theirs in zip(figures, close, reference)]
    return tuple(scores)


def _score(metric: str, value: float | None, reference: float | None, why: str | None = None) -> Score:
    reason = why or f"fewer than {FEWEST} people make the figure, or are left over" if value is None else None
    return Score("properties", metric, value, reference, interval=None, better="lower", reason=reason)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _is_label(case: Case, name: str) -> bool:
    return name in case.release.names and not case.release[name].ordered


def _compare(case: Case, figure: Property, other: Table) -> list[_Compared | None]:
    """Return the figure of the training table beside another table's, one for each group; None where it is of too few."""
    return [
        _apart(
            _reading(case.original, figure, other, case.release, group),
            _reading(other, figure, other, case.release, group),
        )
        for group in _groups(case, figure)
    ]


def _groups(case: Case, figure: Property) -> list[float]:
    """Return the codes of the groups that a property is looked at in; one that is none for the whole table."""
    return [np.nan] if figure.by is None else [float(code) for code in _frequent(case.release, figure.by)[:GROUPS]]


def _frequent(release: Table, name: str) -> FloatArray:
    """Return the codes of a column's labels in the release, most frequent first."""
    values = release[name].values
    codes, rows = np.unique(values[~np.isnan(values)], return_counts=True)
    most: FloatArray = codes[np.argsort(-rows, kind="stable")]
    return most


def _reading(table: Table, figure: Property, other: Table, release: Table, group: float) -> _Reading | None:
    """Return the numbers of one table whose mean is the figure; None where fewer than ten people make it."""
    inside = _inside(table, figure, group)
    values = table[figure.column].values[inside]
    if figure.figure == "share":
        labels = _frequent(release, figure.column)
        if not len(labels):
            return None
        values = np.equal(values, labels[0] if figure.at is None else figure.at).astype(np.float64)
    elif figure.figure == "quantile":
        theirs = other[figure.column].values[_inside(other, figure, group)]
        if not len(theirs):
            return None
        level = 0.5 if figure.at is None else figure.at
        values = np.less_equal(values, np.quantile(theirs, level, method="inverted_cdf")).astype(np.float64)
    most = np.unique(values, return_counts=True)[1].max(initial=0)
    if len(values) < 2 * FEWEST or len(values) - most < FEWEST:
        return None
    return _Reading(values, len(values) * table.people / len(table))


def _inside(table: Table, figure: Property, group: float) -> BoolArray:
    """Return the rows (rows,) of a group whose value is known."""
    known: BoolArray = ~np.isnan(table[figure.column].values)
    return known if figure.by is None else known & np.equal(table[figure.by].values, group)


def _apart(training: _Reading | None, other: _Reading | None) -> _Compared | None:
    if training is None or other is None:
        return None
    both = np.concatenate([training.values, other.values])
    unit = float(np.abs(both).max()) or 1.0  # squares of huge numbers are none
    middle = float((both / unit).mean())
    deviation = float(np.sqrt(np.square(both / unit - middle).mean()))
    gap = float((other.values / unit).mean() - (training.values / unit).mean())
    return _Compared(gap, deviation, training.size, other.size) if deviation > 0 else None


def _closeness(parts: list[_Compared | None]) -> float | None:
    """Return how many fresh tables would have been farther off, the mean over groups."""
    return _mean([None if part is None else float(2.0 * ndtr(-abs(part.gap) / _error(part))) for part in parts])


def _error(part: _Compared) -> float:
    return part.deviation * float(np.sqrt(1.0 / part.training + 1.0 / part.other))


def _gain(release: _Compared, control: _Compared) -> tuple[float, float, float, float]:
    """Return how much the release and as many fresh people narrow an interval, and whether it holds after and before."""
    before = 1.0 / control.other + 1.0 / control.training
    after = 1.0 / (1.0 / before + release.other)
    fresh = 1.0 / (control.other + release.other) + 1.0 / control.training
    reach = float(ndtri((1.0 + HELD) / 2.0))
    off_before = control.gap / control.deviation
    off_after = after * (off_before / before + release.gap / release.deviation * release.other)
    held = [float(abs(off) <= reach * np.sqrt(wide)) for off, wide in ((off_after, after), (off_before, before))]
    return 1.0 - float(np.sqrt(after / before)), 1.0 - float(np.sqrt(fresh / before)), held[0], held[1]
