"""The answers of an attack about some of the people only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthprivacy.results import Answers, Hits, Marks, Outcome
from synthprivacy.tables.table import BoolArray, FloatArray


def restricted(outcome: Outcome, name: str, members: dict[str, BoolArray]) -> Outcome | None:
    """Return what an attack found about the people of a stratum; None where its answers are not about single people.

    The attacker is the same, and was not told: only who is counted changes.

    Parameters
    ----------
    outcome : Outcome
        With the people attacked.
    name : str
        Of the stratum.
    members : dict of str to ndarray of bool, shape (people of the table,)
        Who belongs to the stratum, by population; populations that are not there are left out.
    """
    answers = {}
    for population, inside in members.items():
        found, people = outcome.answers.get(population), outcome.people.get(population)
        if found is None or people is None:
            continue
        some = _of(found, inside[people])
        if some is None:
            return None
        answers[population] = some
    endpoint = f"{outcome.endpoint}@{name}"
    return Outcome(outcome.attack, endpoint, answers, {**outcome.parameters, "stratum": name})


def _of(answers: Answers, inside: BoolArray) -> Answers | None:
    """Return the answers about the people inside, (people attacked,)."""
    match answers:
        case Hits(person=person) if person is not None:
            kept = inside[person]
            return replace(
                answers,
                hits=answers.hits[kept],
                trials=answers.trials[kept],
                weight=_some(answers.weight, kept),
                confidence=_some(answers.confidence, kept),
                person=person[kept],
            )
        case Marks():
            rows = inside[answers.unit]
            people, unit = np.unique(answers.unit[rows], return_inverse=True)
            return Marks(answers.score[rows], unit.astype(np.int64), _some(answers.weight, people))
        case _:
            return None


def _some(values: FloatArray | None, kept: np.ndarray[tuple[int], np.dtype[np.generic]]) -> FloatArray | None:
    return None if values is None else values[kept]
