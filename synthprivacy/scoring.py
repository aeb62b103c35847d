"""Guesses against truth: the only judge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.kernels import predicates
from synthprivacy.results import Answers, Claims, Conjunctions, Guesses, Hits, Links, Marks, Matches, Scores, Values
from synthprivacy.tables.table import Table

BoolArray = npt.NDArray[np.bool_]

_SLACK = 1e-9
"""Relative slack of a tolerance, so that a change of unit cannot turn a hit at the very edge into a miss."""


def judge(guesses: Guesses, people: Table) -> Answers:
    """Return what became of the guesses about some people.

    Parameters
    ----------
    guesses : Guesses
        In the order of the rows of `people`.
    people : Table
        With the columns that were hidden from the attacker.

    Raises
    ------
    DataError
        If the attack did not answer about everyone, once each.
    """
    match guesses:
        case Values():
            _complete(len(guesses.value), people)
            return _values(guesses, people)
        case Claims():
            _complete(len(guesses.present), people)
            return _per_person(guesses.present, np.ones(len(people), dtype=np.bool_), people)
        case Links():
            _complete(len(guesses.first), people)
            _complete(len(guesses.second), people)
            linked = (guesses.first[:, :, None] == guesses.second[:, None, :]).any(axis=(1, 2))
            return _per_person(linked, np.ones(len(people), dtype=np.bool_), people)
        case Scores():
            _complete(len(guesses.real), people)
            return Marks(guesses.real, people.unit, people.weight)
        case Conjunctions():
            return _conjunctions(guesses, people)


def _values(guesses: Values, people: Table) -> Hits:
    """Count a guess as a hit where it equals the secret, or lies within the tolerance of it.

    People whose secret is missing have nothing to be found out: they are no trials.
    """
    truth = people[guesses.column].values
    reach = guesses.tolerance * (1 + _SLACK) / 2  # halves: the difference of two huge numbers is no number
    hit = np.abs(guesses.value / 2 - truth / 2) <= reach if reach > 0 else guesses.value == truth
    return _per_person(hit, ~np.isnan(truth), people)


def _per_person(hit: BoolArray, trial: BoolArray, people: Table) -> Hits:
    hits = np.bincount(people.unit[trial & hit], minlength=people.people)
    trials = np.bincount(people.unit[trial], minlength=people.people)
    attacked = trials > 0
    weight = None if people.weight is None else people.weight[attacked]
    return Hits(hits[attacked].astype(np.int64), trials[attacked].astype(np.int64), weight)


def _conjunctions(guesses: Conjunctions, people: Table) -> Matches:
    """Evaluate every predicate on everyone; a person matches if any of their rows does."""
    columns = predicates.comparable(np.stack([feature.values for feature in people.features]))
    width = len(guesses.query) // guesses.queries
    shape = (guesses.queries, width)
    terms = predicates.terms(
        guesses.column.reshape(shape), guesses.operator.reshape(shape), guesses.operand.reshape(shape)
    )
    query, row = predicates.matches(terms, columns)
    pairs = np.unique(query * people.people + people.unit[row])
    return Matches(pairs // people.people, pairs % people.people, guesses.queries, people.people, people.weight)


def _complete(answered: int, people: Table) -> None:
    if answered != len(people):
        msg = f"an attack must answer about everyone it is shown: {answered} answers about {len(people)} rows"
        raise DataError(msg)
