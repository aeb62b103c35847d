"""The gate with a memory: a candidate is judged as the k-th of its control, and with all that went out before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from scipy.special import ndtri

from synthprivacy.config import Policy, ReleaseLimits
from synthprivacy.gating import ReleaseVerdict, Verdict, decide
from synthprivacy.gating.attestation import policy_digest
from synthprivacy.gating.bounds import finite
from synthprivacy.gating.candidates import as_candidates, share
from synthprivacy.gating.counts import plural
from synthprivacy.gating.decide import DRIFT
from synthprivacy.gating.union import files_of, union_of
from synthprivacy.ledger.chain import Entry, secret_of
from synthprivacy.ledger.composing import Claim
from synthprivacy.ledger.limits import on_all_releases
from synthprivacy.ledger.store import Draft
from synthprivacy.ledger.totals import JUDGED, RELEASED, leak_of, of_kind
from synthprivacy.results import Evaluation, Release, Risk

_NOTHING = "none"
"""Stands for a control without a digest: all of them are taken for one, so that nobody begins again by hiding it."""


@dataclass(frozen=True, slots=True)
class Attackers:
    """What judged: an evaluation must be made again when it changes."""

    version: str
    cards: Mapping[str, str]
    """Threat to the digest of what is known of its attacks."""


def judge(
    entries: Sequence[Entry], evaluation: Evaluation, policy: Policy, *, key: bytes, attackers: Attackers, today: date
) -> tuple[list[Draft], Verdict]:
    """Return what to write down about the releases of an evaluation, and the verdict on them.

    A release that was judged before, in the same evaluation, keeps its number: its bounds are the same whatever they are
    held against. Evaluated again, with another seed or other attacks, it is another candidate. All releases together are
    no candidate, and nothing that goes out: they are judged with the share of the last one among them, and not written down.
    A pass needs both, so that unions make no candidate's false pass likelier; that a union itself passes wrongly is as likely
    as that a candidate does, over both families together at most twice alpha.

    Parameters
    ----------
    entries : sequence of Entry
        Of the ledger so far.
    evaluation, policy
        As for `decide`.
    key : bytes
        The house's.
    attackers : Attackers
    today : date
    """
    digest = evaluation_digest(evaluation, key)
    numbers = _numbers(entries, evaluation, digest)
    union = union_of(evaluation)
    held = as_candidates(evaluation, numbers | ({} if union is None else {union: max(numbers.values(), default=1)}))
    verdict = decide(held, policy, today=today)
    common: dict[str, Any] = {
        "evaluation": digest,
        "control": _control(evaluation),
        "policy": policy_digest(policy),
        "profile": policy.profile,
        "recipient": policy.recipient,
        "limit": min(
            (rule.max for rule in policy.rules if rule.subject == "primary" and rule.max is not None), default=None
        ),
        "training": {"digest": evaluation.original.digest, "people": evaluation.original.units},
        "version": attackers.version,
        "cards": dict(attackers.cards),
        "expires": (today + timedelta(days=(policy.ledger or ReleaseLimits()).days)).isoformat(),
    }
    common |= {check.check: [check.status, check.detail] for check in evaluation.checks if check.check == DRIFT}
    judged = {release.name: release for release in held.releases}
    releases: list[ReleaseVerdict] = []
    drafts: list[Draft] = []
    for found in verdict.releases:
        if found.name not in numbers:  # the union, or a release that was never evaluated, which its verdict says
            releases.append(found)
            continue
        own = _about(judged[found.name], evaluation, verdict.primary) | {"candidate": numbers[found.name]}
        over_all = on_all_releases(entries, own["table"], own["rows"], own["leak"], policy)
        told = _told(found, numbers[found.name], (*over_all.notes, *_beside(evaluation, entries)))
        releases.append(replace(told, findings=(*found.findings, *over_all.findings)))
        share_spent = {"share": share(numbers[found.name]), "decision": releases[-1].decision}
        drafts.append((JUDGED, common | own | share_spent))
    return drafts, replace(verdict, releases=tuple(releases))


def _about(release: Release, evaluation: Evaluation, primary: Sequence[str]) -> dict[str, Any]:
    """Return what is written down of a release, as it is held to its share of the error."""
    facts = evaluation.synthetic.get(release.name)
    leak = leak_of(release, primary)
    return {
        "release": release.name,
        "table": "" if facts is None else str(facts.digest),
        "rows": 0 if facts is None else facts.rows,
        "leak": None if leak is None else [leak.lower, leak.upper],
        "risks": {risk.endpoint: _reading(risk) for risk in release.risks if _is_told(risk, primary)},
    }


def evaluation_digest(evaluation: Evaluation, key: bytes) -> str:
    """Return the keyed digest of an evaluation: a bare one could confirm the small counts in it."""
    return hmac.new(secret_of(key), evaluation.dumps().encode(), hashlib.sha256).hexdigest()


def _numbers(entries: Sequence[Entry], evaluation: Evaluation, digest: str) -> dict[str, int]:
    """Return which candidate of its control each release is."""
    control = _control(evaluation)
    seen = {
        (body.get("evaluation"), body.get("release")): None
        for body in of_kind(entries, JUDGED)
        if body.get("control") == control
    }
    files = files_of(evaluation)
    names = [release.name for release in evaluation.releases if release.name in files]
    for name in names:
        seen.setdefault((digest, name))
    places = {candidate: place + 1 for place, candidate in enumerate(seen)}
    return {name: places[digest, name] for name in names}


def _beside(evaluation: Evaluation, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield how many tables that went out before were attacked together with the releases, and how many could have been."""
    earlier = evaluation.plan.get("earlier")
    before = dict(earlier) if isinstance(earlier, Mapping) else {}
    if before:
        yield f"attacked together with {plural(len(before), 'table')} that went out before"
    seen = {*map(str, before.values()), *(facts.digest for facts in evaluation.synthetic.values())}
    kept = {str(body.get("table")) for body in of_kind(entries, RELEASED) if body.get("kept")}
    if left := len(kept - seen):
        yield f"not attacked together with {plural(left, 'table')} that went out and {'is' if left == 1 else 'are'} kept; evaluate with --ledger"


