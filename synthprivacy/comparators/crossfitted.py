"""Without a control: the same attack with other training people's records as its release."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthprivacy.attacks import Attack, Knowledge
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Answers, Claims, Guesses, Links, Values
from synthprivacy.results.comparator import FOLDS
from synthprivacy.scoring import judge
from synthprivacy.tables.table import Case, IntArray, Table

PerPerson = Values | Claims | Links
"""Guesses about each row on its own; scores and predicates say nothing without people who were not trained on."""


def others(attack: Attack, case: Case, people: IntArray, rng: np.random.Generator) -> Answers | None:
    """Return the answers about some training people, learned from the records of other training people.

    The original is cut into folds of people; about each fold the attacker guesses with a release of real records of the
    rest, as many rows as the release has. What the release tells beyond them is a finding; that it tells no more proves
    nothing. A finding is a leak, unless the release is *smoother* than records are: one that gives everybody the usual
    secret for their kind guesses better than records that give each their own. Simulated with 500 people and a secret of
    two values that is the unusual one for a fifth of them: fresh records as the release read a risk of .00 and are taken
    for a leak in .02 of 220 runs; without the unusual secrets they read .31 and nearly always are, though nobody leaks.
    Only people who were held out tell the two apart.

    Parameters
    ----------
    attack : Attack
    case : Case
    people : ndarray of int64, shape (people,)
        Codes of the training people who are attacked, rising.
    rng : numpy.random.Generator
        Deals the folds, draws the releases.

    Returns
    -------
    Answers or None
        In the order of the people; None where the attack makes no guesses about single people, or learns nothing from
        the records of others.
    """
    shown = case.original.of_people(people)
    fold = rng.permutation(len(people)) % FOLDS
    parts: list[tuple[IntArray, PerPerson]] = []
    for left_out in range(FOLDS):
        asked = np.flatnonzero(fold == left_out)
        release = _release(case, people[asked], rng)
        try:
            attacker = attack.prepare(Knowledge((release,), None, case.schema), rng.spawn(1)[0])
        except NotEnoughDataError:
            return None
        rows = np.flatnonzero(np.isin(shown.unit, asked))
        guesses = attacker(shown.take(rows).select(attack.knows(case.schema)))
        if not isinstance(guesses, PerPerson) or (isinstance(guesses, Links) and guesses.crowd is not None):
            return None  # rows of one table cannot be paired with those of another that was attacked apart
        parts.append((rows, guesses))
    return judge(_assembled(parts, len(shown)), shown)


def _release(case: Case, without: IntArray, rng: np.random.Generator) -> Table:
    """Return records of all training people but some, at most as many rows as the release has."""
    rows = np.flatnonzero(~np.isin(case.original.unit, without))
    if len(rows) > len(case.release):
        rows = np.sort(rng.choice(rows, len(case.release), replace=False))
    return case.original.take(rows)


def _assembled(parts: list[tuple[IntArray, PerPerson]], rows: int) -> Guesses:
    """Return the guesses of all folds as those about one table."""
    first = parts[0][1]
    match first:
        case Values():
            value, confidence = np.empty(rows), np.empty(rows)
            for place, guesses in parts:
                if isinstance(guesses, Values):
                    value[place], confidence[place] = guesses.value, guesses.confidence
            return replace(first, value=value, confidence=confidence)
        case Claims():
            present = np.zeros(rows, dtype=np.bool_)
            for place, guesses in parts:
                if isinstance(guesses, Claims):
                    present[place] = guesses.present
            return Claims(present)
        case Links():
            ends = np.empty((2, rows, first.first.shape[1]), dtype=np.int64)
            for place, guesses in parts:
                if isinstance(guesses, Links):
                    ends[:, place] = guesses.first, guesses.second
            return Links(ends[0], ends[1])
