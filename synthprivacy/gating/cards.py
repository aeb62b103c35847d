"""Nothing passes on an attack that nobody has tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from synthprivacy.gating.verdict import Finding

TESTED = "every attack tested"
"""What must hold of the primary endpoints: the self-test of the version that judged kept every law on the attack."""
HEADLINE = "membership.distance"
"""The endpoint behind the headline."""


def untested(plan: Mapping[str, Any], primary: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for each primary endpoint whose attack has no green validity card.

    Such an endpoint may still fail a release: a leak that was found is one.
    """
    entries = plan.get("endpoints")
    cards = {
        entry.get("endpoint"): entry.get("card")
        for entry in (entries if isinstance(entries, list | tuple) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("endpoint"), str)
    }
    for endpoint in primary:
        card = cards.get(HEADLINE if endpoint == "copies" else endpoint)
        if card != "green":
            found = "is red: a law was broken" if card == "red" else "is missing: it was not tested in this version"
            sentence = f"the attack's validity card {found}; `synthprivacy selftest` tests it"
            yield Finding(TESTED, endpoint, None, None, "inconclusive", sentence)
