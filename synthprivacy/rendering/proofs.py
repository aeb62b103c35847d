"""What a release proves, told without the counts that may not be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synthprivacy.rendering.counts import FEWEST_TRIALS, THRESHOLD, shown
from synthprivacy.results import Count, Guessed, PrivacyLoss
from synthprivacy.statistics.privacy_loss.proven import proven


@dataclass(frozen=True, slots=True)
class Masked:
    """Guesses as they are shown."""

    computed: Guessed
    """What takes their place in what is computed."""
    right: Count
    guesses: Count


def masked_loss(loss: PrivacyLoss) -> PrivacyLoss | None:
    """Return the statement that nothing distinguishes from one with none to nine wrong, or right, guesses.

    Fewer than ten wrong guesses are taken for nine, fewer than ten right ones for none: both prove less, so the bound
    stays one. Which guesses prove most is chosen anew from these, because the choice itself would tell. None where no
    guesses may be told of.
    """
    masked = [found for found in map(_masked, loss.tried) if found is not None]
    if not masked:
        return None
    told = proven([found.computed for found in masked], inclusion=loss.inclusion, confidence=loss.confidence)
    best = next(found for found in masked if _counts(found.computed) == (told.attack, told.right, told.guesses))
    return replace(told, right=best.right, guesses=best.guesses, tried=())


def _masked(one: Guessed) -> Masked | None:
    """Return guesses as they are shown; None where they are too few."""
    if not one.searched:
        if one.guesses < FEWEST_TRIALS:
            return None
        right = shown(one.right, one.guesses, "control")
        return Masked(replace(one, right=int(right.number)), right.count, one.guesses)
    # The right ones of a search are counted elsewhere too, as copies, so the number of all must not give the rest away.
    if one.right < THRESHOLD:
        return None
    if one.guesses - one.right >= THRESHOLD:
        return Masked(one, one.right, one.guesses)
    most = min(one.right + THRESHOLD - 1, one.people)
    return Masked(replace(one, guesses_in=most), one.right, f"<{one.right + THRESHOLD}")


def _counts(one: Guessed) -> tuple[str, int, int]:
    return one.attack, one.right, one.guesses
