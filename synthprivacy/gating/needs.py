"""What would settle a verdict: more people, a larger group, or a limit that these numbers can decide.

A limit is named for the plan of the next release. Raised until this one passes, it promises nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from synthprivacy.gating.bounds import finite, settling
from synthprivacy.gating.verdict import Finding, ReleaseVerdict
from synthprivacy.gating.visible import visible
from synthprivacy.results import Release
from synthprivacy.results.strata import split_stratum

JOINED = "or that group joined with another one"
"""What a group has that the people at large do not."""
_DIGITS = 2
"""Significant digits of a limit: more would only echo the bound."""


def needs_of(releases: Sequence[Release], verdicts: Sequence[ReleaseVerdict]) -> tuple[str, ...]:
    """Return what would settle the inconclusive findings, each once, in the order of the releases, fit to be printed.

    Parameters
    ----------
    releases : sequence of Release
    verdicts : sequence of ReleaseVerdict
        Of the releases, in the same order.
    """
    needs: dict[str, None] = {}
    for release, verdict in zip(releases, verdicts):
        found = [finding for finding in verdict.findings if finding.status == "inconclusive"]
        for endpoint in dict.fromkeys(finding.endpoint for finding in found):
            told = [finding for finding in found if finding.endpoint == endpoint]
            ways = dict.fromkeys((*_more(release, endpoint, told), *_other_limit(told)))
            if ways:
                needs[f"{endpoint}: {'; '.join(ways)}"] = None
    return tuple(visible(need) for need in needs)


def decidable_limit(bound: float, limit: float) -> float | None:
    """Return the smallest limit of two digits that a bound keeps; None where it would be no limit of the same unit.

    Parameters
    ----------
    bound : float
        That is held against the limit.
    limit : float
        Below 1 a share, from 1 on a number of people.
    """
    if not finite(bound) or bound <= 0:
        return None
    exact = Decimal(str(bound))  # as it is written: a bound of 0.002 is a limit of 0.002
    rounded = float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - _DIGITS + 1), rounding=ROUND_CEILING))
    return None if limit < 1.0 <= rounded else rounded


def _more(release: Release, endpoint: str, told: Sequence[Finding]) -> Iterator[str]:
    """Yield the people that would do, and whether a larger group would."""
    people = [skipped.needs for skipped in release.skipped if skipped.endpoint == endpoint]
    for risk in release.risks:
        if risk.endpoint == endpoint:
            people += [settling(risk, finding.limit) for finding in told]
    known = {risk.endpoint for risk in release.risks} | {skipped.endpoint for skipped in release.skipped}
    match split_stratum(endpoint, known):
        case _, stratum if "=" in stratum:
            yield from (f"{way}, {JOINED}" for way in people)
        case _:
            yield from people


def _other_limit(told: Sequence[Finding]) -> Iterator[str]:
    """Yield the limit that would have been decided, where a number was held against one from above."""
    for finding in told:
        if not (finite(finding.bound) and finite(finding.limit)) or finding.bound is None or finding.limit is None:
            continue
        other = decidable_limit(finding.bound, finding.limit) if finding.bound > finding.limit else None
        if other is not None:
            yield f"these numbers can decide a limit of {other:g} or more"
