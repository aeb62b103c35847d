"""By mechanism: what of a risk goes with the rows that repeat people in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from synthprivacy.driver import stream
from synthprivacy.errors import NotEnoughDataError
from synthprivacy.explaining.marking import Marks, extremes
from synthprivacy.explaining.mechanisms import WORDS, Suspect, suspects
from synthprivacy.explaining.reading import Reader, risk_or_none
from synthprivacy.explaining.taking import taken
from synthprivacy.explaining.values import Ends, Mechanism, accounted
from synthprivacy.results import Risk, Skipped
from synthprivacy.statistics.fisher import one_sided_p
from synthprivacy.statistics.multiplicity import holm
from synthprivacy.statistics.residual_risk import residual_risk
from synthprivacy.tables.table import Case

ALARM = 0.025
"""Chance of taking any mechanism for shown that is not there."""
Told = Callable[[str], None]
"""Called with what comes next."""


def by_mechanism(reader: Reader, case: Case, read: Risk | None, *, jobs: int, told: Told) -> tuple[Mechanism, ...]:
    """Return every mechanism: whether the release shows it, and what is left of the endpoint's risk without it.

    Evidence is the excess of the mechanism's own attack on training people over the control, with Holm's correction
    over all mechanisms looked for. Then, for explanation only, the endpoint is read again on the release without the rows
    that show an evident mechanism to anybody, training or control people; rows that show several are put down to the most
    specific one. What is left is what the other rows show alone; a generator that was changed makes others in their place.

    Parameters
    ----------
    reader : Reader
    case : Case
        With a control.
    read : Risk or None
        What the endpoint reads on the release as it is; None where it shows no risk that could go.
    jobs : int
        Threads.
    told : callable
    """
    looked = []
    for suspect in suspects(case, jobs=jobs):
        told(WORDS[suspect.name].title)
        looked.append((suspect, _look(suspect, reader, case)))
    found = _judged([mechanism for _, mechanism in looked])
    earlier = np.zeros(len(case.release), dtype=np.bool_)
    done = []
    for (suspect, _), mechanism in zip(looked, found):
        if not mechanism.evident:
            done.append(mechanism)
            continue
        told(f"without {mechanism.title}")
        marks, reason = _marks(suspect, case, reader.seed)
        rows = marks.rows & ~earlier
        earlier |= rows
        described = replace(mechanism, reason=reason, rows=float(rows.mean()))
        done.append(described if read is None else _without(described, replace(marks, rows=rows), reader, case))
    return by_share(done, read)


def by_share(mechanisms: Iterable[Mechanism], read: Risk | None) -> tuple[Mechanism, ...]:
    """Return mechanisms with the evident ones first, those that account for most of a risk before the others."""
    return tuple(sorted(mechanisms, key=lambda one: _rank(one, read)))


def ends_in_common(case: Case) -> Ends | None:
    """Return the ends of ordered columns that the release has in common with people; None without such columns.

    The larger of two tables of one population has the ends of a fresh release more often: up to n/c times as often, for n
    rows and c < n of the control. For the p-value the control is taken for as many ends less, with all that it has.
    """
    if case.control is None:
        return None
    counts = np.zeros(3, dtype=np.int64)
    for feature in case.release.features:
        if feature.ordered:
            own = extremes(feature)
            shared = [int((own == extremes(table[feature.name])).sum()) for table in (case.original, case.control)]
            counts += np.array([len(own), *shared])
    of, original, control = (int(count) for count in counts)
    if not of:
        return None
    found = residual_risk(original, of, control, of)
    fewer = of * min(1.0, len(case.control) / len(case.original))
    p_value = one_sided_p(original, of, min(control, fewer), fewer)
    return Ends(of, original, control, found.value, found.interval(), p_value)


def _look(suspect: Suspect, reader: Reader, case: Case) -> Mechanism:
    title = WORDS[suspect.name].title
    if suspect.attack is None:
        ends = ends_in_common(case)
        return Mechanism(suspect.name, title, evidence=ends, reason=None if ends else "there are no ordered columns")
    found = reader.by(suspect.attack, case)
    if isinstance(found, Skipped):
        return Mechanism(suspect.name, title, suspect.column, reason=found.reason)
    return Mechanism(suspect.name, title, suspect.column, evidence=found)


def _judged(looked: Sequence[Mechanism]) -> list[Mechanism]:
    """Return the mechanisms with whether each is evident, as one of all those that were looked for."""
    p_values = {
        place: 1.0 if one.evidence.p_value is None else one.evidence.p_value
        for place, one in enumerate(looked)
        if one.evidence is not None
    }
    adjusted = dict(zip(p_values, holm(list(p_values.values())))) if p_values else {}
    return [replace(one, evident=bool(adjusted.get(place, 1.0) <= ALARM)) for place, one in enumerate(looked)]


def _marks(suspect: Suspect, case: Case, seed: int) -> tuple[Marks, str | None]:
    """Return the rows that show a mechanism to anybody, or none and why they cannot be told: the evidence stands."""
    people = [case.original] if case.control is None else [case.original, case.control]
    try:
        return suspect.mark(case.release, people, stream(seed, f"rows of {suspect.name}")), None
    except NotEnoughDataError as error:
        return Marks(np.zeros(len(case.release), dtype=np.bool_)), str(error)


def _without(mechanism: Mechanism, marks: Marks, reader: Reader, case: Case) -> Mechanism:
    """Return a mechanism with what is left of the endpoint's risk without its rows."""
    if not marks.rows.any():
        return mechanism
    without, how = taken(case, marks, stream(reader.seed, f"without {mechanism.name}"))
    left = risk_or_none(reader.read(without))
    return replace(mechanism, how=how, left=left, gone=left is None)


def _rank(mechanism: Mechanism, read: Risk | None) -> tuple[bool, int, float, float]:
    """Return the place of a mechanism.

    Evident ones come first, by what they account for: in quarters, as chance moves such shares. Of equals, as of all where
    nothing is to be accounted for, those come first that most rows show which show no more specific one; then the most
    evident.
    """
    share = accounted(read, mechanism)
    p_value = None if mechanism.evidence is None else mechanism.evidence.p_value
    return (
        not mechanism.evident,
        0 if share is None else -round(4.0 * min(max(share, 0.0), 1.0)),
        0.0 if mechanism.rows is None else -mechanism.rows,
        1.0 if p_value is None else p_value,
    )
