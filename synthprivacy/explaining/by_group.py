"""By group and by how unusual people are: read from the evaluation, which has attacked them already."""

from __future__ import annotations

from synthprivacy.results import Deciles, Release, Risk
from synthprivacy.results.strata import split_stratum


def parted(release: Release, endpoint: str) -> tuple[str, str | None]:
    """Return the endpoint about all people, and the stratum of an endpoint; None where it is itself about all."""
    return split_stratum(endpoint, {risk.endpoint for risk in release.risks}) or (endpoint, None)


def groups_of(release: Release, endpoint: str) -> tuple[Risk, ...]:
    """Return the endpoint's risks of strata and declared groups, the highest first."""
    base, _ = parted(release, endpoint)
    found = [risk for risk in release.risks if risk.endpoint != base and parted(release, risk.endpoint)[0] == base]
    return tuple(sorted(found, key=lambda risk: (-risk.value, risk.endpoint)))


def deciles_of(release: Release, endpoint: str) -> Deciles | None:
    """Return the endpoint's risks from the least to the most unusual people; None where nobody looked."""
    base, _ = parted(release, endpoint)
    return next((found for found in release.deciles if found.endpoint == base), None)
