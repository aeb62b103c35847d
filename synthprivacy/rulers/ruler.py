"""The ruler of any attack: what its answers are worth decides how it is made.

Guesses need one rung, because every published person adds the same to them: the share of planted people about whom the
attack guesses right, and the share of the control, which the run has met already, are the whole ladder. So does singling
out: a predicate made from a planted person describes that person for sure, and isolates it unless somebody else fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from synthprivacy.attacks import Attack
from synthprivacy.attacks.singling_out import SinglingOut
from synthprivacy.driver import COMPARISON_TARGETS, sample
from synthprivacy.errors import DataError, NotEnoughDataError
from synthprivacy.results import (
    Answers,
    Hits,
    HitsEvidence,
    Matches,
    MatchesEvidence,
    Rate,
    Risk,
    ScoresEvidence,
    Skipped,
)
from synthprivacy.rulers.ladder import Ladder, straight
from synthprivacy.rulers.membership import NO_CONTROL, ladder
from synthprivacy.rulers.perfect import Perfect, perfect, perfect_together
from synthprivacy.rulers.planting import Planted, answers, answers_together, beds
from synthprivacy.statistics.clusters import design_effect
from synthprivacy.statistics.floor import found_limits, gain_of_guesses
from synthprivacy.statistics.singling_out import counts
from synthprivacy.statistics.size_matching import isolation_probability
from synthprivacy.tables.table import Case, Table

QUERIES = 500
"""Predicates made for a ruler: finding them is what singling out costs."""


def ruler(
    attack: Attack, case: Case, risk: Risk, rng: np.random.Generator, *, targets: int, confidence: float
) -> Ladder | Skipped:
    """Return the ruler of one attack, made from no more than `COMPARISON_TARGETS` people a side, or why there is none.

    Parameters
    ----------
    attack : Attack
    case : Case
    risk : Risk
        What the attack found.
    rng : numpy.random.Generator
    targets : int
        People attacked per side.
    confidence : float
    """
    if case.control is None:
        return Skipped(attack.name, attack.endpoint, *NO_CONTROL)
    few = min(targets, COMPARISON_TARGETS)
    try:
        match risk.evidence:
            case ScoresEvidence():
                return ladder(attack, case, rng, targets=few, confidence=confidence, few=True)
            case HitsEvidence(control=Rate()):
                return guess_rulers([attack], case, [risk], rng, targets=targets, confidence=confidence)[0]
            case MatchesEvidence():
                return _of_predicates(attack, case, case.control, rng, confidence=confidence)
    except NotEnoughDataError as error:
        reason, _, needs = str(error).partition("; ")
        return Skipped(attack.name, attack.endpoint, reason, needs)
    msg = f"{risk.endpoint} was not measured against a control, from which rulers are made; pass another risk"
    raise DataError(msg)


def guess_rulers(
    attacks: Sequence[Attack],
    case: Case,
    risks: Sequence[Risk],
    rng: np.random.Generator,
    *,
    targets: int,
    confidence: float,
) -> list[Ladder | Skipped]:
    """Return the rulers of several attacks that guess about the same people, which share their searches.

    Parameters
    ----------
    attacks : sequence of Attack
    case : Case
    risks : sequence of Risk
        What each of them found; all against the control.
    rng, targets, confidence
        As `ruler`.
    """
    if case.control is None:
        return [Skipped(attack.name, attack.endpoint, *NO_CONTROL) for attack in attacks]
    few = min(targets, COMPARISON_TARGETS)
    standing, planting, attacking = rng.spawn(3)
    seed = int(attacking.integers(2**63))
    ground = beds(case, planting, attacks[0])
    there = ground.plant(ground.most)
    shown = {"original": sample(there.people, few, seed)}
    found = answers_together(attacks, there.release, shown, case, seed)
    held_out = perfect_together(attacks, case, case.control, standing, targets=few, confidence=confidence)
    made: list[Ladder | Skipped] = []
    for attack, risk, answered, standing_in in zip(attacks, risks, found, held_out):
        try:
            met = _met(risk, attack)
            rate = _counted(answered)
        except NotEnoughDataError as error:
            reason, _, needs = str(error).partition("; ")
            made.append(Skipped(attack.name, attack.endpoint, reason, needs))
            continue
        made.append(_of_guesses(case.original.people, rate, met, standing_in, confidence))
    return made


def _of_guesses(
    people: int, found: Rate, met: Rate, held_out: Perfect | Skipped | NotEnoughDataError, confidence: float
) -> Ladder:
    hits, trials = (float(count) / found.design_effect for count in (found.successes, found.trials))
    shares = (hits / trials, *found_limits(hits, trials, confidence))
    gain, low, high = (gain_of_guesses(share, float(met.successes) / float(met.trials)) for share in shares)
    fresh = held_out if isinstance(held_out, Perfect) else None
    return straight(people, gain, fresh, found=found, limits=(low, high))


def _met(risk: Risk, attack: Attack) -> Rate:
    """Return how often the control was guessed right."""
    match risk.evidence:
        case HitsEvidence(control=Rate() as rate):
            return rate
    msg = f"{attack.endpoint} was not measured against a control, from which rulers are made; pass another risk"
    raise DataError(msg)


def _perfect(
    attack: Attack, case: Case, control: Table, rng: np.random.Generator, *, targets: int, confidence: float
) -> Perfect | None:
    """Return what the attack reads on the perfect release; None where that has nothing to go by."""
    try:
        found = perfect(attack, case, control, rng, targets=targets, confidence=confidence)
    except NotEnoughDataError:
        return None
    return None if isinstance(found, Skipped) else found


def _counted(answered: dict[str, Answers] | NotEnoughDataError) -> Rate:
    """Return the right guesses about the planted people.

    Raises
    ------
    NotEnoughDataError
        If there were none, or the secret of all of them is missing.
    """
    if isinstance(answered, NotEnoughDataError):
        raise answered
    found = answered["original"]
    if not isinstance(found, Hits):
        msg = "planted people must be guessed at like all others; run the attack that gave the risk"
        raise DataError(msg)
    hits, trials = int(found.hits.sum()), int(found.trials.sum())
    if not trials:
        msg = "the secret of all planted people is missing; a secret that is mostly known"
        raise NotEnoughDataError(msg)
    return Rate(hits, trials, len(found.trials), design_effect(found.hits, found.trials))


def _of_predicates(
    attack: Attack, case: Case, control: Table, rng: np.random.Generator, *, confidence: float
) -> Ladder:
    standing, planting, attacking = rng.spawn(3)
    ground = beds(case, planting)
    there = ground.plant(ground.most)
    if isinstance(attack, SinglingOut):
        attack = replace(attack, queries=min(attack.queries, QUERIES))
    people = case.original.people
    gained, error = _isolating(attack, case, control, there, int(attacking.integers(2**63)))
    gain, reach = gained * people / there.people.people, error * people / there.people.people
    reach *= float(ndtri((1.0 + confidence) / 2.0))
    held_out = _perfect(attack, case, control, standing, targets=people, confidence=confidence)
    return straight(people, gain, held_out, limits=(gain - reach, gain + reach))


def _isolating(attack: Attack, case: Case, control: Table, there: Planted, seed: int) -> tuple[float, float]:
    """Return what the planted people add to the value of singling out, and its standard error over predicates.

    Only predicates made from a planted record are counted: each isolates one row of the release, so it is one of them if
    that row is a planted one. They are worth their rate of isolating training people less their rate on the control,
    where they were made from nobody. All others isolate as often as before.
    """
    shown = {"planted": there.people, "original": case.original, "control": control}
    found = answers(attack, there.release, shown, case, seed)
    match found["planted"], found["original"], found["control"]:
        case Matches() as planted, Matches() as original, Matches() as others:
            size = min(original.people, others.people)
            by_people = isolation_probability(counts(original), original.people, size)
            by_others = isolation_probability(counts(others), others.people, size)
            made = counts(planted) > 0
            room = max(1.0 - float(by_others.mean()), 1.0 / original.queries)
            gained = np.where(made, by_people - by_others, 0.0) / room * original.people / size
            return float(gained.mean()), float(gained.std() / math.sqrt(original.queries))
    msg = f"{attack.endpoint} must count predicates on every table; run the attack that gave the risk"
    raise DataError(msg)
