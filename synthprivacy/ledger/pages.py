"""What a ledger says, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from synthprivacy.gating.bounds import finite
from synthprivacy.gating.counts import plural
from synthprivacy.gating.decide import DRIFT
from synthprivacy.gating.visible import visible
from synthprivacy.ledger.chain import Entry
from synthprivacy.ledger.composing import SLACK, advanced, basic
from synthprivacy.ledger.drift import Reading, chart
from synthprivacy.ledger.judging import Attackers
from synthprivacy.ledger.totals import JUDGED, RELEASED, Totals, of_kind, totals

_SHOWN = 8
"""Readings of an endpoint that are shown."""


def page(entries: Sequence[Entry], *, attackers: Attackers, today: date) -> str:
    """Return what went out, what it adds up to, what was judged, and what must be judged again."""
    lines = [
        *_sum(totals(entries)),
        *_released(entries),
        *_controls(of_kind(entries, JUDGED)),
        *_training(of_kind(entries, JUDGED)),
        *_risks(of_kind(entries, JUDGED)),
        *again(of_kind(entries, JUDGED), attackers, today),
        f"{len(entries)} entries; the last is sealed {entries[-1].seal}",
    ]
    return "\n".join(visible(line) for line in lines)


def again(judged: Sequence[Mapping[str, Any]], attackers: Attackers, today: date) -> Iterator[str]:
    """Yield why the last pass of a release must be judged again: it has expired, or its attacks have changed."""
    last = {(body.get("release"), body.get("table")): body for body in judged}
    for (name, _), body in last.items():
        if body.get("decision") not in {"pass", "warn"}:
            continue
        if today.isoformat() > str(body.get("expires", "")):
            yield f"judge again  {name}: its pass expired on {body.get('expires')}"
        cards = body.get("cards")
        known: Mapping[str, str] = cards if isinstance(cards, Mapping) else {}
        asked = {str(endpoint).partition(".")[0] for endpoint in body.get("risks", {})}
        changed = sorted(threat for threat in asked if known.get(threat) != attackers.cards.get(threat))
        if changed:
            what = f"{', '.join(changed)} (judged by version {body.get('version')}, this is {attackers.version})"
            yield f"judge again  {name}: what is known of its attacks has changed: {what}"


def _sum(found: Totals) -> Iterator[str]:
    yield f"released  {plural(found.releases, 'table')}, {plural(found.rows, 'row')}; {plural(found.queries, 'answer')} of a gate"
    if found.releases and found.leak is None:
        yield "leak      unknown: a table went out whose leak cannot be read"
    elif found.releases and found.leak is not None:
        yield f"leak      {found.leak.lower:.4g} to {found.leak.upper:.4g} of the training people, all tables together"
    claims = [claim for claim in found.claims if claim is not None]
    if len(claims) < len(found.claims):
        yield f"epsilon   unknown: {plural(len(found.claims) - len(claims), 'table')} went out without a claim"
    elif claims:
        plain, less = basic(claims), advanced(claims)
        yield f"epsilon   {plain.epsilon:.4g} at delta {plain.delta:.3g}, by basic composition"
        yield f"          {less.epsilon:.4g} at delta {less.delta:.3g}, by advanced composition (slack {SLACK:g})"


def _released(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind == RELEASED:
            body = entry.body
            to = f" to {body['recipient']}" if body.get("recipient") else ""
            kept = body.get("kept")
            at = f", kept at {kept.get('path')}" if isinstance(kept, Mapping) else ""
            at += ", training table known" if isinstance(body.get("training"), Mapping) else ""
            rows = f"{body.get('rows')} rows, gate said {body.get('decision')}"
            yield f"  {entry.at[:10]}  {body.get('release')}{to}: {rows}{at}"


def _controls(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield how many candidates each control has judged, and what of alpha they spent."""
    spent: dict[str, dict[int, float]] = {}
    for body in judged:
        spent.setdefault(str(body.get("control")), {})[int(body["candidate"])] = float(body["share"])
    for control, shares in spent.items():
        candidates = "1 candidate" if len(shares) == 1 else f"{len(shares)} candidates"
        yield f"control   {control[:24]}…: {candidates}, {sum(shares.values()):.3g} of alpha spent"


def _training(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is known of the training tables where there were several: whoever is in two of them may leak twice."""
    people: dict[str, Any] = {}
    for body in judged:
        match body.get("training"):
            case {"digest": str() as digest, "people": int() as count}:
                people.setdefault(digest, count)
    if len(people) > 1:
        counts = ", then ".join(f"{count:,}" for count in people.values())
        yield f"training  the table has changed: {counts} people; leaks add up for those who stayed, changes tell of those who did not"
    told = [body[DRIFT] for body in judged if DRIFT in body]
    match told[-1:]:
        case [[str() as status, str() as detail]]:
            yield f"training  {'drift' if status == 'warn' else status}: {detail}"


def _risks(judged: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the last readings of each endpoint beside its limit, and whether they have moved away from the first one."""
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    for body in judged:
        first.setdefault((str(body.get("evaluation")), str(body.get("release"))), body)
    readings: dict[str, list[Reading]] = {}
    limits: dict[str, Any] = {}
    for body in first.values():
        for endpoint, (value, error) in body.get("risks", {}).items():
            readings.setdefault(endpoint, []).append(Reading(value, error))
            limits[endpoint] = body.get("limit")
    for endpoint, found in readings.items():
        limit = f"; limit {limits[endpoint]:g}" if finite(limits[endpoint]) else ""
        last = ", ".join(f"{reading.value:.4f} ± {reading.standard_error:.4f}" for reading in found[-_SHOWN:])
        yield f"risk      {endpoint}: {last}{limit}"
        points = chart(found)
        if points and points[-1].out:
            moved = f"{points[-1].average:+.4g}, more than {points[-1].limit:.4g}"
            yield f"drift     {endpoint}: moved from its first reading by {moved} (weighted mean of {len(found)})"
