"""Gaussian mu, or epsilon at a delta, from a single run: the whole trade-off of a claim at once.

As `one_run`, but the claim is a trade-off f for adding or removing a person, and the number of guesses n is fixed before
the run. Let p_j be the chance of exactly j right guesses, m the people, and for a tail of j from i on

    r = sum over j >= i of j p_j / m           (a random person is guessed, rightly)
    h = sum over j >= i - 1 of (n - j) p_j / m   (a random person is guessed, wrongly).

Flipping that person's coin turns the one event into the other, so f bounds r by a concave function of h. The claim is
rejected if no law with a tail of ``1 - confidence`` from the observed number on satisfies all these bounds. The law that
needs least mass puts the tail on the observed number itself and, going down, as little as each bound asks for: mass moved
from j to j - 1 lowers every r and raises every h. If even that needs a mass over 1, there is none.

The bound is ``r <= 1 - f(h)`` for guesses of either kind and fair coins. If every guess is "in", only one of the two
directions of the flip occurs, and ``r <= q (1 - f(h / (1 - q)))`` for a coin that says "in" with probability q: the same
argument, sharper also at q = 1/2, and good for any q.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.privacy_loss.claims import Approximate, Claim, Gaussian
from synthprivacy.statistics.privacy_loss.search import (
    largest_rejected,
    require_guesses,
    require_inclusion,
    require_level,
)

Said = Literal["in", "out", "either"]


def rejected(
    claim: Claim,
    right: int,
    guesses: int,
    *,
    people: int,
    said: Said = "either",
    inclusion: float = 0.5,
    confidence: float = 0.95,
) -> bool:
    """Return whether so many right guesses about one run reject a claim.

    Parameters
    ----------
    claim : Claim
        For adding or removing one person.
    right, guesses : int
        Guesses, their number fixed beforehand, and how many of them were right.
    people : int
        Everyone who had a coin, guessed or not.
    said : {"in", "out", "either"}
        What the guesses say.
    inclusion : float
        Chance of each person to be trained on, within (0, 1); other than 0.5 only for guesses that say one thing.
    confidence : float
        One-sided, within (0, 1).

    Raises
    ------
    ConfigError
        If a setting is out of range, or said and inclusion do not go together.
    DataError
        If the counts are impossible.

    References
    ----------
    Mahloujifar, Melis and Chaudhuri (2025), Auditing f-differential privacy in one run, theorem 3.2 and algorithm 3
    (either kind, fair coins).
    """
    require_level(confidence)
    require_guesses(right, guesses, people)
    lowest = _flip(claim, said, inclusion)
    whole = guesses / people
    r = (1.0 - confidence) * right / people
    h = (1.0 - confidence) * (guesses - right) / people
    for fewer in range(right - 1, -1, -1):
        needed = lowest(r)
        if needed <= h:
            break
        r += fewer / (guesses - fewer) * (needed - h)
        h = needed
        if r + h > whole:
            return True
    return r + h > whole


def mu(
    right: int,
    guesses: int,
    *,
    people: int,
    said: Said = "either",
    inclusion: float = 0.5,
    confidence: float = 0.95,
) -> float:
    """Return the lower confidence bound of mu; valid only for a generator dominated by Gaussian noise (`gaussian`).

    Parameters and errors as `rejected`. What a perfect attack would prove is the bound for ``right = guesses``.
    """
    test = partial(rejected, people=people, said=said, inclusion=inclusion, confidence=confidence)
    return largest_rejected(lambda mu: test(Gaussian(mu), right, guesses))


def epsilon(
    right: int,
    guesses: int,
    *,
    people: int,
    delta: float = 0.0,
    said: Said = "either",
    inclusion: float = 0.5,
    confidence: float = 0.95,
) -> float:
    """Return the lower confidence bound of epsilon at a delta, whatever the generator.

    Beside `one_run` it proves a little less where ``people * delta`` is next to nothing (of 200 guesses 180 right, 1,000
    people, delta 1e-5: 1.785 and 1.796), and far more where it is not: of 406 guesses 379 right, 20,000 people, delta
    1e-6 and a confidence of .9999, 1.84 and nothing. It also takes a delta with coins that are not fair.

    Parameters and errors as `rejected`; delta within [0, 1).
    """
    test = partial(rejected, people=people, said=said, inclusion=inclusion, confidence=confidence)
    return largest_rejected(lambda epsilon: test(Approximate(epsilon, delta), right, guesses))


def _flip(claim: Claim, said: Said, inclusion: float) -> Callable[[float], float]:
    """Return the least h that allows an r."""
    require_inclusion(inclusion)
    if said == "either":
        if inclusion != 0.5:
            msg = f"inclusion must be 0.5 for guesses of either kind: {inclusion}; guess 'in' only, or toss fair coins"
            raise ConfigError(msg)
        return lambda r: claim.lowest(min(r, 1.0))
    if said not in {"in", "out"}:
        msg = f"said must be 'in', 'out' or 'either': {said!r}; use one of the three"
        raise ConfigError(msg)
    coin = inclusion if said == "in" else 1.0 - inclusion
    return lambda r: (1.0 - coin) * claim.lowest(min(r / coin, 1.0))