def _control(evaluation: Evaluation) -> str:
    return _NOTHING if evaluation.control is None or evaluation.control.digest is None else evaluation.control.digest


def _told(found: ReleaseVerdict, number: int, notes: Sequence[str]) -> ReleaseVerdict:
    words = f"candidate no. {number} judged with this control, at {share(number):.3g} of the error that a single one may make"
    return replace(found, notes=(*found.notes, words, *notes))


def _is_told(risk: Risk, primary: Sequence[str]) -> bool:
    return risk.endpoint in primary and all(map(finite, (risk.value, risk.lower, risk.upper, risk.confidence)))


def _reading(risk: Risk) -> list[float]:
    """Return value and standard error, the latter as the decision bounds imply it."""
    return [risk.value, (risk.upper - risk.lower) / (2.0 * float(ndtri((1.0 + risk.confidence) / 2.0)))]


def released(
    entries: Sequence[Entry],
    evaluation: Evaluation,
    name: str,
    *,
    key: bytes,
    claim: Claim | None,
    to: str,
    kept: Mapping[str, str] | None = None,
    training: Mapping[str, str] | None = None,
) -> tuple[list[Draft], str]:
    """Return what to write down about a release that goes out, and what the gate said of it last.

    Parameters
    ----------
    entries : sequence of Entry
        Of the ledger so far.
    evaluation : Evaluation
    name : str
        Of the release.
    key : bytes
        The house's.
    claim : Claim or None
        What its generator promises.
    to : str
        Who receives it.
    kept : mapping, optional
        Where its file is kept, as `keeping.place_of` says it.
    training : mapping, optional
        Where its training table is, as `keeping.training_of` says it.

    Raises
    ------
    KeyError
        If the evaluation has no such release.
    """
    digest, release = evaluation_digest(evaluation, key), evaluation[name]
    before = [
        body for body in of_kind(entries, JUDGED) if (body.get("evaluation"), body.get("release")) == (digest, name)
    ]
    leak = before[-1].get("leak") if before else _leak(release, evaluation)
    decision = str(before[-1].get("decision")) if before else "not judged"
    facts = evaluation.synthetic[name]
    body: dict[str, Any] = {
        "evaluation": digest,
        "release": name,
        "table": str(facts.digest),
        "rows": facts.rows,
        "leak": leak,
        "claim": None if claim is None else [claim.epsilon, claim.delta],
        "recipient": to,
        "decision": decision,
    }
    body |= {} if kept is None else {"kept": dict(kept)}
    body |= {} if training is None else {"training": dict(training)}
    return [(RELEASED, body)], decision


def _leak(release: Release, evaluation: Evaluation) -> list[float] | None:
    primary = evaluation.plan.get("primary")
    named = [name for name in primary if isinstance(name, str)] if isinstance(primary, list | tuple) else []
    leak = leak_of(release, named)
    return None if leak is None else [leak.lower, leak.upper]
