"""How much differential privacy a generator can at most have, told by one release and a split drawn by coins."""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthprivacy.results.risk import Count


@dataclass(frozen=True, slots=True)
class Guessed:
    """Guesses of one attack about who was trained on, marked after they stood."""

    attack: str
    """Endpoint of the attack."""
    right: int
    guesses_in: int
    """People called in; the others are called out, or abstained on."""
    guesses_out: int
    people: int
    """Everyone the attacker was shown."""
    ways: int
    """They have one part in so many of the error of the whole statement, because several are tried."""
    searched: bool
    """Whether the release decided how many guesses there are, as in a search for copies; else `people` did."""

    @property
    def guesses(self) -> int:
        """People called in or out."""
        return self.guesses_in + self.guesses_out


@dataclass(frozen=True, slots=True)
class PrivacyLoss:
    """A lower bound on the epsilon of whatever made the release: more than a claim below it can be true of.

    Differential privacy is meant for adding or removing one person (a unit of the split), pure where `delta` is 0. The
    bound is conditional on the split: that everybody's coin was their own, and its seed unknown to whoever trained. What
    the schema says of columns counts as public. A bound of 0 proves nothing.
    """

    epsilon: float
    """The generator is not (epsilon', delta)-differentially private for any epsilon' below; 0 proves nothing."""
    delta: float
    ceiling: float
    """What the same guesses would prove, were they all right."""
    right: Count
    guesses: Count
    people: int
    """Everyone the attacker was shown, of original and control."""
    inclusion: float
    """Chance of each person to be trained on."""
    confidence: float
    """One-sided, of the whole statement."""
    attack: str
    """Endpoint of the attack that made the guesses."""
    tried: tuple[Guessed, ...] = ()
    """All guesses of which the best were taken and paid for; none in the public rendering."""


def statement(loss: PrivacyLoss) -> str:
    """Return what a release proves, and what it does not, in words."""
    proven, possible = (math.floor(100.0 * number) / 100.0 for number in (loss.epsilon, loss.ceiling))
    level = f"{100.0 * loss.confidence:g} % confidence"
    if proven == 0.0:
        return (
            f"About differential privacy this release proves nothing, neither that its generator is private nor that it is "
            f"not ({level}; these guesses could have proved an epsilon of {possible:.2f} at most)."
        )
    return (
        f"This release alone proves that its generator is not epsilon-differentially private for any epsilon below "
        f"{proven:.2f} (delta = {loss.delta:g}, adding or removing one person; {level}; these guesses could have proved "
        f"{possible:.2f} at most). It does not prove that it is private above."
    )
