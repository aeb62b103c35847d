"""Groups of people: what the whole and the other groups would tell about one that is withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthprivacy.rendering.counts import THRESHOLD, WITHHELD, described
from synthprivacy.rendering.risks import Masked
from synthprivacy.results import Deciles, HitsEvidence, Rate, Risk, ScoresEvidence
from synthprivacy.results.strata import OUTLIERS, split_stratum

GROUP = "@"
"""Stands between an endpoint and the group it was asked about: ``linkability.halves@sex=F``."""


@dataclass(frozen=True, slots=True)
class _Left:
    """Whom the groups of a column leave over, on one side."""

    hit: int
    trials: int
    people: int


def telling(risks: Sequence[Risk], masked: Mapping[str, Masked | None]) -> frozenset[str]:
    """Return the group endpoints that must not be shown, because differences would tell a count under ten.

    If one group of a column is withheld, or the groups together leave over fewer than ten people, hit or not hit, of the
    whole, the whole less the others would give them away: then no group of that column is shown at the endpoint. Each side
    is looked at by itself, because a whole may be shown on one only. On a side where the whole is withheld, or nothing else of
    a column is shown, there is no count to subtract but that of the people, and the groups stand as they are masked.

    Parameters
    ----------
    risks : sequence of Risk
        Of one release, inside rendering.
    masked : mapping of str to Masked or None
        The same by endpoint as they would be shown; None for those too small to show.
    """
    known = {risk.endpoint: risk for risk in risks}
    groups: dict[tuple[str, str], list[Risk]] = {}
    for risk in risks:
        if parts := split_stratum(risk.endpoint, known):
            groups.setdefault((parts[0], parts[1].partition("=")[0]), []).append(risk)
    hidden: set[str] = set()
    for (whole, _), members in groups.items():
        if _tells(known[whole], members, masked):
            hidden |= {group.endpoint for group in members}
    return frozenset(hidden)


def tells_of_parts(found: Deciles, risks: Mapping[str, Risk]) -> bool:
    """Return whether the parts of people by how unusual they are would tell a count under ten.

    By themselves, or by what the most unusual part has more than the stratum of unusual people within it.

    Parameters
    ----------
    found : Deciles
    risks : mapping of str to Risk
        By endpoint, inside rendering.
    """
    sides = [(part.original, part.control) for part in found.parts]
    rates = [rate for pair in sides for rate in pair if rate is not None]
    if any(described(rate) != rate for rate in rates):
        return True
    unusual = risks.get(f"{found.endpoint}{GROUP}{OUTLIERS}")
    if unusual is None or not isinstance(unusual.evidence, HitsEvidence):
        return False
    evidence = unusual.evidence
    pairs = zip(sides[-1], (evidence.original, evidence.control))
    return any(_rest_is_small(part, some) for part, some in pairs if part is not None and some is not None)


def _tells(whole: Risk, groups: Sequence[Risk], masked: Mapping[str, Masked | None]) -> bool:
    """Return whether the groups of one column, or what they leave over of the whole, would be given away."""
    told, as_shown = masked[whole.endpoint], [masked[group.endpoint] for group in groups]
    if None in as_shown:
        return True
    if told is None:
        return False
    inside, of_whole = _sides(whole), _sides(told.risk)
    of_groups = [_sides(group) for group in groups]
    seen = [_sides(group.risk) for group in as_shown if group is not None]
    return any(
        _side_tells(inside[side], of_whole[side], [one[side] for one in of_groups], [one[side] for one in seen])
        for side in inside
        if all(side in one for one in (of_whole, *of_groups, *seen))
    )


def _sides(risk: Risk) -> dict[str, Rate]:
    """Return the counts of each side that has any; scores have no successes, only people."""
    match risk.evidence:
        case HitsEvidence(original=original, control=control):
            return {"original": original} | ({} if control is None else {"control": control})
        case ScoresEvidence(members=members, nonmembers=nonmembers):
            return {"original": Rate(WITHHELD, members, members), "control": Rate(WITHHELD, nonmembers, nonmembers)}
    return {}


def _side_tells(whole: Rate, shown: Rate, groups: Sequence[Rate], seen: Sequence[Rate]) -> bool:
    """Return whether one side, known inside as `whole` and `groups`, told as `shown` and `seen`, gives a small count away."""
    alone = len(groups) == 1
    left = _left(whole, groups)
    if left is None or 0 < left.people < THRESHOLD:
        return True
    if isinstance(shown.successes, str):
        return False
    if any(isinstance(one.successes, str) for one in seen):
        return not alone
    return min(left.hit, left.trials - left.hit) < THRESHOLD and (alone or left.trials > 0)


def _left(whole: Rate, groups: Sequence[Rate]) -> _Left | None:
    """Return what groups leave over of the whole; None where a count is not there to be subtracted."""
    counts = [
        (0 if isinstance(rate.successes, str) else rate.successes, rate.trials, rate.people)
        for rate in (whole, *groups)
    ]
    if any(isinstance(trials, str) or isinstance(people, str) for _, trials, people in counts):
        return None
    hit, trials, people = (int(of[0]) - sum(map(int, of[1:])) for of in zip(*counts))
    return _Left(hit, trials, people)


def _rest_is_small(whole: Rate, group: Rate) -> bool:
    counts = (whole.successes, whole.trials, group.successes, group.trials)
    if any(isinstance(count, str) for count in counts):
        return True
    successes, trials = int(whole.successes) - int(group.successes), int(whole.trials) - int(group.trials)
    return min(successes, trials - successes) < THRESHOLD
