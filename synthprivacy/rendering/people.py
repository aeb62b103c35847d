"""Results read as numbers of people: what may be shown of them, and what is computed again without withheld counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from synthprivacy.rendering.counts import effective, masked_people, masked_rate, too_small
from synthprivacy.rendering.risks import Masked
from synthprivacy.results import Copies, Count, Floor, HitsEvidence, Rate, Risk, ScoresEvidence
from synthprivacy.statistics.floor import floor_of_guesses, found_limits, gain_of_guesses


@dataclass(frozen=True, slots=True)
class _Guesses:
    """What a reading and a floor of guesses are computed from, withheld counts at the end that makes most noise."""

    found: float
    """Share of the planted people found."""
    least: float
    """Its lower limit."""
    control: tuple[float, float]
    """Effective successes and trials."""
    trials: float
    """Effective, on the original."""


def masked_copies(copies: Copies) -> Copies:
    """Return a reading of membership scores as it is shown: an area under a curve tells no count, a small reading may."""
    perfect = copies.perfect_interval
    return replace(
        copies,
        value=masked_people(copies.value),
        interval=_pair(copies.interval),
        perfect_value=None if copies.perfect_value is None else masked_people(copies.perfect_value),
        perfect_interval=None if perfect is None else _pair(perfect),
        floor=None if copies.floor is None else masked_people(copies.floor),
    )


def copies_of(inside: Risk, masked: Masked) -> Copies | None:
    """Return the reading of a risk as it is shown, None where it cannot be told.

    Guesses are read anew off the numbers that are shown, with a count of planted people under ten withheld like any
    other, towards more risk. What a perfect release reads is left out, because the counts behind it are not at hand; so is
    a reading of singling out, which tells how many predicates hold for the planted people.
    """
    copies = inside.copies
    if copies is None or isinstance(inside.evidence, ScoresEvidence):
        return None if copies is None else masked_copies(copies)
    guesses = _guesses(inside)
    if guesses is None or copies.found is None:
        return None
    risk, everyone, rate = masked.risk, float(copies.of), guesses.control[0] / guesses.control[1]
    gain, flattest = (gain_of_guesses(share, rate) for share in (guesses.found, guesses.least))
    value = _read(risk.value, gain, everyone, everyone) if risk.value > 0.0 else 0.0
    low = min(_read(risk.interval[0], 1.0, everyone, 0.0), value)
    high = _read(risk.interval[1], flattest, everyone, everyone)
    floor = _floor(guesses, copies.of, risk.confidence)
    return masked_copies(Copies(value, (low, high), copies.of, None, None, floor, masked_rate(copies.found, "control")))


def masked_floor(floor: Floor, risks: Mapping[str, Risk], kept: Mapping[str, Masked]) -> Floor:
    """Return the smallest leak noticed as far as endpoints tell of it that are shown.

    Parameters
    ----------
    floor : Floor
    risks : mapping of str to Risk
        By endpoint, inside rendering.
    kept : mapping of str to Masked
        The ones that are shown.
    """
    told: dict[str, Count | None] = {}
    for endpoint, people in floor.endpoints.items():
        if endpoint not in kept or isinstance(people, str):
            continue
        risk = risks[endpoint]
        guesses = _guesses(risk)
        if isinstance(risk.evidence, ScoresEvidence):
            told[endpoint] = None if people is None else masked_people(people)
        elif guesses is not None:
            again = _floor(guesses, floor.of, 1.0 - (1.0 - risk.confidence) / len(floor.endpoints))
            told[endpoint] = None if again is None else masked_people(again)
    noticed = [people for people in told.values() if people is not None]
    return replace(floor, people=min(noticed, key=_order, default=None), endpoints=told)


def _guesses(risk: Risk) -> _Guesses | None:
    """Return the counts of a ruler; None where there are none, or too few planted people."""
    found = None if risk.copies is None else risk.copies.found
    match risk.evidence:
        case HitsEvidence(original=original, control=Rate() as control) if found is not None and not too_small(found):
            successes, planted = effective(found, "control")
            least = found_limits(successes, planted, risk.confidence)[0]
            trials = effective(original, "original")[1]
            return _Guesses(successes / planted, least, effective(control, "original"), trials)
    return None


def _floor(guesses: _Guesses, people: int, confidence: float) -> int | None:
    return floor_of_guesses(people, guesses.least, guesses.trials, *guesses.control, confidence=confidence)


def _read(end: float, gain: float, people: float, flat: float) -> float:
    """Return the planted people that read like `end`; `flat` where all read alike."""
    return min(max(end, 0.0) / gain, 1.0) * people if gain > 0.0 else flat


def _pair(interval: tuple[Count | float, Count | float]) -> tuple[Count | float, Count | float]:
    return masked_people(interval[0]), masked_people(interval[1])


def _order(people: Count) -> int:
    return -1 if isinstance(people, str) else people
