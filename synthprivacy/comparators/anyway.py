"""What is guessed anyway: the same attacker, who studied real people who were never used instead of the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthprivacy.asking import Asked, ask
from synthprivacy.attacks import Attack
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.results import Hits, Values
from synthprivacy.scoring import judge
from synthprivacy.statistics.adjusted import AdjustedRisk, Side, adjusted_risk
from synthprivacy.tables.table import Case, IntArray, Table

FOLDS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Anyway:
    """Guesses about the same people by attackers who studied real people who were never used."""

    original: Hits
    control: Hits
    fold_original: IntArray
    """(people,) which of these attackers it was."""
    fold_control: IntArray
    """(people,)"""


def anyway(
    attacks: Sequence[Attack], case: Case, people: Mapping[str, Table], codes: IntArray, seed: int
) -> list[Anyway | None]:
    """Return what attackers who studied one half of the control guess about the other half, and half the original.

    Nobody is guessed by an attacker who studied that very person, on either side.

    Parameters
    ----------
    attacks : sequence of Attack
    case : Case
        With a control.
    people : mapping of str to Table
        The people of original and control who are attacked.
    codes : ndarray of int64
        Codes in `case.control` of the control people among them.
    seed : int

    Returns
    -------
    list of Anyway or None
        None for attacks that guess no value, or have too few people to study.
    """
    if case.control is None:
        return [None for _ in attacks]
    rng = np.random.default_rng([seed, FOLDS])
    fold = rng.permutation(case.control.people) % FOLDS
    folds = {"original": rng.permutation(people["original"].people) % FOLDS, "control": fold[codes]}
    found: list[list[Asked | NotEnoughDataError]] = []
    rows = {
        name: [np.flatnonzero(folds[name][table.unit] == one) for one in range(FOLDS)] for name, table in people.items()
    }
    for one in range(FOLDS):
        studied = case.control.of_people(np.flatnonzero(fold != one))
        asked = {name: table.take(rows[name][one]) for name, table in people.items()}
        found.append(ask(attacks, studied, case.schema, asked, seed))
    return [_put_together([turn[place] for turn in found], people, rows, folds) for place in range(len(attacks))]


def adjusted(original: Hits, control: Hits, also: Anyway) -> AdjustedRisk:
    """Return the risk of an attack without the chance difference in who is guessed anyway.

    Raises
    ------
    DataError
        If the answers are not about the same people.
    """
    sides = ((original, also.original, also.fold_original), (control, also.control, also.fold_control))
    return adjusted_risk(
        *(Side(hits.hits, hits.trials, guessed.hits / guessed.trials, fold) for hits, guessed, fold in sides)
    )


def _put_together(
    turns: Sequence[Asked | NotEnoughDataError],
    people: Mapping[str, Table],
    rows: Mapping[str, list[IntArray]],
    folds: Mapping[str, IntArray],
) -> Anyway | None:
    """Return the guesses of both attackers as answers about everyone."""
    answers: dict[str, Hits] = {}
    labels: dict[str, IntArray] = {}
    for name, table in people.items():
        value = np.full(len(table), np.nan)
        told: Values | None = None
        for one, turn in enumerate(turns):
            guesses = None if isinstance(turn, NotEnoughDataError) else turn[name]
            if not isinstance(guesses, Values):
                return None
            value[rows[name][one]], told = guesses.value, guesses
        if told is None:
            return None
        judged = judge(Values(told.column, value, told.tolerance, np.zeros(len(table))), table)
        if not isinstance(judged, Hits):
            return None
        attacked = np.unique(table.unit[~np.isnan(table[told.column].values)])
        answers[name], labels[name] = judged, folds[name][attacked]
    return Anyway(answers["original"], answers["control"], labels["original"], labels["control"])
