"""What one release proves: the best of several ways of guessing, each at its share of the error.

The public rendering must choose again, from the counts that may be shown. So the ways of guessing are kept as counts, and
what they prove is a function of these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from synthprivacy.errors import DataError
from synthprivacy.results import Guessed, PrivacyLoss
from synthprivacy.statistics.privacy_loss.guessing import Plan, from_claims, from_scores, plans
from synthprivacy.statistics.privacy_loss.one_run import lower_bound

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def ranked(
    attack: str, scores: FloatArray, member: BoolArray, *, inclusion: float, ways: int = 1
) -> tuple[Guessed, ...]:
    """Return the guesses that membership scores make by each of `plans`, which share one part in `ways` of the error.

    Parameters
    ----------
    attack : str
        Endpoint.
    scores, member, inclusion
        As in `guessing.from_scores`, and so are the errors; its bound is the best of these.
    ways : int
        Attacks that share the error.
    """
    tried = plans(scores.size, inclusion)
    made = []
    for plan in tried:
        top, bottom = (
            from_scores(scores, member, inclusion=inclusion, tried=(end,))
            for end in (Plan(plan.guesses_in, 0), Plan(0, plan.guesses_out))
        )
        right = top.right + bottom.right
        made.append(Guessed(attack, right, top.guesses, bottom.guesses, scores.size, ways * len(tried), searched=False))
    return tuple(made)


def claimed(attack: str, claims: BoolArray, member: BoolArray, *, ways: int = 1) -> Guessed:
    """Return the guesses of an attack that says "in" of some people and nothing of the others.

    Parameters
    ----------
    attack : str
        Endpoint.
    claims, member
        As in `guessing.from_claims`, and so are the errors.
    ways : int
        Attacks that share the error.
    """
    found = from_claims(claims, member)
    return Guessed(attack, found.right, found.guesses, 0, claims.size, ways, searched=True)


def proven(tried: Sequence[Guessed], *, inclusion: float, confidence: float) -> PrivacyLoss:
    """Return the bound of the guesses that prove most; of those that prove nothing, that could have proved most.

    Parameters
    ----------
    tried : sequence of Guessed
        Whose parts of the error, one in `Guessed.ways` each, add up to one at most.
    inclusion : float
        Chance of each person to be trained on.
    confidence : float
        One-sided, of the statement.

    Raises
    ------
    DataError
        If there are no guesses, or impossible ones.

    References
    ----------
    Steinke, Nasr and Jagielski (2023), Privacy auditing with one (1) training run, theorem 5.2; Bonferroni over the
    ways of guessing.
    """
    if not tried:
        msg = "what a release proves needs guesses, there are none; let an attack guess who was trained on"
        raise DataError(msg)

    def bound(one: Guessed, right: int) -> float:
        made, level = (one.guesses_in, one.guesses_out), 1.0 - (1.0 - confidence) / one.ways
        return lower_bound(right, made, people=one.people, inclusion=inclusion, confidence=level)

    bounds = [(bound(one, one.right), bound(one, one.guesses)) for one in tried]
    best = max(range(len(tried)), key=bounds.__getitem__)
    one, (epsilon, ceiling) = tried[best], bounds[best]
    return PrivacyLoss(
        epsilon=epsilon,
        delta=0.0,
        ceiling=ceiling,
        right=one.right,
        guesses=one.guesses,
        people=one.people,
        inclusion=inclusion,
        confidence=confidence,
        attack=one.attack,
        tried=tuple(tried),
    )
