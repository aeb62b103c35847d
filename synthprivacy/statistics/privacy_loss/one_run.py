"""Epsilon from a single run, in which every person was trained on or not by a coin of their own.

The attacker guesses for some people whether they are in, and abstains for the others. The coin adds or removes a person,
so the bound is on epsilon for *adding or removing* one; a claim for replacing one says nothing of it (a claim for adding
or removing says twice its epsilon for replacing).

Why it holds, for a coin that says "in" with probability p and ``delta = 0``. Given the guesses and the coins of the
people before, Bayes' rule multiplies the prior odds of a person's coin by at most ``e^eps``, because the guesses are a
function of a release that depends on that coin by at most that factor. So a guess "in" is right with probability at most
``p e^eps / (p e^eps + 1 - p)``, a guess "out" with at most ``(1 - p) e^eps / ((1 - p) e^eps + p)``, whatever the people
before were, and the number of right guesses is stochastically at most a sum of two independent binomials. This is given
the guesses, so how many to make may depend on the release. At p = 1/2 it is the theorem of the paper; for other p its
proof is carried over here, for ``delta = 0`` alone.

It takes coins that are independent and unknown to whoever trains: a sample of fixed size is not covered. Everybody who
had a coin takes part, or a choice made without looking at the coins. Where a share f of the people left out is set aside
at random, each by a coin again, to teach or calibrate the attack, the others are in with probability
``p / (p + (1 - p) (1 - f))``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, expit, gammaln, logit, xlog1py, xlogy

from synthprivacy.errors import ConfigError
from synthprivacy.statistics.privacy_loss.search import (
    largest_rejected,
    require_guesses,
    require_inclusion,
    require_level,
)

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OneRun:
    """What guesses about one run prove. The public constructors are `one_run` and those of `guessing`."""

    epsilon: float
    """Lower confidence bound, for adding or removing one person; 0 proves nothing."""
    ceiling: float
    """What as many guesses would prove, were they all right."""
    right: int
    """Right guesses."""
    guesses: int
    """People not abstained on."""


def one_run(
    right_in: int,
    guesses_in: int,
    right_out: int = 0,
    guesses_out: int = 0,
    *,
    people: int,
    inclusion: float = 0.5,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> OneRun:
    """Return the lower confidence bound of epsilon from right guesses about people in and out of one run.

    Parameters
    ----------
    right_in, guesses_in : int
        Guesses "in", and how many of them were right.
    right_out, guesses_out : int
        Guesses "out", and how many of them were right.
    people : int
        Everyone who had a coin, guessed or not.
    inclusion : float
        Chance of each person to be trained on, within (0, 1).
    delta : float
        Of the claim, within [0, 1); other than 0 only at ``inclusion = 0.5``, and with a number of guesses fixed
        beforehand.
    confidence : float
        One-sided, within (0, 1).

    Raises
    ------
    ConfigError
        If a setting is out of range, or delta and inclusion do not go together.
    DataError
        If the counts are impossible.

    References
    ----------
    Steinke, Nasr and Jagielski (2023), Privacy auditing with one (1) training run, theorem 5.2 and appendix D.
    """
    require_guesses(right_in, guesses_in, people)
    require_guesses(right_out, guesses_out, people - guesses_in)
    made, right = (guesses_in, guesses_out), right_in + right_out
    bound = partial(lower_bound, people=people, inclusion=inclusion, delta=delta, confidence=confidence)
    return OneRun(bound(right, made), bound(sum(made), made), right, sum(made))


def lower_bound(
    right: int,
    guesses: tuple[int, int],
    *,
    people: int,
    inclusion: float = 0.5,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> float:
    """Return the lower confidence bound of epsilon from the right guesses of both kinds together.

    Parameters
    ----------
    right : int
        Right guesses of either kind.
    guesses : tuple of (int, int)
        Guesses "in" and guesses "out".
    people, inclusion, delta, confidence
        As in `one_run`, and so are the errors.
    """
    require_level(confidence, delta)
    require_inclusion(inclusion)
    require_guesses(right, sum(guesses), people)
    if delta > 0.0 and inclusion != 0.5:
        msg = f"delta must be 0 where inclusion is not 0.5: {delta} at {inclusion}; audit pure epsilon, or toss fair coins"
        raise ConfigError(msg)

    def p_value(epsilon: float) -> float:
        if inclusion == 0.5:
            return _fair(epsilon, right, sum(guesses), people, delta)
        return _tilted(epsilon, right, guesses, inclusion)

    return largest_rejected(lambda epsilon: p_value(epsilon) < 1.0 - confidence)


def _fair(epsilon: float, right: int, guesses: int, people: int, delta: float) -> float:
    """Return the binomial tail, plus what delta may add: at most ``2 delta`` a person failing, best spent in one lump."""
    chance = float(expit(epsilon))
    reached = _tail(right, guesses, chance)
    if delta == 0.0 or right == 0:
        return float(reached)
    lump = np.arange(1, right + 1)
    gain = np.max((_tail(right - lump, guesses, chance) - reached) / lump)
    return float(reached + 2.0 * people * delta * gain)


def _tilted(epsilon: float, right: int, guesses: tuple[int, int], inclusion: float) -> float:
    """Return the tail of the sum of two binomials, of guesses "in" and of guesses "out"."""
    chances = [float(expit(epsilon + sign * logit(inclusion))) for sign in (1.0, -1.0)]
    fewer, more = sorted(zip(guesses, chances))
    count = np.arange(fewer[0] + 1)
    return float(_mass(count, *fewer) @ _tail(right - count, *more))


def _mass(count: npt.NDArray[np.int64], trials: int, chance: float) -> FloatArray:
    ways = gammaln(trials + 1.0) - gammaln(count + 1.0) - gammaln(trials - count + 1.0)
    return np.asarray(np.exp(ways + xlogy(count, chance) + xlog1py(trials - count, -chance)))


def _tail(reach: npt.ArrayLike, trials: int, chance: float) -> FloatArray:
    """Return P(Binomial >= reach)."""
    below = np.asarray(reach) - 1
    inside = bdtrc(np.clip(below, 0, max(trials - 1, 0)).astype(np.float64), trials, chance)
    return np.where(below < 0, 1.0, np.where(below >= trials, 0.0, inside))
