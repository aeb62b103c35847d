"""Estimates: whether analysts would draw the same conclusions, from means and shares to regression coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from synthprivacy.measures.comparing.ceiling import ceiling_scores, twice
from synthprivacy.measures.family import NOT_COMPARED, compared_tables
from synthprivacy.measures.learning.draws import drawn_alike
from synthprivacy.measures.learning.overlaps import Estimates, Overlap, by_person, mean, overlap
from synthprivacy.measures.learning.regression import independent, least_squares, logistic
from synthprivacy.measures.learning.targets import CLASSES, Target, targets
from synthprivacy.measures.learning.views import place
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import BoolArray, Case, Feature, FloatArray, Table

ROWS = 10_000
"""Rows of each table at most."""
LABELS = 5
"""Labels of a column in a regression, the most frequent ones of the release; the first one is what others are held against."""
COMMON = 0.05
"""Share of the release that such a label has at least."""
FEWEST = 10
"""Rows of either outcome, with and without a label, without which the label has no coefficient."""
_FARTHEST = 1e6
"""Scales beyond which a number is no farther: squares of huge numbers are none."""


_WHY_NOT = {
    "functionals": "no mean or share can be told in every table",
    "coefficients": "the outcome varies too little, or no other column has a coefficient, in one of the tables",
}
_NOTHING = "there is nothing to estimate, or too few rows"


@dataclass(frozen=True, slots=True)
class _Overlaps:
    """How far the intervals of the same numbers overlap; None where there are none."""

    release: Overlap | None
    """Release and original."""
    control: Overlap | None = None
    """Release and control."""
    fresh: Overlap | None = None
    """Control and original."""


def estimates(case: Case) -> tuple[Score, ...]:
    """Return how far the 95 % intervals of an analyst's estimates overlap between release and original.

    All scores lie between 0 and 1, higher is better; a copy has 1, and the reference, held-out people against the original,
    is about .71: a release much above it resembles the training people more than fresh people do (``…_ceiling`` and
    ``…_above``, see `ceiling_scores`). ``…_control`` is the same of release and control, against whom copying gains nothing.

    ``functionals`` is about what single columns say of the population: the mean of a number, the shares of the ten
    most frequent labels of the release, and the share that is missing; the mean over columns, each of which has
    ``functionals.COLUMN``. A share of fewer than ten people, or of all but so few, is read as of ten, and left out where
    it is so in every table. ``coefficients`` is about regressions of up to four targets
    on all other columns (`targets`): least squares for a number, logistic regression of the release's most frequent label
    against all others; the mean over targets, each of which has ``coefficients.TARGET``. A label that is rare, repeats
    other columns, or of which one outcome has under ten rows in some table has no coefficient, nor has the constant.

    All tables are drawn down to equal numbers of rows, at most 10,000, because the intervals' widths depend on them.
    Errors are robust (sandwich), people being independent, not rows; an estimate of a column is never believed to be surer
    than one person among all. Intervals (95 %) of a mean overlap count both tables' people.

    References
    ----------
    Karr, Kohnen, Oganian, Reiter and Sanil (2006), A framework for evaluating the utility of data altered to protect
    confidentiality; Snoke, Raab, Nowok, Dibben and Slavković (2018), General and specific utility measures for synthetic
    data. White (1980), A heteroskedasticity-consistent covariance matrix estimator.
    """
    tables = compared_tables(case)
    if min(len(table) for table in tables.values()) < 2:
        return tuple(_score(metric, None, None, _NOTHING) for metric in _WHY_NOT)
    names = tuple(tables)
    sides = dict(zip(names, drawn_alike(*(tables[name] for name in names), most=ROWS)))
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        columns = {feature.name: _compared(_functionals(sides, feature)) for feature in tables["release"].features}
        wanted = [target for target in targets(case) if case.release[target.name].kind not in NOT_COMPARED]
        models = {target.name: _compared(_coefficients(sides, target)) for target in wanted}
    return (*_scores("functionals", columns), *_scores("coefficients", models))


def _scores(metric: str, found: Mapping[str, _Overlaps]) -> Iterator[Score]:
    everything = [*found.values()]
    release = mean([one.release for one in everything])
    control = mean([one.control for one in everything])
    fresh = mean([one.fresh for one in everything])
    why = _WHY_NOT[metric] if found else _NOTHING
    yield _score(metric, release, fresh, why)
    if fresh is not None:
        yield _score(f"{metric}_control", control, fresh, why)
        value, error = None if release is None else release.value, twice(fresh.error_by_chance)
        yield from ceiling_scores("estimates", metric, value=value, fresh=fresh.value, error=error)
    for name, one in found.items():
        yield _score(f"{metric}.{name}", one.release, one.fresh, _WHY_NOT[metric])


def _score(metric: str, value: Overlap | None, reference: Overlap | None, why: str) -> Score:
    return Score(
        "estimates",
        metric,
        None if value is None else value.value,
        None if reference is None else reference.value,
        interval=None if value is None else value.interval,
        better="higher",
        reason=why if value is None else None,
    )


def _compared(found: Mapping[str, Estimates]) -> _Overlaps:
    """Return the overlaps of every two tables."""
    if "release" not in found:
        return _Overlaps(None)
    original, release, control = found["original"], found["release"], found.get("control")
    if control is None:
        return _Overlaps(overlap(original, release))
    return _Overlaps(overlap(original, release), overlap(control, release), overlap(original, control))


def _functionals(sides: Mapping[str, Table], shape: Feature) -> dict[str, Estimates]:
    """Return mean and shares of one column in each table; no shares that are next to nothing, or all, in every table."""
    codes, rows = np.unique(shape.values[~np.isnan(shape.values)], return_counts=True)
    labels = codes[np.argsort(-rows, kind="stable")][: 0 if shape.ordered else CLASSES]
    shares = {side: _shares(table[shape.name], labels, table) for side, table in sides.items()}
    telling = np.any([one.influence.any(axis=0) for one in shares.values()], axis=0)
    telling |= np.ptp([np.round(one.values) for one in shares.values()], axis=0) > 0
    found = {}
    for side, one in shares.items():
        told = Estimates(one.values[telling], one.influence[:, telling], one.least[telling])
        table = sides[side]
        found[side] = _joined(_mean(table[shape.name], table), told) if shape.ordered else told
    return found


def _mean(feature: Feature, table: Table) -> Estimates:
    """Return the mean of the known numbers of a column; surer than one person among all it never is."""
    missing = np.isnan(feature.values)
    with np.errstate(over="ignore", invalid="ignore"):
        places = np.clip((feature.values - feature.low) / feature.scale, -_FARTHEST, _FARTHEST)
    known = max(int(np.count_nonzero(~missing)), 1)
    value = float(np.where(missing, 0.0, places).sum() / known)
    moved = np.where(missing, 0.0, places - value)[:, None] / known
    least = np.array([np.inf if missing.all() else 1.0 / table.people])  # of nobody it says nothing
    return Estimates(np.array([value]), by_person(moved, table.unit), least)


def _shares(feature: Feature, labels: FloatArray, table: Table) -> Estimates:
    """Return the share of missing values and of each label; of fewer than ten people, or all but so few, read as of ten."""
    flags = np.stack([np.isnan(feature.values), *(feature.values == label for label in labels)], axis=1)
    values, fewest = flags.mean(axis=0), min(FEWEST / table.people, 0.5)
    few = np.minimum(values, 1.0 - values) < fewest
    moved = by_person((flags - values) / len(flags), table.unit) * ~few
    least = np.where(few, np.sqrt(fewest / table.people), 0.0)
    return Estimates(np.clip(values, fewest, 1.0 - fewest), moved, least)


def _joined(one: Estimates, other: Estimates) -> Estimates:
    values, influence = np.concatenate([one.values, other.values]), np.concatenate([one.influence, other.influence], 1)
    return Estimates(values, influence, np.concatenate([one.least, other.least]))


def _coefficients(sides: Mapping[str, Table], target: Target) -> dict[str, Estimates]:
    """Return the coefficients of one regression in each table, those that all tables have; empty where one has none."""
    truths = {side: target.truth(table) if target.ordered else target.event(table) for side, table in sides.items()}
    known = {side: np.flatnonzero(~np.isnan(truth)) for side, truth in truths.items()}
    tables = {side: table.take(known[side]) for side, table in sides.items()}
    truths = {side: truth[known[side]] for side, truth in truths.items()}
    columns = {side: _predictors(table, sides["release"], target) for side, table in tables.items()}
    if any(len(truth) < FEWEST or not np.ptp(truth) for truth in truths.values()):
        return {}
    kept = np.all([_estimable(columns[side], truths[side], target) for side in sides], axis=0)
    for side in ("release", *sides):  # what repeats other columns of the release goes first
        kept[np.flatnonzero(kept)] = independent(columns[side][:, kept])
    fit = least_squares if target.ordered else logistic
    found = {}
    for side, table in tables.items():
        model = fit(columns[side][:, kept], truths[side])
        moved = np.zeros((sides[side].people, int(kept.sum()) - 1))
        who = np.unique(sides[side].unit[known[side]])  # people without an outcome keep their place, and move nothing
        moved[who] = by_person(model.influence[:, 1:], table.unit)
        found[side] = Estimates(model.coefficients[1:], moved, np.zeros(moved.shape[1]))
    return found


def _estimable(columns: FloatArray, truth: FloatArray, target: Target) -> BoolArray:
    """Return which columns vary enough: a 0 or 1 must have ten rows of either, for a label in either outcome."""
    outcomes = [np.ones(len(truth), dtype=np.bool_)] if target.ordered else [truth == 0.0, truth == 1.0]
    is_flag = np.all((columns == 0.0) | (columns == 1.0), axis=0)
    enough = np.all(
        [np.minimum(columns[one].sum(axis=0), (1.0 - columns[one]).sum(axis=0)) >= FEWEST for one in outcomes], axis=0
    )
    wanted: BoolArray = ~is_flag | enough
    wanted[0] = True
    return wanted


def _predictors(people: Table, release: Table, target: Target) -> FloatArray:
    """Return the constant and the predictors (people, columns): numbers, whether missing, and all common labels but one."""
    columns = [np.ones(len(people))]
    for feature, shape in zip(people.features, release.features):
        if feature.name == target.name:
            continue
        missing = np.isnan(feature.values)
        if feature.ordered:
            known = place(shape)
            middle = float(np.median(known[~np.isnan(known)])) if not np.isnan(known).all() else 0.0
            columns += [np.where(missing, middle, place(feature)), missing.astype(np.float64)]
            continue
        codes, rows = np.unique(shape.values[~np.isnan(shape.values)], return_counts=True)
        frequent = codes[np.argsort(-rows, kind="stable")][1:LABELS]
        common = [code for code in frequent if rows[codes == code][0] >= COMMON * len(shape.values)]
        columns += [(feature.values == code).astype(np.float64) for code in common] + [missing.astype(np.float64)]
    return np.stack(columns, axis=1)
