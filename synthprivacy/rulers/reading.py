"""A result read as a number of people, and the smallest leak that would have been noticed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from scipy.special import ndtri

from synthprivacy.errors import DataError
from synthprivacy.results import Copies, Floor, HitsEvidence, MatchesEvidence, Rate, Risk, ScoresEvidence, Series
from synthprivacy.rulers.ladder import Ladder
from synthprivacy.rulers.perfect import Perfect
from synthprivacy.statistics.floor import auc_without_leak, floor_of_guesses, found_limits


def read(risk: Risk, ruler: Ladder) -> Copies:
    """Return a result as a number of people published outright.

    Where the ladder is flat, the lower end of an interval means the fewest people, all else the most; a value of 0 or
    less, which no leak gives too, means nobody. Ends are read off the ladder that is as steep, or as flat, as the few
    people planted allow it to be.
    """
    perfect = ruler.perfect
    return Copies(
        value=_people(risk, ruler),
        interval=_interval(risk, ruler),
        of=ruler.people,
        perfect_value=None if perfect is None else _people(perfect, ruler),
        perfect_interval=None if perfect is None else _interval(perfect, ruler),
        floor=floor(risk, ruler, confidence=risk.confidence),
        found=ruler.found,
    )


def floor(risk: Risk, ruler: Ladder, *, confidence: float) -> int | None:
    """Return the smallest number of published people this run would have noticed in half of its repetitions.

    Noticed is a lower decision bound above 0. None if not even all people together would be.
    It is cautious about what planted people are worth to the attack: the lower limit of what was seen of them decides.
    Simulated with 250 + 250 people (150 pairs of tables each), as many published people as the floor says were noticed in
    .55 to .57 of runs by membership and in .72 to .87 by linkability and inference, whose 25 planted people allow for
    caution; with 1,000 + 1,000 in .45 to .70. An attack that chance never helps always notices as many.

    Parameters
    ----------
    risk : Risk
        For its sizes and the control's answers; its own leak does not enter but by the jackknife error of singling out.
    ruler : Ladder
    confidence : float
        Two-sided; the bound is one-sided at ``(1 + confidence) / 2``.

    Raises
    ------
    DataError
        If the ruler is not of this risk.
    """
    match risk.evidence:
        case ScoresEvidence(members=members, nonmembers=nonmembers) if ruler.noise is not None:
            return _above(-auc_without_leak(ruler.noise, members, nonmembers).interval(confidence)[0], ruler)
        case HitsEvidence(original=original, control=Rate() as control) if ruler.found is not None:
            (hits, planted), met, (_, trials) = map(_effective, (ruler.found, control, original))
            least = found_limits(hits, planted, risk.confidence)[0]
            return floor_of_guesses(ruler.people, least, trials, *met, confidence=confidence)
        case MatchesEvidence():
            wider = float(ndtri((1.0 + confidence) / 2.0) / ndtri((1.0 + risk.confidence) / 2.0))
            return _above((risk.value - risk.lower) * wider, ruler.flattest)
    msg = f"this ruler is not of {risk.endpoint}; pass the one that was made for it"
    raise DataError(msg)


def joint(rulers: Mapping[str, tuple[Risk, Ladder | None]], people: int) -> Floor | None:
    """Return the smallest leak that at least one of several endpoints would have noticed; None without an endpoint.

    Each is held to its share of the error of one (Bonferroni), so that looking at several raises no more false alarms
    than looking at one; at least one of them notices at least as often as the keenest does.

    Parameters
    ----------
    rulers : mapping of str to (Risk, Ladder or None)
        The primary endpoints that were judged; None for one without a ruler, which notices nothing.
    people : int
        Training people.
    """
    if not rulers:
        return None
    floors = {
        endpoint: None if of is None else floor(risk, of, confidence=1.0 - (1.0 - risk.confidence) / len(rulers))
        for endpoint, (risk, of) in rulers.items()
    }
    noticed = [floor_of_one for floor_of_one in floors.values() if floor_of_one is not None]
    return Floor(min(noticed, default=None), people, floors)


def series(endpoint: str, ruler: Ladder) -> Series:
    """Return the ladder as a curve: planted people against what the attack gains from them."""
    return Series("ladder", endpoint, tuple(ruler.planted.tolist()), tuple(ruler.gain.tolist()))


def _effective(rate: Rate) -> tuple[float, float]:
    return float(rate.successes) / rate.design_effect, float(rate.trials) / rate.design_effect


def _above(noise: float, ruler: Ladder) -> int | None:
    return math.ceil(ruler.most(noise)) if noise < ruler.gain[-1] else None


def _people(risk: Risk | Perfect, ruler: Ladder) -> float:
    return ruler.most(risk.value) if risk.value > 0 else 0.0


def _interval(risk: Risk | Perfect, ruler: Ladder) -> tuple[float, float]:
    low, high = risk.interval
    return ruler.steepest.fewest(low), ruler.flattest.most(high)
