"""Guesses against truth: the only judge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.kernels import counting
from synthprivacy.kernels.hashing import uniform
from synthprivacy.kernels.predicates import of_lists
from synthprivacy.results import Answers, Claims, Conjunctions, Guesses, Hits, Links, Marks, Matches, Scores, Values
from synthprivacy.tables.table import Table

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

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
            if guesses.crowd is not None:
                return _paired(guesses.first[:, 0], guesses.second[:, 0], guesses.crowd, people)
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
    return _per_person(hit, ~np.isnan(truth), people, guesses.confidence)


def _paired(first: IntArray, second: IntArray, crowd: int, people: Table) -> Hits:
    """Count a person as paired with the chance that one candidate, picked out of all, is the right one.

    Candidates are those whose second half led to the record of the person's first half. Of `crowd` people drawn from those
    shown, with the person among them, each other candidate is there with the same probability p; with k of them
    the right one is picked with probability ``(1 - (1 - p)^(k + 1)) / ((k + 1) p)``, the mean of 1 / (1 + binomial). Whether
    it is, is drawn once for each record by its content.
    """
    records, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    pointing = np.bincount(place[len(first) :], minlength=len(records))[place[: len(first)]]
    linked = first == second
    others = pointing - linked
    there = min(1.0, (crowd - 1) / max(len(first) - 1, 1))
    chance = (1.0 - (1.0 - there) ** (others + 1)) / ((others + 1) * there) if there > 0 else np.ones(len(first))
    sure = np.where(pointing > 0, chance, 0.0)
    paired = linked & (uniform(people.keys(), crowd) < chance)
    return _per_person(paired, np.ones(len(first), dtype=np.bool_), people, sure)


def _per_person(hit: BoolArray, trial: BoolArray, people: Table, confidence: FloatArray | None = None) -> Hits:
    hits = np.bincount(people.unit[trial & hit], minlength=people.people)
    trials = np.bincount(people.unit[trial], minlength=people.people)
    attacked = trials > 0
    weight = None if people.weight is None else people.weight[attacked]
    sure = None if confidence is None else np.bincount(people.unit[trial], confidence[trial], people.people)
    return Hits(
        hits[attacked].astype(np.int64),
        trials[attacked].astype(np.int64),
        weight,
        None if sure is None else sure[attacked] / trials[attacked],
        np.flatnonzero(attacked),
    )


def _conjunctions(guesses: Conjunctions, people: Table) -> Matches:
    """Evaluate every predicate on everyone; a person matches if any of their rows does."""
    terms = of_lists(guesses.queries, guesses.query, guesses.column, guesses.operator, guesses.operand)
    index = counting.build([feature.values for feature in people.features])
    query, person = counting.people(counting.spans(terms, index), index, people.unit)
    width = terms.width if len(guesses.width) != guesses.queries else guesses.width
    return Matches(query, person, guesses.queries, people.people, people.weight, width, guesses.drawn)


def _complete(answered: int, people: Table) -> None:
    if answered != len(people):
        msg = f"an attack must answer about everyone it is shown: {answered} answers about {len(people)} rows"
        raise DataError(msg)
