"""By group and by how unusual people are: read from the evaluation, which has attacked them already."""

from __future__ import annotations

from synthprivacy.results import Deciles, Release, Risk

STRATUM = "@"
"""What stands between an endpoint and the people it is restricted to."""


def base_of(endpoint: str) -> str:
    """Return the endpoint about all people."""
    return endpoint.partition(STRATUM)[0]


def groups_of(release: Release, endpoint: str) -> tuple[Risk, ...]:
    """Return the endpoint's risks of strata and declared groups, the highest first."""
    prefix = base_of(endpoint) + STRATUM
    found = [risk for risk in release.risks if risk.endpoint.startswith(prefix)]
    return tuple(sorted(found, key=lambda risk: (-risk.value, risk.endpoint)))


def deciles_of(release: Release, endpoint: str) -> Deciles | None:
    """Return the endpoint's risks from the least to the most unusual people; None where nobody looked."""
    return next((found for found in release.deciles if found.endpoint == base_of(endpoint)), None)
