"""From an attack on one run to guesses: whom to call in or out, and how many, decided without the answers.

Ranking all people together is legitimate in an audit: the bound of `one_run` lets the guesses be any function of the
release and of the list of people who had a coin. That list is public to the attacker, the coins are not. So nothing here
looks at who is a member before the guesses stand, and only the number of guesses that proves most is then chosen, and
paid for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.statistics.privacy_loss.one_run import OneRun, lower_bound, one_run

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SHARES = (0.01, 0.03, 0.1, 0.3)
"""Of the people; guessed from the top alone, and from top and bottom."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many people to call in, from the top, and out, from the bottom."""

    guesses_in: int
    guesses_out: int


def plans(people: int, inclusion: float = 0.5) -> tuple[Plan, ...]:
    """Return the numbers of guesses to try, a function of the number of people and their chance of being in alone.

    For each of `SHARES`: all "in"; and divided between "in" and "out" as the coin divides people. Last: everybody.

    Parameters
    ----------
    people : int
    inclusion : float
        Chance of each person to be trained on.
    """
    made: dict[Plan, None] = {}
    for share in SHARES:
        guesses = math.floor(share * people)
        made[Plan(guesses, 0)] = None
        made[_divided(guesses, inclusion)] = None
    made[_divided(people, inclusion)] = None
    return tuple(plan for plan in made if plan.guesses_in or plan.guesses_out)


def from_scores(
    scores: FloatArray,
    member: BoolArray,
    *,
    inclusion: float = 0.5,
    delta: float = 0.0,
    confidence: float = 0.95,
    tried: Sequence[Plan] | None = None,
) -> OneRun:
    """Return the best bound over a few numbers of guesses fixed beforehand, each at its share of the error.

    Where a cut falls among people of the same score, all of them are abstained on. With ``delta > 0`` the number of
    guesses must not depend on the release, so there such an abstention counts as a wrong guess.

    Parameters
    ----------
    scores : ndarray of float64, shape (people,)
        One for every person who had a coin, members and others; higher = more member-like. From the release and the
        list of people alone: no attack that was shown who is in or out.
    member : ndarray of bool, shape (people,)
        Whom the coin put in; used to mark the guesses only.
    inclusion, delta, confidence : float
        As in `one_run`.
    tried : sequence of Plan, optional
        Chosen without looking at the scores' answers; `plans` by default.

    Returns
    -------
    OneRun
        Of the plan that proves most; its ceiling is the highest of all plans, at the same share of the error.

    Raises
    ------
    ConfigError
        If a setting is out of range.
    DataError
        If the two arrays differ in shape, a score is NaN, or there is nobody.

    References
    ----------
    Steinke, Nasr and Jagielski (2023), section 4 (guesses from scores); Bonferroni over the numbers of guesses.
    """
    _require_pairs(scores, member)
    if np.isnan(scores).any():
        msg = "membership scores must be numbers, some are NaN; give such people the score of the least member-like"
        raise DataError(msg)
    tried = plans(scores.size, inclusion) if tried is None else tried
    shared = 1.0 - (1.0 - confidence) / len(tried)
    bound = partial(lower_bound, people=scores.size, inclusion=inclusion, delta=delta, confidence=shared)
    order = np.argsort(-scores, kind="stable")
    ranked, answer = scores[order], member[order]
    found = []
    for plan in tried:
        top, bottom = _top(ranked, plan.guesses_in), _top(-ranked[::-1], plan.guesses_out)
        right = int(answer[:top].sum() + (~answer[::-1][:bottom]).sum())
        made = (top, bottom) if delta == 0.0 else (plan.guesses_in, plan.guesses_out)
        found.append((bound(right, made), right, sum(made)))
    ceiling = max(bound(plan.guesses_in + plan.guesses_out, (plan.guesses_in, plan.guesses_out)) for plan in tried)
    epsilon, right, guesses = max(found)
    return OneRun(epsilon, ceiling, right, guesses)


def from_claims(claimed: BoolArray, member: BoolArray, *, inclusion: float = 0.5, confidence: float = 0.95) -> OneRun:
    """Return the bound from an attack that says "in" of some people and nothing of the others, as a search for copies.

    For ``delta = 0`` only, because how many are claimed depends on the release.

    Parameters
    ----------
    claimed, member : ndarray of bool, shape (people,)
        Whom the attack claims, and whom the coin put in.
    inclusion, confidence : float
        As in `one_run`.

    Raises
    ------
    ConfigError
        If a setting is out of range.
    DataError
        If the two arrays differ in shape, or there is nobody.
    """
    _require_pairs(claimed, member)
    right, guesses = int((claimed & member).sum()), int(claimed.sum())
    return one_run(right, guesses, people=claimed.size, inclusion=inclusion, confidence=confidence)


def _divided(guesses: int, inclusion: float) -> Plan:
    called_in = round(guesses * inclusion)
    return Plan(called_in, guesses - called_in)


def _top(ranked: FloatArray, guesses: int) -> int:
    """Return how many of the first `guesses` of a descending order come before any tie across the cut."""
    if guesses in {0, ranked.size} or ranked[guesses - 1] != ranked[guesses]:
        return guesses
    return int(np.searchsorted(-ranked, -ranked[guesses], side="left"))


def _require_pairs(guess: npt.NDArray[np.generic], member: BoolArray) -> None:
    if guess.shape != member.shape or not guess.size:
        msg = f"guesses and membership must name the same people: {guess.size} and {member.size}; pass one each"
        raise DataError(msg)
