"""Releases against the one that was accepted last: safer, riskier, or nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from synthprivacy.gating.counts import plural
from synthprivacy.rendering.unions import UNION
from synthprivacy.reporting.entries import Entry
from synthprivacy.reporting.names import listed, shown

HOW = "on the same people, corrected for all comparisons with it"


def against_accepted(entry: Entry) -> str:
    """Return how a release compares with the accepted one of its evaluation; nothing where none was declared."""
    accepted = entry.evaluation.plan.get("accepted")
    if not isinstance(accepted, str) or entry.release.name == UNION:
        return ""
    if entry.release.name == accepted:
        return "It is the release that was accepted last; the others are held against it."
    name = shown(accepted)
    told = dict(_told(entry, accepted, entry.evaluation.pairs))
    if not told:
        return f"How it compares with {name}, the release accepted last, cannot be told at any primary endpoint."
    safer, riskier, left = (
        [endpoint for endpoint, found in told.items() if found == way] for way in ("safer", "riskier", "open")
    )
    ways = [f"{way} at {listed(found)}" for way, found in (("safer", safer), ("riskier", riskier)) if found]
    found = f"it is {'; '.join(ways)}" if ways else "it is neither safer nor riskier as far as anybody can tell"
    rest = f"; nobody can tell at {listed(left)}" if left and ways else ""
    unseen = sum(risk.primary and risk.endpoint not in told for risk in entry.release.risks)
    aside = f"; {plural(unseen, 'more')} cannot be told of" if unseen else ""
    return f"Against {name}, the release accepted last, {found}{rest}{aside} ({plural(len(told), 'primary endpoint')}, {HOW})."


def _told(entry: Entry, accepted: str, pairs: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """Yield the endpoints at which the two were compared, and which way it went."""
    for pair in pairs:
        found = pair.get("against_accepted")
        if found is not None and {pair["a"], pair["b"]} == {entry.release.name, accepted}:
            winner = found["safer"]
            way = "open" if winner is None else "riskier" if winner == found["accepted"] else "safer"
            yield str(pair["endpoint"]), way
