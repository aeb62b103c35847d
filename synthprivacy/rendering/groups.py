"""Groups of people: what the whole and the other groups would tell about one that is withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synthprivacy.rendering.counts import THRESHOLD, described
from synthprivacy.rendering.risks import Masked
from synthprivacy.results import Deciles, HitsEvidence, Rate, Risk
from synthprivacy.results.strata import OUTLIERS

GROUP = "@"
"""Stands between an endpoint and the group it was asked about: ``linkability.halves@sex=F``."""


def telling(risks: Sequence[Risk], masked: Mapping[str, Masked | None]) -> frozenset[str]:
    """Return the group endpoints that must not be shown, because differences would tell a count under ten.

    If one group of a column is withheld, or differs from the whole by fewer than ten people, the whole less the
    other groups would give it away: then no group of that column is shown at the endpoint. Where the whole is withheld itself,
    or nothing else of its column is shown, there is nothing to subtract, and the groups stand as they are masked.

    Parameters
    ----------
    risks : sequence of Risk
        Of one release, inside rendering.
    masked : mapping of str to Masked or None
        The same by endpoint as they would be shown; None for those too small to show.
    """
    wholes = {risk.endpoint: risk for risk in risks if GROUP not in risk.endpoint}
    groups: dict[tuple[str, str], list[Risk]] = {}
    for risk in risks:
        whole, is_group, group = risk.endpoint.partition(GROUP)
        if is_group:
            groups.setdefault((whole, group.partition("=")[0]), []).append(risk)
    hidden: set[str] = set()
    for (whole, _), members in groups.items():
        alone = len(members) == 1
        if any(_tells(wholes.get(whole), masked.get(whole), one, masked[one.endpoint], alone=alone) for one in members):
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


def _tells(whole: Risk | None, whole_masked: Masked | None, group: Risk, masked: Masked | None, *, alone: bool) -> bool:
    if masked is None:
        return True
    if whole is None or whole_masked is None or whole_masked.withheld:
        return False
    return (masked.withheld and not alone) or _near(whole, group)


def _near(whole: Risk, group: Risk) -> bool:
    """Return whether the people outside the group have fewer than ten successes or failures on either side."""
    match whole.evidence, group.evidence:
        case HitsEvidence() as all_people, HitsEvidence() as some:
            sides = ((all_people.original, some.original), (all_people.control, some.control))
            return any(_rest_is_small(one, other) for one, other in sides if one is not None and other is not None)
    return False


def _rest_is_small(whole: Rate, group: Rate) -> bool:
    counts = (whole.successes, whole.trials, group.successes, group.trials)
    if any(isinstance(count, str) for count in counts):
        return True
    successes, trials = int(whole.successes) - int(group.successes), int(whole.trials) - int(group.trials)
    return min(successes, trials - successes) < THRESHOLD
