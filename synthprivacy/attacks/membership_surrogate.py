"""Membership by surrogate likelihoods: how likely the whole record is under the release, and under the population."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from synthprivacy.attacks.membership_space import Scorer, sampled
from synthprivacy.tables.digits import Digits, digits_of
from synthprivacy.tables.table import FloatArray, IntArray, Table

ROWS = 5_000
"""Rows of either table that are learned from, as many of one as of the other."""
CLASSES = 10
"""Classes of a column that are told apart; the rare ones are one more."""
GIVEN = 24
"""Columns before it, at most, that a column is learned from; of more, those just before."""
ITERATIONS, LEAVES, LEAST = 15, 8, 5
"""Rounds of boosting, leaves of a tree, and rows of a leaf."""
FEWEST, COLUMNS = 4, 20
"""In tables of more columns there are fewer rounds, down to so many, and each learns as much more."""
_LEARNED = 3.0
"""Rounds times learning rate."""
_FLOOR = 0.02
"""Part of every probability that is the same for all classes: no tree may call a value impossible."""
_DIGITS = 9
"""Decimals of a logarithm that do not depend on how many people are asked about."""
PARAMETERS = {"rows": ROWS, "classes": CLASSES, "given": GIVEN, "iterations": ITERATIONS, "leaves": LEAVES}

Likelihood = Callable[[FloatArray, IntArray], FloatArray]
"""Values of the columns before it (people, given), and the class of each person, to log-likelihoods."""


@dataclass(frozen=True, slots=True, repr=False)
class _Columns:
    """Every column of a release as classes that may be learned, and as numbers that may be learned from."""

    digits: Digits
    frequent: tuple[IntArray, ...]
    """Digits of each column that are a class of their own, rising."""

    def given(self, people: Table) -> FloatArray:
        """Return what is learned from (people, columns): numbers as they are, labels by their code."""
        digits = self.digits.of(people)
        columns = [
            people[name].values if ordered is not None else codes.astype(np.float64)
            for name, ordered, codes in zip(self.digits.names, self.digits.edges, digits)
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(people), 0))

    def classes(self, people: Table) -> IntArray:
        """Return what is learned (people, columns): the class of each column, the last one being that of rare digits."""
        digits = self.digits.of(people)
        for own, values in zip(self.frequent, digits):
            place = np.minimum(np.searchsorted(own, values), len(own) - 1)
            values[:] = np.where(own[place] == values, place, len(own))
        return digits.T


def surrogate(release: Table, reference: Table, rng: np.random.Generator, jobs: int) -> Scorer:
    """Return the score *log-likelihood of a record under the release minus that under the reference*.

    A likelihood is the product over columns, in the order of their names, of what boosted trees learned of the column
    from those before it. Both sides are learned from as many rows by the same learner, so that what a learner cannot say
    it says of neither. Numbers are binned, missing is a value, and rare labels share a class.

    References
    ----------
    Surrogate-likelihood audits of synthetic data (arXiv 2606.10481); Chow and Liu (1968), for likelihoods by conditionals.
    """
    size = min(len(release), len(reference), ROWS)
    columns = _columns(release)
    drawn = [sampled(table, size, rng) for table in (release, reference)]
    tables = [(columns.given(table), columns.classes(table)) for table in drawn]
    seed = int(rng.integers(2**31))
    rounds = max(FEWEST, min(ITERATIONS, ITERATIONS * COLUMNS // max(len(columns.frequent), 1)))

    def learned(task: tuple[int, FloatArray, IntArray]) -> Likelihood:
        place, given, classes = task
        return _learned(_before(given, place), classes[:, place], len(columns.frequent[place]) + 1, rounds, seed)

    with ThreadPoolExecutor(jobs) as pool:
        likelihoods = list(
            pool.map(learned, [(place, *table) for place in range(len(columns.frequent)) for table in tables])
        )

    def score(people: Table) -> FloatArray:
        given, classes = columns.given(people), columns.classes(people)
        total = np.zeros(len(people))
        for place, (held, usual) in enumerate(zip(likelihoods[::2], likelihoods[1::2])):
            before, own = _before(given, place), classes[:, place]
            total += held(before, own) - usual(before, own)
        return np.round(total, _DIGITS - 2)

    return score


def _columns(release: Table) -> _Columns:
    digits = digits_of(release)
    frequent = []
    for values in digits.values:
        found, rows = np.unique(values, return_counts=True)
        frequent.append(np.sort(found[np.argsort(-rows, kind="stable")[:CLASSES]]))
    return _Columns(digits, tuple(frequent))


def _before(given: FloatArray, place: int) -> FloatArray:
    return given[:, max(0, place - GIVEN) : place]


def _learned(given: FloatArray, classes: IntArray, count: int, rounds: int, seed: int) -> Likelihood:
    """Return what was learned of one column from the rows of one table."""
    usual = (np.bincount(classes, minlength=count).astype(np.float64) + 0.5) / (len(classes) + 0.5 * count)
    there = np.unique(classes)
    if given.shape[1] == 0 or len(there) < 2:
        return lambda _, own: _logarithms(usual[own], count)
    model = HistGradientBoostingClassifier(
        max_iter=rounds, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST, learning_rate=_LEARNED / rounds,
        early_stopping=False, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1):  # sums over threads are not the same on every machine
        model.fit(given, classes)

    def likelihood(seen: FloatArray, own: IntArray) -> FloatArray:
        with threadpool_limits(1):
            told = model.predict_proba(seen)
        spot = np.minimum(np.searchsorted(there, own), len(there) - 1)
        known = there[spot] == own
        return _logarithms(np.where(known, told[np.arange(len(own)), spot], 0.0), count)

    return likelihood


def _logarithms(probabilities: FloatArray, count: int) -> FloatArray:
    return np.asarray(np.round(np.log((1.0 - _FLOOR) * probabilities + _FLOOR / count), _DIGITS), dtype=np.float64)
