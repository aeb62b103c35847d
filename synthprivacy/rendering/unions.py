"""All releases at once: what they and each alone would tell about the people that only some of them copy."""

from __future__ import annotations

from collections.abc import Sequence

from synthprivacy.rendering.counts import THRESHOLD
from synthprivacy.results import HitsEvidence, Rate, Release, Risk

UNION = "together"
"""What the union of all releases is called, as a release among them."""
UNITES = "memorization"
"""The attack that finds with the union whom it finds with any of the releases."""
Counts = tuple[Rate | None, Rate | None]


def telling_union(inside: Sequence[Release], shown: Sequence[Release], *, unseen: bool = False) -> frozenset[str]:
    """Return the endpoints of the union that must not be shown, with their strata, because differences would tell a count under ten.

    The people copied by all releases together, less those copied by one, are copied by the others only; of two releases,
    the sum of both less the union is copied by both.

    Parameters
    ----------
    inside : sequence of Release
        Of one evaluation, inside rendering.
    shown : sequence of Release
        The same as they would be shown.
    unseen : bool
        Whether tables are in the union that are not among them: what was told of those elsewhere could be subtracted.
    """
    counts, seen = ({one.name: _counts(one.risks) for one in releases} for releases in (inside, shown))
    union = counts.pop(UNION, {})
    endpoints = {
        endpoint
        for endpoint, whole in union.items()
        for side in (0, 1)
        if _is_shown(seen[UNION], endpoint, side)
        and (
            unseen
            or _tells(
                whole[side],
                [of[endpoint][side] for of in counts.values() if endpoint in of],
                [_is_shown(seen[name], endpoint, side) for name, of in counts.items() if endpoint in of],
            )
        )
    }
    bases = {endpoint.partition("@")[0] for endpoint in endpoints}
    return frozenset(endpoint for endpoint in union if endpoint.partition("@")[0] in bases)


def _counts(risks: Sequence[Risk]) -> dict[str, Counts]:
    return {
        risk.endpoint: (risk.evidence.original, risk.evidence.control)
        for risk in risks
        if risk.attack == UNITES and isinstance(risk.evidence, HitsEvidence)
    }


def _is_shown(seen: dict[str, Counts], endpoint: str, side: int) -> bool:
    rate = seen[endpoint][side] if endpoint in seen else None
    return rate is not None and isinstance(rate.successes, int)


def _tells(union: Rate | None, alone: Sequence[Rate | None], told: Sequence[bool]) -> bool:
    hits = [0 if rate is None or isinstance(rate.successes, str) else rate.successes for rate in (union, *alone)]
    all_of, each = hits[0], hits[1:]
    beyond = [all_of - one for one, is_told in zip(each, told) if is_told]
    if all(told):
        beyond.append(sum(each) - all_of)
    return any(count < THRESHOLD for count in beyond)
