"""Prediction: what a model learned from the release is worth on people nobody has learned from."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from synthprivacy.measures.learning.draws import drawn, drawn_alike, halves
from synthprivacy.measures.learning.models import LEARNERS, Model, train
from synthprivacy.measures.learning.readings import Reading, auc, explained, mean, minus, weights
from synthprivacy.measures.learning.targets import Target, targets
from synthprivacy.results.risk import Score
from synthprivacy.tables.table import Case, FloatArray, Table, frozen

TRAINING_ROWS = 5_000
"""Rows that a model is trained on at most."""
TEST_ROWS = 5_000
IMPORTANCE_ROWS = 1_500
"""Test rows of a permutation importance at most."""
FEWEST = 10
"""Test people of a class, and people of all others, without whom it is not judged."""
SIDES = ("original", "release", "fresh")
_WHY_NOT = {
    "importance": "there are fewer than three other columns, or none of them matters, or people do not differ in it"
}


@dataclass(frozen=True, slots=True)
class _Learned:
    """What became of one target."""

    name: str
    skills: Mapping[tuple[str, str], Reading]
    """By side and learner; empty where the test people do not differ."""
    importances: Mapping[str, FloatArray]
    """By side: (columns, 1 + replicates)."""


def prediction(case: Case) -> tuple[Score, ...]:
    """Return what is learned from the release, and lost against learning from the original; undefined without a control.

    The control's people are halved. One half is the test; the other one is who fresh people would be to learn from. Two
    learners (boosted trees, and logistic or ridge regression) predict each target from all other columns, trained
    on as many rows of the release, the original and the fresh half, at most 5,000. The targets are the first four
    declared secrets, else four columns of the release that the others predict best. Labels beyond the ten most frequent
    ones of the release are one class. Declare secrets where several releases are to be compared: each one predicts columns
    of its own best.

    *Skill* is 0 where nothing is learned and 1 where everything is (-1 to 1, higher is better): of a number the
    share of variance explained (R², no lower than -1), of labels ``2 AUC - 1``, each class against all others, the
    mean weighted by test people; classes of fewer than ten test people are not judged. ``skill`` is of models trained on
    the release, the mean over targets and learners; ``skill.TARGET`` and ``learner.NAME`` are means over one of them.
    Their reference is the skill of those trained on fresh people. ``loss`` (-2 to 2, lower is better) is what the release costs
    against the original, paired over test people; its reference is what fresh people cost, which is 0 but for chance. A copy
    costs nothing and gains nothing, since nobody is tested whom it could have copied.

    ``importance`` (-1 to 1, higher is better) is the rank correlation of the columns' permutation importances between
    boosted trees of the release and of the original, the mean over targets; the reference is that of fresh people and original.
    Importances are about chance where a target needs few columns: then the reference is low as well.

    Intervals (95 %) draw the test people again, each with all rows; the trained models stay as they are.

    References
    ----------
    Esteban, Hyland and Rätsch (2017), Real-valued (medical) time series generation with recurrent conditional GANs
    (train on synthetic, test on real); Breiman (2001), Random forests (permutation importance).
    """
    if case.control is None or case.control.people < 2:
        return (_score("skill", None, None, why="there is no control to predict"),)
    test, fresh = halves(case.control)
    test = drawn(test, TEST_ROWS)
    people = dict(zip(SIDES, drawn_alike(case.original, case.release, fresh, most=TRAINING_ROWS)))
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        learned = [_learn(target, people, test, case.release) for target in targets(case)]
    if not learned:
        return (_score("skill", None, None, why="no column of the release is worth predicting"),)
    return tuple(_scores(learned))


def _scores(learned: list[_Learned]) -> Iterator[Score]:
    def skill(side: str, name: str | None = None, learner: str | None = None) -> Reading | None:
        return mean(
            [
                reading
                for one in learned
                for (trained_on, by), reading in one.skills.items()
                if trained_on == side and name in {None, one.name} and learner in {None, by}
            ]
        )

    def loss(side: str, name: str | None = None) -> Reading | None:
        best, other = skill("original", name), skill(side, name)
        return None if best is None or other is None else minus(best, other)

    yield _score("skill", skill("release"), skill("fresh"))
    yield _score("loss", loss("release"), loss("fresh"))
    agreed = {side: {one.name: _agreement(one, side) for one in learned} for side in ("release", "fresh")}
    yield _score("importance", mean([*agreed["release"].values()]), mean([*agreed["fresh"].values()]))
    for learner in LEARNERS:
        yield _score(f"learner.{learner}", skill("release", None, learner), skill("fresh", None, learner))
    for one in learned:
        yield _score(f"skill.{one.name}", skill("release", one.name), skill("fresh", one.name))
        yield _score(f"loss.{one.name}", loss("release", one.name), loss("fresh", one.name))
        yield _score(f"importance.{one.name}", agreed["release"][one.name], agreed["fresh"][one.name])


def _score(metric: str, value: Reading | None, reference: Reading | None, why: str | None = None) -> Score:
    kind = metric.partition(".")[0]
    most = 2.0 if kind == "loss" else 1.0
    why = why or _WHY_NOT.get(kind, "people of the test do not differ in it")
    return Score(
        "prediction",
        metric,
        None if value is None else value.value,
        None if reference is None else reference.value,
        interval=None if value is None else value.interval(-most, most),
        better="lower" if kind == "loss" else "higher",
        range=(-most, most),
        reason=why if value is None else None,
    )


def _learn(target: Target, people: Mapping[str, Table], test: Table, release: Table) -> _Learned:
    """Return how well each side teaches a target, and by which columns."""
    truth = target.truth(test)
    test = test.take(np.flatnonzero(~np.isnan(truth)))
    few = drawn(test, IMPORTANCE_ROWS)
    weight, weight_of_few = weights(test.unit, seed=0), weights(few.unit, seed=0)
    skills: dict[tuple[str, str], Reading] = {}
    importances: dict[str, FloatArray] = {}
    for side, table in people.items():
        for learner in LEARNERS:
            model = train(learner, table, target, release)
            reading = skill(model(test), target, target.truth(test), weight)
            if reading is not None:
                skills[side, learner] = reading
            if learner == "boosting" and reading is not None:
                importances[side] = _importances(model, few, target, weight_of_few)
    return _Learned(target.name, skills, importances)


def skill(told: FloatArray, target: Target, truth: FloatArray, weight: FloatArray) -> Reading | None:
    """Return how well a target is told, 0 = not at all, 1 = perfectly; None where the people do not differ in it.

    Parameters
    ----------
    told : ndarray of float64, shape (people, classes)
        What a model tells: the chance of each class, or the number (one column).
    target : Target
    truth : ndarray of float64, shape (people,)
        Known for everybody.
    weight : ndarray of float64, shape (replicates, people)
    """
    if target.ordered:
        differ = len(truth) >= FEWEST and float(np.ptp(truth)) > 0
        return explained(told[:, 0], truth, weight) if differ else None
    areas: list[FloatArray] = []
    rows: list[int] = []
    for number in range(told.shape[1]):
        has = truth == number
        if min(np.count_nonzero(has), np.count_nonzero(~has)) >= FEWEST:
            areas.append(auc(told[:, number], has, weight).values)
            rows.append(int(np.count_nonzero(has)))
    return Reading(2.0 * np.average(areas, axis=0, weights=rows) - 1.0) if areas else None


def _importances(model: Model, people: Table, target: Target, weight: FloatArray) -> FloatArray:
    """Return how much skill each column carries, shape (columns, 1 + replicates): what is lost when people exchange it."""
    truth = target.truth(people)
    whole = skill(model(people), target, truth, weight)
    if whole is None:
        return np.zeros((0, len(weight)))
    lost = []
    for feature in people.features:
        if feature.name != target.name:
            order = np.random.default_rng(zlib.crc32(feature.name.encode())).permutation(len(people))
            exchanged = replace(feature, values=frozen(feature.values[order]))
            table = Table(tuple(exchanged if one is feature else one for one in people.features), people.unit)
            rest = skill(model(table), target, truth, weight)
            lost.append(whole.values - (whole.values if rest is None else rest.values))
    return np.array(lost) if lost else np.zeros((0, len(weight)))


def _agreement(learned: _Learned, side: str) -> Reading | None:
    """Return the rank correlation of the importances of a side's model and the original's; None of under three columns."""
    if not {"original", side} <= set(learned.importances):
        return None
    one, other = (learned.importances[name] for name in ("original", side))
    if len(one) < 3 or len(one) != len(other):
        return None
    ranks = [rankdata(np.round(part, 9), axis=0) - (len(part) + 1) / 2.0 for part in (one, other)]
    spread = np.sqrt(np.square(ranks[0]).sum(axis=0) * np.square(ranks[1]).sum(axis=0))
    if not spread[0]:
        return None
    return Reading((ranks[0] * ranks[1]).sum(axis=0) / np.where(spread > 0, spread, 1.0))
