"""A verdict as an in-toto statement: which file was judged, by what, and what came out. Signing is for others.

The statement may leave the house. It holds no number that was measured: names of rules and endpoints, and digests. The
evaluation is named by the digest of its public rendering, because the digest of the other one could be used to guess the
small counts that the public rendering withholds.

References
----------
in-toto Attestation Framework: Statement v1, ResourceDescriptor v1, predicate Test Result v0.1 (in-toto.io).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthprivacy.config import Policy
from synthprivacy.errors import DataError
from synthprivacy.gating.union import files_of, union_of
from synthprivacy.gating.verdict import Decision, Finding, Verdict, worst
from synthprivacy.gating.visible import visible
from synthprivacy.results import Evaluation

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
RESULTS: dict[Decision, str] = {"pass": "PASSED", "warn": "WARNED", "fail": "FAILED", "inconclusive": "FAILED"}
"""There is no word for inconclusive, which is no pass: the annotation tells it from a failure."""
EVALUATION, POLICY = "evaluation", "policy"
"""Names of the two configurations."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A file that was judged."""

    name: str
    """Of the file."""
    release: str
    """What the evaluation calls it."""
    sha256: str
    """Of its bytes, 64 hexadecimal digits."""


def to_statement(verdict: Verdict, evaluation: Evaluation, subjects: Sequence[Subject]) -> dict[str, Any]:
    """Return the statement about some of the releases of a verdict, as strict JSON.

    Where all releases were judged together too, that verdict is part of each statement: whoever asks for it means them all to
    go out.

    Parameters
    ----------
    verdict : Verdict
        On `evaluation`.
    evaluation : Evaluation
    subjects : sequence of Subject
        At least one; what others received or failed is not told.

    Raises
    ------
    DataError
        If there is no subject, or one is no file that was judged.
    """
    judged = {release.name: release for release in verdict.releases}
    files = [name for name in files_of(evaluation) if name in judged]
    if not subjects or any(subject.release not in files for subject in subjects):
        msg = f"an attestation needs files of releases that were judged: {', '.join(map(visible, files))}; name them"
        raise DataError(msg)
    union = union_of(evaluation)
    named = [subject.release for subject in subjects] + ([union] if union in judged else [])
    about = [judged[name] for name in named]
    decision = worst(release.decision for release in about)
    findings = [finding for release in about for finding in release.findings]
    passed, warned = (_tests(findings, {status}) for status in ("pass", "warn"))
    failed = _tests(findings, {"fail", "inconclusive"})
    notes = {"decision": decision, "reasons": failed or warned, "recipient": verdict.policy.recipient}
    policy = _descriptor(POLICY, policy_digest(verdict.policy), {"policy": verdict.policy.to_dict()})
    return {
        "_type": STATEMENT,
        "subject": [
            {"name": subject.name, "digest": {"sha256": subject.sha256}, "annotations": {"release": subject.release}}
            for subject in subjects
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "result": RESULTS[decision],
            "configuration": [_descriptor(EVALUATION, evaluation_digest(evaluation), notes), policy],
            "passedTests": [test for test in passed if test not in {*warned, *failed}],
            "warnedTests": [test for test in warned if test not in failed],
            "failedTests": failed,
        },
    }


def evaluation_digest(evaluation: Evaluation) -> str:
    """Return the sha256 of an evaluation's public rendering, which anyone who holds that rendering can compute."""
    return hashlib.sha256(evaluation.public().dumps().encode()).hexdigest()


def policy_digest(policy: Policy) -> str:
    """Return the sha256 of a policy as JSON with sorted keys."""
    text = json.dumps(policy.to_dict(), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def unverified(statement: object, sha256: str, evaluation: Evaluation | None = None) -> str | None:
    """Return why a file is not the one that a statement lets pass; None where it is.

    Parameters
    ----------
    statement : object
        Parsed JSON, whatever it is.
    sha256 : str
        Of the file's bytes.
    evaluation : Evaluation, optional
        Must then be the one that was judged.

    Raises
    ------
    DataError
        If this is no statement about the result of a gate.
    """
    match statement:
        case {"_type": kind, "subject": list() as subjects, "predicateType": what, "predicate": Mapping() as predicate}:
            pass
        case _:
            kind, what, subjects, predicate = None, None, [], {}
    configuration = predicate.get("configuration")
    if kind != STATEMENT or what != PREDICATE or not isinstance(configuration, list):
        msg = "this is no in-toto statement about a test result; `synthprivacy gate --attest FILE` writes one"
        raise DataError(msg)
    if sha256 not in {_sha256(subject) for subject in subjects}:
        return f"it is none of the {len(subjects)} files that were judged: its sha256 is {sha256}"
    if evaluation is not None and evaluation_digest(evaluation) not in {_sha256(one) for one in configuration}:
        return "the evaluation is not the one that was judged"
    result = predicate.get("result")
    if result not in {"PASSED", "WARNED"}:
        told = visible(result, 20) if isinstance(result, str) else "nothing"
        return f"it is the file that was judged, and the result was {told}"
    return None


def _sha256(descriptor: object) -> str | None:
    match descriptor:
        case {"digest": {"sha256": str() as digest}}:
            return digest
    return None


def _descriptor(name: str, sha256: str, annotations: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": sha256}, "annotations": dict(annotations)}


def _tests(findings: Sequence[Finding], statuses: set[str]) -> list[str]:
    """Return the names of findings, each once: the rule, and what it was about."""
    names = [f"{finding.rule} {finding.endpoint}".strip() for finding in findings if finding.status in statuses]
    return list(dict.fromkeys(visible(name) for name in names))
