"""What a release alone proves about its generator, where original and control were told apart by coins.

A split by coins makes every training run its own privacy audit: an attacker who saw the release only guesses who was
trained on, and a generator that is differentially private limits how often it can be right. Nobody is trained twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthprivacy.attacks import Attack, Knowledge
from synthprivacy.attacks.membership_battery import Battery
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import Claims, Guessed, Guesses, PrivacyLoss, Scores
from synthprivacy.statistics.privacy_loss.proven import claimed, proven, ranked
from synthprivacy.tables.table import BoolArray, Case, FloatArray, Table

GUESSING = ("membership", "memorization")
"""Attacks that say of people whether they were trained on: by a score, or by a search for copies."""


def prove(
    attacks: Sequence[Attack],
    case: Case,
    inclusion: float,
    rng: np.random.Generator,
    *,
    targets: int,
    confidence: float = 0.95,
) -> PrivacyLoss | None:
    """Return the lower bound of epsilon that the attacks together prove; None where none of them tells who is in.

    The attackers study the release, are then shown the people of original and control as one table, and are never told
    who is who. A person with several rows is scored by the one that looks most like training. Where there are too many
    people for an attack, some are drawn without regard to their side: drawing a number from either side would tell how
    many coins fell in, and so weight the coins.

    Parameters
    ----------
    attacks : sequence of Attack
        Those of `GUESSING` are used, each at its share of the error. The scores of the battery are not: they study control
        people, and whoever has been told how some coins fell does not guess them.
    case : Case
        With a control that coins told from the original.
    inclusion : float
        Chance of each person to be trained on, as `tables.bernoulli.inclusion_of` returns it.
    rng : numpy.random.Generator
    targets : int
        Half of the people shown to an attack that cannot afford everyone.
    confidence : float
        One-sided.

    References
    ----------
    Steinke, Nasr and Jagielski (2023), Privacy auditing with one (1) training run, algorithm 1.
    """
    used = [attack for attack in attacks if attack.name in GUESSING and not isinstance(attack, Battery)]
    if case.control is None or not used:
        return None
    pool = case.original.joined(case.control)
    member = np.arange(pool.people) < case.original.people
    tried: list[Guessed] = []
    for attack, own in zip(used, rng.spawn(len(used))):
        drawing, knowing = own.spawn(2)
        most = pool.people if attack.everyone else 2 * targets
        chosen = np.sort(drawing.permutation(pool.people)[:most])
        people = pool if most >= pool.people else pool.of_people(chosen)
        try:
            attacker = attack.prepare(Knowledge((case.release,), None, case.schema), knowing)
        except NotEnoughDataError:  # the endpoint itself says why; its share of the error is not spent again
            continue
        guesses = attacker(people.select(attack.knows(case.schema)))
        tried += _guessed(attack.endpoint, guesses, people, member[chosen], inclusion=inclusion, ways=len(used))
    return proven(tried, inclusion=inclusion, confidence=confidence)


def _guessed(
    endpoint: str, guesses: Guesses, people: Table, member: BoolArray, *, inclusion: float, ways: int
) -> tuple[Guessed, ...]:
    match guesses:
        case Scores():
            scores = _highest(guesses.real, people)
            return ranked(endpoint, scores, member, inclusion=inclusion, ways=ways)
        case Claims():
            claims = _highest(guesses.present.astype(np.float64), people) > 0.0
            return (claimed(endpoint, claims, member, ways=ways),)
    msg = f"a proof is made of scores or claims, which {endpoint} does not give; pass another attack"
    raise DataError(msg)


def _highest(scores: FloatArray, people: Table) -> FloatArray:
    """Return each person's highest score, (people,)."""
    highest = np.full(people.people, -np.inf)
    np.maximum.at(highest, people.unit, scores)
    return highest
