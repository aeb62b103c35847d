"""What was declared primary before the data were seen must be what is judged as primary: no list may lose a name."""

from __future__ import annotations

from collections.abc import Iterator

from synthprivacy.gating.verdict import Finding
from synthprivacy.results import Release, Risk, Skipped

DECLARED = "every primary endpoint declared"
"""What must hold of the endpoints that were judged as primary."""


def undeclared(release: Release, primary: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for each endpoint that says it is primary and that the plan does not name."""
    judged: tuple[Risk | Skipped, ...] = (*release.risks, *release.skipped)
    told = [found.endpoint for found in judged if found.primary]
    for endpoint in dict.fromkeys(told):
        if endpoint not in primary:
            sentence = "it was judged as a primary endpoint, and the plan does not name it; evaluate again"
            yield Finding(DECLARED, endpoint, None, None, "inconclusive", sentence)
