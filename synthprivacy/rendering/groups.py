"""Groups of people: what the whole and the other groups would tell about one that is withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synthprivacy.rendering.counts import THRESHOLD
from synthprivacy.rendering.risks import Masked
from synthprivacy.results import HitsEvidence, Rate, Risk

GROUP = "@"
"""Stands between an endpoint and the group it was asked about: ``linkability.halves@sex=F``."""


def telling(risks: Sequence[Risk], masked: Mapping[str, Masked | None]) -> frozenset[str]:
    """Return the group endpoints that must not be shown, because differences would tell a count under ten.

    If one group of an endpoint is withheld, or differs from the whole by fewer than ten people, the whole less the
    other groups would give it away: then no group of the endpoint is shown. Where the whole is withheld itself,
    there is nothing to subtract from, and its groups stand as they are masked.

    Parameters
    ----------
    risks : sequence of Risk
        Of one release, inside rendering.
    masked : mapping of str to Masked or None
        The same by endpoint as they would be shown; None for those too small to show.
    """
    wholes = {risk.endpoint: risk for risk in risks if GROUP not in risk.endpoint}
    groups: dict[str, list[Risk]] = {}
    for risk in risks:
        whole, is_group, _ = risk.endpoint.partition(GROUP)
        if is_group:
            groups.setdefault(whole, []).append(risk)
    hidden: set[str] = set()
    for whole, members in groups.items():
        if any(_tells(wholes.get(whole), masked.get(whole), group, masked[group.endpoint]) for group in members):
            hidden |= {group.endpoint for group in members}
    return frozenset(hidden)


def _tells(whole: Risk | None, whole_masked: Masked | None, group: Risk, masked: Masked | None) -> bool:
    if masked is None:
        return True
    if whole is None or whole_masked is None or whole_masked.withheld:
        return False
    return masked.withheld or _near(whole, group)


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
