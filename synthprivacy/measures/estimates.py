"""Estimates: whether analysts would draw the same conclusions, from means and shares to regression coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from threadpoolctl import threadpool_limits

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


Pair = tuple[Overlap | None, Overlap | None]
"""Of the release and of the control, with the original."""


def estimates(case: Case) -> tuple[Score, ...]:
    """Return how far the 95 % intervals of an analyst's estimates overlap between release and original.

    All scores lie between 0 and 1, higher is better; a copy has 1, and the reference, held-out people against the original,
    is about .71: a release much above it resembles the training people more than fresh people do.

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
        return tuple(_score(metric, None, None) for metric in ("functionals", "coefficients"))
    names = tuple(tables)
    sides = dict(zip(names, drawn_alike(*(tables[name] for name in names), most=ROWS)))
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        columns = {feature.name: _compared(_functionals(sides, feature)) for feature in tables["release"].features}
        wanted = [target for target in targets(case) if case.release[target.name].kind not in NOT_COMPARED]
        models = {target.name: _compared(_coefficients(sides, target)) for target in wanted}
    return (*_scores("functionals", columns), *_scores("coefficients", models))


def _scores(metric: str, found: Mapping[str, Pair]) -> Iterator[Score]:
    yield _score(metric, *(mean([pair[side] for pair in found.values()]) for side in (0, 1)))
    for name, pair in found.items():
        yield _score(f"{metric}.{name}", *pair)


def _score(metric: str, value: Overlap | None, reference: Overlap | None) -> Score:
    return Score(
        "estimates",
        metric,
        None if value is None else value.value,
        None if reference is None else reference.value,
        interval=None if value is None else value.interval,
        better="higher",
    )


def _compared(found: Mapping[str, Estimates]) -> Pair:
    """Return the overlap of the release with the original, and of the control with it."""
    original, release, control = (found.get(side) for side in ("original", "release", "control"))
    return (
        None if original is None or release is None else overlap(original, release),
        None if original is None or control is None else overlap(original, control),
    )


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
        moved = by_person(model.influence[:, 1:], table.unit)
        found[side] = Estimates(model.coefficients[1:], moved, np.zeros(moved.shape[1]))
    return _of_all(found, sides)


def _of_all(found: Mapping[str, Estimates], sides: Mapping[str, Table]) -> dict[str, Estimates]:
    """Return the estimates with a place for every person of the tables, whoever had no outcome."""
    padded = {}
    for side, one in found.items():
        influence = np.zeros((sides[side].people, len(one.values)))
        influence[: len(one.influence)] = (
            one.influence
        )  # whose it is does not matter: only sums of squares are asked for
        padded[side] = Estimates(one.values, influence, one.least)
    return padded


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
